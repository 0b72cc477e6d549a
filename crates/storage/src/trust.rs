//! What speaks for devices.

use crate::{
    Conn, IdRow, StoreError, Time, Tx, compliance::ComplianceRow, execute, fetch_all, fetch_one,
    fetch_optional, statements,
};
use countersign_core::{
    DeviceId, OwnershipId, Timestamp,
    ids::TrustEvidenceId,
    snapshot::Compliance,
    trust::{Fall, Grounds, TrustEnd, TrustEvidence},
    user::ExternalUserId,
};
use uuid::Uuid;

/// Named, so that a column added by a newer version changes no prepared statement's result.
macro_rules! columns {
    () => {
        "t.id, t.device_id, t.generation, t.ownership_id, t.kind, t.source, t.note, t.since, t.until, t.ended_at, t.end_cause"
    };
}

/// What speaks for the device `d` and its owner by `o`, as columns of a query that reads both.
macro_rules! grounds {
    () => {
        "(SELECT MAX(t.until) FROM trust_evidence t WHERE t.device_id = d.id AND t.generation = d.generation \
          AND t.ownership_id = o.id AND t.ended_at IS NULL) AS confirmed_until, \
         (SELECT MAX(t.until) FROM trust_evidence t WHERE t.device_id = d.id AND t.generation = d.generation \
          AND t.ownership_id IS NULL AND t.ended_at IS NULL) AS managed_until, \
         d.compliance, d.compliance_until, d.compliance_fall"
    };
}
pub(crate) use grounds;

statements! {
    INSERT_TRUST_EVIDENCE = "INSERT INTO trust_evidence (id, device_id, generation, ownership_id, kind, source, note, since, until) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    // A login confirms anew what an earlier one did.
    PROLONG_CONFIRMATION = "UPDATE trust_evidence SET until = $4 WHERE ownership_id = $1 AND generation = $2 AND kind = 'mfa' \
        AND source = 'login' AND ended_at IS NULL AND until > $3 AND until <= $4";
    HAS_CONFIRMATION = "SELECT COUNT(*) AS count FROM trust_evidence WHERE ownership_id = $1 AND generation = $2 \
        AND kind = 'mfa' AND source = 'login' AND ended_at IS NULL AND until > $3";
    FIND_GROUNDS = concat!("SELECT ", grounds!(), " FROM ownerships o JOIN devices d ON d.id = o.device_id WHERE o.id = $1");
    FIND_TRUST_EVIDENCE = concat!("SELECT ", columns!(), ", u.external_id FROM trust_evidence t \
        LEFT JOIN ownerships o ON o.id = t.ownership_id LEFT JOIN users u ON u.id = o.user_id WHERE t.id = $1");
    LIST_TRUST_EVIDENCE = concat!("SELECT ", columns!(), ", u.external_id FROM trust_evidence t \
        LEFT JOIN ownerships o ON o.id = t.ownership_id LEFT JOIN users u ON u.id = o.user_id \
        WHERE t.device_id = $1 ORDER BY t.id DESC LIMIT $2");
    END_TRUST_EVIDENCE = "UPDATE trust_evidence SET ended_at = $2, end_cause = $3 WHERE id = $1 AND ended_at IS NULL";
    CARRY_TRUST_EVIDENCE = "UPDATE trust_evidence SET generation = $3 WHERE device_id = $1 AND generation = $2 AND ended_at IS NULL";
    FIND_LAPSED_TRUST = "SELECT id FROM trust_evidence WHERE ended_at IS NULL AND until <= $1 ORDER BY until LIMIT $2";
    IS_MANAGED = "SELECT COUNT(*) AS count FROM trust_evidence WHERE device_id = $1 AND generation = $2 \
        AND ownership_id IS NULL AND ended_at IS NULL AND until > $3";
    FIND_OWNERSHIPS_SESSION = "SELECT id FROM sessions WHERE ownership_id = $1 AND ended_at IS NULL";
}

/// A piece of evidence, and the user whom it is for.
pub type ListedTrust = (TrustEvidence, Option<ExternalUserId>);

impl Conn {
    /// What speaks for an ownership and its device.
    pub async fn find_grounds(&mut self, ownership: OwnershipId) -> Result<Grounds, StoreError> {
        let row: GroundsRow = fetch_one!(self, FIND_GROUNDS, ownership.as_uuid())?;
        row.read(ownership.as_uuid())
    }

    /// One piece of evidence.
    pub async fn find_trust_evidence(
        &mut self,
        id: TrustEvidenceId,
    ) -> Result<Option<ListedTrust>, StoreError> {
        let row: Option<EvidenceRow> = fetch_optional!(self, FIND_TRUST_EVIDENCE, id.as_uuid())?;
        row.map(TryInto::try_into).transpose()
    }

    /// What speaks or spoke for a device, the newest first.
    pub async fn list_trust_evidence(
        &mut self,
        device: DeviceId,
        limit: i64,
    ) -> Result<Vec<ListedTrust>, StoreError> {
        let rows: Vec<EvidenceRow> =
            fetch_all!(self, LIST_TRUST_EVIDENCE, device.as_uuid(), limit)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Evidence whose time is over and that has not been ended yet.
    pub async fn find_lapsed_trust(
        &mut self,
        now: Timestamp,
        limit: i64,
    ) -> Result<Vec<TrustEvidenceId>, StoreError> {
        let rows: Vec<IdRow> = fetch_all!(self, FIND_LAPSED_TRUST, Time(now), limit)?;
        let ids = rows
            .into_iter()
            .map(|row| TrustEvidenceId::from_uuid(row.id));
        Ok(ids.collect())
    }

    /// Whether this generation of a device counts as managed.
    pub async fn is_managed(
        &mut self,
        device: DeviceId,
        generation: i64,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let id = device.as_uuid();
        let row: crate::CountRow = fetch_one!(self, IS_MANAGED, id, generation, Time(now))?;
        Ok(row.count > 0)
    }

    /// The session of an ownership, if it has one that was not ended.
    pub async fn find_ownerships_session(
        &mut self,
        ownership: OwnershipId,
    ) -> Result<Option<countersign_core::SessionId>, StoreError> {
        let row: Option<IdRow> =
            fetch_optional!(self, FIND_OWNERSHIPS_SESSION, ownership.as_uuid())?;
        Ok(row.map(|row| countersign_core::SessionId::from_uuid(row.id)))
    }
}

impl Tx {
    /// Adds a piece of evidence.
    pub async fn insert_trust_evidence(
        &mut self,
        evidence: &TrustEvidence,
    ) -> Result<(), StoreError> {
        execute!(
            self,
            INSERT_TRUST_EVIDENCE,
            evidence.id.as_uuid(),
            evidence.device_id.as_uuid(),
            evidence.generation,
            evidence.ownership_id.map(OwnershipId::as_uuid),
            evidence.kind.as_str(),
            evidence.source.as_str(),
            evidence.note.as_deref(),
            Time(evidence.since),
            Time(evidence.until)
        )?;
        Ok(())
    }

    /// Lets the confirmation by an earlier login count until then; `false` when there is none.
    pub async fn prolong_confirmation(
        &mut self,
        ownership: OwnershipId,
        generation: i64,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool, StoreError> {
        let id = ownership.as_uuid();
        let row: crate::CountRow = fetch_one!(self, HAS_CONFIRMATION, id, generation, Time(now))?;
        let (now, until) = (Time(now), Time(until));
        execute!(self, PROLONG_CONFIRMATION, id, generation, now, until)?;
        Ok(row.count > 0)
    }

    /// Ends a piece of evidence; `false` when it had ended before.
    pub async fn end_trust_evidence(
        &mut self,
        id: TrustEvidenceId,
        cause: TrustEnd,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let rows = execute!(
            self,
            END_TRUST_EVIDENCE,
            id.as_uuid(),
            Time(now),
            cause.as_str()
        )?;
        Ok(rows == 1)
    }

    /// Lets what speaks for one generation of a device speak for the next, which proved itself by the
    /// key of the first.
    pub async fn carry_trust_evidence(
        &mut self,
        device: DeviceId,
        from: i64,
        to: i64,
    ) -> Result<(), StoreError> {
        execute!(self, CARRY_TRUST_EVIDENCE, device.as_uuid(), from, to)?;
        Ok(())
    }
}

#[derive(sqlx::FromRow)]
pub(crate) struct GroundsRow {
    confirmed_until: Option<Time>,
    managed_until: Option<Time>,
    #[sqlx(flatten)]
    judged: ComplianceRow,
}

impl GroundsRow {
    pub(crate) fn read(self, device: Uuid) -> Result<Grounds, StoreError> {
        let judged = self.judged.read(device)?;
        Ok(Grounds {
            confirmed_until: self.confirmed_until.map(Into::into),
            managed_until: self.managed_until.map(Into::into),
            compliance: judged.map_or(Compliance::Unevaluated, |judged| judged.compliance),
            compliance_until: judged.and_then(|judged| judged.until),
            fall: judged.map_or(Fall::Unknown, |judged| judged.fall),
        })
    }
}

#[derive(sqlx::FromRow)]
struct EvidenceRow {
    id: Uuid,
    device_id: Uuid,
    generation: i64,
    ownership_id: Option<Uuid>,
    kind: String,
    source: String,
    note: Option<String>,
    since: Time,
    until: Time,
    ended_at: Option<Time>,
    end_cause: Option<String>,
    external_id: Option<String>,
}

impl TryFrom<EvidenceRow> for ListedTrust {
    type Error = StoreError;

    fn try_from(row: EvidenceRow) -> Result<Self, StoreError> {
        let wrong = |column| StoreError::inconsistent("trust_evidence", column, row.id);
        let ended = match (row.ended_at, row.end_cause.as_deref()) {
            (None, None) => None,
            (Some(at), Some(cause)) => {
                let cause = cause.parse().map_err(|_| wrong("end_cause"))?;
                Some((at.into(), cause))
            }
            _ => return Err(wrong("end_cause")),
        };
        let user = row.external_id.map(|id| id.parse());
        let evidence = TrustEvidence {
            id: TrustEvidenceId::from_uuid(row.id),
            device_id: DeviceId::from_uuid(row.device_id),
            generation: row.generation,
            ownership_id: row.ownership_id.map(OwnershipId::from_uuid),
            kind: row.kind.parse().map_err(|_| wrong("kind"))?,
            source: row.source.parse().map_err(|_| wrong("source"))?,
            note: row.note,
            since: row.since.into(),
            until: row.until.into(),
            ended,
        };
        Ok((
            evidence,
            user.transpose().map_err(|_| wrong("external_id"))?,
        ))
    }
}
