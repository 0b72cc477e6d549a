//! Evidence is judged again when what it was judged by has changed: the client's settings, or the list
//! of what Google took back. What was worth more before is written down, and where the client would not
//! refresh the device's tokens any more, its sessions end at once.

use super::{
    EnrollmentError, Enrollments,
    judge::{Matter, decode},
    play_integrity,
};
use crate::{
    journal::Journal,
    session::{ending, registration},
};
use countersign_api_types::enrollment::Evidence as Presented;
use countersign_attestation::{
    evidence::{Evidence, Reading, Unread},
    transcript::Transcript,
};
use countersign_core::{
    Timestamp,
    activity::{Action, Actor},
    attestation::policy::{Shortfall, Shown},
    client::Client,
    device::Device,
    enrollment::{Evidence as Kept, Judgement},
    ids::EvidenceId,
    session::EndingCause,
};
use countersign_storage::{StoreError, Tx};
use uuid::Uuid;

/// How many pieces of evidence are read at once.
const BATCH: i64 = 200;

/// What evidence is judged by, told apart cheaply: it only ever grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Measure {
    /// The sum of all clients' versions.
    versions: i64,
    /// The list's time.
    list: Option<Timestamp>,
}

struct Input {
    journal: Journal,
    evidence: Kept,
    version: i64,
    judgement: Judgement,
    /// Whether the client would not refresh the device's tokens any more, because of what it showed.
    is_refused: bool,
}

impl Enrollments {
    /// Judges again what was judged by something else than what there is now.
    pub(crate) async fn judge_again(&self) -> Result<(), EnrollmentError> {
        let store = &self.sessions.ledger.store;
        let status = self.anchors.load().android_status.clone();
        let measure = Measure {
            versions: store.read().await?.sum_client_versions().await?,
            list: status.map(|list| list.as_of()),
        };
        if *self.measured.lock().await == Some(measure) {
            return Ok(());
        }
        let mut after = EvidenceId::from_uuid(Uuid::nil());
        loop {
            let mut conn = store.read().await?;
            let batch = conn
                .find_evidence_to_judge(after, measure.list, BATCH)
                .await?;
            drop(conn);
            let Some(last) = batch.last() else { break };
            after = last.id;
            for evidence in batch {
                self.judge_kept(evidence).await?;
            }
        }
        *self.measured.lock().await = Some(measure);
        Ok(())
    }

    async fn judge_kept(&self, evidence: Kept) -> Result<(), EnrollmentError> {
        let ledger = &self.sessions.ledger;
        let mut conn = ledger.store.read().await?;
        let Some(device) = conn.find_device(evidence.device_id).await? else {
            return Ok(());
        };
        let Some(client) = conn.find_client(device.client_id).await? else {
            return Ok(());
        };
        drop(conn);
        let journal = ledger.journal(Actor::System);
        let again = self.appraise_kept(&evidence, &device, &client, journal.now);
        let Some((shown, judgement)) = again.await? else {
            return Ok(());
        };
        let shortfall = client.attestation.refresh.judge(shown).err();
        let is_refused = matches!(shortfall, Some(Shortfall::Invalid | Shortfall::Level));
        let input = Input {
            journal,
            evidence,
            version: client.version,
            judgement,
            is_refused,
        };
        let written: Result<bool, StoreError> = ledger
            .settle_if(
                input,
                |tx, input| Box::pin(write(tx, input)),
                |is_lowered| *is_lowered,
            )
            .await;
        written?;
        Ok(())
    }

    /// What kept evidence is worth now; nothing for a device whose key is gone, and nothing new where
    /// somebody else would have to be asked again.
    async fn appraise_kept(
        &self,
        kept: &Kept,
        device: &Device,
        client: &Client,
        now: Timestamp,
    ) -> Result<Option<(Shown, Judgement)>, EnrollmentError> {
        let Some(jkt) = &device.jkt else {
            return Ok(None);
        };
        let Some(evidence) = self.read_kept(kept, client).await? else {
            return Ok(None);
        };
        let transcript = Transcript {
            purpose: kept.purpose,
            challenge: &kept.challenge,
            client: client.id,
            action: None,
        };
        let matter = Matter {
            evidence: &evidence,
            transcript: &transcript,
            jkt,
            presented_at: kept.presented_at,
        };
        let (worth, judgement) = self.appraise(&matter, client, now)?;
        Ok(Some((worth.shown, judgement)))
    }

    async fn read_kept(
        &self,
        kept: &Kept,
        client: &Client,
    ) -> Result<Option<Evidence>, EnrollmentError> {
        let read = play_integrity::read(&kept.presented).map_err(EnrollmentError::Unreadable)?;
        let reading = match (&read.presented, read.answer) {
            (Presented::PlayIntegrity { .. }, Some(answer)) => {
                Some(Reading::Answer(answer.into_bytes()))
            }
            (Presented::PlayIntegrity { .. }, None) => {
                self.play_integrity.read_again(client).await?
            }
            _ => Some(Reading::Nothing(Unread::NoCredentials)),
        };
        let evidence = reading.map(|reading| decode(&read.presented, reading));
        evidence.transpose()
    }
}

/// Whether the device is worth less than before.
async fn write(tx: &mut Tx, input: &Input) -> Result<bool, StoreError> {
    let Input {
        journal,
        evidence,
        judgement,
        ..
    } = input;
    let Some(device) = tx.lock_device(evidence.device_id).await? else {
        return Ok(false);
    };
    let client = tx.find_client(device.client_id).await?;
    let is_current = client.is_some_and(|client| client.version == input.version);
    if device.generation != evidence.generation || !is_current {
        // Whatever came between is judged at the next run.
        return Ok(false);
    }
    tx.update_judgement(evidence.id, judgement).await?;
    let (was, is) = (evidence.judgement.level, judgement.level);
    let target = registration::target(&device);
    let reason = judgement.shortfall.map_or("level", Shortfall::as_str);
    if is > was {
        journal.record(tx, Action::DeviceUpgraded, target, Some(is.as_str()));
    }
    if is < was {
        journal.record(tx, Action::DeviceDowngraded, target, Some(reason));
    }
    if input.is_refused {
        let sessions = tx.lock_devices_sessions(device.id).await?;
        let cause = EndingCause::AttestationLost;
        let ended = ending::end(tx, journal, &sessions, cause).await?;
        return Ok(is < was || !ended.is_empty());
    }
    Ok(is < was)
}
