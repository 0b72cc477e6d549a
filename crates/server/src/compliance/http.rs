//! `/v1/compliance/rules`, `/v1/devices/{device_id}/compliance`, `/v1/devices/{device_id}/posture` and
//! `/v1/check-in`.

use super::{
    Compliance, ComplianceError, RulesError,
    report::{Assessed, NEXT_REPORT},
    rules::{Application, RuleSource},
};
use crate::{
    caller::Backend,
    http::{Json, Path, Problem, Query, RateLimiter, RequestContext, etag, if_match},
    router::AppState,
};
use axum::extract::State;
use countersign_api_types::{
    FieldError, Problem as ProblemBody,
    compliance::{
        ApplyRules, CheckIn, CheckedIn, ComplianceIssue, DeviceCompliance, PutPosture, RulesItem,
    },
    device::DevicePath,
    page::{OffsetPage, OffsetQuery},
    schema::IfMatch,
};
use countersign_core::{
    api_key::Scope,
    attestation::policy::Sha256Hex,
    compliance::{
        evaluate::{RuleEvaluation, RuleResult},
        posture::{Posture, PostureSource},
        standing::{Standing, Status},
    },
    decision::Refusal,
};
use countersign_storage::AppliedRules;
use http::{
    HeaderMap,
    header::{ETAG, HeaderName},
};
use std::sync::Arc;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(get_rules, apply_rules))
        .routes(routes!(list_rules))
        .routes(routes!(get_device_compliance))
        .routes(routes!(put_posture))
}

/// What devices call.
pub(crate) fn device_routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(check_in))
}

/// Reads the rules in force.
#[utoipa::path(
    get, path = "/v1/compliance/rules", operation_id = "get_rules", tag = "compliance",
    security(("api_key" = [])),
    responses((status = 200, description = "The rules.", body = RulesItem,
        headers(("ETag" = String, description = "Their number, for `If-Match`.")))),
)]
async fn get_rules(
    State(compliance): State<Arc<Compliance>>,
    backend: Backend,
) -> Result<([(HeaderName, String); 1], Json<RulesItem>), Problem> {
    backend.require(Scope::ComplianceRead)?;
    Ok(tagged(compliance.rules().await?))
}

/// Puts rules in force: a file whose own tests pass, or one that was applied before. Every device is
/// judged by them within the minute.
#[utoipa::path(
    put, path = "/v1/compliance/rules", operation_id = "apply_rules", tag = "compliance",
    params(("If-Match" = inline(Option<IfMatch>), Header, description = "The number of the rules that the change is made on.")),
    security(("api_key" = [])), request_body = ApplyRules,
    responses(
        (status = 200, description = "In force.", body = RulesItem,
            headers(("ETag" = String, description = "Their number."))),
        (status = 404, description = "No rules of this version were applied.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 412, description = "Other rules are in force than those that `If-Match` names.", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
async fn apply_rules(
    State(compliance): State<Arc<Compliance>>,
    backend: Backend,
    headers: HeaderMap,
    Json(body): Json<ApplyRules>,
) -> Result<([(HeaderName, String); 1], Json<RulesItem>), Problem> {
    let actor = backend.require(Scope::ComplianceWrite)?;
    let source = match (body.text, body.version) {
        (Some(text), _) => RuleSource::Text(text),
        (None, version) => {
            let hash: Option<Sha256Hex> =
                version.and_then(|text| text.to_ascii_lowercase().parse().ok());
            RuleSource::Earlier(hash.ok_or(ComplianceError::VersionUnknown)?.into())
        }
    };
    let application = Application {
        source,
        based_on: if_match(&headers)?,
        note: body.note,
    };
    Ok(tagged(compliance.apply(application, actor).await?))
}

/// Lists the rules that were applied, the newest first.
#[utoipa::path(
    get, path = "/v1/compliance/rules/history", operation_id = "list_rules", tag = "compliance",
    params(OffsetQuery), security(("api_key" = [])),
    responses((status = 200, description = "One page.", body = OffsetPage<RulesItem>)),
)]
async fn list_rules(
    State(compliance): State<Arc<Compliance>>,
    backend: Backend,
    Query(query): Query<OffsetQuery>,
) -> Result<Json<OffsetPage<RulesItem>>, Problem> {
    backend.require(Scope::ComplianceRead)?;
    let (limit, offset) = (query.limit().into(), query.offset.into());
    let (found, total) = compliance.history(limit, offset).await?;
    Ok(Json(OffsetPage {
        data: found.into_iter().map(item).collect(),
        total: total.unsigned_abs(),
        offset: query.offset,
        limit: query.limit(),
    }))
}

/// Reads where a device stands by the rules in force, and why.
#[utoipa::path(
    get, path = "/v1/devices/{device_id}/compliance", operation_id = "get_device_compliance", tag = "compliance",
    params(DevicePath), security(("api_key" = [])),
    responses((status = 200, description = "Where it stands.", body = DeviceCompliance)),
)]
async fn get_device_compliance(
    State(compliance): State<Arc<Compliance>>,
    backend: Backend,
    Path(path): Path<DevicePath>,
) -> Result<Json<DeviceCompliance>, Problem> {
    backend.require(Scope::DevicesRead)?;
    Ok(Json(shown(&compliance.assess(path.device_id).await?)))
}

/// Says what a device management knows of a device, in place of what it said before; the device is
/// judged by it at once.
#[utoipa::path(
    put, path = "/v1/devices/{device_id}/posture", operation_id = "put_posture", tag = "compliance",
    params(DevicePath), security(("api_key" = [])), request_body = PutPosture,
    responses(
        (status = 200, description = "Where it stands.", body = DeviceCompliance),
        (status = 409, description = "The device is revoked or banned.", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
async fn put_posture(
    State(compliance): State<Arc<Compliance>>,
    backend: Backend,
    Path(path): Path<DevicePath>,
    Json(body): Json<PutPosture>,
) -> Result<Json<DeviceCompliance>, Problem> {
    let actor = backend.require(Scope::DevicesWrite)?;
    let posture = Posture {
        os_version: body.os_version,
        kernel: body.kernel,
        patch_level: body.patch_level,
        system_encryption: body.system_encryption,
        all_encryption: body.all_encryption,
        screen_lock: body.screen_lock,
        app_version: body.app_version,
        source: PostureSource::Mdm,
        ..Posture::empty(body.os_family, compliance.now())
    };
    compliance.report(path.device_id, posture, actor).await?;
    Ok(Json(shown(&compliance.assess(path.device_id).await?)))
}

/// Takes what a device says of itself, signed by its key and counted up; it is judged by that at once.
#[utoipa::path(
    post, path = "/v1/check-in", operation_id = "check_in", tag = "own devices",
    security(()), request_body = CheckIn,
    responses(
        (status = 200, description = "Where it stands, and when to report again.", body = CheckedIn),
        (status = 409, description = "The report, or a later one, came before.", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
async fn check_in(
    State(compliance): State<Arc<Compliance>>,
    State(limiter): State<RateLimiter>,
    context: RequestContext,
    Json(body): Json<CheckIn>,
) -> Result<Json<CheckedIn>, Problem> {
    let reported = compliance.check_in(&body.report).await;
    if reported.as_ref().is_err_and(ComplianceError::is_guess) {
        limiter.check(context.client_ip)?;
    }
    let assessed = compliance.assess(reported?).await?;
    Ok(Json(CheckedIn {
        compliance: shown(&assessed),
        next_in: NEXT_REPORT.as_secs(),
    }))
}

fn tagged(applied: AppliedRules) -> ([(HeaderName, String); 1], Json<RulesItem>) {
    ([(ETAG, etag(applied.number))], Json(item(applied)))
}

fn item(applied: AppliedRules) -> RulesItem {
    RulesItem {
        number: applied.number,
        version: applied.version.to_string(),
        text: applied.text,
        note: applied.note,
        applied_at: (applied.number > 0).then_some(applied.applied_at),
    }
}

fn shown(assessed: &Assessed) -> DeviceCompliance {
    let evaluation = assessed.evaluation();
    let previous = assessed.standing.as_ref();
    let (standing, _) = Standing::after(previous, &evaluation, &assessed.rules);
    let status = standing.status.compliance();
    let issues = evaluation.rules.iter();
    DeviceCompliance {
        device_id: assessed.device.id,
        compliant: status.holds(),
        status,
        grace_until: match standing.status {
            Status::InGrace { until } => Some(until),
            _ => None,
        },
        issues: issues
            .filter_map(|evaluated| issue(evaluated, &standing))
            .collect(),
        rules_version: evaluation.version.to_string(),
        evaluated_at: evaluation.evaluated_at,
        source: assessed.posture.as_ref().map(|posture| posture.source),
        reported_at: assessed.posture.as_ref().map(|posture| posture.received_at),
    }
}

fn issue(evaluated: &RuleEvaluation<'_>, standing: &Standing) -> Option<ComplianceIssue> {
    let reason = match evaluated.result {
        RuleResult::Pass | RuleResult::NotApplicable => return None,
        RuleResult::Fail => None,
        RuleResult::Unknown(reason) => Some(reason),
    };
    let rule = evaluated.rule;
    Some(ComplianceIssue {
        rule: rule.id().to_string(),
        result: evaluated.result.kind(),
        reason,
        effect: rule.effect(),
        required: rule.required().to_owned(),
        observed: evaluated.observed.clone(),
        message: rule.message().map(str::to_owned),
        failing_since: standing
            .rule(rule.id())
            .and_then(|standing| standing.failing_since),
    })
}

impl From<ComplianceError> for Problem {
    fn from(error: ComplianceError) -> Self {
        let problem = match &error {
            ComplianceError::Rules(RulesError::Wrong(faults)) => {
                let faults = faults.iter();
                Self::invalid(
                    faults
                        .map(|fault| FieldError::new("/text", fault.to_string()))
                        .collect(),
                )
            }
            ComplianceError::Rules(error) => {
                Self::invalid(vec![FieldError::new("/text", error.to_string())])
            }
            ComplianceError::ReportMalformed => {
                Self::invalid(vec![FieldError::new("/report", error.to_string())])
            }
            error => Self::new(error.code()),
        };
        let refusal = match &error {
            ComplianceError::ReportUnsigned => Some(Refusal::ProofInvalid),
            ComplianceError::KeyMismatch => Some(Refusal::KeyMismatch),
            _ => None,
        };
        problem.for_proof(refusal, String::new).caused_by(error)
    }
}
