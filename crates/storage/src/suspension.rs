//! Suspensions that bad proofs lead to, and those that lift by themselves.

use crate::{Conn, IdRow, StoreError, Time, Tx, execute, fetch_all, fetch_optional, statements};
use countersign_core::{DeviceId, Timestamp, admission::BadProofRecord};

statements! {
    FIND_BAD_PROOFS =
        "SELECT bad_proofs, bad_proofs_since, suspensions, suspended_until FROM devices WHERE id = $1";
    UPDATE_BAD_PROOFS = "UPDATE devices SET bad_proofs = $2, bad_proofs_since = $3, suspensions = $4 WHERE id = $1";
    FIND_LIFTING = "SELECT id FROM devices WHERE state = 'suspended' AND suspended_until <= $1 \
        ORDER BY suspended_until LIMIT $2";
}

impl Conn {
    /// Suspended devices whose time is over.
    pub async fn find_lifting(
        &mut self,
        now: Timestamp,
        limit: i64,
    ) -> Result<Vec<DeviceId>, StoreError> {
        let rows: Vec<IdRow> = fetch_all!(self, FIND_LIFTING, Time(now), limit)?;
        Ok(rows
            .into_iter()
            .map(|row| DeviceId::from_uuid(row.id))
            .collect())
    }
}

impl Tx {
    /// The bad proofs of a device that the transaction has locked.
    pub async fn find_bad_proofs(&mut self, id: DeviceId) -> Result<BadProofRecord, StoreError> {
        let row: Option<RecordRow> = fetch_optional!(self, FIND_BAD_PROOFS, id.as_uuid())?;
        let count = |number: i64| u32::try_from(number).unwrap_or(u32::MAX);
        Ok(
            row.map_or_else(BadProofRecord::default, |row| BadProofRecord {
                count: count(row.bad_proofs),
                since: row.bad_proofs_since.map(Into::into),
                suspensions: count(row.suspensions),
                suspended_until: row.suspended_until.map(Into::into),
            }),
        )
    }

    /// Keeps the bad proofs of a device; when it is suspended until is the device's own.
    pub async fn update_bad_proofs(
        &mut self,
        id: DeviceId,
        record: &BadProofRecord,
    ) -> Result<(), StoreError> {
        execute!(
            self,
            UPDATE_BAD_PROOFS,
            id.as_uuid(),
            i64::from(record.count),
            record.since.map(Time),
            i64::from(record.suspensions)
        )?;
        Ok(())
    }
}

#[derive(sqlx::FromRow)]
struct RecordRow {
    bad_proofs: i64,
    bad_proofs_since: Option<Time>,
    suspensions: i64,
    suspended_until: Option<Time>,
}
