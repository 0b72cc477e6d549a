//! What logins and refreshes demand of the evidence that is kept.

use countersign_core::{
    Timestamp,
    attestation::policy::{AttestedAction, Shortfall, Shown},
    client::Client,
    device::Device,
    enrollment::Evidence,
};
use countersign_storage::{StoreError, Tx};

/// Whether the device has shown what its client demands for this.
///
/// # Errors
/// When the store fails; a shortfall is the value.
pub(crate) async fn check(
    tx: &mut Tx,
    client: &Client,
    device: &Device,
    action: AttestedAction,
    now: Timestamp,
) -> Result<Result<(), Shortfall>, StoreError> {
    let demand = client.attestation.demand(action);
    if !demand.is_judged() {
        return Ok(Ok(()));
    }
    let evidence = tx
        .find_latest_evidence(device.id, device.generation)
        .await?;
    Ok(demand.judge(shown(device, evidence.as_ref(), now)))
}

/// What a device has shown so far.
pub(super) fn shown(device: &Device, evidence: Option<&Evidence>, now: Timestamp) -> Shown {
    match evidence {
        None if device.jkt.is_none() => Shown::Nothing,
        None => Shown::Key,
        Some(evidence) => match evidence.judgement.shortfall {
            Some(Shortfall::Invalid) => Shown::Invalid,
            Some(Shortfall::Unevaluated) => Shown::Unevaluated,
            Some(Shortfall::Timeout) => Shown::TimedOut,
            _ => Shown::Verdict {
                level: evidence.judgement.level,
                age: now.since(evidence.presented_at),
            },
        },
    }
}
