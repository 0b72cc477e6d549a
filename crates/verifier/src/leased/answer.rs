//! A judgement in the form in which the service gives it.

use super::{gate::Judged, memory::Memory};
use crate::{
    answer::Answered, refused::Refused as Told, service::ServiceError, session::DeviceSession,
};
use countersign_api_types::{
    ErrorCode, Text,
    challenge::challenge,
    verify::{Allowed, No, Refused, Scheme, VerifyResponse, Yes},
};
use countersign_cluster::Live;
use countersign_core::{Timestamp, client::NoncePolicy, decision::Refusal};
use http::{HeaderValue, StatusCode};
use std::borrow::Cow;

/// The answer of `POST /v1/verify`.
pub(super) fn response(
    memory: &Memory,
    judged: &Judged,
    scheme: Scheme,
) -> VerifyResponse<'static> {
    let nonce = || Text::from(judged.keys.nonces.issue(memory.clock.now()));
    match (judged.said, &judged.live) {
        (Ok(expires_at), Some(live)) => allowed(live, expires_at, judged.now, nonce),
        (said, live) => {
            let refusal = said.err().unwrap_or(Refusal::SessionEnded);
            let needs_nonce = matches!(refusal, Refusal::UseDpopNonce | Refusal::ProofExpired);
            VerifyResponse::Refused(Refused {
                allowed: No,
                code: refusal,
                status: ErrorCode::from(refusal).status(),
                www_authenticate: challenge(refusal, scheme).map(Text::from),
                dpop_nonce: needs_nonce.then(nonce),
                session_id: judged.session,
                device_id: live.as_ref().map(|live| live.snapshot.device_id),
            })
        }
    }
}

fn allowed(
    live: &Live,
    expires_at: Timestamp,
    now: Timestamp,
    nonce: impl FnOnce() -> Text<'static>,
) -> VerifyResponse<'static> {
    let snapshot = &live.snapshot;
    let kind = &*snapshot.kind;
    let needs_nonce = kind.nonce_policy == NoncePolicy::Always && snapshot.jkt.is_some();
    VerifyResponse::Allowed(Allowed {
        allowed: Yes,
        session_id: snapshot.session_id,
        user_id: Text::from(snapshot.user_id.as_str().to_owned()),
        client_id: kind.client_id,
        device_id: snapshot.device_id,
        app_id: snapshot.app_id,
        trust: snapshot.trust_at(now),
        compliance: snapshot.compliance_at(now),
        platform: kind.platform,
        app_version: kind
            .app_version
            .as_deref()
            .map(|version| Text::from(version.to_owned())),
        amr: Cow::Owned(kind.amr.to_vec()),
        key_bound: snapshot.jkt.is_some(),
        expires_at,
        dpop_nonce: needs_nonce.then(nonce),
    })
}

/// What an app makes of it.
///
/// # Errors
/// For a nonce or challenge that no header could hold.
pub(crate) fn answered(response: VerifyResponse<'_>) -> Result<Answered, ServiceError> {
    match response {
        VerifyResponse::Allowed(allowed) => Ok(Answered::Yes {
            nonce: header(allowed.dpop_nonce.as_deref())?,
            session: DeviceSession::from(allowed),
        }),
        VerifyResponse::Refused(refused) => {
            let status = StatusCode::from_u16(refused.status).map_err(|_| ServiceError::Shape)?;
            Ok(Answered::No(Told::told(
                refused.code.as_str(),
                status,
                header(refused.www_authenticate.as_deref())?,
                header(refused.dpop_nonce.as_deref())?,
            )))
        }
    }
}

fn header(text: Option<&str>) -> Result<Option<HeaderValue>, ServiceError> {
    let value = text.map(HeaderValue::from_str).transpose();
    value.map_err(|_| ServiceError::Shape)
}
