//! The backend's own tokens, registered by hash.

use crate::{Conn, StoreError, Time, Tx, array, execute, fetch_optional, statements};
use countersign_core::{SessionId, Timestamp, token::HashedToken};
use uuid::Uuid;

/// Named, so that a column added by a newer version changes no prepared statement's result.
macro_rules! columns {
    () => {
        "hash, session_id, kind, expires_at"
    };
}

statements! {
    FIND_ADOPTED_TOKEN = concat!("SELECT ", columns!(), " FROM adopted_tokens WHERE hash = $1");
    // 0 rows: the hash is known already.
    INSERT_ADOPTED_TOKEN = "INSERT INTO adopted_tokens (hash, session_id, kind, expires_at) VALUES ($1, $2, $3, $4) \
        ON CONFLICT (hash) DO NOTHING";
}

/// What an adopted token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AdoptedKind {
    /// Calls the backend's API.
    Access,
    /// Gets new tokens from the backend.
    Refresh,
}

/// A registered token. A hash belongs to one session for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AdoptedToken {
    /// Its hash.
    pub hash: HashedToken,
    /// The session that it belongs to.
    pub session_id: SessionId,
    /// What it is for.
    pub kind: AdoptedKind,
    /// When the backend lets it expire.
    pub expires_at: Timestamp,
}

impl Conn {
    /// The token with this hash.
    pub async fn find_adopted_token(
        &mut self,
        hash: &HashedToken,
    ) -> Result<Option<AdoptedToken>, StoreError> {
        let hash = hash.as_bytes().as_slice();
        let row: Option<AdoptedRow> = fetch_optional!(self, FIND_ADOPTED_TOKEN, hash)?;
        row.map(TryInto::try_into).transpose()
    }
}

impl Tx {
    /// Registers a token; `false` when its hash is known already.
    pub async fn insert_adopted_token(&mut self, token: &AdoptedToken) -> Result<bool, StoreError> {
        let kind = match token.kind {
            AdoptedKind::Access => "access",
            AdoptedKind::Refresh => "refresh",
        };
        let hash = token.hash.as_bytes().as_slice();
        let rows = execute!(
            self,
            INSERT_ADOPTED_TOKEN,
            hash,
            token.session_id.as_uuid(),
            kind,
            Time(token.expires_at)
        )?;
        Ok(rows == 1)
    }
}

#[derive(sqlx::FromRow)]
struct AdoptedRow {
    hash: Vec<u8>,
    session_id: Uuid,
    kind: String,
    expires_at: Time,
}

impl TryFrom<AdoptedRow> for AdoptedToken {
    type Error = StoreError;

    fn try_from(row: AdoptedRow) -> Result<Self, StoreError> {
        let wrong = |column| StoreError::inconsistent("adopted_tokens", column, row.session_id);
        Ok(Self {
            hash: array(&row.hash)
                .map(HashedToken::from_bytes)
                .ok_or_else(|| wrong("hash"))?,
            session_id: SessionId::from_uuid(row.session_id),
            kind: match row.kind.as_str() {
                "access" => AdoptedKind::Access,
                "refresh" => AdoptedKind::Refresh,
                _ => return Err(wrong("kind")),
            },
            expires_at: row.expires_at.into(),
        })
    }
}
