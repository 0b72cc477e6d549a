//! Who is let in only after somebody has looked, and what bad proofs cost a device.

use crate::{
    ApprovalId, ClientId, DeviceId, Timestamp, UserId, device::DeviceState, text::text_enum,
    user::ExternalUserId,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

text_enum! {
    /// How a new device of a client comes into use.
    Activation {
        /// At once.
        Automatic = "automatic",
        /// When an admin approves it.
        Approval = "approval",
    }
}

text_enum! {
    /// What a ban of one device means for the next one of its user.
    AfterBan {
        /// Nothing.
        Allow = "allow",
        /// An admin has to approve it.
        Approval = "approval",
    }
}

text_enum! {
    /// Why somebody has to look.
    ApprovalCause {
        /// The client's new devices wait for it.
        Activation = "activation",
        /// A device of the user is banned.
        AfterBan = "after_ban",
        /// The user has as many devices as allowed.
        Limit = "limit",
    }
}

text_enum! {
    /// What came of it.
    ApprovalDecision {
        /// An admin let it in.
        Approved = "approved",
        /// An admin did not.
        Rejected = "rejected",
        /// Nobody looked in time.
        Expired = "expired",
    }
}

/// What a client demands of whoever comes new, beside evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Admission {
    /// How a new device comes into use.
    pub activation: Activation,
    /// What a ban means for a user's next device.
    pub after_ban: AfterBan,
    /// How long a request for approval waits before it is rejected by itself.
    pub approval_secs: u64,
    /// What bad proofs cost.
    pub bad_proofs: BadProofs,
}

/// How many bad proofs suspend a device, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BadProofs {
    /// How many; 0 for never.
    pub limit: u32,
    /// Within how long.
    pub within_secs: u64,
    /// How long the first suspension lasts; each that follows lasts twice as long as the one before.
    pub suspend_secs: u64,
}

/// The bad proofs of one device so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BadProofRecord {
    /// How many since `since`.
    pub count: u32,
    /// When the first of them came.
    pub since: Option<Timestamp>,
    /// How many suspensions they have led to in a row.
    pub suspensions: u32,
    /// When the last of these ended, or will.
    pub suspended_until: Option<Timestamp>,
}

/// A device, or a user on one, that waits for an admin or that one has looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// Its identity.
    pub id: ApprovalId,
    /// The client.
    pub client_id: ClientId,
    /// The device.
    pub device_id: DeviceId,
    /// Where the device stands.
    pub device_state: DeviceState,
    /// The user whom it is about, or who first came with the device.
    pub user: Option<(UserId, ExternalUserId)>,
    /// Why somebody has to look.
    pub cause: ApprovalCause,
    /// Since when.
    pub asked_at: Timestamp,
    /// Until when.
    pub expires_at: Timestamp,
    /// What came of it, and when.
    pub decided: Option<(ApprovalDecision, Timestamp)>,
}

/// No suspension that bad proofs lead to is longer.
pub const LONGEST_SUSPENSION: Duration = Duration::from_hours(24);

/// After this long without one, the next suspension is as short as the first.
pub const SUSPENSIONS_FORGOTTEN_AFTER: Duration = Duration::from_hours(7 * 24);

impl Default for Admission {
    fn default() -> Self {
        Self {
            activation: Activation::Automatic,
            after_ban: AfterBan::Allow,
            approval_secs: 7 * 24 * 3600,
            bad_proofs: BadProofs::default(),
        }
    }
}

impl Default for BadProofs {
    fn default() -> Self {
        Self {
            limit: 5,
            within_secs: 600,
            suspend_secs: 600,
        }
    }
}

impl BadProofs {
    /// What another bad proof makes of the record, and until when it suspends the device, if it does.
    pub fn count(
        &self,
        record: BadProofRecord,
        now: Timestamp,
    ) -> (BadProofRecord, Option<Timestamp>) {
        let window = Duration::from_secs(self.within_secs);
        let is_current = |since: &Timestamp| now.since(*since) <= window;
        let (count, since) = match record.since.filter(is_current) {
            Some(since) => (record.count.saturating_add(1), since),
            None => (1, now),
        };
        if self.limit == 0 || count < self.limit {
            let counted = BadProofRecord {
                count,
                since: Some(since),
                ..record
            };
            return (counted, None);
        }
        let is_recent = |until: Timestamp| now.since(until) <= SUSPENSIONS_FORGOTTEN_AFTER;
        let earlier = match record.suspended_until {
            Some(until) if is_recent(until) => record.suspensions,
            _ => 0,
        };
        let until = now.plus(self.suspension(earlier));
        let suspended = BadProofRecord {
            count: 0,
            since: None,
            suspensions: earlier.saturating_add(1),
            suspended_until: Some(until),
        };
        (suspended, Some(until))
    }

    /// How long the suspension lasts that follows so many others.
    fn suspension(&self, earlier: u32) -> Duration {
        let factor = 2u64.saturating_pow(earlier);
        Duration::from_secs(self.suspend_secs.saturating_mul(factor)).min(LONGEST_SUSPENSION)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

    fn after(seconds: u64) -> Timestamp {
        NOW.plus(Duration::from_secs(seconds))
    }

    /// Counts bad proofs at these seconds; answers when each suspends, in seconds from its own time.
    fn suspensions(rule: &BadProofs, seconds: &[u64]) -> Vec<Option<u64>> {
        let mut record = BadProofRecord::default();
        let mut counted = Vec::new();
        for &second in seconds {
            let (next, until) = rule.count(record, after(second));
            record = next;
            counted.push(until.map(|until| until.since(after(second)).as_secs()));
        }
        counted
    }

    #[test]
    fn the_fifth_within_ten_minutes_suspends_for_ten() {
        let rule = BadProofs::default();
        assert_eq!(suspensions(&rule, &[0, 1, 2, 3, 600])[4], Some(600));
        assert_eq!(suspensions(&rule, &[0, 1, 2, 3, 601])[4], None);
        let slowly: Vec<u64> = (0..50).map(|number| number * 200).collect();
        assert!(suspensions(&rule, &slowly).iter().all(Option::is_none));
    }

    #[test]
    fn suspensions_grow_up_to_a_day_and_are_forgotten_after_a_quiet_week() {
        let rule = BadProofs {
            limit: 1,
            ..BadProofs::default()
        };
        let grown = suspensions(&rule, &[0, 10, 20, 30, 40, 50, 60, 70, 80, 90]);
        let expected = [
            600, 1200, 2400, 4800, 9600, 19_200, 38_400, 76_800, 86_400, 86_400,
        ];
        assert_eq!(grown, expected.map(Some));
        let week = SUSPENSIONS_FORGOTTEN_AFTER.as_secs();
        assert_eq!(suspensions(&rule, &[0, 600 + week])[1], Some(1200));
        assert_eq!(suspensions(&rule, &[0, 601 + week])[1], Some(600));
    }

    #[test]
    fn a_limit_of_zero_suspends_nobody() {
        let rule = BadProofs {
            limit: 0,
            ..BadProofs::default()
        };
        assert!(suspensions(&rule, &[0; 20]).iter().all(Option::is_none));
    }
}
