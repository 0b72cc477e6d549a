//! `/v1/devices/{device_id}/evidence`.

use super::{Stated, Statement, Trust, TrustError};
use crate::{
    caller::Backend,
    http::{Json, Path, Problem},
    router::AppState,
    signing::Issuer,
};
use axum::extract::State;
use countersign_api_types::{
    Problem as ProblemBody,
    device::DevicePath,
    receipt::EndingReceipt,
    trust::{AddTrustEvidence, TrustEvidenceItem, TrustEvidencePath, TrustOfDevice},
};
use countersign_attestation::ending_receipt::Ending;
use countersign_core::{activity::Action, api_key::Scope};
use http::StatusCode;
use std::{sync::Arc, time::Duration};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(add_trust_evidence))
        .routes(routes!(withdraw_trust_evidence))
}

/// Says something for a device: that a user confirmed it with more than one factor, or that it is
/// managed. It counts until its time is over, its key is replaced, or it is withdrawn.
#[utoipa::path(
    post, path = "/v1/devices/{device_id}/evidence", operation_id = "add_trust_evidence", tag = "devices",
    params(DevicePath), security(("api_key" = [])), request_body = AddTrustEvidence,
    responses(
        (status = 201, description = "It counts.", body = TrustOfDevice),
        (status = 409, description = "The device has no key, or is revoked or banned.", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
async fn add_trust_evidence(
    State(trust): State<Arc<Trust>>,
    backend: Backend,
    Path(path): Path<DevicePath>,
    Json(body): Json<AddTrustEvidence>,
) -> Result<(StatusCode, Json<TrustOfDevice>), Problem> {
    let actor = backend.require(Scope::DevicesWrite)?;
    let now = trust.ledger.clock.now();
    let statement = Statement {
        device_id: path.device_id,
        kind: body.kind,
        user_id: body.user_id,
        until: now.plus(Duration::from_secs(body.seconds)),
        note: body.note,
    };
    let stated = trust.add(statement, actor).await?;
    Ok((StatusCode::CREATED, Json(answer(stated, None))))
}

/// Takes back what was said for a device: from the answer on nobody counts on it.
#[utoipa::path(
    delete, path = "/v1/devices/{device_id}/evidence/{evidence_id}", operation_id = "withdraw_trust_evidence", tag = "devices",
    params(TrustEvidencePath), security(("api_key" = [])),
    responses((status = 200, description = "Withdrawn; repeating it changes nothing.", body = TrustOfDevice)),
)]
async fn withdraw_trust_evidence(
    State(trust): State<Arc<Trust>>,
    State(issuer): State<Arc<Issuer>>,
    backend: Backend,
    Path(path): Path<TrustEvidencePath>,
) -> Result<Json<TrustOfDevice>, Problem> {
    let actor = backend.require(Scope::DevicesWrite)?;
    let (device, id) = (path.device_id, path.evidence_id);
    let (stated, receipt) = trust.withdraw(device, id, actor).await?;
    let ending = Ending {
        device_id: Some(device),
        user_id: stated.user_id.as_ref(),
        ..Ending::by(Action::TrustLowered)
    };
    let receipt = issuer.receipt(&ending, receipt);
    Ok(Json(answer(stated, Some(receipt))))
}

fn answer(stated: Stated, receipt: Option<EndingReceipt>) -> TrustOfDevice {
    TrustOfDevice {
        device_id: stated.evidence.device_id,
        evidence: TrustEvidenceItem::of(stated.evidence, stated.user_id),
        trust: stated.trust,
        receipt,
    }
}

impl From<TrustError> for Problem {
    fn from(error: TrustError) -> Self {
        let problem = Self::new(error.code());
        let problem = match &error {
            TrustError::KeyRequired => {
                problem.with_detail("nothing counts for a device without a key")
            }
            _ => problem,
        };
        problem.caused_by(error)
    }
}
