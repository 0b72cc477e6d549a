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
    attestation::{
        AttestationLevel, Purpose,
        policy::{AttestationPolicy, Shown},
    },
    client::Client,
    device::Device,
    enrollment::{self, Judgement},
    ids::EvidenceId,
};
use std::time::Duration;

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
    kept: Option<Kept>,
}

#[derive(Debug, Clone)]
struct Kept {
    purpose: Purpose,
    challenge: String,
    presented: String,
    judgement: Judgement,
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
                kept: None,
            });
        };
        let evidence = self.gather(client, presented).await?;
        let transcript = Transcript {
            purpose: presentation.purpose,
            challenge: presentation.challenge,
            client: client.id,
        };
        let judgement = self.appraise(&evidence, &transcript, &presentation.jkt, policy, now);
        let (shown, judgement) = judgement?;
        let presented = play_integrity::written(presented, &evidence);
        let presented = presented.map_err(EnrollmentError::Unwritable)?;
        Ok(Judged {
            shown,
            kept: Some(Kept {
                purpose: presentation.purpose,
                challenge: presentation.challenge.to_owned(),
                presented,
                judgement,
            }),
        })
    }

    /// The evidence, with what tokens are read with that only others can read.
    async fn gather(
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

    fn appraise(
        &self,
        evidence: &Evidence,
        transcript: &Transcript<'_>,
        jkt: &Thumbprint,
        policy: &AttestationPolicy,
        now: Timestamp,
    ) -> Result<(Shown, Judgement), EnrollmentError> {
        let expected = Expected {
            transcript: *transcript,
            jkt,
            policy,
            presented_at: now,
            now,
        };
        let appraisal = evidence::appraise(evidence, &expected, &self.anchors.load());
        let failed = appraisal.checks.last().filter(|check| !check.passed);
        let failed_check = failed.map(|check| check.name.to_owned());
        let (shown, level, facts) = match appraisal.outcome {
            Ok(verdict) => {
                let age = Duration::ZERO;
                let level = verdict.level;
                let facts =
                    serde_json::to_string(&verdict.facts).map_err(EnrollmentError::Unwritable)?;
                (Shown::Verdict { level, age }, level, Some(facts))
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
                (shown, AttestationLevel::None, None)
            }
        };
        let judgement = Judgement {
            at: now,
            level,
            shortfall: shown.fault().or(policy.enroll.shortfall(shown)),
            failed_check,
            facts,
        };
        Ok((shown, judgement))
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
            judgement: kept.judgement,
        })
    }
}

fn decode(presented: &Presented, reading: Reading) -> Result<Evidence, EnrollmentError> {
    let bytes = |member, text: &str| {
        let decoded = URL_SAFE_NO_PAD.decode(text);
        decoded.map_err(|_| EnrollmentError::NotBase64(member))
    };
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
