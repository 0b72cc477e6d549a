//! Challenges, and the evidence that answered them.

use crate::{Conn, StoreError, Time, Tx, array, execute, fetch_all, fetch_optional, statements};
use countersign_core::{
    ClientId, DeviceId, Timestamp,
    attestation::policy::Shortfall,
    enrollment::{Challenge, Evidence, Judgement},
    ids::EvidenceId,
};
use uuid::Uuid;

/// Named, so that a column added by a newer version changes no prepared statement's result.
macro_rules! columns {
    () => {
        "id, device_id, generation, purpose, challenge, presented, presented_at, counter, judged_at, level, shortfall, \
        failed_check, facts, judged_version, judged_list"
    };
}

statements! {
    INSERT_CHALLENGE = "INSERT INTO challenges (hash, client_id, purpose, expires_at) VALUES ($1, $2, $3, $4)";
    // Whoever deletes the row has it: a challenge serves once.
    TAKE_CHALLENGE = "DELETE FROM challenges WHERE hash = $1 RETURNING hash, client_id, purpose, expires_at";
    INSERT_EVIDENCE = concat!("INSERT INTO evidence (", columns!(),
        ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)");
    FIND_LATEST_EVIDENCE = concat!("SELECT ", columns!(), " FROM evidence WHERE device_id = $1 AND generation = $2 \
        ORDER BY presented_at DESC, id DESC LIMIT 1");
    // Whoever enrolls again and again keeps no more than these in use.
    LIST_EVIDENCE = concat!("SELECT ", columns!(), " FROM evidence WHERE device_id = $1 AND generation = $2 \
        ORDER BY presented_at DESC, id DESC LIMIT 20");
    UPDATE_COUNTER = "UPDATE evidence SET counter = $2 WHERE id = $1 AND counter = $3";
    // Of living devices, what their present generation showed last, where it was judged by another version
    // of the client, or by an older list than the one there is.
    FIND_EVIDENCE_TO_JUDGE = concat!("SELECT ", columns!(), " FROM evidence e WHERE id > $1 \
        AND device_id IN (SELECT d.id FROM devices d JOIN clients c ON c.id = d.client_id WHERE d.id = e.device_id \
        AND d.generation = e.generation AND d.state IN ('active', 'suspended') \
        AND (c.version <> e.judged_version OR e.judged_list < $2 \
        OR (e.judged_list IS NULL AND $2 IS NOT NULL))) \
        AND NOT EXISTS (SELECT 1 FROM evidence newer WHERE newer.device_id = e.device_id \
        AND newer.generation = e.generation AND newer.id > e.id) ORDER BY id LIMIT $3");
    UPDATE_JUDGEMENT = "UPDATE evidence SET judged_at = $2, level = $3, shortfall = $4, failed_check = $5, facts = $6, \
        judged_version = $7, judged_list = $8 WHERE id = $1";
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

    /// What this generation of the device showed, the latest first, at most twenty pieces.
    pub async fn list_evidence(
        &mut self,
        device: DeviceId,
        generation: i64,
    ) -> Result<Vec<Evidence>, StoreError> {
        let rows: Vec<EvidenceRow> = fetch_all!(self, LIST_EVIDENCE, device.as_uuid(), generation)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Evidence beyond `after` that has to be judged again, oldest first: the client's settings
    /// changed since, or there is a newer list than the one that it was judged by.
    pub async fn find_evidence_to_judge(
        &mut self,
        after: EvidenceId,
        list: Option<Timestamp>,
        limit: i64,
    ) -> Result<Vec<Evidence>, StoreError> {
        let after = after.as_uuid();
        let rows: Vec<EvidenceRow> =
            fetch_all!(self, FIND_EVIDENCE_TO_JUDGE, after, list.map(Time), limit)?;
        rows.into_iter().map(TryInto::try_into).collect()
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
            i64::from(evidence.counter),
            Time(judgement.at),
            judgement.level.as_str(),
            judgement.shortfall.map(Shortfall::as_str),
            judgement.failed_check.as_deref(),
            judgement.facts.as_deref(),
            judgement.version,
            judgement.list.map(Time)
        )?;
        Ok(())
    }

    /// Keeps how often the key was used that the evidence attests; `false` if that is not `from` any
    /// more.
    pub async fn update_counter(
        &mut self,
        id: EvidenceId,
        from: u32,
        to: u32,
    ) -> Result<bool, StoreError> {
        let (from, to) = (i64::from(from), i64::from(to));
        Ok(execute!(self, UPDATE_COUNTER, id.as_uuid(), to, from)? == 1)
    }

    /// Keeps what came of judging evidence again.
    pub async fn update_judgement(
        &mut self,
        id: EvidenceId,
        judgement: &Judgement,
    ) -> Result<(), StoreError> {
        execute!(
            self,
            UPDATE_JUDGEMENT,
            id.as_uuid(),
            Time(judgement.at),
            judgement.level.as_str(),
            judgement.shortfall.map(Shortfall::as_str),
            judgement.failed_check.as_deref(),
            judgement.facts.as_deref(),
            judgement.version,
            judgement.list.map(Time)
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
    counter: i64,
    judged_at: Time,
    level: String,
    shortfall: Option<String>,
    failed_check: Option<String>,
    facts: Option<String>,
    judged_version: i64,
    judged_list: Option<Time>,
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
            counter: row.counter.try_into().map_err(|_| wrong("counter"))?,
            judgement: Judgement {
                at: row.judged_at.into(),
                level: row.level.parse().map_err(|_| wrong("level"))?,
                shortfall: shortfall.map_err(|_| wrong("shortfall"))?,
                failed_check: row.failed_check,
                facts: row.facts,
                version: row.judged_version,
                list: row.judged_list.map(Into::into),
            },
        })
    }
}
