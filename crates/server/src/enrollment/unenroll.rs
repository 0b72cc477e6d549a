//! A device gives its key up: the key is dead, and so is everything that hung on it.

use super::{EnrollmentError, Enrollments, enroll::lock_client};
use crate::{
    journal::Journal,
    membership::Receipt,
    session::{UsedProof, ending, registration},
};
use countersign_core::{
    AppId, ClientId, SessionId,
    activity::{Action, Actor},
    device::Device,
    session::EndingCause,
};
use countersign_storage::Tx;

/// A device without a key.
#[derive(Debug)]
pub(super) struct Unenrolled {
    pub(super) device: Device,
    /// The sessions that ended.
    pub(super) ended: Vec<SessionId>,
}

struct Input {
    journal: Journal,
    client_id: ClientId,
    proof: UsedProof,
}

impl Enrollments {
    /// Takes the key that the proof is by from its device, and answers when nobody accepts it.
    pub(super) async fn unenroll(
        &self,
        client_id: ClientId,
        proof: Option<&str>,
    ) -> Result<(Unenrolled, Receipt), EnrollmentError> {
        let client = self.find_client(client_id).await?;
        let proof = proof.ok_or(EnrollmentError::ProofRequired)?;
        let proof = self
            .sessions
            .check_proof(&client, proof, "POST", &self.unenroll_url)?;
        let input = Input {
            journal: self.sessions.ledger.journal(Actor::System),
            client_id,
            proof,
        };
        self.sessions
            .ledger
            .settle(input, |tx, input| Box::pin(write(tx, input)))
            .await
    }
}

/// Where the device stands is not asked: a suspended or banned one may give its key up, and stays
/// suspended or banned.
async fn write(tx: &mut Tx, input: &Input) -> Result<Unenrolled, EnrollmentError> {
    let (journal, jkt) = (&input.journal, &input.proof.jkt);
    let client = lock_client(tx, input.client_id).await?;
    let device = tx.lock_device_by_key(client.id, jkt).await?;
    let device = device.ok_or(EnrollmentError::KeyUnknown)?;
    let sessions = tx.lock_devices_sessions(device.id).await?;
    let ended = ending::end(tx, journal, &sessions, EndingCause::DeviceUnenrolled).await?;
    tx.retire_key(&device, jkt, journal.now).await?;
    let device = Device {
        jkt: None,
        app_id: AppId::generate(journal.now, &*journal.rng),
        generation: device.generation + 1,
        ..device
    };
    tx.update_device(&device).await?;
    let target = registration::target(&device);
    journal.record(tx, Action::DeviceUnenrolled, target, None);
    input.proof.use_up(tx).await?;
    Ok(Unenrolled { device, ended })
}
