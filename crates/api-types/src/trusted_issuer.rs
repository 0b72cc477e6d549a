//! `issuers` of a client: whose ID tokens its devices may log in with.

use crate::{
    FieldError, schema,
    validate::{check_count, check_text},
};
use countersign_core::trusted_issuer::{
    EndpointUrl, IdTokenAlgorithm, IdTokenNonce, IssuerUrl, TrustedIssuer,
};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// An OpenID Connect issuer whose ID tokens log users in at `POST /oauth/token`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TrustedIssuerItem {
    /// `iss` of its ID tokens, character by character: `https` (`http` for loopback only), without
    /// query and fragment.
    #[schema(value_type = schema::IssuerUrl)]
    pub issuer: IssuerUrl,
    /// 1 to 8 accepted values of `aud`: what the app is called there. A token with several
    /// audiences, or with `azp`, must name one of these as `azp`.
    #[schema(value_type = Vec<schema::Audience>, min_items = 1, max_items = 8)]
    pub audiences: Vec<String>,
    /// What its ID tokens may be signed with; `ES256` and `RS256` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::IdTokenAlgorithms>)]
    pub algorithms: Option<Vec<IdTokenAlgorithm>>,
    /// Where its keys are; found by discovery when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::EndpointUrl>)]
    pub jwks_uri: Option<EndpointUrl>,
    /// `optional` when absent: `nonce` is compared when the request carries one. `key`: the
    /// token's `nonce` must be the RFC 7638 thumbprint of the device's key, so that a stolen ID
    /// token is useless.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::IdTokenNonce>)]
    pub nonce: Option<IdTokenNonce>,
    /// Put before `sub` to make the user's id, 1 to 32 characters. Without it the id is `sub`
    /// itself: give all issuers but one a prefix where two may use the same `sub` for different
    /// people. Changing it makes other users of the same people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::UserPrefix>)]
    pub user_prefix: Option<String>,
}

impl From<TrustedIssuerItem> for TrustedIssuer {
    fn from(item: TrustedIssuerItem) -> Self {
        Self {
            issuer: item.issuer,
            audiences: item.audiences,
            algorithms: item
                .algorithms
                .unwrap_or_else(|| IdTokenAlgorithm::DEFAULT.to_vec()),
            jwks_uri: item.jwks_uri,
            nonce: item.nonce.unwrap_or_default(),
            user_prefix: item.user_prefix,
        }
    }
}

impl From<TrustedIssuer> for TrustedIssuerItem {
    fn from(issuer: TrustedIssuer) -> Self {
        Self {
            issuer: issuer.issuer,
            audiences: issuer.audiences,
            algorithms: Some(issuer.algorithms),
            jwks_uri: issuer.jwks_uri,
            nonce: Some(issuer.nonce),
            user_prefix: issuer.user_prefix,
        }
    }
}

/// Adds what is wrong with a client's `issuers`.
pub(crate) fn check_issuers(errors: &mut Vec<FieldError>, issuers: &[TrustedIssuerItem]) {
    const MOST: usize = TrustedIssuer::MAX_PER_CLIENT;
    check_count(errors, "/issuers", issuers.len(), MOST);
    let mut seen = HashSet::new();
    for (index, issuer) in issuers.iter().take(MOST).enumerate() {
        let at = |member: &str| format!("/issuers/{index}/{member}");
        if !seen.insert(issuer.issuer.as_str()) {
            errors.push(FieldError::new(at("issuer"), "is listed twice"));
        }
        check_audiences(errors, &at("audiences"), &issuer.audiences);
        if let Some(algorithms) = &issuer.algorithms {
            let distinct: HashSet<_> = algorithms.iter().collect();
            if algorithms.is_empty() || distinct.len() != algorithms.len() {
                let detail = "must be at least one, each once";
                errors.push(FieldError::new(at("algorithms"), detail));
            }
        }
        if let Some(uri) = &issuer.jwks_uri
            && !issuer.issuer.may_use(uri)
        {
            errors.push(FieldError::new(
                at("jwks_uri"),
                "must be https, as the issuer is",
            ));
        }
        if let Some(prefix) = &issuer.user_prefix {
            check_text(
                errors,
                at("user_prefix"),
                prefix,
                TrustedIssuer::MAX_PREFIX_CHARS,
            );
        }
    }
}

fn check_audiences(errors: &mut Vec<FieldError>, at: &str, audiences: &[String]) {
    const MOST: usize = TrustedIssuer::MAX_AUDIENCES;
    if audiences.is_empty() || audiences.len() > MOST {
        let detail = format!("must be 1 to {MOST}");
        errors.push(FieldError::new(at.to_owned(), detail));
    }
    for (index, audience) in audiences.iter().take(MOST).enumerate() {
        check_text(
            errors,
            format!("{at}/{index}"),
            audience,
            TrustedIssuer::MAX_AUDIENCE_CHARS,
        );
    }
}
