//! A device shows itself anew, for one action of its app: the challenge, the session, the assertion, and
//! what the client demands, in this order.

use super::{
    EnrollmentError, Enrollments,
    demand::shown,
    enroll::lock_client,
    judge::{Matter, Worth, bytes},
};
use crate::{journal::Journal, session::ending};
use countersign_api_types::{assertion::Assertion as Presented, enrollment::Evidence};
use countersign_attestation::{
    assertion::{self, Assertion, Expected},
    evidence::Facts,
    transcript::Transcript,
};
use countersign_core::{
    SessionId, Thumbprint, Timestamp,
    activity::Action,
    attestation::{
        AttestationLevel, Purpose,
        policy::{AttestationPolicy, Demand, Shortfall, Shown},
    },
    client::Client,
    decision::{Demands, Refusal, decide},
    device::Device,
    enrollment,
    session::Session,
    snapshot::Snapshot,
};
use countersign_storage::Tx;

/// What a device presents, and for what.
#[derive(Debug)]
pub(super) struct Asserting {
    pub(super) journal: Journal,
    pub(super) session_id: SessionId,
    pub(super) challenge: String,
    pub(super) action: String,
    pub(super) assertion: Presented,
}

/// An assertion that was accepted.
#[derive(Debug)]
pub(super) struct Asserted {
    pub(super) snapshot: Snapshot,
    pub(super) level: AttestationLevel,
    pub(super) shortfall: Option<Shortfall>,
    pub(super) attested_at: Option<Timestamp>,
    pub(super) user_verified: Option<bool>,
}

/// What there is to judge.
enum Claim {
    /// By a key of the device.
    Signed(Assertion),
    /// By Google, and judged already.
    Vouched(Worth),
}

struct Input {
    journal: Journal,
    session: Session,
    challenge: String,
    action: String,
    claim: Claim,
}

/// What an assertion shows of its device.
struct Finding {
    shown: Shown,
    attested_at: Option<Timestamp>,
    user_verified: Option<bool>,
}

impl Enrollments {
    /// Judges what a session's device asserts for an action. What it is made over serves once.
    pub(super) async fn assert(&self, asserting: Asserting) -> Result<Asserted, EnrollmentError> {
        let ledger = &self.sessions.ledger;
        let mut conn = ledger.store.read().await?;
        let session = conn.find_session(asserting.session_id).await?;
        drop(conn);
        let session = session.ok_or(EnrollmentError::SessionUnknown)?;
        let client = self.find_client(session.client_id).await?;
        let challenge = &asserting.challenge;
        self.take(challenge, &client, Purpose::Assert).await?;
        let input = Input {
            claim: self.claim(&asserting, &session, &client).await?,
            journal: asserting.journal,
            session,
            challenge: asserting.challenge,
            action: asserting.action,
        };
        ledger
            .store
            .write(input, |tx, input| Box::pin(write(tx, input)))
            .await
    }

    async fn claim(
        &self,
        asserting: &Asserting,
        session: &Session,
        client: &Client,
    ) -> Result<Claim, EnrollmentError> {
        Ok(Claim::Signed(match &asserting.assertion {
            Presented::Key { jws } => Assertion::Key { jws: jws.clone() },
            Presented::AppAttest { assertion } => Assertion::AppAttest {
                assertion: bytes("/assertion/assertion", assertion)?,
            },
            Presented::Webauthn {
                client_data_json,
                authenticator_data,
                signature,
            } => Assertion::Webauthn {
                client_data_json: bytes("/assertion/client_data_json", client_data_json)?,
                authenticator_data: bytes("/assertion/authenticator_data", authenticator_data)?,
                signature: bytes("/assertion/signature", signature)?,
            },
            Presented::PlayIntegrity { package, token } => {
                let evidence = Evidence::PlayIntegrity {
                    package: package.clone(),
                    token: token.clone(),
                };
                return self.vouched(&evidence, asserting, session, client).await;
            }
        }))
    }

    /// Google is asked before anything is locked.
    async fn vouched(
        &self,
        evidence: &Evidence,
        asserting: &Asserting,
        session: &Session,
        client: &Client,
    ) -> Result<Claim, EnrollmentError> {
        let now = asserting.journal.now;
        let matter = Matter {
            evidence: &self.gather(client, evidence).await?,
            transcript: &transcript(&asserting.challenge, &asserting.action, session),
            jkt: session.jkt.as_ref().ok_or(KEY_REQUIRED)?,
            presented_at: now,
        };
        let (worth, _) = self.appraise(&matter, client, now)?;
        Ok(Claim::Vouched(worth))
    }
}

const KEY_REQUIRED: EnrollmentError = EnrollmentError::Refused(Refusal::KeyRequired);

async fn write(tx: &mut Tx, input: &Input) -> Result<Asserted, EnrollmentError> {
    let (journal, session) = (&input.journal, &input.session);
    let client = lock_client(tx, session.client_id).await?;
    let device = tx.lock_device(session.device_id).await?;
    let device = device.ok_or(EnrollmentError::SessionUnknown)?;
    let snapshot = check_session(tx, session.id, journal.now).await?;
    let jkt = device.jkt.as_ref().ok_or(KEY_REQUIRED)?;
    let finding = match &input.claim {
        Claim::Signed(assertion) => judge(tx, input, assertion, &client, &device, jkt).await?,
        Claim::Vouched(worth) => Finding {
            shown: worth.shown,
            attested_at: Some(journal.now),
            user_verified: None,
        },
    };
    let demand = demand(&client.attestation);
    demand
        .judge(finding.shown)
        .map_err(EnrollmentError::Attestation)?;
    let level = match finding.shown {
        Shown::Verdict { level, .. } => level,
        Shown::Key => AttestationLevel::Software,
        _ => AttestationLevel::None,
    };
    let target = ending::target(session);
    journal.record(tx, Action::DeviceAsserted, target, Some(level.as_str()));
    Ok(Asserted {
        snapshot,
        level,
        shortfall: demand.shortfall(finding.shown),
        attested_at: finding.attested_at,
        user_verified: finding.user_verified,
    })
}

impl Finding {
    /// Of an assertion that nothing rests on.
    const fn of_nothing(shown: Shown) -> Self {
        Self {
            shown,
            attested_at: None,
            user_verified: None,
        }
    }
}

/// The session as the store has it now, if its requests may go through.
async fn check_session(
    tx: &mut Tx,
    id: SessionId,
    now: Timestamp,
) -> Result<Snapshot, EnrollmentError> {
    let loaded = tx.load_snapshot(id).await?;
    let loaded = loaded.ok_or(EnrollmentError::SessionUnknown)?;
    let demands = Demands {
        require_key: true,
        ..Demands::default()
    };
    let last_active_at = loaded.last_active_at;
    // The backend has seen the request's own proof.
    let judged = decide(
        &loaded.snapshot,
        None,
        last_active_at,
        &demands,
        now,
        |_| Ok(()),
    );
    judged.map_err(EnrollmentError::Refused)?;
    Ok(loaded.snapshot)
}

/// Judges it by what the device's evidence attested, and keeps the counter in place of the one that it
/// was judged by. The device is locked, so that the later of two assertions finds the counter of the
/// earlier.
async fn judge(
    tx: &mut Tx,
    input: &Input,
    assertion: &Assertion,
    client: &Client,
    device: &Device,
    jkt: &Thumbprint,
) -> Result<Finding, EnrollmentError> {
    let attested = find_attested(tx, assertion, device).await?;
    let expected = Expected {
        transcript: transcript(&input.challenge, &input.action, &input.session),
        jkt,
        policy: &client.attestation,
        attested: attested.as_ref().map(|(_, facts)| facts),
        counter: attested.as_ref().map_or(0, |(kept, _)| kept.counter),
    };
    let appraisal = assertion::appraise(assertion, &expected);
    let kept = attested.as_ref().map(|(kept, _)| kept);
    let verdict = match appraisal.outcome {
        Ok(verdict) => verdict,
        Err(refused) => {
            let check = appraisal.checks.last().map(|check| check.name);
            let error: &dyn std::error::Error = &refused;
            tracing::info!(error, check, "assertion refused");
            return Ok(Finding::of_nothing(match refused {
                assertion::Refused::NotAttested => Shown::Nothing,
                _ => Shown::Invalid,
            }));
        }
    };
    if let (Some(kept), Some(counter)) = (kept, verdict.counter)
        && !tx.update_counter(kept.id, kept.counter, counter).await?
    {
        return Ok(Finding::of_nothing(Shown::Invalid));
    }
    Ok(Finding {
        shown: shown(device, kept, input.journal.now),
        attested_at: kept.map(|kept| kept.presented_at),
        user_verified: verdict.user_verified,
    })
}

/// The latest evidence of this generation that attested a key which makes such assertions.
async fn find_attested(
    tx: &mut Tx,
    assertion: &Assertion,
    device: &Device,
) -> Result<Option<(enrollment::Evidence, Facts)>, EnrollmentError> {
    let all = tx.list_evidence(device.id, device.generation).await?;
    let facts = |kept: &enrollment::Evidence| {
        let facts = kept.judgement.facts.as_deref()?;
        let facts: Facts = serde_json::from_str(facts).ok()?;
        assertion.is_by(&facts).then_some(facts)
    };
    Ok(all.into_iter().find_map(|kept| {
        let facts = facts(&kept)?;
        Some((kept, facts))
    }))
}

/// A client that looks at no evidence still takes no assertion that is wrong.
fn demand(policy: &AttestationPolicy) -> Demand {
    if policy.sensitive.is_judged() {
        policy.sensitive
    } else {
        Demand::of_assertions_alone()
    }
}

fn transcript<'a>(challenge: &'a str, action: &'a str, session: &Session) -> Transcript<'a> {
    Transcript {
        purpose: Purpose::Assert,
        challenge,
        client: session.client_id,
        action: Some(action),
    }
}
