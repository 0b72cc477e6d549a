//! A device gives up its key for a new one: the same record, a new generation.

use super::{
    EnrollmentError, Enrollments,
    enroll::{EnrolledDevice, lock_client, state},
    judge::{Judged, Presentation},
};
use crate::{
    journal::Journal,
    membership::Receipt,
    session::{SessionError, UsedProof, admission, registration},
};
use countersign_api_types::enrollment::Evidence;
use countersign_core::{
    AppId, ClientId, SessionId,
    activity::{Action, Actor},
    attestation::Purpose,
    client::Client,
    device::Device,
    feed::Subject,
};
use countersign_storage::{ConstraintKind, StoreError, Tx};

/// What a device presents.
#[derive(Debug)]
pub(super) struct Rotation {
    pub(super) client_id: ClientId,
    pub(super) challenge: String,
    /// The proof by the new key, as it came.
    pub(super) proof: Option<String>,
    /// The proof by the old key.
    pub(super) previous_proof: String,
    pub(super) evidence: Option<Evidence>,
}

struct Input {
    journal: Journal,
    client_id: ClientId,
    old: UsedProof,
    new: UsedProof,
    judged: Judged,
}

impl Enrollments {
    /// Replaces a device's key. Its sessions go on with the new one; tokens that name the old one are
    /// refused by everybody when this returns.
    pub(super) async fn rotate(
        &self,
        rotation: Rotation,
    ) -> Result<(EnrolledDevice, Receipt), EnrollmentError> {
        let client = self.find_client(rotation.client_id).await?;
        let check = |jwt: &str| {
            self.sessions
                .check_proof(&client, jwt, "POST", &self.rotate_url)
        };
        let new = rotation.proof.as_deref();
        let new = check(new.ok_or(EnrollmentError::ProofRequired)?)?;
        let old = check(&rotation.previous_proof)?;
        let challenge = &rotation.challenge;
        self.take(challenge, &client, Purpose::Rotate).await?;
        let journal = self.sessions.ledger.journal(Actor::System);
        let presentation = Presentation {
            purpose: Purpose::Rotate,
            challenge,
            jkt: new.jkt,
            evidence: rotation.evidence.as_ref(),
        };
        let judged = self.judge(&client, &presentation, journal.now).await?;
        let input = Input {
            journal,
            client_id: client.id,
            old,
            new,
            judged,
        };
        self.sessions
            .ledger
            .settle(input, |tx, input| Box::pin(write(tx, input)))
            .await
    }
}

async fn write(tx: &mut Tx, input: &Input) -> Result<EnrolledDevice, EnrollmentError> {
    let Input {
        journal, judged, ..
    } = input;
    let client = lock_client(tx, input.client_id).await?;
    judged.admit(&client)?;
    if let Some(machine) = &judged.hardware_identity {
        admission::check_hardware(tx, machine).await?;
    }
    admission::check_key(tx, &input.new.jkt).await?;
    let device = tx.lock_device_by_key(client.id, &input.old.jkt).await?;
    let device = device.ok_or(EnrollmentError::PreviousKeyUnknown)?;
    let device = registration::check_state(tx, journal, device).await?;
    let device = registration::identify(device, judged.hardware_identity)?;
    let device = replace_key(tx, input, &client, device).await?;
    if let Some(evidence) = judged.kept(&device, journal) {
        tx.insert_evidence(&evidence).await?;
    }
    let target = registration::target(&device);
    journal.record(
        tx,
        Action::DeviceRekeyed,
        target,
        Some(judged.level().as_str()),
    );
    for proof in [&input.old, &input.new] {
        proof.use_up(tx).await?;
    }
    Ok(EnrolledDevice {
        is_new: false,
        state: state(tx, &device).await?,
        level: judged.level(),
        shortfall: client.attestation.enroll.shortfall(judged.shown),
        device,
    })
}

async fn replace_key(
    tx: &mut Tx,
    input: &Input,
    client: &Client,
    device: Device,
) -> Result<Device, EnrollmentError> {
    let (journal, jkt) = (&input.journal, input.new.jkt);
    tx.retire_key(&device, &input.old.jkt, journal.now).await?;
    let generation = device.generation;
    let device = Device {
        jkt: Some(jkt),
        app_id: AppId::generate(journal.now, &*journal.rng),
        generation: device.generation + 1,
        ..device
    };
    match tx.update_device(&device).await {
        // Another device has that key, or just got it.
        Err(StoreError::Constraint {
            kind: ConstraintKind::Unique,
            ..
        }) => return Err(SessionError::KeyRetired.into()),
        updated => updated?,
    }
    if tx.is_key_retired(client.id, &jkt).await? {
        return Err(SessionError::KeyRetired.into());
    }
    tx.carry_trust_evidence(device.id, generation, device.generation)
        .await?;
    let sessions: Vec<SessionId> = tx.rebind_sessions(&device).await?;
    for session in sessions {
        journal.changed(tx, Subject::Session(session));
    }
    Ok(device)
}
