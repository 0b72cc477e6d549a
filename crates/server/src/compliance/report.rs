//! Reports of devices, and what comes of them.

use super::{
    Compliance, ComplianceError,
    judge::{judge, known, subject},
};
use crate::{device::lock, journal::Journal};
use countersign_attestation::posture_report::{self, PostureReportError};
use countersign_core::{
    DeviceId, Thumbprint, Timestamp,
    activity::Actor,
    client::Client,
    compliance::{
        evaluate::Evaluation,
        posture::{Posture, PostureSource},
        rules::RuleSet,
        standing::Standing,
    },
    device::Device,
};
use countersign_storage::Tx;
use std::{sync::Arc, time::Duration};

/// What the rules say of a device, and where it stands.
#[derive(Debug)]
pub(super) struct Assessed {
    pub(super) rules: Arc<RuleSet>,
    pub(super) device: Device,
    pub(super) client: Client,
    pub(super) posture: Option<Posture>,
    /// As it was judged last; nothing, if it has not been yet.
    pub(super) standing: Option<Standing>,
    pub(super) is_managed: bool,
    pub(super) now: Timestamp,
}

impl Assessed {
    /// What each rule says now.
    pub(super) fn evaluation(&self) -> Evaluation<'_> {
        let subject = subject(
            &self.device,
            &self.client,
            self.posture.as_ref(),
            self.is_managed,
        );
        self.rules.evaluate(&subject, self.now)
    }
}

/// When a device should report again. Those that started together drift apart by what a call takes.
pub(super) const NEXT_REPORT: Duration = Duration::from_hours(1);

struct Input {
    journal: Journal,
    rules: Arc<RuleSet>,
    device: DeviceId,
    posture: Posture,
    /// Where the device itself reports.
    own: Option<Own>,
}

/// What a device's own report is held against.
struct Own {
    jkt: Thumbprint,
    generation: i64,
    counter: i64,
}

impl Compliance {
    /// What the rules say of a device.
    pub(super) async fn assess(&self, id: DeviceId) -> Result<Assessed, ComplianceError> {
        let rules = self.current().await?;
        let now = self.ledger.clock.now();
        let mut conn = self.ledger.store.read().await?;
        let device = conn.find_device(id).await?;
        let device = device.ok_or(ComplianceError::DeviceUnknown)?;
        let client = conn.find_client(device.client_id).await?;
        let client = client.ok_or(ComplianceError::DeviceUnknown)?;
        let postures = conn.list_postures(id).await?;
        Ok(Assessed {
            posture: known(&device, client.platform, postures),
            standing: conn.find_standing(id).await?,
            is_managed: conn.is_managed(id, device.generation, now).await?,
            rules,
            device,
            client,
            now,
        })
    }

    /// Keeps what is said of a device, and judges it by that.
    pub(super) async fn report(
        &self,
        device: DeviceId,
        posture: Posture,
        actor: Actor,
    ) -> Result<bool, ComplianceError> {
        let input = Input {
            journal: self.ledger.journal(actor),
            rules: self.current().await?,
            device,
            posture,
            own: None,
        };
        self.keep(input).await
    }

    /// Keeps what a device says of itself, and judges it by that. Answers which device it is.
    pub(super) async fn check_in(&self, jws: &str) -> Result<DeviceId, ComplianceError> {
        let verified = posture_report::verify(jws).map_err(|error| match error {
            PostureReportError::Malformed => ComplianceError::ReportMalformed,
            PostureReportError::Signature => ComplianceError::ReportUnsigned,
        })?;
        let report = verified.report;
        let device = report.device_id;
        let own = Own {
            jkt: verified.jkt,
            generation: report.generation,
            counter: report.counter,
        };
        let input = Input {
            journal: self.ledger.journal(Actor::System),
            rules: self.current().await?,
            device,
            posture: report.into_posture(PostureSource::SelfReported, self.now()),
            own: Some(own),
        };
        self.keep(input).await?;
        Ok(device)
    }

    async fn keep(&self, input: Input) -> Result<bool, ComplianceError> {
        self.ledger
            .settle_if(
                input,
                |tx, input| Box::pin(report(tx, input)),
                |is_lowered| *is_lowered,
            )
            .await
    }
}

async fn report(tx: &mut Tx, input: &Input) -> Result<bool, ComplianceError> {
    let device = lock(tx, input.device).await?;
    let device = match (&input.own, device) {
        // Nobody learns which devices there are.
        (Some(_), None) => return Err(ComplianceError::KeyMismatch),
        (None, None) => return Err(ComplianceError::DeviceUnknown),
        (Some(own), Some(device)) => {
            check(tx, &device, own).await?;
            if device.state.is_dead() {
                return Err(ComplianceError::Unheard(device.state));
            }
            device
        }
        (None, Some(device)) if device.state.is_dead() => {
            return Err(ComplianceError::State(device.state));
        }
        (None, Some(device)) => device,
    };
    let counter = input.own.as_ref().map_or(0, |own| own.counter);
    tx.put_posture(device.id, &input.posture, counter).await?;
    Ok(judge(tx, &input.journal, &input.rules, &device).await?)
}

/// Whether a report is the locked device's own, and newer than the last.
async fn check(tx: &mut Tx, device: &Device, own: &Own) -> Result<(), ComplianceError> {
    if device.jkt.as_ref() != Some(&own.jkt) {
        return Err(ComplianceError::KeyMismatch);
    }
    if device.generation != own.generation {
        return Err(ComplianceError::ReportMismatch);
    }
    match tx.find_posture_counter(device.id).await? {
        Some(last) if own.counter <= last => Err(ComplianceError::ReportReplayed),
        _ => Ok(()),
    }
}
