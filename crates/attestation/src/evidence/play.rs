//! Play Integrity behind the door: which of the client's apps asked, and what its token was read with.

use super::{Expected, Facts, Refused, Verdict};
use crate::{
    appraisal::{Appraisal, Checks},
    play_integrity::{self, App, Binding, KeyRing, Policy},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_core::attestation::policy::AndroidApps;
use std::time::Duration;

/// What there is to judge a token by. It follows from how the client was set up, never from the
/// token: so a token of the other kind of request is not for these keys, or not for Google.
#[derive(Debug, Clone)]
pub enum Reading {
    /// The client's own keys, for the tokens of classic requests.
    Keys(KeyRing),
    /// What Google answered of the token of a standard request, as it came.
    Answer(Vec<u8>),
    /// Nothing.
    Nothing(Unread),
}

/// Why nobody could say what a token holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    /// The client was given no keys and no account.
    #[error("the client has no credentials to read it with")]
    NoCredentials,
    /// They are not usable, or Google does not accept them for this app.
    #[error("the client's credentials do not serve")]
    CredentialsRefused,
    /// Google answered, and says that it is no token of the app.
    #[error("Google says that it is no token of the app")]
    TokenRefused,
    /// Google did not answer in time, or is left alone for a while because it did not.
    #[error("Google does not answer")]
    NoAnswer,
}

/// Clocks of devices and Google's differ by this.
const MAX_SKEW: Duration = Duration::from_mins(1);

/// What the verdict on one of the apps has to show; none where the client does not expect it.
pub(super) fn policy(apps: Option<&AndroidApps>, package: &str) -> Option<Policy> {
    let apps = apps?;
    let wanted = apps.play_integrity.as_ref()?;
    let app = apps.apps.iter().find(|app| app.package == package)?;
    let digests = app.signing_digests.iter();
    Some(Policy {
        apps: vec![App {
            package: app.package.clone(),
            signing_digests: digests.map(|digest| digest.as_bytes().to_vec()).collect(),
            min_version: app.min_version,
        }],
        device: wanted.device,
        is_unrecognized_version_accepted: wanted.unrecognized_version,
        is_license_required: wanted.license_required,
        environment: wanted.environment,
        max_age: Duration::from_secs(wanted.max_age_secs),
        max_skew: MAX_SKEW,
        refused_play_protect: wanted.refused_play_protect.clone(),
        refused_app_access: wanted.refused_app_access.clone(),
        is_silence_refused: wanted.silence_refused,
    })
}

pub(super) fn appraise(
    policy: &Policy,
    token: &str,
    reading: &Reading,
    expected: &Expected<'_>,
) -> Appraisal<Verdict, Refused> {
    let hash = URL_SAFE_NO_PAD.encode(expected.transcript.hash_with(expected.jkt));
    let wanted = |binding| play_integrity::Expected {
        binding,
        policy,
        presented_at: expected.presented_at,
        now: expected.now,
    };
    let appraisal = match reading {
        Reading::Keys(keys) => {
            play_integrity::appraise_token(token, keys, &wanted(Binding::Nonce(&hash)))
        }
        Reading::Answer(json) => {
            play_integrity::appraise_answer(json, &wanted(Binding::RequestHash(&hash)))
        }
        Reading::Nothing(unread) => return unreadable(*unread),
    };
    Appraisal {
        checks: appraisal.checks,
        outcome: appraisal
            .outcome
            .map(|verdict| Verdict {
                level: verdict.level,
                facts: Facts::PlayIntegrity(verdict.facts),
            })
            .map_err(Refused::PlayIntegrity),
    }
}

fn unreadable(unread: Unread) -> Appraisal<Verdict, Refused> {
    let mut checks = Checks::default();
    let check = match unread {
        Unread::NoCredentials | Unread::CredentialsRefused => "credentials",
        Unread::TokenRefused | Unread::NoAnswer => "decoding",
    };
    let outcome = checks.note(check, Err(Refused::Unread(unread)));
    checks.end(outcome)
}
