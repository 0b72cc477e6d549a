//! Tickets: a user whom a device limit refused sees the devices that count, and removes one.
//!
//! A ticket serves once, for five minutes, by the key of the device that was refused. What it shows
//! and ends is the user's own, at the client whose limit it was.

mod error;
pub(crate) mod http;

pub(crate) use error::TicketError;

use crate::{
    device::{DeviceEnding, Ended, end_owned},
    journal::Journal,
    membership::Receipt,
    session::{SessionError, Sessions, UsedProof},
};
use countersign_attestation::dpop::{HtuUrl, InvalidHtuUrl};
use countersign_core::{
    ClientId, DeviceId, Timestamp,
    activity::Actor,
    client::Client,
    decision::Refusal,
    limit::LimitTicket,
    token::HashedToken,
    user::{ExternalUserId, User},
};
use countersign_storage::{ListedDevice, Tx};
use std::sync::Arc;

/// The most devices that are shown: those that were not used for longest.
const MOST_SHOWN: i64 = 100;

/// What tickets are good for.
#[derive(Debug)]
pub struct Tickets {
    pub(crate) sessions: Arc<Sessions>,
    list_url: HtuUrl,
    remove_url: HtuUrl,
}

/// The devices that count.
#[derive(Debug)]
pub(super) struct Counted {
    /// Those that were not used for longest, the first of them first.
    pub(super) devices: Vec<ListedDevice>,
    /// How many count in all.
    pub(super) used: i64,
    /// How many may.
    pub(super) max: Option<u32>,
    /// When they were counted.
    pub(super) now: Timestamp,
}

/// A ticket as it is presented.
#[derive(Debug)]
pub(super) struct Presented {
    pub(super) hash: HashedToken,
    pub(super) proof: Option<String>,
}

struct Removal {
    journal: Journal,
    ticket: LimitTicket,
    user: ExternalUserId,
    device: DeviceId,
    proof: Option<UsedProof>,
}

impl Tickets {
    /// Tickets of this service.
    ///
    /// # Errors
    /// [`InvalidHtuUrl`] for a public URL that no proof could name.
    pub(crate) fn new(sessions: Arc<Sessions>, public_url: &str) -> Result<Self, InvalidHtuUrl> {
        let url = |path| HtuUrl::parse(&format!("{public_url}/v1/limit-tickets/{path}"));
        Ok(Self {
            sessions,
            list_url: url("devices")?,
            remove_url: url("remove")?,
        })
    }

    /// Whose limit the ticket is about.
    pub(super) async fn find(&self, hash: &HashedToken) -> Result<LimitTicket, TicketError> {
        let ledger = &self.sessions.ledger;
        let mut conn = ledger.store.read().await?;
        let found = conn.find_limit_ticket(hash, ledger.clock.now()).await?;
        found.ok_or(TicketError::Invalid)
    }

    /// The devices that count against the limit.
    pub(super) async fn list(
        &self,
        ticket: &LimitTicket,
        presented: &Presented,
    ) -> Result<Counted, TicketError> {
        let client = self.find_client(ticket.client_id).await?;
        let proof = self.check(&client, ticket, presented, &self.list_url)?;
        self.use_up(proof).await?;
        let mut conn = self.sessions.ledger.store.read().await?;
        let user = conn.find_user_by_id(ticket.user_id).await?;
        let user = user.ok_or(TicketError::Invalid)?;
        let now = self.sessions.ledger.clock.now();
        Ok(Counted {
            devices: conn
                .list_counted_devices(user.id, client.id, MOST_SHOWN, now)
                .await?,
            used: conn.count_active_ownerships(user.id, client.id).await?,
            max: client.limits.of(&user.external_id, &user.roles),
            now,
        })
    }

    /// Uses the ticket up and removes one of the devices that count.
    pub(super) async fn remove(
        &self,
        ticket: LimitTicket,
        presented: &Presented,
        device: DeviceId,
    ) -> Result<(Ended, Receipt), TicketError> {
        let client = self.find_client(ticket.client_id).await?;
        let proof = self.check(&client, &ticket, presented, &self.remove_url)?;
        let ledger = &self.sessions.ledger;
        let user = self.find_user(&ticket).await?;
        let removal = Removal {
            journal: ledger.journal(Actor::User(user.id)),
            ticket,
            user: user.external_id,
            device,
            proof,
        };
        ledger
            .settle(removal, |tx, removal| Box::pin(remove(tx, removal)))
            .await
    }

    async fn find_user(&self, ticket: &LimitTicket) -> Result<User, TicketError> {
        let mut conn = self.sessions.ledger.store.read().await?;
        let user = conn.find_user_by_id(ticket.user_id).await?;
        let user = user.ok_or(TicketError::Invalid)?;
        match user.frozen_at {
            None => Ok(user),
            Some(_) => Err(SessionError::AccountFrozen.into()),
        }
    }

    fn check(
        &self,
        client: &Client,
        ticket: &LimitTicket,
        presented: &Presented,
        url: &HtuUrl,
    ) -> Result<Option<UsedProof>, TicketError> {
        let Some(jkt) = ticket.jkt else {
            return Ok(None);
        };
        let proof = presented.proof.as_ref();
        let proof = proof.ok_or(TicketError::Proof(Refusal::ProofRequired))?;
        let proof = self.sessions.check_proof(client, proof, "POST", url)?;
        if proof.jkt != jkt {
            return Err(TicketError::Proof(Refusal::KeyMismatch));
        }
        Ok(Some(proof))
    }

    async fn find_client(&self, id: ClientId) -> Result<Client, TicketError> {
        let client = self.sessions.find_client(id).await?;
        match client.disabled_at {
            None => Ok(client),
            Some(_) => Err(SessionError::ClientDisabled.into()),
        }
    }

    async fn use_up(&self, proof: Option<UsedProof>) -> Result<(), TicketError> {
        let Some(proof) = proof else { return Ok(()) };
        self.sessions
            .ledger
            .store
            .write(proof, |tx, proof| {
                Box::pin(async move { Ok(proof.use_up(tx).await?) })
            })
            .await
    }
}

async fn remove(tx: &mut Tx, removal: &Removal) -> Result<Ended, TicketError> {
    let Removal {
        journal, ticket, ..
    } = removal;
    let owned = tx
        .lock_users_ownership(removal.device, &removal.user)
        .await?;
    let owned = owned.filter(|owned| owned.client_id == ticket.client_id);
    let owned = owned.ok_or(TicketError::DeviceUnknown)?;
    if !tx.take_limit_ticket(&ticket.hash).await? {
        return Err(TicketError::Invalid);
    }
    let ended = end_owned(tx, journal, &owned, DeviceEnding::Remove).await?;
    if let Some(proof) = &removal.proof {
        proof.use_up(tx).await?;
    }
    Ok(ended)
}
