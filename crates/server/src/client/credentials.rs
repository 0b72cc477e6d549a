//! What a client reads tokens of Play Integrity with: checked when it is set, sealed, never shown again.

use super::{
    ClientError, Clients,
    service_account::{InvalidPrivateKey, ServiceAccount},
    target,
};
use crate::seal::{OpenError, Place, Vault};
use countersign_api_types::{Secret, play_integrity::SetPlayCredentials, secret::hand_out};
use countersign_attestation::play_integrity::{InvalidResponseKeys, KeyRing, ResponseKeys};
use countersign_core::{
    ClientId,
    activity::{Action, Actor},
    attestation::play_integrity::PlayCredentialKind,
};
use countersign_storage::{Store, StoreError, StoredPlayCredentials};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// What a client reads tokens with, ready for use.
#[derive(Debug)]
pub(crate) enum PlayCredentials {
    /// For classic requests.
    ResponseKeys(KeyRing),
    /// For standard requests.
    ServiceAccount(ServiceAccount),
}

/// Credentials that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCredentials {
    /// The response keys.
    #[error(transparent)]
    ResponseKeys(#[from] InvalidResponseKeys),
    /// The service account's key.
    #[error("not an RSA private key in PEM (PKCS #8) of at least 2048 bits")]
    PrivateKey,
}

/// Credentials that are kept cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CredentialsError {
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
    /// They do not open.
    #[error("the client's credentials do not open")]
    Open(#[source] OpenError),
    /// What is within is nothing that was ever put there.
    #[error("the client's credentials cannot be read")]
    Unreadable,
}

/// What is sealed. The kind within is the one that counts.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kept {
    ResponseKeys {
        #[serde(serialize_with = "hand_out")]
        decryption_key: Secret,
        verification_key: String,
    },
    ServiceAccount {
        client_email: String,
        private_key_id: String,
        #[serde(serialize_with = "hand_out")]
        private_key: Secret,
    },
}

impl Clients {
    /// Gives a client credentials in place of those that it had.
    ///
    /// # Errors
    /// [`ClientError::Credentials`] for what cannot be read; nothing changed.
    pub(crate) async fn set_play_credentials(
        &self,
        id: ClientId,
        request: SetPlayCredentials,
        actor: Actor,
    ) -> Result<StoredPlayCredentials, ClientError> {
        let kept = Kept::from_request(request);
        kept.parse()?;
        let journal = self.ledger.journal(actor);
        let stored = StoredPlayCredentials {
            client_id: id,
            kind: kept.kind(),
            sealed: self.vault.seal(place(id), &kept.written()),
            set_at: journal.now,
        };
        let write = (journal, stored);
        self.ledger
            .store
            .write(write, |tx, (journal, stored)| {
                Box::pin(async move {
                    let client = tx.lock_client(stored.client_id).await?;
                    let client = client.ok_or(ClientError::NotFound)?;
                    tx.put_play_credentials(stored).await?;
                    let reason = Some("play_integrity_set");
                    journal.record(tx, Action::ClientUpdated, target(client.id), reason);
                    Ok(stored.clone())
                })
            })
            .await
    }

    /// Takes a client's credentials away. Without any, nothing changes.
    ///
    /// # Errors
    /// [`ClientError::NotFound`] when there is no such client.
    pub(crate) async fn remove_play_credentials(
        &self,
        id: ClientId,
        actor: Actor,
    ) -> Result<(), ClientError> {
        let write = (self.ledger.journal(actor), id);
        self.ledger
            .store
            .write(write, |tx, (journal, id)| {
                Box::pin(async move {
                    let client = tx.lock_client(*id).await?;
                    let client = client.ok_or(ClientError::NotFound)?;
                    if tx.remove_play_credentials(client.id).await? {
                        let reason = Some("play_integrity_removed");
                        journal.record(tx, Action::ClientUpdated, target(client.id), reason);
                    }
                    Ok(())
                })
            })
            .await
    }
}

/// A client's credentials, with what is sealed of them: another text after each time they are set.
///
/// # Errors
/// [`CredentialsError`] when there are some that cannot be used.
pub(crate) async fn find_play_credentials(
    store: &Store,
    vault: &Vault,
    id: ClientId,
) -> Result<Option<(PlayCredentials, Vec<u8>)>, CredentialsError> {
    let stored = store.read().await?.find_play_credentials(id).await?;
    let Some(stored) = stored else {
        return Ok(None);
    };
    let plain = vault.open(place(id), &stored.sealed);
    let plain = plain.map_err(CredentialsError::Open)?;
    let kept: Kept = serde_json::from_slice(&plain).map_err(|_| CredentialsError::Unreadable)?;
    let credentials = kept.parse().map_err(|_| CredentialsError::Unreadable)?;
    Ok(Some((credentials, stored.sealed)))
}

impl Kept {
    /// The request has been found to be one or the other.
    fn from_request(request: SetPlayCredentials) -> Self {
        match request.service_account {
            Some(account) => Self::ServiceAccount {
                client_email: account.client_email,
                private_key_id: account.private_key_id,
                private_key: account.private_key,
            },
            None => Self::ResponseKeys {
                decryption_key: request
                    .decryption_key
                    .unwrap_or_else(|| Secret::from(String::new())),
                verification_key: request.verification_key.unwrap_or_default(),
            },
        }
    }

    fn kind(&self) -> PlayCredentialKind {
        match self {
            Self::ResponseKeys { .. } => PlayCredentialKind::ResponseKeys,
            Self::ServiceAccount { .. } => PlayCredentialKind::ServiceAccount,
        }
    }

    fn parse(&self) -> Result<PlayCredentials, InvalidCredentials> {
        match self {
            Self::ResponseKeys {
                decryption_key,
                verification_key,
            } => {
                let current = ResponseKeys::parse(decryption_key.reveal(), verification_key)?;
                let other = None;
                Ok(PlayCredentials::ResponseKeys(KeyRing { current, other }))
            }
            Self::ServiceAccount {
                client_email,
                private_key_id,
                private_key,
            } => {
                let key = private_key.reveal();
                let account = ServiceAccount::parse(client_email, private_key_id, key);
                let account = account.map_err(|InvalidPrivateKey| InvalidCredentials::PrivateKey);
                account.map(PlayCredentials::ServiceAccount)
            }
        }
    }

    fn written(&self) -> Zeroizing<Vec<u8>> {
        // Room for the longest key, so that the text is not moved and left behind.
        let mut text = Zeroizing::new(Vec::with_capacity(48 * 1024));
        serde_json::to_writer(&mut *text, self).expect("texts can be written to memory");
        text
    }
}

impl InvalidCredentials {
    /// Which member of the request it is about.
    pub(super) fn pointer(self) -> &'static str {
        match self {
            Self::ResponseKeys(InvalidResponseKeys::Decryption) => "/decryption_key",
            Self::ResponseKeys(InvalidResponseKeys::Verification) => "/verification_key",
            Self::PrivateKey => "/service_account/private_key",
        }
    }
}

/// The service stands for the column: a client has one row for each.
fn place(client: ClientId) -> Place {
    Place {
        table: "client_credentials",
        row: client.as_uuid(),
        column: "play_integrity",
    }
}
