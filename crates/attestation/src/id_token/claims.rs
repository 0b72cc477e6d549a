//! What an ID token says.

use super::{Expected, IdTokenError, LEEWAY, MAX_AGE};
use crate::jws::NumericDate;
use countersign_core::{
    Timestamp, text,
    trusted_issuer::{IdTokenNonce, TrustedIssuer},
    user::ExternalUserId,
};
use serde::Deserialize;
use serde_json::Value;

/// The most values of `amr`, as a relayed login may have.
const MAX_AMR: usize = 16;
const MAX_AMR_CHARS: usize = 32;

#[derive(Debug, Deserialize)]
pub(super) struct Claims {
    pub(super) iss: String,
    sub: String,
    aud: OneOrMany,
    azp: Option<String>,
    exp: NumericDate,
    iat: NumericDate,
    nbf: Option<NumericDate>,
    nonce: Option<String>,
    // How the user authenticated is worth knowing, never worth a refusal.
    amr: Option<Value>,
    acr: Option<Value>,
    auth_time: Option<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    fn as_slice(&self) -> &[String] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}

impl Claims {
    /// OpenID Connect Core section 3.1.3.7, steps 3 to 5.
    pub(super) fn check_audience(&self, accepted: &[String]) -> Result<(), IdTokenError> {
        let audiences = self.aud.as_slice();
        let is_for_us = audiences.iter().any(|audience| accepted.contains(audience));
        let is_party_ours = match &self.azp {
            Some(party) => accepted.contains(party),
            None => audiences.len() == 1,
        };
        if is_for_us && is_party_ours {
            Ok(())
        } else {
            Err(IdTokenError::WrongAudience)
        }
    }

    /// Answers from when on the token is refused.
    pub(super) fn check_time(&self, now: Timestamp) -> Result<Timestamp, IdTokenError> {
        let (NumericDate(iat), NumericDate(exp)) = (self.iat, self.exp);
        let until = exp.min(iat.plus(MAX_AGE)).plus(LEEWAY);
        if now >= until {
            return Err(IdTokenError::Expired);
        }
        let begins = self.nbf.map_or(iat, |NumericDate(nbf)| nbf.max(iat));
        if begins > now.plus(LEEWAY) {
            return Err(IdTokenError::NotYet);
        }
        Ok(until)
    }

    pub(super) fn check_nonce(&self, expected: &Expected<'_>) -> Result<(), IdTokenError> {
        let is = |wanted: &str| self.nonce.as_deref() == Some(wanted);
        let is_as_said = expected.nonce.is_none_or(is);
        let is_of_key = match (expected.issuer.nonce, expected.jkt) {
            (IdTokenNonce::Optional, _) => true,
            (IdTokenNonce::Key, Some(jkt)) => is(&jkt.to_string()),
            (IdTokenNonce::Key, None) => false,
        };
        if is_as_said && is_of_key {
            Ok(())
        } else {
            Err(IdTokenError::WrongNonce)
        }
    }

    pub(super) fn user_id(&self, issuer: &TrustedIssuer) -> Result<ExternalUserId, IdTokenError> {
        if self.sub.is_empty() {
            return Err(IdTokenError::InvalidSubject);
        }
        let prefix = issuer.user_prefix.as_deref().unwrap_or_default();
        let id = format!("{prefix}{}", self.sub);
        id.parse().map_err(|_| IdTokenError::InvalidSubject)
    }

    /// What is well formed of `amr`, `acr` and `auth_time`.
    pub(super) fn methods(&self) -> Vec<String> {
        let listed = self.amr.as_ref().and_then(Value::as_array);
        let named = listed.into_iter().flatten().filter_map(Value::as_str);
        let class = self.acr.as_ref().and_then(Value::as_str);
        let time = self.auth_time.as_ref().and_then(Value::as_u64);
        named
            .map(str::to_owned)
            .chain(class.map(|class| format!("acr:{class}")))
            .chain(time.map(|seconds| format!("auth_time:{seconds}")))
            .filter(|method| text::check(method, MAX_AMR_CHARS).is_ok())
            .take(MAX_AMR)
            .collect()
    }
}
