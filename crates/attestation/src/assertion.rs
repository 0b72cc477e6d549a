//! Assertions of every platform behind one door: a device shows anew that it is the one that its
//! evidence was about, for one action.
//!
//! What an assertion has to be about is the transcript with the device's key. App Attest and
//! `WebAuthn` sign it with the key that was attested; every other device signs with its own. What
//! Play Integrity says anew is evidence, and is judged as such.

use crate::{
    app_attest::assertion as apple,
    appraisal::{Appraisal, Checks},
    cose::CredentialKey,
    evidence::Facts,
    jws::PublicKey,
    key_assertion,
    transcript::Transcript,
    webauthn::{Ceremony, assertion as web, registration},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_core::{
    Thumbprint,
    attestation::policy::{AttestationPolicy, WebPages},
    client::Origin,
};

/// What a device presents.
#[derive(Debug, Clone)]
pub enum Assertion {
    /// Of any device: signed with its own key, over the hash of the transcript.
    Key {
        /// The signed text.
        jws: String,
    },
    /// Of iOS and macOS: made over the transcript.
    AppAttest {
        /// What `generateAssertion` returned.
        assertion: Vec<u8>,
    },
    /// Of browsers, with the hash of the transcript as the challenge.
    Webauthn {
        /// `clientDataJSON`.
        client_data_json: Vec<u8>,
        /// `authenticatorData`.
        authenticator_data: Vec<u8>,
        /// `signature`.
        signature: Vec<u8>,
    },
}

/// What an assertion has to be of.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The exchange.
    pub transcript: Transcript<'a>,
    /// The device key.
    pub jkt: &'a Thumbprint,
    /// Which pages may present it.
    pub policy: &'a AttestationPolicy,
    /// What the device's evidence of this kind showed, if there is any.
    pub attested: Option<&'a Facts>,
    /// How often the attested key was used, as its last assertion said that was accepted; 0 before
    /// the first.
    pub counter: u32,
}

/// What an accepted assertion shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verdict {
    /// To be stored in place of the last one, in one step with looking at it; `None` of a device's
    /// own key, which does not count.
    pub counter: Option<u32>,
    /// Whether the authenticator knew the user, where it tells.
    pub user_verified: Option<bool>,
}

/// Why an assertion is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The device's evidence attested no key that could have made it.
    #[error("no key is attested that makes such assertions")]
    NotAttested,
    /// The policy names no page.
    #[error("the policy expects no assertion of this platform")]
    Unexpected,
    /// By the judge of key assertions.
    #[error("the key assertion is refused")]
    Key(#[source] key_assertion::Refused),
    /// By the judge of App Attest.
    #[error("the App Attest assertion is refused")]
    AppAttest(#[source] apple::Refused),
    /// By the judge of `WebAuthn`.
    #[error("the WebAuthn assertion is refused")]
    Webauthn(#[source] web::Refused),
}

impl Assertion {
    /// Whether a key that these facts are about makes such assertions.
    pub const fn is_by(&self, facts: &Facts) -> bool {
        matches!(
            (self, facts),
            (Self::Key { .. }, Facts::AndroidKey(_))
                | (Self::AppAttest { .. }, Facts::AppAttest(_))
                | (Self::Webauthn { .. }, Facts::Webauthn(_))
        )
    }
}

/// Judges an assertion of any kind.
pub fn appraise(assertion: &Assertion, expected: &Expected<'_>) -> Appraisal<Verdict, Refused> {
    match (assertion, expected.attested) {
        (Assertion::Key { jws }, _) => appraise_key(jws, expected),
        (Assertion::AppAttest { assertion }, Some(Facts::AppAttest(facts))) => {
            match attested_key(&facts.public_key) {
                Some(key) => appraise_apple(assertion, &key, &facts.app_id, expected),
                None => refused("attested_key", Refused::NotAttested),
            }
        }
        (
            Assertion::Webauthn {
                client_data_json,
                authenticator_data,
                signature,
            },
            Some(Facts::Webauthn(facts)),
        ) => {
            let evidence = web::Evidence {
                client_data_json,
                authenticator_data,
                signature,
            };
            match (&expected.policy.web, credential_key(&facts.credential_key)) {
                (None, _) => refused("platform", Refused::Unexpected),
                (_, None) => refused("attested_key", Refused::NotAttested),
                (Some(pages), Some(key)) => appraise_web(&evidence, &key, facts, pages, expected),
            }
        }
        _ => refused("attested_key", Refused::NotAttested),
    }
}

fn appraise_key(jws: &str, expected: &Expected<'_>) -> Appraisal<Verdict, Refused> {
    let wanted = key_assertion::Expected {
        jkt: expected.jkt,
        transcript: &expected.transcript.hash_with(expected.jkt),
    };
    let appraisal = key_assertion::appraise(jws, &wanted);
    let verdict = |()| Verdict {
        counter: None,
        user_verified: None,
    };
    Appraisal {
        checks: appraisal.checks,
        outcome: appraisal.outcome.map(verdict).map_err(Refused::Key),
    }
}

fn appraise_apple(
    assertion: &[u8],
    key: &PublicKey,
    app_id: &str,
    expected: &Expected<'_>,
) -> Appraisal<Verdict, Refused> {
    let evidence = apple::Evidence {
        assertion,
        client_data: &expected.transcript.with_thumbprint(expected.jkt),
    };
    let wanted = apple::Expected {
        key,
        app_id,
        counter: expected.counter,
        validation_categories: None,
    };
    let appraisal = apple::appraise(&evidence, &wanted);
    let verdict = |verdict: apple::Verdict| Verdict {
        counter: Some(verdict.counter),
        user_verified: None,
    };
    Appraisal {
        checks: appraisal.checks,
        outcome: appraisal.outcome.map(verdict).map_err(Refused::AppAttest),
    }
}

fn appraise_web(
    evidence: &web::Evidence<'_>,
    key: &CredentialKey,
    facts: &registration::Facts,
    pages: &WebPages,
    expected: &Expected<'_>,
) -> Appraisal<Verdict, Refused> {
    let origins: Vec<_> = pages.origins.iter().map(Origin::as_str).collect();
    let wanted = web::Expected {
        ceremony: Ceremony {
            challenge: &expected.transcript.hash_with(expected.jkt),
            origins: &origins,
            top_origins: None,
            rp_id: &pages.rp_id,
            user_verification: pages.user_verification,
        },
        key,
        sign_count: expected.counter.max(facts.sign_count),
        backup_eligible: facts.backup_eligible,
    };
    let appraisal = web::appraise(evidence, &wanted);
    let verdict = |verdict: web::Verdict| Verdict {
        counter: Some(verdict.sign_count),
        user_verified: Some(verdict.user_verified),
    };
    Appraisal {
        checks: appraisal.checks,
        outcome: appraisal.outcome.map(verdict).map_err(Refused::Webauthn),
    }
}

fn attested_key(point: &str) -> Option<PublicKey> {
    PublicKey::from_point(&URL_SAFE_NO_PAD.decode(point).ok()?).ok()
}

fn credential_key(cose: &str) -> Option<CredentialKey> {
    CredentialKey::from_cose(&URL_SAFE_NO_PAD.decode(cose).ok()?).ok()
}

fn refused(check: &'static str, reason: Refused) -> Appraisal<Verdict, Refused> {
    let mut checks = Checks::default();
    let outcome = checks.note(check, Err(reason));
    checks.end(outcome)
}
