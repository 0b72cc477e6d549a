//! Bad proofs: too many of them, each with a live token of the device, suspend it for a while.
//!
//! Without a live token a bad proof says nothing of the device (invariant I11). Only proofs count that
//! are wrong by themselves: one that is late, lacks a nonce or names another URL may be a proxy's doing.
//! Refreshes do not count: whoever has only a refresh token must not be able to do anything (I7).

use super::lifecycle;
use crate::{
    journal::{Journal, Ledger},
    session::registration,
};
use countersign_core::{
    DeviceId,
    activity::{Action, Actor},
    decision::Refusal,
    device::DeviceState,
};
use countersign_storage::{StoreError, Tx};

/// Counts bad proofs.
#[derive(Debug, Clone)]
pub(crate) struct BadProofs {
    pub(crate) ledger: Ledger,
}

impl BadProofs {
    /// Whether the refusal says that a proof was wrong by itself.
    pub(crate) const fn is_one(refusal: Refusal) -> bool {
        matches!(refusal, Refusal::ProofInvalid | Refusal::KeyMismatch)
    }

    /// Counts one that came with a live token of the device; the one too many suspends it, and this
    /// returns when everybody knows. A store that fails counts nothing: the request is refused anyway.
    pub(crate) async fn count(&self, device: DeviceId) {
        let journal = self.ledger.journal(Actor::System);
        let counted: Result<_, StoreError> = self
            .ledger
            .settle_if(
                (journal, device),
                |tx, (journal, device)| Box::pin(count(tx, journal, *device)),
                |is_suspended| *is_suspended,
            )
            .await;
        if let Err(error) = counted {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "bad proof not counted"
            );
        }
    }
}

/// Whether it was one too many.
async fn count(tx: &mut Tx, journal: &Journal, id: DeviceId) -> Result<bool, StoreError> {
    let Some(device) = lifecycle::lock(tx, id).await? else {
        return Ok(false);
    };
    if device.state_at(journal.now) != DeviceState::Active {
        return Ok(false);
    }
    let Some(client) = tx.find_client(device.client_id).await? else {
        return Ok(false);
    };
    let so_far = tx.find_bad_proofs(id).await?;
    let (record, until) = client.admission.bad_proofs.count(so_far, journal.now);
    tx.update_bad_proofs(id, &record).await?;
    let Some(until) = until else {
        return Ok(false);
    };
    let device = lifecycle::suspend(tx, journal, device, Some(until)).await?;
    let target = registration::target(&device);
    journal.record(tx, Action::DeviceSuspended, target, Some("bad_proofs"));
    Ok(true)
}
