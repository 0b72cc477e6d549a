//! `/v1/devices/{device_id}`, for admins.

use super::{Devices, lifecycle::Step, record::Record};
use crate::{
    caller::Backend,
    http::{Json, Path, Problem},
    router::AppState,
    signing::Issuer,
};
use axum::extract::State;
use countersign_api_types::{
    device::DevicePath,
    device_record::{DeviceRecord, DeviceStanding, EvidenceItem, HardwareKnowledge, Owner},
    trust::TrustEvidenceItem,
};
use countersign_attestation::ending_receipt::Ending;
use countersign_core::{
    Timestamp, api_key::Scope, device::DeviceState, enrollment::Evidence, trust::TrustLevel,
};
use std::sync::Arc;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(get_device))
        .routes(routes!(suspend_device))
        .routes(routes!(resume_device))
        .routes(routes!(revoke_device))
}

/// Reads everything that is known of a device: who has it, what it showed, and why it is refused.
#[utoipa::path(
    get, path = "/v1/devices/{device_id}", operation_id = "get_device", tag = "devices",
    params(DevicePath), security(("api_key" = [])),
    responses((status = 200, description = "The device.", body = DeviceRecord)),
)]
async fn get_device(
    State(devices): State<Arc<Devices>>,
    backend: Backend,
    Path(path): Path<DevicePath>,
) -> Result<Json<DeviceRecord>, Problem> {
    backend.require(Scope::DevicesRead)?;
    let record = devices.record(path.device_id).await?;
    Ok(Json(shown(record, devices.ledger.clock.now())))
}

/// Cuts a device off until it is resumed; its record, key and sessions are kept.
#[utoipa::path(
    post, path = "/v1/devices/{device_id}/suspend", operation_id = "suspend_device", tag = "devices",
    params(DevicePath), security(("api_key" = [])),
    responses((status = 200, description = "Suspended; repeating it changes nothing.", body = DeviceStanding),
        (status = 409, description = "It is revoked or banned.", body = countersign_api_types::Problem,
            content_type = "application/problem+json")),
)]
async fn suspend_device(
    State(devices): State<Arc<Devices>>,
    State(issuer): State<Arc<Issuer>>,
    backend: Backend,
    Path(path): Path<DevicePath>,
) -> Result<Json<DeviceStanding>, Problem> {
    step(&devices, &issuer, &backend, path, Step::Suspend).await
}

/// Lets a suspended device go on.
#[utoipa::path(
    post, path = "/v1/devices/{device_id}/resume", operation_id = "resume_device", tag = "devices",
    params(DevicePath), security(("api_key" = [])),
    responses((status = 200, description = "In use; repeating it changes nothing.", body = DeviceStanding),
        (status = 409, description = "It is revoked or banned.", body = countersign_api_types::Problem,
            content_type = "application/problem+json")),
)]
async fn resume_device(
    State(devices): State<Arc<Devices>>,
    State(issuer): State<Arc<Issuer>>,
    backend: Backend,
    Path(path): Path<DevicePath>,
) -> Result<Json<DeviceStanding>, Problem> {
    step(&devices, &issuer, &backend, path, Step::Resume).await
}

/// Revokes a device: all its sessions end, and its key is dead for good.
#[utoipa::path(
    post, path = "/v1/devices/{device_id}/revoke", operation_id = "revoke_device", tag = "devices",
    params(DevicePath), security(("api_key" = [])),
    responses((status = 200, description = "Revoked; repeating it changes nothing.", body = DeviceStanding),
        (status = 409, description = "It is banned.", body = countersign_api_types::Problem,
            content_type = "application/problem+json")),
)]
async fn revoke_device(
    State(devices): State<Arc<Devices>>,
    State(issuer): State<Arc<Issuer>>,
    backend: Backend,
    Path(path): Path<DevicePath>,
) -> Result<Json<DeviceStanding>, Problem> {
    step(&devices, &issuer, &backend, path, Step::Revoke).await
}

async fn step(
    devices: &Devices,
    issuer: &Issuer,
    backend: &Backend,
    path: DevicePath,
    step: Step,
) -> Result<Json<DeviceStanding>, Problem> {
    let actor = backend.require(Scope::DevicesWrite)?;
    let (stepped, receipt) = devices.step(path.device_id, step, actor).await?;
    let ending = Ending {
        client_id: Some(stepped.device.client_id),
        device_id: Some(path.device_id),
        sessions: &stepped.ended,
        ..Ending::by(step.action())
    };
    let receipt = (step != Step::Resume).then(|| issuer.receipt(&ending, receipt));
    Ok(Json(DeviceStanding {
        device_id: path.device_id,
        state: stepped.device.state,
        ended: stepped.ended.len() as u64,
        receipt,
    }))
}

fn shown(record: Record, now: Timestamp) -> DeviceRecord {
    let Record { device, client, .. } = record;
    let is_dead = device.state.is_dead();
    let is_keyed = device.jkt.is_some();
    let owners = record.owners.into_iter().map(|owner| Owner {
        user_id: owner.user_id,
        since: owner.since,
        trust: TrustLevel::of(is_dead, is_keyed, &owner.grounds, now),
        last_seen_at: owner.last_active_at,
    });
    let state = device.state_at(now);
    let is_suspended = state != DeviceState::Active;
    DeviceRecord {
        device_id: device.id,
        client_id: device.client_id,
        platform: client.platform,
        installation_id: device.installation_id,
        app_id: device.app_id,
        generation: device.generation,
        jkt: device.jkt,
        state,
        suspended_until: device.suspended_until.filter(|_| is_suspended),
        hardware_identity: match device.hardware_identity {
            Some(_) => HardwareKnowledge::Attested,
            None => HardwareKnowledge::None,
        },
        evidence: record.evidence.map(evidence),
        trust_evidence: record
            .trust
            .into_iter()
            .map(|(evidence, user)| TrustEvidenceItem::of(evidence, user))
            .collect(),
        owners: owners.collect(),
        approval: record.approval.map(Into::into),
        bans: record.bans.into_iter().map(Into::into).collect(),
        created_at: device.created_at,
        last_seen_at: device.last_seen_at,
    }
}

fn evidence(evidence: Evidence) -> EvidenceItem {
    let judgement = evidence.judgement;
    let facts = judgement.facts.as_deref();
    EvidenceItem {
        purpose: evidence.purpose,
        presented_at: evidence.presented_at,
        judged_at: judgement.at,
        level: judgement.level,
        shortfall: judgement.shortfall,
        failed_check: judgement.failed_check,
        facts: facts.and_then(|facts| serde_json::from_str(facts).ok()),
    }
}
