//! Evidence of every platform behind one door, judged by what a client's policy says.
//!
//! What evidence has to be about is the transcript: App Attest and `WebAuthn` vouch for the device
//! key that it names, and Android's hardware has the device key itself.
//!
//! Tokens of Play Integrity are read by others ([`Reading`]): only what they say is judged here.
//!
//! To add a platform: a variant of [`Evidence`], [`Facts`] and [`Refused`], and a function here that
//! turns the policy into what that platform's module expects.

mod play;

pub use play::{Reading, Unread};

use crate::{
    android_key::{self, Roots, StatusList},
    app_attest::{self, attestation as apple},
    appraisal::{Appraisal, Checks},
    path, play_integrity,
    transcript::Transcript,
    webauthn::{self, AndroidKeys, Ceremony, registration},
};
use aws_lc_rs::digest::{SHA256, digest};
use countersign_core::{
    Thumbprint, Timestamp,
    attestation::{
        AttestationLevel,
        policy::{AndroidApps, AppleApp, ApplePlatform, AttestationPolicy, WebPages},
    },
    client::Origin,
    device::HardwareIdentity,
};
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};

/// What a device presents of itself.
#[derive(Debug, Clone)]
pub enum Evidence {
    /// Of iOS and macOS.
    AppAttest {
        /// The key's id: standard base64.
        key_id: String,
        /// What `attestKey` returned, made over [`Transcript::with_key`].
        attestation: Vec<u8>,
    },
    /// Of Android: the chain of the device key, in DER, the key's certificate first, with
    /// [`Transcript::without_key`] as the challenge.
    AndroidKey {
        /// The certificates.
        certificates: Vec<Vec<u8>>,
    },
    /// Of Android, by Google: an integrity token, asked for with the hash of
    /// [`Transcript::with_key`] in base64url as its nonce or request hash.
    PlayIntegrity {
        /// The app that asked.
        package: String,
        /// The token.
        token: String,
        /// What there is to judge it by.
        reading: Reading,
    },
    /// Of browsers: a new credential, with the hash of [`Transcript::with_key`] as the challenge.
    Webauthn {
        /// `clientDataJSON`.
        client_data_json: Vec<u8>,
        /// `attestationObject`.
        attestation_object: Vec<u8>,
    },
}

/// What evidence has to be about.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The exchange.
    pub transcript: Transcript<'a>,
    /// The device key, which its proof showed.
    pub jkt: &'a Thumbprint,
    /// Which apps and pages may present it.
    pub policy: &'a AttestationPolicy,
    /// When it was presented: validity and freshness are judged as of then.
    pub presented_at: Timestamp,
    /// The time now, not before that: what was taken back is judged as of now.
    pub now: Timestamp,
}

/// Who is believed.
#[derive(Debug, Clone)]
pub struct Anchors {
    /// For App Attest.
    pub apple: path::Anchors,
    /// For Android Key Attestation, also within `WebAuthn`.
    pub android: Roots,
    /// What Google took back; without it Android's evidence cannot be judged.
    pub android_status: Option<Arc<StatusList>>,
    /// For `WebAuthn`: makers of authenticators, makers of TPMs, and Apple.
    pub authenticators: path::Anchors,
    /// Makers of TPMs.
    pub tpm: path::Anchors,
    /// Apple's root for `WebAuthn`.
    pub apple_webauthn: path::Anchors,
}

/// What accepted evidence shows.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Verdict {
    /// What vouches for the device key.
    pub level: AttestationLevel,
    /// What to keep.
    pub facts: Facts,
}

/// What evidence says that is worth keeping.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Facts {
    /// Of App Attest.
    AppAttest(apple::Facts),
    /// Of Android Key Attestation.
    AndroidKey(android_key::Facts),
    /// Of Play Integrity.
    PlayIntegrity(play_integrity::Facts),
    /// Of `WebAuthn`.
    Webauthn(registration::Facts),
}

impl Facts {
    /// The machine, where the platform attests which one it is: only Android does, of managed devices
    /// whose owner lets it.
    pub fn hardware_identity(&self) -> Option<HardwareIdentity> {
        let Self::AndroidKey(facts) = self else {
            return None;
        };
        let machine = facts.machine.as_ref()?;
        let number = machine.serial.as_ref().or(machine.imei.as_ref())?;
        let maker = machine.manufacturer.as_deref().unwrap_or_default();
        let text = format!("countersign/hardware/v1\nandroid\n{maker}\n{number}");
        let hash = digest(&SHA256, text.as_bytes());
        let bytes = hash.as_ref().try_into().ok()?;
        Some(HardwareIdentity::from_bytes(bytes))
    }
}

/// Why evidence is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The policy names no app or page of this platform.
    #[error("the policy expects no evidence of this platform")]
    Unexpected,
    /// The attested key is not the one that the device's proof showed.
    #[error("the attested key is not the device's")]
    KeyMismatch,
    /// By the judge of App Attest.
    #[error("the App Attest attestation is refused")]
    AppAttest(#[source] apple::Refused),
    /// By the judge of Android Key Attestation.
    #[error("the Android key attestation is refused")]
    AndroidKey(#[source] android_key::Refused),
    /// Nobody could say what the token of Play Integrity holds.
    #[error("the Play Integrity token is not read")]
    Unread(#[source] Unread),
    /// By the judge of Play Integrity.
    #[error("the Play Integrity verdict is refused")]
    PlayIntegrity(#[source] play_integrity::Refused),
    /// By the judge of `WebAuthn`.
    #[error("the WebAuthn registration is refused")]
    Webauthn(#[source] registration::Refused),
}

/// Judges evidence of any platform.
pub fn appraise(
    evidence: &Evidence,
    expected: &Expected<'_>,
    anchors: &Anchors,
) -> Appraisal<Verdict, Refused> {
    let policy = expected.policy;
    match evidence {
        Evidence::AppAttest {
            key_id,
            attestation,
        } => appraise_apple(&policy.apple, key_id, attestation, expected, anchors),
        Evidence::AndroidKey { certificates } => match &policy.android {
            Some(apps) => appraise_android(apps, certificates, expected, anchors),
            None => unexpected(),
        },
        Evidence::PlayIntegrity {
            package,
            token,
            reading,
        } => match play::policy(policy.android.as_ref(), package) {
            Some(wanted) => play::appraise(&wanted, token, reading, expected),
            None => unexpected(),
        },
        Evidence::Webauthn {
            client_data_json,
            attestation_object,
        } => match &policy.web {
            Some(pages) => {
                let evidence = registration::Evidence {
                    client_data_json,
                    attestation_object,
                };
                appraise_web(pages, &evidence, expected, anchors)
            }
            None => unexpected(),
        },
    }
}

impl Anchors {
    /// The roots that are shipped: Apple's for App Attest and Google's for Android. No maker of
    /// authenticators is believed, and there is no list of what Google took back.
    pub fn shipped() -> Self {
        Self {
            apple: app_attest::attestation_root(),
            android: Roots::google(),
            android_status: None,
            authenticators: path::Anchors::default(),
            tpm: path::Anchors::default(),
            apple_webauthn: path::Anchors::default(),
        }
    }

    /// Those of them that vouch for authenticators, with what the policy says of Android's.
    pub fn webauthn(&self, policy: &AttestationPolicy) -> webauthn::Anchors {
        let policy = policy.android.as_ref().map_or_else(nobody, android_policy);
        webauthn::Anchors {
            authenticators: self.authenticators.clone(),
            tpm: self.tpm.clone(),
            apple: self.apple_webauthn.clone(),
            android_key: AndroidKeys {
                roots: self.android.clone(),
                status: self.android_status.clone(),
                policy,
            },
        }
    }
}

impl Refused {
    /// Whether there is nothing to judge it by, so that it is neither right nor wrong.
    pub const fn is_unevaluated(&self) -> bool {
        matches!(
            self,
            Self::AndroidKey(
                android_key::Refused::NoStatusList | android_key::Refused::StaleStatusList
            ) | Self::Unread(Unread::NoCredentials | Unread::CredentialsRefused)
        )
    }

    /// Whether it could not be judged because the platform's own service did not answer.
    pub const fn is_timed_out(&self) -> bool {
        matches!(self, Self::Unread(Unread::NoAnswer))
    }
}

/// Judged for one app after the other; if it is none's, it is refused for what the one says that
/// came furthest.
fn appraise_apple(
    apps: &[AppleApp],
    key_id: &str,
    attestation: &[u8],
    expected: &Expected<'_>,
    anchors: &Anchors,
) -> Appraisal<Verdict, Refused> {
    let client_data = expected.transcript.with_thumbprint(expected.jkt);
    let evidence = apple::Evidence {
        attestation,
        key_id,
        client_data: &client_data,
    };
    let mut furthest = None;
    for app in apps {
        let wanted = apple::Expected {
            app_id: &app.app_id,
            platform: match app.platform {
                ApplePlatform::Ios => apple::Platform::Ios,
                ApplePlatform::Macos => apple::Platform::MacOs,
            },
            environment: app.environment,
            validation_categories: None,
            presented_at: expected.presented_at,
            now: expected.now,
        };
        let appraisal = apple::appraise(&evidence, &wanted, &anchors.apple);
        let is_accepted = appraisal.outcome.is_ok();
        let is_further = furthest
            .as_ref()
            .is_none_or(|earlier: &Appraisal<_, _>| earlier.checks.len() < appraisal.checks.len());
        if is_accepted || is_further {
            furthest = Some(appraisal);
        }
        if is_accepted {
            break;
        }
    }
    furthest.map_or_else(unexpected, |appraisal| Appraisal {
        checks: appraisal.checks,
        outcome: appraisal
            .outcome
            .map(|verdict| Verdict {
                level: verdict.level,
                facts: Facts::AppAttest(verdict.facts),
            })
            .map_err(Refused::AppAttest),
    })
}

fn appraise_android(
    apps: &AndroidApps,
    certificates: &[Vec<u8>],
    expected: &Expected<'_>,
    anchors: &Anchors,
) -> Appraisal<Verdict, Refused> {
    let wanted = android_key::Expected {
        challenge: &expected.transcript.without_key(),
        policy: &android_policy(apps),
        presented_at: expected.presented_at,
        now: expected.now,
    };
    let status = anchors.android_status.as_deref();
    let appraisal = android_key::appraise(certificates, &wanted, &anchors.android, status);
    let mut checks = Checks::from(appraisal.checks);
    let outcome = appraisal
        .outcome
        .map_err(Refused::AndroidKey)
        .and_then(|verdict| {
            let is_devices = verdict.key.thumbprint() == *expected.jkt;
            checks.ensure("device_key", is_devices, Refused::KeyMismatch)?;
            Ok(Verdict {
                level: verdict.level,
                facts: Facts::AndroidKey(verdict.facts),
            })
        });
    checks.end(outcome)
}

fn appraise_web(
    pages: &WebPages,
    evidence: &registration::Evidence<'_>,
    expected: &Expected<'_>,
    anchors: &Anchors,
) -> Appraisal<Verdict, Refused> {
    let challenge = expected.transcript.hash_with(expected.jkt);
    let origins: Vec<_> = pages.origins.iter().map(Origin::as_str).collect();
    let wanted = registration::Expected {
        ceremony: Ceremony {
            challenge: &challenge,
            origins: &origins,
            top_origins: None,
            rp_id: &pages.rp_id,
            user_verification: pages.user_verification,
        },
        device_bound: pages.device_bound,
        presented_at: expected.presented_at,
        now: expected.now,
    };
    let anchors = anchors.webauthn(expected.policy);
    let appraisal = registration::appraise(evidence, &wanted, &anchors);
    Appraisal {
        checks: appraisal.checks,
        outcome: appraisal
            .outcome
            .map(|verdict| Verdict {
                level: verdict.level,
                facts: Facts::Webauthn(verdict.facts),
            })
            .map_err(Refused::Webauthn),
    }
}

fn unexpected() -> Appraisal<Verdict, Refused> {
    let mut checks = Checks::default();
    let outcome = checks
        .ensure("platform", false, Refused::Unexpected)
        .and(Err(Refused::Unexpected));
    checks.end(outcome)
}

/// What these apps' keys have to show.
pub fn android_policy(apps: &AndroidApps) -> android_key::Policy {
    let allowed = apps.apps.iter().map(|app| android_key::App {
        package: app.package.clone(),
        signing_digests: app
            .signing_digests
            .iter()
            .map(|it| *it.as_bytes())
            .collect(),
        min_version: app.min_version,
    });
    let boot_keys = apps.self_signed_boot_keys.iter();
    android_key::Policy {
        apps: allowed.collect(),
        is_strongbox_required: false,
        self_signed_boot_keys: boot_keys.map(|key| key.as_bytes().to_vec()).collect(),
        min_os_patch_level: apps.min_os_patch_level,
        is_user_authentication_required: false,
        revocation: android_key::Revocation::Checked {
            max_age: Duration::from_secs(apps.max_status_list_age_secs),
        },
    }
}

/// The policy of a client without apps on Android: no browser's credential is believed for it.
fn nobody() -> android_key::Policy {
    android_key::Policy {
        apps: Vec::new(),
        is_strongbox_required: false,
        self_signed_boot_keys: Vec::new(),
        min_os_patch_level: None,
        is_user_authentication_required: false,
        revocation: android_key::Revocation::Checked {
            max_age: Duration::ZERO,
        },
    }
}
