//! Keys that sign access tokens.

use crate::{Conn, StoreError, Time, Tx, execute, fetch_all, statements};
use countersign_core::{SigningKeyId, Timestamp};
use sqlx::types::Json;
use uuid::Uuid;

/// Named, so that a column added by a newer version changes no prepared statement's result.
macro_rules! columns {
    () => {
        "id, public_jwk, sealed_private, created_at, signs_from, verifies_until"
    };
}

statements! {
    LIST_SIGNING_KEYS = concat!("SELECT ", columns!(), " FROM signing_keys ORDER BY id");
    INSERT_SIGNING_KEY = "INSERT INTO signing_keys (id, public_jwk, sealed_private, created_at, signs_from) \
        VALUES ($1, $2, $3, $4, $5)";
    RETIRE_SIGNING_KEY = "UPDATE signing_keys SET verifies_until = $2 WHERE id = $1 AND verifies_until IS NULL";
}

/// The public half of a signing key: an EC P-256 JWK's coordinates, base64url.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct PublicJwk {
    /// The x coordinate.
    pub x: String,
    /// The y coordinate.
    pub y: String,
}

/// A signing key as the store keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSigningKey {
    /// Its identity and JWS `kid`.
    pub id: SigningKeyId,
    /// The public half.
    pub public: PublicJwk,
    /// PKCS#8, sealed for this row.
    pub sealed_private: Vec<u8>,
    /// When it was made, and published.
    pub created_at: Timestamp,
    /// From when on it signs.
    pub signs_from: Timestamp,
    /// Until when its tokens verify, once a newer key has taken over.
    pub verifies_until: Option<Timestamp>,
}

impl Conn {
    /// Every key that is kept, oldest first.
    pub async fn list_signing_keys(&mut self) -> Result<Vec<StoredSigningKey>, StoreError> {
        let rows: Vec<SigningKeyRow> = fetch_all!(self, LIST_SIGNING_KEYS)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }
}

impl Tx {
    /// Adds a key.
    pub async fn insert_signing_key(&mut self, key: &StoredSigningKey) -> Result<(), StoreError> {
        execute!(
            self,
            INSERT_SIGNING_KEY,
            key.id.as_uuid(),
            Json(&key.public),
            key.sealed_private.as_slice(),
            Time(key.created_at),
            Time(key.signs_from)
        )?;
        Ok(())
    }

    /// Lets a key's tokens verify until the given time and no longer.
    pub async fn retire_signing_key(
        &mut self,
        id: SigningKeyId,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        execute!(self, RETIRE_SIGNING_KEY, id.as_uuid(), Time(until))?;
        Ok(())
    }
}

#[derive(sqlx::FromRow)]
struct SigningKeyRow {
    id: Uuid,
    public_jwk: Json<PublicJwk>,
    sealed_private: Vec<u8>,
    created_at: Time,
    signs_from: Time,
    verifies_until: Option<Time>,
}

impl From<SigningKeyRow> for StoredSigningKey {
    fn from(row: SigningKeyRow) -> Self {
        Self {
            id: SigningKeyId::from_uuid(row.id),
            public: row.public_jwk.0,
            sealed_private: row.sealed_private,
            created_at: row.created_at.into(),
            signs_from: row.signs_from.into(),
            verifies_until: row.verifies_until.map(Into::into),
        }
    }
}
