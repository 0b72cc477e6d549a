//! A device enrolls: with a new key it is a new device, with a known one the same as before.

use super::{
    EnrollmentError, Enrollments,
    judge::{Judged, Presentation},
};
use crate::{
    journal::Journal,
    session::{DeviceClaim, SessionError, UsedProof, admission, registration},
};
use countersign_api_types::enrollment::Evidence;
use countersign_core::{
    ClientId,
    activity::{Action, Actor},
    attestation::{AttestationLevel, Purpose, policy::Shortfall},
    client::Client,
    device::Device,
    enrollment::EnrollmentState,
};
use countersign_storage::{StoreError, Tx};
use std::sync::Arc;

/// How often an enrollment is run again after another one took its key or installation id first.
const RACE_RETRIES: usize = 4;

/// What a device presents.
#[derive(Debug)]
pub(super) struct Enrollment {
    pub(super) client_id: ClientId,
    pub(super) challenge: String,
    /// The proof, as it came.
    pub(super) proof: Option<String>,
    pub(super) claim: DeviceClaim,
    pub(super) evidence: Option<Evidence>,
}

/// A device that is enrolled now.
#[derive(Debug)]
pub(super) struct EnrolledDevice {
    pub(super) device: Device,
    pub(super) is_new: bool,
    pub(super) state: EnrollmentState,
    pub(super) level: AttestationLevel,
    pub(super) shortfall: Option<Shortfall>,
}

struct Input {
    journal: Journal,
    client_id: ClientId,
    claim: DeviceClaim,
    proof: UsedProof,
    judged: Judged,
}

impl Enrollments {
    /// Enrolls a device.
    pub(super) async fn enroll(
        &self,
        enrollment: Enrollment,
    ) -> Result<EnrolledDevice, EnrollmentError> {
        let client = self.find_client(enrollment.client_id).await?;
        let proof = enrollment.proof.as_deref();
        let proof = proof.ok_or(EnrollmentError::ProofRequired)?;
        let proof = self
            .sessions
            .check_proof(&client, proof, "POST", &self.enroll_url)?;
        let challenge = &enrollment.challenge;
        self.take(challenge, &client, Purpose::Enroll).await?;
        let journal = self.sessions.ledger.journal(Actor::System);
        let presentation = Presentation {
            purpose: Purpose::Enroll,
            challenge,
            jkt: proof.jkt,
            evidence: enrollment.evidence.as_ref(),
        };
        let judged = self.judge(&client, &presentation, journal.now).await?;
        let input = Arc::new(Input {
            journal,
            client_id: client.id,
            claim: DeviceClaim {
                jkt: Some(proof.jkt),
                secret: None,
                hardware_identity: judged.hardware_identity,
                ..enrollment.claim
            },
            proof,
            judged,
        });
        for _ in 0..RACE_RETRIES {
            let written = self
                .sessions
                .ledger
                .store
                .write(Arc::clone(&input), |tx, input| Box::pin(write(tx, input)));
            match written.await {
                Err(EnrollmentError::Session(SessionError::Raced)) => {}
                result => return result,
            }
        }
        Err(SessionError::Raced.into())
    }

    /// The client, if it takes enrollments.
    pub(super) async fn find_client(&self, id: ClientId) -> Result<Client, EnrollmentError> {
        let client = self.sessions.find_client(id).await?;
        match client.disabled_at {
            None => Ok(client),
            Some(_) => Err(SessionError::ClientDisabled.into()),
        }
    }
}

async fn write(tx: &mut Tx, input: &Input) -> Result<EnrolledDevice, EnrollmentError> {
    let Input {
        journal,
        claim,
        judged,
        ..
    } = input;
    let client = lock_client(tx, input.client_id).await?;
    judged.admit(&client)?;
    let registered = registration::enroll(tx, journal, &client, claim).await?;
    let device = registered.device;
    if let Some(evidence) = judged.kept(&device, journal) {
        tx.insert_evidence(&evidence).await?;
    }
    let target = registration::target(&device);
    journal.record(
        tx,
        Action::DeviceEnrolled,
        target,
        Some(judged.level().as_str()),
    );
    input.proof.use_up(tx).await?;
    Ok(EnrolledDevice {
        is_new: registered.is_new,
        state: state(tx, &device).await?,
        level: judged.level(),
        shortfall: client.attestation.enroll.shortfall(judged.shown),
        device,
    })
}

/// Whether users may log in on the device.
pub(super) async fn state(tx: &mut Tx, device: &Device) -> Result<EnrollmentState, StoreError> {
    Ok(if admission::is_pending(tx, device).await? {
        EnrollmentState::PendingApproval
    } else {
        EnrollmentState::Active
    })
}

/// The client, kept from changing; its demand is the one that counts.
pub(super) async fn lock_client(tx: &mut Tx, id: ClientId) -> Result<Client, EnrollmentError> {
    let client = tx.lock_client(id).await?;
    let client = client.ok_or(SessionError::ClientUnknown)?;
    match client.disabled_at {
        None => Ok(client),
        Some(_) => Err(SessionError::ClientDisabled.into()),
    }
}

impl Judged {
    /// Lets the device go on, or says how it falls short of what the client demands now.
    pub(super) fn admit(&self, client: &Client) -> Result<(), EnrollmentError> {
        let demand = &client.attestation.enroll;
        demand
            .judge(self.shown)
            .map_err(EnrollmentError::Attestation)
    }
}
