//! Clients: registering an app, changing its settings, and what it uses other services with.

mod credentials;
mod error;
pub(crate) mod http;
mod service_account;

pub use credentials::InvalidCredentials;
pub(crate) use credentials::{CredentialsError, PlayCredentials, find_play_credentials};
pub use error::ClientError;
pub(crate) use service_account::{ServiceAccount, Unsigned};

use crate::{
    journal::{Journal, Ledger},
    membership::Receipt,
    seal::Vault,
};
use countersign_api_types::client::{CreateClient, UpdateClient};
use countersign_core::{
    ClientId,
    activity::{Action, Actor, Target},
    client::{Client, NoncePolicy, ProofOfPossession},
    feed::Subject,
};
use countersign_storage::Tx;
use std::sync::Arc;

/// The client use cases.
#[derive(Debug, Clone)]
pub struct Clients {
    pub(crate) ledger: Ledger,
    pub(crate) vault: Arc<Vault>,
}

/// A change of a client's settings, made on top of one version of them.
#[derive(Debug)]
pub struct ClientChange {
    /// The client.
    pub id: ClientId,
    /// The version that the change was made on; any, if none is named.
    pub based_on: Option<i64>,
    /// The change.
    pub update: UpdateClient,
}

impl Clients {
    /// Registers a client.
    ///
    /// # Errors
    /// [`ClientError::Lifetimes`] when they are out of range.
    pub async fn create(&self, request: CreateClient, actor: Actor) -> Result<Client, ClientError> {
        let now = self.ledger.clock.now();
        let client = Client {
            id: ClientId::generate(now, &*self.ledger.rng),
            lifetimes: request.lifetimes()?,
            name: request.name,
            platform: request.platform,
            proof_of_possession: request
                .proof_of_possession
                .unwrap_or(ProofOfPossession::Required),
            nonce_policy: request.nonce_policy.unwrap_or(NoncePolicy::WhenNeeded),
            origins: request.origins,
            issuers: request.issuers.into_iter().map(Into::into).collect(),
            attestation: request.attestation.unwrap_or_default().into(),
            admission: request.admission.unwrap_or_default().into(),
            limits: request.limits.unwrap_or_default().into(),
            trust: request.trust.unwrap_or_default().into(),
            audience: request.audience,
            epoch: 0,
            created_at: now,
            version: 1,
            disabled_at: None,
        };
        self.ledger
            .store
            .write(
                (self.ledger.journal(actor), client),
                |tx, (journal, client)| {
                    Box::pin(async move {
                        tx.insert_client(client).await?;
                        journal.record(tx, Action::ClientCreated, target(client.id), None);
                        // Its origins are new to every node.
                        journal.changed(tx, Subject::Client(client.id));
                        Ok(client.clone())
                    })
                },
            )
            .await
    }

    /// Changes a client's settings. Disabling it ends all its sessions.
    ///
    /// # Errors
    /// [`ClientError`]; nothing changed.
    pub async fn update(
        &self,
        change: ClientChange,
        actor: Actor,
    ) -> Result<(Client, Receipt), ClientError> {
        self.ledger
            .settle(
                (self.ledger.journal(actor), change),
                |tx, (journal, change)| Box::pin(update(tx, journal, change)),
            )
            .await
    }

    /// One client.
    ///
    /// # Errors
    /// [`ClientError::NotFound`] when there is none.
    pub async fn find(&self, id: ClientId) -> Result<Client, ClientError> {
        self.ledger
            .store
            .read()
            .await?
            .find_client(id)
            .await?
            .ok_or(ClientError::NotFound)
    }

    /// One page of clients and how many there are.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn list(&self, limit: i64, offset: i64) -> Result<(Vec<Client>, i64), ClientError> {
        let mut conn = self.ledger.store.read().await?;
        Ok((
            conn.list_clients(limit, offset).await?,
            conn.count_clients().await?,
        ))
    }
}

async fn update(
    tx: &mut Tx,
    journal: &Journal,
    change: &ClientChange,
) -> Result<Client, ClientError> {
    let client = tx
        .lock_client_to_change(change.id)
        .await?
        .ok_or(ClientError::NotFound)?;
    if change
        .based_on
        .is_some_and(|version| version != client.version)
    {
        return Err(ClientError::VersionMismatch);
    }
    let was_disabled = client.disabled_at.is_some();
    let client = apply(client, &change.update, journal)?;
    // Raising the epoch ends every session at once; enabling again brings none back.
    let epoch = client.epoch + i64::from(client.disabled_at.is_some() && !was_disabled);
    let client = Client {
        epoch,
        version: client.version + 1,
        ..client
    };
    tx.update_client(&client).await?;
    journal.record(tx, Action::ClientUpdated, target(client.id), None);
    journal.changed(tx, Subject::Client(client.id));
    Ok(client)
}

fn apply(client: Client, update: &UpdateClient, journal: &Journal) -> Result<Client, ClientError> {
    let lifetimes = match update.lifetimes {
        Some(change) => change.applied_to(client.lifetimes).validate()?,
        None => client.lifetimes,
    };
    Ok(Client {
        name: update.name.clone().unwrap_or(client.name),
        audience: update.audience.clone().unwrap_or(client.audience),
        proof_of_possession: update
            .proof_of_possession
            .unwrap_or(client.proof_of_possession),
        nonce_policy: update.nonce_policy.unwrap_or(client.nonce_policy),
        origins: update.origins.clone().unwrap_or(client.origins),
        issuers: match &update.issuers {
            Some(issuers) => issuers.iter().cloned().map(Into::into).collect(),
            None => client.issuers,
        },
        attestation: match &update.attestation {
            Some(policy) => policy.clone().into(),
            None => client.attestation,
        },
        admission: update.admission.map_or(client.admission, Into::into),
        limits: match &update.limits {
            Some(limits) => limits.clone().into(),
            None => client.limits,
        },
        trust: match &update.trust {
            Some(policy) => policy.clone().into(),
            None => client.trust,
        },
        lifetimes,
        disabled_at: match update.disabled {
            Some(true) => client.disabled_at.or(Some(journal.now)),
            Some(false) => None,
            None => client.disabled_at,
        },
        ..client
    })
}

fn target(id: ClientId) -> Target {
    Target {
        client: Some(id),
        ..Target::default()
    }
}
