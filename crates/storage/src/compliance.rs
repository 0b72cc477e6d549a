//! Rule files, what devices report, and where they stand by the rules.

use crate::{
    Conn, IdRow, StoreError, Time, Tx, array, execute, fetch_all, fetch_optional, statements,
};
use countersign_core::{
    DeviceId, Timestamp,
    compliance::{posture::Posture, rules::RuleSetVersion, standing::Standing},
    ids::RuleFileId,
    snapshot::Compliance,
    trust::Fall,
};
use sqlx::types::Json;
use uuid::Uuid;

macro_rules! rules {
    ($rest:literal) => {
        concat!(
            "SELECT id, number, version, text, note, applied_at FROM rule_files ",
            $rest
        )
    };
}

statements! {
    FIND_CURRENT_RULES = rules!("ORDER BY number DESC LIMIT 1");
    FIND_RULES = rules!("WHERE version = $1 ORDER BY number DESC LIMIT 1");
    LIST_RULES = rules!("ORDER BY number DESC LIMIT $1 OFFSET $2");
    FIND_CURRENT_VERSION = "SELECT version FROM rule_files ORDER BY number DESC LIMIT 1";
    COUNT_RULES = "SELECT COUNT(*) AS count FROM rule_files";
    INSERT_RULES = "INSERT INTO rule_files (id, number, version, text, note, applied_at) VALUES ($1, $2, $3, $4, $5, $6)";
    LIST_POSTURES = "SELECT posture FROM postures WHERE device_id = $1 ORDER BY source";
    FIND_COUNTER = "SELECT counter AS count FROM postures WHERE device_id = $1 AND source = 'self'";
    PUT_POSTURE = "INSERT INTO postures (device_id, source, posture, counter) VALUES ($1, $2, $3, $4) \
        ON CONFLICT (device_id, source) DO UPDATE SET posture = excluded.posture, counter = excluded.counter";
    FORGET_POSTURES = "DELETE FROM postures WHERE device_id = $1";
    FIND_STANDING = "SELECT standing FROM standings WHERE device_id = $1";
    PUT_STANDING = "INSERT INTO standings (device_id, standing, rules, next_change) VALUES ($1, $2, $3, $4) \
        ON CONFLICT (device_id) DO UPDATE SET standing = excluded.standing, rules = excluded.rules, \
        next_change = excluded.next_change";
    // The job finds the device at once.
    CALL_STANDING = "INSERT INTO standings (device_id, next_change) VALUES ($1, $2) \
        ON CONFLICT (device_id) DO UPDATE SET next_change = excluded.next_change";
    // What sessions are judged by stands on the device's own row.
    SET_COMPLIANCE = "UPDATE devices SET compliance = $2, compliance_until = $3, compliance_fall = $4 WHERE id = $1";
    FIND_COMPLIANCE = "SELECT compliance, compliance_until, compliance_fall FROM devices WHERE id = $1";
    FIND_DEVICES_TO_JUDGE = "SELECT id FROM devices WHERE id > $1 AND state IN ('active', 'suspended') \
        AND NOT EXISTS (SELECT 1 FROM standings s WHERE s.device_id = devices.id AND s.rules = $2) ORDER BY id LIMIT $3";
    FIND_CALLED_STANDINGS = "SELECT device_id AS id FROM standings WHERE next_change <= $1 ORDER BY next_change LIMIT $2";
}

/// A rule file as it was applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppliedRules {
    /// Its identity.
    pub id: RuleFileId,
    /// Counts what was applied, from 1.
    pub number: i64,
    /// The text's SHA-256.
    pub version: RuleSetVersion,
    /// The file.
    pub text: String,
    /// Why, in the words of whoever applied it.
    pub note: Option<String>,
    /// When.
    pub applied_at: Timestamp,
}

/// What sessions of a device are judged by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JudgedCompliance {
    /// Whether it meets the rules.
    pub compliance: Compliance,
    /// Until when that is known.
    pub until: Option<Timestamp>,
    /// What it is worth where it does not.
    pub fall: Fall,
}

impl Conn {
    /// The rules in force, if any were applied.
    pub async fn find_current_rules(&mut self) -> Result<Option<AppliedRules>, StoreError> {
        let row: Option<RulesRow> = fetch_optional!(self, FIND_CURRENT_RULES)?;
        row.map(TryInto::try_into).transpose()
    }

    /// Which rules are in force.
    pub async fn find_current_version(&mut self) -> Result<Option<RuleSetVersion>, StoreError> {
        let row: Option<VersionRow> = fetch_optional!(self, FIND_CURRENT_VERSION)?;
        row.map(|row| version(&row.version, Uuid::nil()))
            .transpose()
    }

    /// The rules with this version, if they were ever applied.
    pub async fn find_rules(
        &mut self,
        version: RuleSetVersion,
    ) -> Result<Option<AppliedRules>, StoreError> {
        let version = version.as_bytes().as_slice();
        let row: Option<RulesRow> = fetch_optional!(self, FIND_RULES, version)?;
        row.map(TryInto::try_into).transpose()
    }

    /// One page of the rules' history, the newest first.
    pub async fn list_rules(
        &mut self,
        limit: i64,
        offset: i64,
    ) -> Result<Vec<AppliedRules>, StoreError> {
        let rows: Vec<RulesRow> = fetch_all!(self, LIST_RULES, limit, offset)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// How many times rules were applied.
    pub async fn count_rules(&mut self) -> Result<i64, StoreError> {
        self.count(COUNT_RULES).await
    }

    /// What is known of a device, one report of each source.
    pub async fn list_postures(&mut self, device: DeviceId) -> Result<Vec<Posture>, StoreError> {
        let rows: Vec<PostureRow> = fetch_all!(self, LIST_POSTURES, device.as_uuid())?;
        Ok(rows.into_iter().map(|row| row.posture.0).collect())
    }

    /// Where a device stands by the rules, if it was judged.
    pub async fn find_standing(
        &mut self,
        device: DeviceId,
    ) -> Result<Option<Standing>, StoreError> {
        let row: Option<StandingRow> = fetch_optional!(self, FIND_STANDING, device.as_uuid())?;
        Ok(row
            .and_then(|row| row.standing)
            .map(|Json(standing)| standing))
    }

    /// What sessions of a device are judged by; nothing, if it was never judged.
    pub async fn find_judged_compliance(
        &mut self,
        device: DeviceId,
    ) -> Result<Option<JudgedCompliance>, StoreError> {
        let row: Option<ComplianceRow> = fetch_optional!(self, FIND_COMPLIANCE, device.as_uuid())?;
        let Some(row) = row else { return Ok(None) };
        row.read(device.as_uuid())
    }

    /// Living devices beyond `after` that were not judged by these rules yet.
    pub async fn find_devices_to_judge(
        &mut self,
        after: DeviceId,
        rules: RuleSetVersion,
        limit: i64,
    ) -> Result<Vec<DeviceId>, StoreError> {
        let rules = rules.as_bytes().as_slice();
        let rows: Vec<IdRow> =
            fetch_all!(self, FIND_DEVICES_TO_JUDGE, after.as_uuid(), rules, limit)?;
        Ok(device_ids(rows))
    }

    /// Devices whose standing changes by the clock alone, or of which there is news.
    pub async fn find_called_standings(
        &mut self,
        now: Timestamp,
        limit: i64,
    ) -> Result<Vec<DeviceId>, StoreError> {
        let rows: Vec<IdRow> = fetch_all!(self, FIND_CALLED_STANDINGS, Time(now), limit)?;
        Ok(device_ids(rows))
    }
}

impl Tx {
    /// Puts rules in force.
    pub async fn insert_rules(&mut self, rules: &AppliedRules) -> Result<(), StoreError> {
        execute!(
            self,
            INSERT_RULES,
            rules.id.as_uuid(),
            rules.number,
            rules.version.as_bytes().as_slice(),
            &rules.text,
            rules.note.as_deref(),
            Time(rules.applied_at)
        )?;
        Ok(())
    }

    /// The counter of a locked device's last report of its own.
    pub async fn find_posture_counter(
        &mut self,
        device: DeviceId,
    ) -> Result<Option<i64>, StoreError> {
        let row: Option<crate::CountRow> = fetch_optional!(self, FIND_COUNTER, device.as_uuid())?;
        Ok(row.map(|row| row.count))
    }

    /// Keeps a report of a locked device in place of the last one of the same source.
    pub async fn put_posture(
        &mut self,
        device: DeviceId,
        posture: &Posture,
        counter: i64,
    ) -> Result<(), StoreError> {
        let source = posture.source.as_str();
        execute!(
            self,
            PUT_POSTURE,
            device.as_uuid(),
            source,
            Json(posture),
            counter
        )?;
        Ok(())
    }

    /// Forgets what a device reported under its earlier key, and lets the job judge it soon.
    pub async fn forget_postures(
        &mut self,
        device: DeviceId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        execute!(self, FORGET_POSTURES, device.as_uuid())?;
        if let Some(standing) = self.find_standing(device).await? {
            let unknown = JudgedCompliance {
                compliance: Compliance::Unknown,
                until: None,
                fall: Fall::Unknown,
            };
            let standing = standing.with_another_key();
            self.put_standing(device, &standing, &unknown).await?;
        }
        self.call_standing(device, now).await
    }

    /// Lets the job judge a device soon: there is news of it.
    pub async fn call_standing(
        &mut self,
        device: DeviceId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        execute!(self, CALL_STANDING, device.as_uuid(), Time(now))?;
        Ok(())
    }

    /// Keeps where a locked device stands.
    pub async fn put_standing(
        &mut self,
        device: DeviceId,
        standing: &Standing,
        judged: &JudgedCompliance,
    ) -> Result<(), StoreError> {
        execute!(
            self,
            PUT_STANDING,
            device.as_uuid(),
            Json(standing),
            standing.version.as_bytes().as_slice(),
            standing.next_change.map(Time)
        )?;
        execute!(
            self,
            SET_COMPLIANCE,
            device.as_uuid(),
            judged.compliance.as_str(),
            judged.until.map(Time),
            judged.fall.as_str()
        )?;
        Ok(())
    }
}

fn device_ids(rows: Vec<IdRow>) -> Vec<DeviceId> {
    rows.into_iter()
        .map(|row| DeviceId::from_uuid(row.id))
        .collect()
}

fn version(bytes: &[u8], row: Uuid) -> Result<RuleSetVersion, StoreError> {
    let bytes =
        array(bytes).ok_or_else(|| StoreError::inconsistent("rule_files", "version", row))?;
    Ok(RuleSetVersion::from_hash(bytes))
}

/// Columns of a device's row.
#[derive(sqlx::FromRow)]
pub(crate) struct ComplianceRow {
    compliance: Option<String>,
    compliance_until: Option<Time>,
    compliance_fall: Option<String>,
}

impl ComplianceRow {
    pub(crate) fn read(self, device: Uuid) -> Result<Option<JudgedCompliance>, StoreError> {
        let wrong = |column| StoreError::inconsistent("devices", column, device);
        let (Some(compliance), Some(fall)) = (self.compliance, self.compliance_fall) else {
            return Ok(None);
        };
        Ok(Some(JudgedCompliance {
            compliance: compliance.parse().map_err(|_| wrong("compliance"))?,
            until: self.compliance_until.map(Into::into),
            fall: fall.parse().map_err(|_| wrong("compliance_fall"))?,
        }))
    }
}

#[derive(sqlx::FromRow)]
struct VersionRow {
    version: Vec<u8>,
}

#[derive(sqlx::FromRow)]
struct PostureRow {
    posture: Json<Posture>,
}

#[derive(sqlx::FromRow)]
struct StandingRow {
    standing: Option<Json<Standing>>,
}

#[derive(sqlx::FromRow)]
struct RulesRow {
    id: Uuid,
    number: i64,
    version: Vec<u8>,
    text: String,
    note: Option<String>,
    applied_at: Time,
}

impl TryFrom<RulesRow> for AppliedRules {
    type Error = StoreError;

    fn try_from(row: RulesRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: RuleFileId::from_uuid(row.id),
            number: row.number,
            version: version(&row.version, row.id)?,
            text: row.text,
            note: row.note,
            applied_at: row.applied_at.into(),
        })
    }
}
