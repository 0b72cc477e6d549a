//! What a request presents: its token, its proof, what both must be for, and where it came from.

use crate::{address::client_address, config::Site, refused::Refused};
use countersign_api_types::{
    Validate,
    verify::{Scheme, VerifyRequest},
};
use countersign_core::decision::{Demands, Refusal};
use http::{HeaderMap, HeaderName, header::AUTHORIZATION, request::Parts};

const DPOP: HeaderName = HeaderName::from_static("dpop");

/// Reads a request into the body of `POST /v1/verify`; `None` when no `Authorization` was sent.
///
/// # Errors
/// For what the service could only refuse.
pub(crate) fn present<'a>(
    request: &'a Parts,
    site: &Site,
    demands: Demands,
) -> Result<Option<VerifyRequest<'a>>, Refused> {
    let authorizations = texts(&request.headers, &AUTHORIZATION);
    let proofs = texts(&request.headers, &DPOP);
    let credentials = only(&authorizations).and_then(credentials);
    let scheme = credentials.map_or(Scheme::DPoP, |(scheme, _)| scheme);
    let refused = |refusal| Refused::local(refusal, scheme);
    if proofs.len() > 1 {
        return Err(refused(Refusal::ProofInvalid));
    }
    if authorizations.is_empty() {
        return Ok(None);
    }
    let token = credentials.map_or("", |(_, token)| token);
    if !is_token(token) {
        return Err(refused(Refusal::TokenInvalid));
    }
    let mut presented = VerifyRequest {
        token: token.into(),
        scheme: Some(scheme),
        proof: None,
        method: None,
        url: None,
        min_trust: demands.min_trust,
        require_compliant: demands.require_compliant,
        require_key: demands.require_key,
        strict: demands.strict,
        client_ip: client_address(request, site.trust_proxy),
    };
    if let Some(proof) = only(&proofs) {
        if !is_token(proof) {
            return Err(refused(Refusal::ProofInvalid));
        }
        presented.proof = Some(proof.into());
        presented.method = Some(request.method.as_str().into());
        presented.url = Some(site.public_url.join(path(request)).into());
    }
    within_limits(&presented).map_err(refused)?;
    Ok(Some(presented))
}

/// The values of a header, without what surrounds them; empty for what is not visible ASCII.
fn texts<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Vec<&'a str> {
    let values = headers.get_all(name).into_iter();
    values
        .map(|value| value.to_str().unwrap_or_default().trim())
        .collect()
}

fn only<'a>(values: &[&'a str]) -> Option<&'a str> {
    match values {
        [value] => Some(value),
        _ => None,
    }
}

fn credentials(authorization: &str) -> Option<(Scheme, &str)> {
    let (name, token) = authorization.split_once(' ')?;
    Some((Scheme::parse(name)?, token.trim()))
}

/// Visible ASCII. A comma would be two headers that something on the way joined.
fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b',')
}

/// The service's own limits: beyond them it would call the question malformed.
fn within_limits(presented: &VerifyRequest<'_>) -> Result<(), Refusal> {
    match presented.validate().first() {
        None => Ok(()),
        Some(error) => Err(match &*error.pointer {
            "/token" => Refusal::TokenInvalid,
            "/proof" => Refusal::ProofInvalid,
            _ => Refusal::ProofMismatch,
        }),
    }
}

/// The path as it was sent, without query (RFC 9449 section 4.2).
///
/// The host in an absolute-form target (RFC 9112 section 3.2.2) says as little as a `Host` header.
fn path(request: &Parts) -> &str {
    let path = before_nesting(request).path();
    if path.starts_with('/') { path } else { "/" }
}

/// axum keeps the URI from before a nested router took its prefix away.
#[cfg(feature = "axum")]
fn before_nesting(request: &Parts) -> &http::Uri {
    use axum::extract::OriginalUri;

    match request.extensions.get::<OriginalUri>() {
        Some(OriginalUri(uri)) => uri,
        None => &request.uri,
    }
}

#[cfg(not(feature = "axum"))]
fn before_nesting(request: &Parts) -> &http::Uri {
    &request.uri
}
