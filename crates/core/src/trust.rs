//! Trust levels: derived from evidence, never stored twice and never sent by a client (invariant I9).

use crate::{
    DeviceId, OwnershipId, Timestamp, ids::TrustEvidenceId, snapshot::Compliance, text::text_enum,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

text_enum! {
    /// How far a device is trusted for one of its users, in rising order.
    #[derive(PartialOrd, Ord)]
    TrustLevel {
        /// The device or the ownership is revoked.
        Revoked = "revoked",
        /// Nothing speaks for the device.
        Unknown = "unknown",
        /// The user confirmed the device.
        Trusted = "trusted",
        /// The device is managed and compliant.
        Corporate = "corporate",
    }
}

text_enum! {
    /// What speaks for a device.
    TrustKind {
        /// The user confirmed it with more than one factor.
        Mfa = "mfa",
        /// Whoever manages it says so.
        Mdm = "mdm",
    }
}

text_enum! {
    /// Who said so.
    TrustSource {
        /// A login, by how the user authenticated.
        Login = "login",
        /// A backend or an admin.
        Backend = "backend",
    }
}

text_enum! {
    /// Why evidence counts no longer.
    TrustEnd {
        /// Its time was over.
        Lapsed = "lapsed",
        /// A backend or an admin took it back.
        Withdrawn = "withdrawn",
    }
}

text_enum! {
    /// What a device is worth that does not meet the rules.
    #[derive(Default)]
    Fall {
        /// As much as its user's confirmation is good for.
        Trusted = "trusted",
        /// Nothing, where it is managed; else as before.
        #[default]
        Unknown = "unknown",
        /// It is let in nowhere.
        Block = "block",
    }
}

/// One reason to trust a device, for one user of it or for all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustEvidence {
    /// Its identity.
    pub id: TrustEvidenceId,
    /// The device.
    pub device_id: DeviceId,
    /// Which generation of it; another key has to be spoken for anew.
    pub generation: i64,
    /// For whom: the user who confirmed it; management is for all users.
    pub ownership_id: Option<OwnershipId>,
    /// What it is.
    pub kind: TrustKind,
    /// Who said so.
    pub source: TrustSource,
    /// In the words of whoever said so.
    pub note: Option<String>,
    /// Since when.
    pub since: Timestamp,
    /// Until when, unless it ends before.
    pub until: Timestamp,
    /// When and why it ended.
    pub ended: Option<(Timestamp, TrustEnd)>,
}

/// What counts as a confirmation by the user, and for how long.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TrustPolicy {
    /// Authentication methods (RFC 8176) of which one is enough.
    pub mfa_methods: Vec<String>,
    /// How long a confirmation counts.
    pub mfa_secs: u64,
}

/// What speaks for a device and one of its users, each with the time at which it lapses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grounds {
    /// Until when the user's confirmation counts.
    pub confirmed_until: Option<Timestamp>,
    /// Until when the device counts as managed.
    pub managed_until: Option<Timestamp>,
    /// Whether the device meets the rules.
    pub compliance: Compliance,
    /// Until when it does, if that lapses: a device that does not meet them has to be judged anew.
    pub compliance_until: Option<Timestamp>,
    /// What it is worth where it does not.
    pub fall: Fall,
}

impl TrustLevel {
    /// How far a device is trusted for one of its users: without a key, never beyond
    /// [`TrustLevel::Unknown`], since nothing would say that it is the same device.
    pub fn of(is_revoked: bool, is_keyed: bool, grounds: &Grounds, now: Timestamp) -> Self {
        match (is_revoked, is_keyed) {
            (true, _) => Self::Revoked,
            (false, true) => grounds.trust_at(now),
            (false, false) => Self::Unknown,
        }
    }
}

impl Default for TrustPolicy {
    fn default() -> Self {
        Self {
            mfa_methods: vec!["mfa".to_owned()],
            mfa_secs: 30 * 24 * 3600,
        }
    }
}

impl TrustPolicy {
    /// The most methods that count.
    pub const MOST_METHODS: usize = 16;

    /// Until when a login by these methods confirms the device, if it does.
    pub fn confirms(&self, amr: &[String], now: Timestamp) -> Option<Timestamp> {
        let is_enough = amr.iter().any(|method| self.mfa_methods.contains(method));
        is_enough.then(|| now.plus(Duration::from_secs(self.mfa_secs)))
    }
}

impl Grounds {
    /// Nothing.
    pub const NONE: Self = Self {
        confirmed_until: None,
        managed_until: None,
        compliance: Compliance::Unevaluated,
        compliance_until: None,
        fall: Fall::Unknown,
    };

    /// The level that these are good for.
    pub fn trust_at(&self, now: Timestamp) -> TrustLevel {
        let counts = |until: Option<Timestamp>| until.is_some_and(|until| now < until);
        let compliance = self.compliance_at(now);
        // Management that has lapsed still explains why a device fell.
        let is_fallen = self.managed_until.is_some() && self.fall != Fall::Trusted;
        if counts(self.managed_until) && compliance.holds() {
            TrustLevel::Corporate
        } else if compliance == Compliance::NonCompliant && is_fallen {
            TrustLevel::Unknown
        } else if counts(self.confirmed_until) {
            TrustLevel::Trusted
        } else {
            TrustLevel::Unknown
        }
    }

    /// Whether the device meets the rules, as far as that is still known.
    pub fn compliance_at(&self, now: Timestamp) -> Compliance {
        match self.compliance_until {
            Some(until) if now >= until && self.compliance.holds() => Compliance::Unknown,
            _ => self.compliance,
        }
    }

    /// Whether the rules let the device in nowhere.
    pub fn is_blocked(&self) -> bool {
        self.compliance == Compliance::NonCompliant && self.fall == Fall::Block
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

    fn at(offset: i64) -> Timestamp {
        Timestamp::from_micros(NOW.as_micros() + offset)
    }

    #[test]
    fn a_login_confirms_by_one_method_that_counts() {
        let policy = TrustPolicy {
            mfa_methods: vec!["mfa".to_owned(), "hwk".to_owned()],
            mfa_secs: 60,
        };
        let confirms = |amr: &[&str]| {
            let amr: Vec<_> = amr.iter().map(|&method| method.to_owned()).collect();
            policy.confirms(&amr, NOW)
        };
        assert_eq!(confirms(&["pwd", "hwk"]), Some(at(60_000_000)));
        assert_eq!(confirms(&["pwd", "otp"]), None);
        assert_eq!(confirms(&[]), None);
    }

    #[test]
    fn corporate_is_managed_and_compliant_and_falls_back_to_what_else_there_is() {
        for compliance in Compliance::ALL {
            let grounds = Grounds {
                confirmed_until: Some(at(30)),
                managed_until: Some(at(20)),
                compliance: *compliance,
                compliance_until: Some(at(10)),
                fall: Fall::Unknown,
            };
            let (first, then) = match compliance {
                Compliance::Compliant | Compliance::InGrace => {
                    (TrustLevel::Corporate, TrustLevel::Trusted)
                }
                Compliance::NonCompliant => (TrustLevel::Unknown, TrustLevel::Unknown),
                _ => (TrustLevel::Trusted, TrustLevel::Trusted),
            };
            assert_eq!(grounds.trust_at(at(9)), first, "{compliance}");
            assert_eq!(grounds.trust_at(at(10)), then);
            assert_eq!(grounds.trust_at(at(29)), then);
            assert_eq!(grounds.trust_at(at(30)), TrustLevel::Unknown);
        }
    }

    #[test]
    fn what_does_not_comply_falls_as_far_as_the_rules_say_and_only_where_it_is_managed() {
        for (fall, managed, expected) in [
            (Fall::Unknown, true, TrustLevel::Unknown),
            (Fall::Block, true, TrustLevel::Unknown),
            (Fall::Trusted, true, TrustLevel::Trusted),
            (Fall::Unknown, false, TrustLevel::Trusted),
        ] {
            let grounds = Grounds {
                confirmed_until: Some(at(30)),
                managed_until: managed.then(|| at(20)),
                compliance: Compliance::NonCompliant,
                compliance_until: None,
                fall,
            };
            assert_eq!(grounds.trust_at(NOW), expected, "{fall}");
            assert_eq!(grounds.is_blocked(), fall == Fall::Block);
        }
    }

    fn moments() -> impl Strategy<Value = Option<i64>> {
        proptest::option::of(-50_i64..50)
    }

    proptest! {
        #[test]
        fn i9_trust_only_falls_as_time_passes(
            confirmed in moments(), managed in moments(), known in moments(),
            kind in 0..Compliance::ALL.len(), fall in 0..Fall::ALL.len(), first in -60_i64..60, later in 0_i64..60,
        ) {
            let grounds = Grounds {
                confirmed_until: confirmed.map(at),
                managed_until: managed.map(at),
                compliance: Compliance::ALL[kind],
                compliance_until: known.map(at),
                fall: Fall::ALL[fall],
            };
            prop_assert!(grounds.trust_at(at(first + later)) <= grounds.trust_at(at(first)));
        }

        #[test]
        fn i9_nothing_speaks_for_a_device_without_evidence(known in moments(), kind in 0..Compliance::ALL.len(), now in -60_i64..60) {
            let grounds = Grounds { compliance: Compliance::ALL[kind], compliance_until: known.map(at), ..Grounds::NONE };
            prop_assert_eq!(grounds.trust_at(at(now)), TrustLevel::Unknown);
        }
    }
}
