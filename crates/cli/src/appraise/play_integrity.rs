//! Google's Play Integrity.

use super::{
    encoding::Digest,
    input::{Input, Kind, Unreadable},
    report::{Report, Shown},
    subject::Exchange,
    surroundings::Times,
};
use countersign_api_types::object::Object;
use countersign_attestation::{
    appraisal::Appraisal,
    play_integrity::{
        self, App, Binding, DeviceIntegrity, Expected, KeyRing, Policy, Refused, ResponseKeys,
        Verdict,
    },
};
use countersign_core::{Clock, Timestamp, attestation::AttestationEnvironment};
use serde::Deserialize;
use serde_json::json;
use std::time::Duration;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Item {
    kind: Kind,
    evidence: EvidenceItem,
    about: About,
    expected: Object<ExpectedItem>,
    presented_at: Option<Timestamp>,
    now: Option<Timestamp>,
}

/// Without `Debug`: the decryption key is a secret.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum EvidenceItem {
    /// The token of a classic request.
    Token(Object<TokenItem>),
    /// What `decodeIntegrityToken` answered, as text.
    Answer(String),
    /// What is in `tokenPayloadExternal` of an answer, as text.
    Payload(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenItem {
    jwe: String,
    decryption_key: String,
    verification_key: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum About {
    /// The nonce of a token, and the request hash of an answer, are made of the transcript.
    Transcript(Object<Exchange>),
    Nonce(String),
    RequestHash(String),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpectedItem {
    apps: Vec<Object<AppItem>>,
    device: Option<DeviceIntegrity>,
    environment: Option<AttestationEnvironment>,
    #[serde(default)]
    unrecognized_version: bool,
    #[serde(default)]
    license_required: bool,
    max_age_seconds: Option<u64>,
    #[serde(default)]
    refused_play_protect: Vec<String>,
    #[serde(default)]
    refused_app_access: Vec<String>,
    #[serde(default)]
    silence_refused: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AppItem {
    package: String,
    signing_digests: Vec<Digest>,
    min_version: Option<u64>,
}

pub(super) fn appraise(input: &Input, clock: &dyn Clock) -> Result<Report, Unreadable> {
    let item: Item = input.parse()?;
    let times = Times::new(item.presented_at, item.now, clock);
    let Object(wanted) = item.expected;
    let policy = wanted.policy()?;
    let hash;
    let binding = match (&item.about, &item.evidence) {
        (About::Nonce(nonce), _) => Binding::Nonce(nonce),
        (About::RequestHash(hash), _) => Binding::RequestHash(hash),
        (About::Transcript(Object(exchange)), evidence) => {
            hash = exchange.hash_with_key();
            match evidence {
                EvidenceItem::Token(_) => Binding::Nonce(&hash),
                EvidenceItem::Answer(_) | EvidenceItem::Payload(_) => Binding::RequestHash(&hash),
            }
        }
    };
    let expected = Expected {
        binding,
        policy: &policy,
        presented_at: times.presented_at,
        now: times.now,
    };
    let appraisal = item.evidence.judge(&expected)?;
    let appraisal = Appraisal {
        checks: appraisal.checks,
        outcome: appraisal.outcome.map(|verdict| Shown {
            level: Some(verdict.level),
            environment: Some(verdict.environment),
            facts: json!(verdict.facts),
            ..Shown::default()
        }),
    };
    Ok(Report::new(item.kind, appraisal).at(times))
}

impl EvidenceItem {
    fn judge(&self, expected: &Expected<'_>) -> Result<Appraisal<Verdict, Refused>, Unreadable> {
        match self {
            Self::Token(Object(token)) => {
                let keys = ResponseKeys::parse(&token.decryption_key, &token.verification_key);
                let keys = KeyRing {
                    current: keys.map_err(|error| Unreadable::at("/evidence/token", &error))?,
                    other: None,
                };
                Ok(play_integrity::appraise_token(&token.jwe, &keys, expected))
            }
            Self::Answer(json) => Ok(play_integrity::appraise_answer(json.as_bytes(), expected)),
            Self::Payload(json) => Ok(play_integrity::appraise_payload(json.as_bytes(), expected)),
        }
    }
}

impl ExpectedItem {
    /// The usual policy, where nothing else is said.
    fn policy(self) -> Result<Policy, Unreadable> {
        let mut apps = self.apps.into_iter().map(|Object(app)| app.into());
        let Some(first) = apps.next() else {
            return Err(Unreadable::at("/expected/apps", &"no app is named"));
        };
        let usual = Policy::usual(first);
        Ok(Policy {
            apps: usual.apps.into_iter().chain(apps).collect(),
            device: self.device.unwrap_or(usual.device),
            is_unrecognized_version_accepted: self.unrecognized_version,
            is_license_required: self.license_required,
            environment: self.environment.unwrap_or(usual.environment),
            max_age: self
                .max_age_seconds
                .map_or(usual.max_age, Duration::from_secs),
            max_skew: usual.max_skew,
            refused_play_protect: self.refused_play_protect,
            refused_app_access: self.refused_app_access,
            is_silence_refused: self.silence_refused,
        })
    }
}

impl From<AppItem> for App {
    fn from(app: AppItem) -> Self {
        let digests = app.signing_digests.into_iter();
        Self {
            package: app.package,
            signing_digests: digests.map(|Digest(digest)| digest).collect(),
            min_version: app.min_version,
        }
    }
}
