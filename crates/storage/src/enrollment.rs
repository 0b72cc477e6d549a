//! Challenges, and the evidence that answered them.

use crate::{Conn, StoreError, Time, Tx, array, execute, fetch_optional, statements};
use countersign_core::{
    ClientId, DeviceId,
    attestation::policy::Shortfall,
    enrollment::{Challenge, Evidence, Judgement},
    ids::EvidenceId,
};
use uuid::Uuid;

/// Named, so that a column added by a newer version changes no prepared statement's result.
macro_rules! columns {
    () => {
        "id, device_id, generation, purpose, challenge, presented, presented_at, judged_at, level, shortfall, \
        failed_check, facts"
    };
}

statements! {
    INSERT_CHALLENGE = "INSERT INTO challenges (hash, client_id, purpose, expires_at) VALUES ($1, $2, $3, $4)";
    // Whoever deletes the row has it: a challenge serves once.
    TAKE_CHALLENGE = "DELETE FROM challenges WHERE hash = $1 RETURNING hash, client_id, purpose, expires_at";
    INSERT_EVIDENCE = concat!("INSERT INTO evidence (", columns!(),
        ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)");
    FIND_LATEST_EVIDENCE = concat!("SELECT ", columns!(), " FROM evidence WHERE device_id = $1 AND generation = $2 \
        ORDER BY presented_at DESC, id DESC LIMIT 1");
}

impl Conn {
    /// What this generation of the device showed last.
    pub async fn find_latest_evidence(
        &mut self,
        device: DeviceId,
        generation: i64,
    ) -> Result<Option<Evidence>, StoreError> {
        let row: Option<EvidenceRow> =
            fetch_optional!(self, FIND_LATEST_EVIDENCE, device.as_uuid(), generation)?;
        row.map(TryInto::try_into).transpose()
    }
}

impl Tx {
    /// Notes a challenge that is given out.
    pub async fn insert_challenge(&mut self, challenge: &Challenge) -> Result<(), StoreError> {
        execute!(
            self,
            INSERT_CHALLENGE,
            challenge.hash.as_slice(),
            challenge.client_id.as_uuid(),
            challenge.purpose.as_str(),
            Time(challenge.expires_at)
        )?;
        Ok(())
    }

    /// Takes a challenge, which nobody can take again.
    pub async fn take_challenge(
        &mut self,
        hash: &[u8; 32],
    ) -> Result<Option<Challenge>, StoreError> {
        let row: Option<ChallengeRow> = fetch_optional!(self, TAKE_CHALLENGE, hash.as_slice())?;
        row.map(TryInto::try_into).transpose()
    }

    /// Keeps what a device showed.
    pub async fn insert_evidence(&mut self, evidence: &Evidence) -> Result<(), StoreError> {
        let judgement = &evidence.judgement;
        execute!(
            self,
            INSERT_EVIDENCE,
            evidence.id.as_uuid(),
            evidence.device_id.as_uuid(),
            evidence.generation,
            evidence.purpose.as_str(),
            &evidence.challenge,
            &evidence.presented,
            Time(evidence.presented_at),
            Time(judgement.at),
            judgement.level.as_str(),
            judgement.shortfall.map(Shortfall::as_str),
            judgement.failed_check.as_deref(),
            judgement.facts.as_deref()
        )?;
        Ok(())
    }
}

#[derive(sqlx::FromRow)]
struct ChallengeRow {
    hash: Vec<u8>,
    client_id: Uuid,
    purpose: String,
    expires_at: Time,
}

impl TryFrom<ChallengeRow> for Challenge {
    type Error = StoreError;

    fn try_from(row: ChallengeRow) -> Result<Self, StoreError> {
        let wrong = |column| StoreError::inconsistent("challenges", column, row.client_id);
        Ok(Self {
            hash: array(&row.hash).ok_or_else(|| wrong("hash"))?,
            client_id: ClientId::from_uuid(row.client_id),
            purpose: row.purpose.parse().map_err(|_| wrong("purpose"))?,
            expires_at: row.expires_at.into(),
        })
    }
}

#[derive(sqlx::FromRow)]
struct EvidenceRow {
    id: Uuid,
    device_id: Uuid,
    generation: i64,
    purpose: String,
    challenge: String,
    presented: String,
    presented_at: Time,
    judged_at: Time,
    level: String,
    shortfall: Option<String>,
    failed_check: Option<String>,
    facts: Option<String>,
}

impl TryFrom<EvidenceRow> for Evidence {
    type Error = StoreError;

    fn try_from(row: EvidenceRow) -> Result<Self, StoreError> {
        let wrong = |column| StoreError::inconsistent("evidence", column, row.id);
        let shortfall = row.shortfall.as_deref().map(str::parse).transpose();
        Ok(Self {
            id: EvidenceId::from_uuid(row.id),
            device_id: DeviceId::from_uuid(row.device_id),
            generation: row.generation,
            purpose: row.purpose.parse().map_err(|_| wrong("purpose"))?,
            challenge: row.challenge,
            presented: row.presented,
            presented_at: row.presented_at.into(),
            judgement: Judgement {
                at: row.judged_at.into(),
                level: row.level.parse().map_err(|_| wrong("level"))?,
                shortfall: shortfall.map_err(|_| wrong("shortfall"))?,
                failed_check: row.failed_check,
                facts: row.facts,
            },
        })
    }
}
