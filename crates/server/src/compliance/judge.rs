//! Where a device stands, worked out anew.

use super::{Compliance, ComplianceError};
use crate::{device::lock, journal::Journal, session::registration};
use countersign_core::{
    DeviceId,
    activity::{Action, Actor},
    client::Client,
    compliance::{
        evaluate::{Evaluation, Subject},
        posture::{DiskEncryption, Posture},
        rules::{Effect, FallsTo, Management, Rule, RuleSet},
        standing::{Standing, Status},
        version::OsFamily,
    },
    device::{Device, Encryption, Platform},
    feed,
    snapshot::Compliance as Known,
    trust::Fall,
};
use countersign_storage::{JudgedCompliance, StoreError, Tx};
use std::sync::Arc;
use uuid::Uuid;

/// How many devices are judged before the job looks for more.
const BATCH: i64 = 500;

impl Compliance {
    /// Judges devices that were judged by other rules, and those of which there is news.
    pub(crate) async fn judge_due(&self) -> Result<(), ComplianceError> {
        let rules = self.current().await?;
        let store = &self.ledger.store;
        let mut after = DeviceId::from_uuid(Uuid::nil());
        while **self.judged_by.load() != Some(rules.version()) {
            let mut conn = store.read().await?;
            let due = conn
                .find_devices_to_judge(after, rules.version(), BATCH)
                .await?;
            drop(conn);
            match due.last() {
                Some(last) => after = *last,
                None => self.judged_by.store(Arc::new(Some(rules.version()))),
            }
            self.judge_each(&rules, due).await?;
        }
        let now = self.ledger.clock.now();
        let mut conn = store.read().await?;
        let due = conn.find_called_standings(now, BATCH).await?;
        drop(conn);
        self.judge_each(&rules, due).await
    }

    async fn judge_each(
        &self,
        rules: &Arc<RuleSet>,
        devices: Vec<DeviceId>,
    ) -> Result<(), ComplianceError> {
        for device in devices {
            let journal = self.ledger.journal(Actor::System);
            let judged: Result<bool, StoreError> = self
                .ledger
                .settle_if(
                    (journal, Arc::clone(rules), device),
                    |tx, (journal, rules, device)| Box::pin(judge_one(tx, journal, rules, *device)),
                    |is_lowered| *is_lowered,
                )
                .await;
            judged?;
        }
        Ok(())
    }
}

async fn judge_one(
    tx: &mut Tx,
    journal: &Journal,
    rules: &RuleSet,
    id: DeviceId,
) -> Result<bool, StoreError> {
    match lock(tx, id).await? {
        Some(device) => judge(tx, journal, rules, &device).await,
        None => Ok(false),
    }
}

/// Judges a locked device by what is known of it, keeps where it stands, and tells every node. Answers
/// whether its sessions are worth less than before.
pub(super) async fn judge(
    tx: &mut Tx,
    journal: &Journal,
    rules: &RuleSet,
    device: &Device,
) -> Result<bool, StoreError> {
    let client = tx.find_client(device.client_id).await?;
    let wrong = || StoreError::inconsistent("devices", "client_id", device.id.as_uuid());
    let client = client.ok_or_else(wrong)?;
    let postures = tx.list_postures(device.id).await?;
    let posture = known(device, client.platform, postures);
    let (id, generation) = (device.id, device.generation);
    let is_managed = tx.is_managed(id, generation, journal.now).await?;
    let subject = subject(device, &client, posture.as_ref(), is_managed);
    let evaluation = rules.evaluate(&subject, journal.now);
    let previous = tx.find_standing(id).await?;
    let (standing, change) = Standing::after(previous.as_ref(), &evaluation, rules);
    let judged = judged(&standing, &evaluation, rules);
    let before = tx.find_judged_compliance(id).await?;
    tx.put_standing(id, &standing, &judged).await?;
    if before != Some(judged) {
        for session in tx.find_devices_sessions(id).await? {
            journal.changed(tx, feed::Subject::Session(session));
        }
    }
    if let Some(change) = change {
        let target = registration::target(device);
        let status = change.current.kind().as_str();
        journal.record(tx, Action::ComplianceChanged, target, Some(status));
    }
    let held = before.is_some_and(|before| before.compliance.holds());
    let is_blocked = judged.compliance == Known::NonCompliant && judged.fall == Fall::Block;
    let is_fallen = held && !judged.compliance.holds();
    Ok(is_fallen || (is_blocked && before != Some(judged)))
}

/// The device as rules see it.
pub(super) fn subject<'a>(
    device: &Device,
    client: &Client,
    posture: Option<&'a Posture>,
    is_managed: bool,
) -> Subject<'a> {
    Subject {
        device_id: device.id,
        client_id: device.client_id,
        family: family(client.platform),
        posture,
        groups: &[],
        management: if is_managed {
            Management::Managed
        } else {
            Management::Unmanaged
        },
        first_seen_at: device.created_at,
    }
}

/// The report that counts: the one by whose word weighs most, else what the device said of itself when
/// it registered.
pub(super) fn known(device: &Device, platform: Platform, reports: Vec<Posture>) -> Option<Posture> {
    let reported = reports.into_iter().max_by_key(|posture| posture.source);
    reported.or_else(|| {
        let facts = &device.facts;
        Some(Posture {
            os_version: facts.os_version.clone(),
            system_encryption: match facts.encryption {
                Some(Encryption::Enabled) => DiskEncryption::Encrypted,
                Some(Encryption::Disabled) => DiskEncryption::Unencrypted,
                Some(Encryption::Unknown) | None => DiskEncryption::Unknown,
            },
            app_version: facts.app_version.clone(),
            ..Posture::empty(family(platform)?, device.last_seen_at)
        })
    })
}

/// The system, where the platform leaves no choice.
const fn family(platform: Platform) -> Option<OsFamily> {
    match platform {
        Platform::Ios => Some(OsFamily::Ios),
        Platform::Android => Some(OsFamily::Android),
        Platform::Web | Platform::Desktop => None,
    }
}

/// What a standing means for sessions.
fn judged(standing: &Standing, evaluation: &Evaluation<'_>, rules: &RuleSet) -> JudgedCompliance {
    let compliance = match standing.status {
        // A corporate device stays so for as long as the rules give it.
        Status::Unknown if standing.holds_corporate => Known::InGrace,
        status => status.compliance(),
    };
    let mut judged_by = evaluation.rules.iter().map(|judged| judged.rule);
    let worst = judged_by.find(|rule| Some(rule.id()) == standing.worst.as_ref());
    let fall = match (worst.map(Rule::effect), rules.falls_to()) {
        (Some(Effect::Block), _) => Fall::Block,
        (_, FallsTo::Unknown) => Fall::Unknown,
        (_, FallsTo::Trusted) => Fall::Trusted,
    };
    JudgedCompliance {
        compliance,
        until: standing.next_change.filter(|_| compliance.holds()),
        fall,
    }
}
