//! What clients use other services with; sealed.

use crate::{Conn, StoreError, Time, Tx, execute, fetch_optional, statements};
use countersign_core::{ClientId, Timestamp, attestation::play_integrity::PlayCredentialKind};

/// The only service so far.
const PLAY_INTEGRITY: &str = "play_integrity";

statements! {
    FIND_CREDENTIALS = "SELECT kind, sealed, set_at FROM client_credentials WHERE client_id = $1 AND service = $2";
    PUT_CREDENTIALS = "INSERT INTO client_credentials (client_id, service, kind, sealed, set_at) \
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT (client_id, service) DO UPDATE \
        SET kind = EXCLUDED.kind, sealed = EXCLUDED.sealed, set_at = EXCLUDED.set_at";
    REMOVE_CREDENTIALS = "DELETE FROM client_credentials WHERE client_id = $1 AND service = $2";
}

/// What a client reads tokens of Play Integrity with, as the store keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPlayCredentials {
    /// The client.
    pub client_id: ClientId,
    /// What it is, for people; what counts is said within.
    pub kind: PlayCredentialKind,
    /// It, sealed for this row.
    pub sealed: Vec<u8>,
    /// Since when.
    pub set_at: Timestamp,
}

impl Conn {
    /// What the client reads tokens with, if it was given anything.
    pub async fn find_play_credentials(
        &mut self,
        client_id: ClientId,
    ) -> Result<Option<StoredPlayCredentials>, StoreError> {
        let client = client_id.as_uuid();
        let row: Option<CredentialsRow> =
            fetch_optional!(self, FIND_CREDENTIALS, client, PLAY_INTEGRITY)?;
        let Some(row) = row else { return Ok(None) };
        let wrong = |_| StoreError::inconsistent("client_credentials", "kind", client);
        Ok(Some(StoredPlayCredentials {
            client_id,
            kind: row.kind.parse().map_err(wrong)?,
            sealed: row.sealed,
            set_at: row.set_at.into(),
        }))
    }
}

impl Tx {
    /// Gives a client these credentials in place of what it had.
    pub async fn put_play_credentials(
        &mut self,
        credentials: &StoredPlayCredentials,
    ) -> Result<(), StoreError> {
        execute!(
            self,
            PUT_CREDENTIALS,
            credentials.client_id.as_uuid(),
            PLAY_INTEGRITY,
            credentials.kind.as_str(),
            credentials.sealed.as_slice(),
            Time(credentials.set_at)
        )?;
        Ok(())
    }

    /// Takes a client's credentials away; answers whether it had any.
    pub async fn remove_play_credentials(
        &mut self,
        client_id: ClientId,
    ) -> Result<bool, StoreError> {
        let client = client_id.as_uuid();
        let removed = execute!(self, REMOVE_CREDENTIALS, client, PLAY_INTEGRITY)?;
        Ok(removed > 0)
    }
}

#[derive(sqlx::FromRow)]
struct CredentialsRow {
    kind: String,
    sealed: Vec<u8>,
    set_at: Time,
}
