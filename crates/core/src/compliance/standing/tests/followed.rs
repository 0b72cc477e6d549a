//! A device and what happens to it.

use super::*;
use crate::{
    ClientId, DeviceId,
    compliance::{
        evaluate::{Evaluation, Subject},
        rules::Management,
    },
};
use uuid::Uuid;

/// A device that is followed over time.
pub(super) struct Followed {
    pub(super) rules: RuleSet,
    pub(super) first_seen_at: Timestamp,
    pub(super) posture: Option<Posture>,
    pub(super) groups: Vec<String>,
    pub(super) standing: Option<Standing>,
    pub(super) changes: Vec<StatusKind>,
}

impl Followed {
    pub(super) fn under(rules: &str) -> Self {
        Self {
            rules: rule_set(rules),
            first_seen_at: NOW.minus(DAY * 300),
            posture: None,
            groups: Vec::new(),
            standing: None,
            changes: Vec::new(),
        }
    }

    /// Takes a step without news.
    pub(super) fn step(&mut self, now: Timestamp) -> Status {
        let (standing, change) = self.peek(now);
        if let Some(change) = change {
            let was = self
                .standing
                .as_ref()
                .map_or(Status::Unknown, |kept| kept.status);
            assert_eq!((change.previous, change.current), (was, standing.status));
            self.changes.push(change.current.kind());
        }
        let status = standing.status;
        self.standing = Some(standing);
        status
    }

    /// What a step would come to.
    pub(super) fn peek(&self, now: Timestamp) -> (Standing, Option<StatusChange>) {
        let evaluation = self.evaluate(now);
        Standing::after(self.standing.as_ref(), &evaluation, &self.rules)
    }

    /// What the rules say, without any memory.
    pub(super) fn evaluate(&self, now: Timestamp) -> Evaluation<'_> {
        let subject = Subject {
            device_id: DeviceId::from_uuid(Uuid::from_u128(1)),
            client_id: ClientId::from_uuid(Uuid::from_u128(1)),
            family: Some(OsFamily::Ios),
            posture: self.posture.as_ref(),
            groups: &self.groups,
            management: Management::Managed,
            first_seen_at: self.first_seen_at,
        };
        self.rules.evaluate(&subject, now)
    }

    /// Takes a report of version, app and lock in, then a step.
    pub(super) fn report(
        &mut self,
        now: Timestamp,
        version: &str,
        app: &str,
        lock: Option<bool>,
    ) -> Status {
        self.posture = Some(Posture {
            os_version: Some(version.to_owned()),
            app_version: Some(app.to_owned()),
            screen_lock: lock,
            ..Posture::empty(OsFamily::Ios, now)
        });
        self.step(now)
    }

    pub(super) fn kept(&self) -> &Standing {
        self.standing.as_ref().unwrap()
    }

    pub(super) fn worst(&self) -> Option<&str> {
        self.kept().worst.as_ref().map(RuleId::as_str)
    }
}
