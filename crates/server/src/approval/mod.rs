//! Approvals: new devices, and users on them, that an admin has to look at.
//!
//! Who has to wait is decided by `session::admission`; here is what becomes of it.

pub(crate) mod http;

use crate::{
    journal::{Journal, Ledger},
    membership::Receipt,
    session::{ending, registration},
};
use countersign_api_types::ErrorCode;
use countersign_core::{
    ApprovalId,
    activity::{Action, Actor},
    admission::{Approval, ApprovalCause, ApprovalDecision},
    device::{Device, DeviceState},
    session::EndingCause,
};
use countersign_storage::{StoreError, Tx};

/// The approval use cases.
#[derive(Debug)]
pub struct Approvals {
    pub(crate) ledger: Ledger,
}

/// A request was not decided; nothing changed.
#[derive(Debug, thiserror::Error)]
pub enum ApprovalError {
    /// There is no such request.
    #[error("there is no such request for approval")]
    NotFound,
    /// It was decided otherwise before.
    #[error("the request was decided before")]
    Decided,
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

impl ApprovalError {
    /// The closed code of the answer.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::NotFound => ErrorCode::NotFound,
            Self::Decided => ErrorCode::Conflict,
            Self::Store(error) => crate::error::store_code(error),
        }
    }
}

/// The most requests that one run rejects.
const BATCH: i64 = 500;

impl Approvals {
    /// Decides a request; a device that is not let in is revoked.
    pub(crate) async fn decide(
        &self,
        id: ApprovalId,
        decision: ApprovalDecision,
        actor: Actor,
    ) -> Result<(Approval, Receipt), ApprovalError> {
        let journal = self.ledger.journal(actor);
        self.ledger
            .settle((journal, id, decision), |tx, (journal, id, decision)| {
                Box::pin(decide(tx, journal, *id, *decision))
            })
            .await
    }

    /// Rejects what nobody decided in time.
    pub(crate) async fn expire(&self) -> Result<(), ApprovalError> {
        let now = self.ledger.clock.now();
        let mut conn = self.ledger.store.read().await?;
        let overdue = conn.find_overdue_approvals(now, BATCH).await?;
        drop(conn);
        for id in overdue {
            match self
                .decide(id, ApprovalDecision::Expired, Actor::System)
                .await
            {
                Ok(_) | Err(ApprovalError::Decided) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// One page of requests, and how many there are.
    pub(super) async fn search(
        &self,
        state: &str,
        limit: i64,
        offset: i64,
    ) -> Result<(Vec<Approval>, i64), ApprovalError> {
        let mut conn = self.ledger.store.read().await?;
        let found = conn.search_approvals(state, limit, offset).await?;
        Ok((found, conn.count_approvals(state).await?))
    }
}

async fn decide(
    tx: &mut Tx,
    journal: &Journal,
    id: ApprovalId,
    decision: ApprovalDecision,
) -> Result<Approval, ApprovalError> {
    let asked = tx.find_approval(id).await?.ok_or(ApprovalError::NotFound)?;
    let device = tx.lock_device(asked.device_id).await?;
    let device = device.ok_or(ApprovalError::NotFound)?;
    if !tx.decide_approval(id, decision, journal.now).await? {
        let decided = tx.find_approval(id).await?.ok_or(ApprovalError::NotFound)?;
        let is_same = decided.decided.is_some_and(|(made, _)| made == decision);
        return if is_same {
            Ok(decided)
        } else {
            Err(ApprovalError::Decided)
        };
    }
    let mut target = registration::target(&device);
    target.user = asked.user.as_ref().map(|(id, _)| *id);
    let (action, is_let_in) = match decision {
        ApprovalDecision::Approved => (Action::ApprovalGranted, true),
        ApprovalDecision::Rejected | ApprovalDecision::Expired => (Action::ApprovalRefused, false),
    };
    journal.record(tx, action, target, Some(decision.as_str()));
    if !is_let_in && asked.cause == ApprovalCause::Activation {
        revoke(tx, journal, device).await?;
    }
    let decided = Some((decision, journal.now));
    Ok(Approval { decided, ..asked })
}

async fn revoke(tx: &mut Tx, journal: &Journal, device: Device) -> Result<(), StoreError> {
    if device.state == DeviceState::Banned {
        return Ok(());
    }
    let sessions = tx.lock_devices_sessions(device.id).await?;
    ending::end(tx, journal, &sessions, EndingCause::DeviceRevoked).await?;
    let state = DeviceState::Revoked;
    tx.update_device(&Device { state, ..device }).await
}
