//! API keys.

use crate::{Conn, StoreError, Time, Tx, array, execute, fetch_all, fetch_optional, statements};
use countersign_core::{
    ApiKeyId, Timestamp,
    api_key::{ApiKey, Scope},
    token::HashedToken,
};
use sqlx::types::Json;
use uuid::Uuid;

/// Named, so that a column added by a newer version changes no prepared statement's result.
macro_rules! columns {
    () => {
        "id, name, hash, scopes, created_at, expires_at, revoked_at"
    };
}

statements! {
    FIND_API_KEY = concat!("SELECT ", columns!(), " FROM api_keys WHERE hash = $1");
    LOCK_API_KEY = concat!("SELECT ", columns!(), " FROM api_keys WHERE id = $1") for update;
    LIST_API_KEYS = concat!("SELECT ", columns!(), " FROM api_keys ORDER BY id LIMIT $1 OFFSET $2");
    COUNT_API_KEYS = "SELECT COUNT(*) AS count FROM api_keys";
    INSERT_API_KEY = "INSERT INTO api_keys (id, name, hash, scopes, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)";
    REVOKE_API_KEY = "UPDATE api_keys SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL";
}

impl Conn {
    /// The key with this hash, live or not.
    pub async fn find_api_key(&mut self, hash: &HashedToken) -> Result<Option<ApiKey>, StoreError> {
        let hash = hash.as_bytes().as_slice();
        let row: Option<ApiKeyRow> = fetch_optional!(self, FIND_API_KEY, hash)?;
        row.map(TryInto::try_into).transpose()
    }

    /// One page of keys, oldest first, revoked ones included.
    pub async fn list_api_keys(
        &mut self,
        limit: i64,
        offset: i64,
    ) -> Result<Vec<ApiKey>, StoreError> {
        let rows: Vec<ApiKeyRow> = fetch_all!(self, LIST_API_KEYS, limit, offset)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// How many keys there are.
    pub async fn count_api_keys(&mut self) -> Result<i64, StoreError> {
        self.count(COUNT_API_KEYS).await
    }
}

impl Tx {
    /// Locks a key.
    pub async fn lock_api_key(&mut self, id: ApiKeyId) -> Result<Option<ApiKey>, StoreError> {
        let row: Option<ApiKeyRow> = fetch_optional!(self, LOCK_API_KEY, id.as_uuid())?;
        row.map(TryInto::try_into).transpose()
    }

    /// Adds a key.
    pub async fn insert_api_key(&mut self, key: &ApiKey) -> Result<(), StoreError> {
        execute!(
            self,
            INSERT_API_KEY,
            key.id.as_uuid(),
            &key.name,
            key.hash.as_bytes().as_slice(),
            Json(&key.scopes),
            Time(key.created_at),
            key.expires_at.map(Time)
        )?;
        Ok(())
    }

    /// Revokes a key.
    pub async fn revoke_api_key(&mut self, id: ApiKeyId, now: Timestamp) -> Result<(), StoreError> {
        execute!(self, REVOKE_API_KEY, id.as_uuid(), Time(now))?;
        Ok(())
    }
}

#[derive(sqlx::FromRow)]
struct ApiKeyRow {
    id: Uuid,
    name: String,
    hash: Vec<u8>,
    scopes: Json<Vec<Scope>>,
    created_at: Time,
    expires_at: Option<Time>,
    revoked_at: Option<Time>,
}

impl TryFrom<ApiKeyRow> for ApiKey {
    type Error = StoreError;

    fn try_from(row: ApiKeyRow) -> Result<Self, StoreError> {
        let hash =
            array(&row.hash).ok_or_else(|| StoreError::inconsistent("api_keys", "hash", row.id))?;
        Ok(Self {
            id: ApiKeyId::from_uuid(row.id),
            name: row.name,
            hash: HashedToken::from_bytes(hash),
            scopes: row.scopes.0,
            created_at: row.created_at.into(),
            expires_at: row.expires_at.map(Into::into),
            revoked_at: row.revoked_at.map(Into::into),
        })
    }
}
