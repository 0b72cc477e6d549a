//! What speaks for devices (invariant I9): what logins confirm, what backends and admins say, and
//! when it counts no longer.
//!
//! Levels are never stored: `core::trust::Grounds` derives them from the evidence that stands, by the
//! clock. What lapses needs nobody to notice; the job only writes it down.

mod error;
pub(crate) mod http;

pub(crate) use error::TrustError;

use crate::{
    device::lock,
    journal::{Journal, Ledger},
    membership::Receipt,
    session::registration,
};
use countersign_core::{
    DeviceId, OwnershipId, Timestamp,
    activity::{Action, Actor, Target},
    client::Client,
    device::Device,
    feed::Subject,
    ids::TrustEvidenceId,
    trust::{TrustEnd, TrustEvidence, TrustKind, TrustLevel, TrustSource},
    user::ExternalUserId,
};
use countersign_storage::{ListedTrust, StoreError, Tx};

/// The use cases of trust.
#[derive(Debug)]
pub struct Trust {
    pub(crate) ledger: Ledger,
}

/// What somebody says for a device.
#[derive(Debug)]
pub(crate) struct Statement {
    pub(crate) device_id: DeviceId,
    pub(crate) kind: TrustKind,
    /// The user who confirmed it.
    pub(crate) user_id: Option<ExternalUserId>,
    pub(crate) until: Timestamp,
    pub(crate) note: Option<String>,
}

/// A piece of evidence, and what the device is worth with or without it.
#[derive(Debug)]
pub(crate) struct Stated {
    pub(crate) evidence: TrustEvidence,
    pub(crate) user_id: Option<ExternalUserId>,
    /// For the user whom it is for.
    pub(crate) trust: Option<TrustLevel>,
}

/// The most pieces that one run finds lapsed.
const BATCH: i64 = 500;

impl Trust {
    /// Adds what a backend or an admin says for a device.
    pub(crate) async fn add(
        &self,
        statement: Statement,
        actor: Actor,
    ) -> Result<Stated, TrustError> {
        let journal = self.ledger.journal(actor);
        self.ledger
            .store
            .write((journal, statement), |tx, (journal, statement)| {
                Box::pin(add(tx, journal, statement))
            })
            .await
    }

    /// Takes a piece of evidence back, and answers when nobody counts on it. Repeating it changes
    /// nothing.
    pub(crate) async fn withdraw(
        &self,
        device: DeviceId,
        id: TrustEvidenceId,
        actor: Actor,
    ) -> Result<(Stated, Receipt), TrustError> {
        let journal = self.ledger.journal(actor);
        self.ledger
            .settle((journal, device, id), |tx, (journal, device, id)| {
                Box::pin(withdraw(tx, journal, *device, *id))
            })
            .await
    }

    /// Writes down what lapsed.
    pub(crate) async fn lapse(&self) -> Result<(), TrustError> {
        let now = self.ledger.clock.now();
        let mut conn = self.ledger.store.read().await?;
        let lapsed = conn.find_lapsed_trust(now, BATCH).await?;
        drop(conn);
        for id in lapsed {
            let journal = self.ledger.journal(Actor::System);
            let written: Result<(), TrustError> = self
                .ledger
                .store
                .write((journal, id), |tx, (journal, id)| {
                    Box::pin(lapse(tx, journal, *id))
                })
                .await;
            written?;
        }
        Ok(())
    }
}

/// Notes that a login confirmed its device, if it did. Without a key nothing would say that it is the
/// same device the next time.
pub(crate) async fn confirm(
    tx: &mut Tx,
    journal: &Journal,
    client: &Client,
    device: &Device,
    ownership: OwnershipId,
    amr: &[String],
) -> Result<(), StoreError> {
    let Some(until) = client.trust.confirms(amr, journal.now) else {
        return Ok(());
    };
    if device.jkt.is_none() {
        return Ok(());
    }
    let generation = device.generation;
    if tx
        .prolong_confirmation(ownership, generation, journal.now, until)
        .await?
    {
        return Ok(());
    }
    let evidence = TrustEvidence {
        id: TrustEvidenceId::generate(journal.now, &*journal.rng),
        device_id: device.id,
        generation,
        ownership_id: Some(ownership),
        kind: TrustKind::Mfa,
        source: TrustSource::Login,
        note: None,
        since: journal.now,
        until,
        ended: None,
    };
    tx.insert_trust_evidence(&evidence).await?;
    record(tx, journal, device, &evidence, None);
    Ok(())
}

async fn add(tx: &mut Tx, journal: &Journal, statement: &Statement) -> Result<Stated, TrustError> {
    let device = lock(tx, statement.device_id).await?;
    let device = device.ok_or(TrustError::DeviceUnknown)?;
    if device.state.is_dead() {
        return Err(TrustError::State(device.state));
    }
    if device.jkt.is_none() {
        return Err(TrustError::KeyRequired);
    }
    let ownership_id = match &statement.user_id {
        None => None,
        Some(user) => {
            let owned = tx.lock_users_ownership(device.id, user).await?;
            Some(owned.ok_or(TrustError::UserUnknown)?.id)
        }
    };
    let evidence = TrustEvidence {
        id: TrustEvidenceId::generate(journal.now, &*journal.rng),
        device_id: device.id,
        generation: device.generation,
        ownership_id,
        kind: statement.kind,
        source: TrustSource::Backend,
        note: statement.note.clone(),
        since: journal.now,
        until: statement.until,
        ended: None,
    };
    tx.insert_trust_evidence(&evidence).await?;
    // Rules may be about managed devices alone.
    tx.call_standing(device.id, journal.now).await?;
    record(tx, journal, &device, &evidence, None);
    announce(tx, journal, &evidence).await?;
    stated(tx, journal, evidence, statement.user_id.clone()).await
}

async fn withdraw(
    tx: &mut Tx,
    journal: &Journal,
    device: DeviceId,
    id: TrustEvidenceId,
) -> Result<Stated, TrustError> {
    let device = lock(tx, device).await?.ok_or(TrustError::DeviceUnknown)?;
    let (mut evidence, user_id) = find(tx, id).await?;
    if evidence.device_id != device.id {
        return Err(TrustError::EvidenceUnknown);
    }
    let cause = TrustEnd::Withdrawn;
    if tx.end_trust_evidence(id, cause, journal.now).await? {
        evidence.ended = Some((journal.now, cause));
        tx.call_standing(device.id, journal.now).await?;
        record(tx, journal, &device, &evidence, Some(cause));
        announce(tx, journal, &evidence).await?;
    }
    stated(tx, journal, evidence, user_id).await
}

async fn lapse(tx: &mut Tx, journal: &Journal, id: TrustEvidenceId) -> Result<(), TrustError> {
    let (evidence, _) = find(tx, id).await?;
    let Some(device) = lock(tx, evidence.device_id).await? else {
        return Ok(());
    };
    // A login may have prolonged it since it was found.
    let (evidence, _) = find(tx, id).await?;
    let is_over = evidence.ended.is_none() && evidence.until <= journal.now;
    let cause = TrustEnd::Lapsed;
    if is_over && tx.end_trust_evidence(id, cause, journal.now).await? {
        tx.call_standing(device.id, journal.now).await?;
        record(tx, journal, &device, &evidence, Some(cause));
        announce(tx, journal, &evidence).await?;
    }
    Ok(())
}

async fn find(tx: &mut Tx, id: TrustEvidenceId) -> Result<ListedTrust, TrustError> {
    let found = tx.find_trust_evidence(id).await?;
    found.ok_or(TrustError::EvidenceUnknown)
}

async fn stated(
    tx: &mut Tx,
    journal: &Journal,
    evidence: TrustEvidence,
    user_id: Option<ExternalUserId>,
) -> Result<Stated, TrustError> {
    let trust = match evidence.ownership_id {
        None => None,
        Some(ownership) => {
            let grounds = tx.find_grounds(ownership).await?;
            Some(grounds.trust_at(journal.now))
        }
    };
    Ok(Stated {
        evidence,
        user_id,
        trust,
    })
}

/// Every node reads the sessions anew that it is for.
async fn announce(
    tx: &mut Tx,
    journal: &Journal,
    evidence: &TrustEvidence,
) -> Result<(), StoreError> {
    let sessions = match evidence.ownership_id {
        Some(ownership) => tx
            .find_ownerships_session(ownership)
            .await?
            .into_iter()
            .collect(),
        None => tx.find_devices_sessions(evidence.device_id).await?,
    };
    for session in sessions {
        journal.changed(tx, Subject::Session(session));
    }
    Ok(())
}

fn record(
    tx: &mut Tx,
    journal: &Journal,
    device: &Device,
    evidence: &TrustEvidence,
    ended: Option<TrustEnd>,
) {
    let target = Target {
        ownership: evidence.ownership_id,
        ..registration::target(device)
    };
    match ended {
        None => journal.record(
            tx,
            Action::TrustRaised,
            target,
            Some(evidence.kind.as_str()),
        ),
        Some(cause) => journal.record(tx, Action::TrustLowered, target, Some(cause.as_str())),
    }
}
