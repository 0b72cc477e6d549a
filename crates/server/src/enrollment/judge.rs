//! What comes of the evidence that a device presents.

use super::{EnrollmentError, Enrollments, play_integrity};
use crate::journal::Journal;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_api_types::enrollment::Evidence as Presented;
use countersign_attestation::{
    evidence::{self, Evidence, Expected, Reading, Unread},
    transcript::Transcript,
};
use countersign_core::{
    Thumbprint, Timestamp,
    attestation::{AttestationLevel, Purpose, policy::Shown},
    client::Client,
    device::{Device, HardwareIdentity},
    enrollment::{self, Judgement},
    ids::EvidenceId,
};

/// What a device presents at an enrollment or rotation.
#[derive(Debug)]
pub(super) struct Presentation<'a> {
    pub(super) purpose: Purpose,
    pub(super) challenge: &'a str,
    pub(super) jkt: Thumbprint,
    pub(super) evidence: Option<&'a Presented>,
}

/// Evidence that was judged, to be kept with the device if it is let in.
#[derive(Debug, Clone)]
pub(super) struct Judged {
    /// What the demand is held against.
    pub(super) shown: Shown,
    /// The machine, where the evidence is accepted and attests which one it is.
    pub(super) hardware_identity: Option<HardwareIdentity>,
    kept: Option<Kept>,
}

#[derive(Debug, Clone)]
struct Kept {
    purpose: Purpose,
    challenge: String,
    presented: String,
    judgement: Judgement,
}

/// Evidence, and what it has to be about.
#[derive(Debug)]
pub(super) struct Matter<'a> {
    pub(super) evidence: &'a Evidence,
    pub(super) transcript: &'a Transcript<'a>,
    /// The device's key.
    pub(super) jkt: &'a Thumbprint,
    pub(super) presented_at: Timestamp,
}

/// What evidence shows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Worth {
    pub(super) shown: Shown,
    pub(super) hardware_identity: Option<HardwareIdentity>,
}

impl Enrollments {
    /// Judges what is presented, as far as the client wants it judged.
    pub(super) async fn judge(
        &self,
        client: &Client,
        presentation: &Presentation<'_>,
        now: Timestamp,
    ) -> Result<Judged, EnrollmentError> {
        let policy = &client.attestation;
        let Some(presented) = presentation.evidence.filter(|_| policy.is_judged()) else {
            return Ok(Judged {
                shown: Shown::Key,
                hardware_identity: None,
                kept: None,
            });
        };
        let evidence = self.gather(client, presented).await?;
        let transcript = Transcript {
            purpose: presentation.purpose,
            challenge: presentation.challenge,
            client: client.id,
            action: None,
        };
        let matter = Matter {
            evidence: &evidence,
            transcript: &transcript,
            jkt: &presentation.jkt,
            presented_at: now,
        };
        let (verdict, judgement) = self.appraise(&matter, client, now)?;
        let presented = play_integrity::written(presented, &evidence);
        let presented = presented.map_err(EnrollmentError::Unwritable)?;
        Ok(Judged {
            shown: verdict.shown,
            hardware_identity: verdict.hardware_identity,
            kept: Some(Kept {
                purpose: presentation.purpose,
                challenge: presentation.challenge.to_owned(),
                presented,
                judgement,
            }),
        })
    }

    /// The evidence, with what tokens are read with that only others can read.
    pub(super) async fn gather(
        &self,
        client: &Client,
        presented: &Presented,
    ) -> Result<Evidence, EnrollmentError> {
        let reading = match presented {
            Presented::PlayIntegrity { package, token } => {
                self.play_integrity.read(client, package, token).await?
            }
            _ => Reading::Nothing(Unread::NoCredentials),
        };
        decode(presented, reading)
    }

    /// What evidence is worth now to this client.
    pub(super) fn appraise(
        &self,
        matter: &Matter<'_>,
        client: &Client,
        now: Timestamp,
    ) -> Result<(Worth, Judgement), EnrollmentError> {
        let policy = &client.attestation;
        let expected = Expected {
            transcript: *matter.transcript,
            jkt: matter.jkt,
            policy,
            presented_at: matter.presented_at,
            now,
        };
        let anchors = self.anchors.load();
        let appraisal = evidence::appraise(matter.evidence, &expected, &anchors);
        let failed = appraisal.checks.last().filter(|check| !check.passed);
        let failed_check = failed.map(|check| check.name.to_owned());
        let (worth, level, facts) = match appraisal.outcome {
            Ok(verdict) => {
                let age = now.since(matter.presented_at);
                let level = verdict.level;
                let facts =
                    serde_json::to_string(&verdict.facts).map_err(EnrollmentError::Unwritable)?;
                let worth = Worth {
                    shown: Shown::Verdict { level, age },
                    hardware_identity: verdict.facts.hardware_identity(),
                };
                (worth, level, Some(facts))
            }
            Err(refused) => {
                tracing::info!(
                    error = &refused as &dyn std::error::Error,
                    check = failed_check,
                    "evidence refused"
                );
                let shown = if refused.is_unevaluated() {
                    Shown::Unevaluated
                } else if refused.is_timed_out() {
                    Shown::TimedOut
                } else {
                    Shown::Invalid
                };
                let worth = Worth {
                    shown,
                    hardware_identity: None,
                };
                (worth, AttestationLevel::None, None)
            }
        };
        let shown = worth.shown;
        let judgement = Judgement {
            at: now,
            level,
            shortfall: shown.fault().or(policy.enroll.shortfall(shown)),
            failed_check,
            facts,
            version: client.version,
            list: anchors.android_status.as_ref().map(|list| list.as_of()),
        };
        Ok((worth, judgement))
    }
}

impl Judged {
    /// What the device's evidence is worth: a key that nothing vouches for is in software.
    pub(super) fn level(&self) -> AttestationLevel {
        match self.shown {
            Shown::Verdict { level, .. } => level,
            _ => AttestationLevel::Software,
        }
    }

    /// The evidence, as it is kept with this generation of the device; none if none was presented.
    pub(super) fn kept(&self, device: &Device, journal: &Journal) -> Option<enrollment::Evidence> {
        let kept = self.kept.clone()?;
        Some(enrollment::Evidence {
            id: EvidenceId::generate(journal.now, &*journal.rng),
            device_id: device.id,
            generation: device.generation,
            purpose: kept.purpose,
            challenge: kept.challenge,
            presented: kept.presented,
            presented_at: journal.now,
            counter: 0,
            judgement: kept.judgement,
        })
    }
}

/// The bytes that a member of the body holds in base64url.
pub(super) fn bytes(member: &'static str, text: &str) -> Result<Vec<u8>, EnrollmentError> {
    let decoded = URL_SAFE_NO_PAD.decode(text);
    decoded.map_err(|_| EnrollmentError::NotBase64(member))
}

pub(super) fn decode(presented: &Presented, reading: Reading) -> Result<Evidence, EnrollmentError> {
    Ok(match presented {
        Presented::AppAttest {
            key_id,
            attestation,
        } => Evidence::AppAttest {
            key_id: key_id.clone(),
            attestation: bytes("/evidence/attestation", attestation)?,
        },
        Presented::AndroidKey { certificates } => {
            let each = certificates.iter();
            let decoded = each.map(|text| bytes("/evidence/certificates", text));
            Evidence::AndroidKey {
                certificates: decoded.collect::<Result<_, _>>()?,
            }
        }
        Presented::PlayIntegrity { package, token } => Evidence::PlayIntegrity {
            package: package.clone(),
            token: token.clone(),
            reading,
        },
        Presented::Webauthn {
            client_data_json,
            attestation_object,
        } => Evidence::Webauthn {
            client_data_json: bytes("/evidence/client_data_json", client_data_json)?,
            attestation_object: bytes("/evidence/attestation_object", attestation_object)?,
        },
    })
}
