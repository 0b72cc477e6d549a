//! How long sessions and access tokens live.

use crate::Timestamp;
use std::time::Duration;

/// Lifetimes of one client's sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetimes {
    /// Of an access token: 30 s to 1 h.
    pub access: Duration,
    /// A session ends after this long without activity: 1 min to `absolute`.
    pub idle: Duration,
    /// A session ends this long after its login, whatever happens: at most 400 days.
    pub absolute: Duration,
}

/// Session limits by authentication assurance level (NIST SP 800-63B-4 section 2.x.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Preset {
    /// 30 days overall, no idle limit of its own.
    Aal1,
    /// 24 hours overall, 1 hour idle.
    Aal2,
    /// 12 hours overall, 15 minutes idle.
    Aal3,
}

/// A lifetime is outside its range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidLifetimes {
    /// The access token's lifetime.
    #[error("access tokens live 30 seconds to 1 hour")]
    Access,
    /// The idle limit.
    #[error("the idle limit is 1 minute up to the absolute limit")]
    Idle,
    /// The absolute limit.
    #[error("sessions live at most 400 days")]
    Absolute,
}

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

impl Preset {
    /// The limits of the level; access tokens live 5 minutes in each.
    pub const fn lifetimes(self) -> Lifetimes {
        let (idle, absolute) = match self {
            Self::Aal1 => (30 * DAY, 30 * DAY),
            Self::Aal2 => (HOUR, 24 * HOUR),
            Self::Aal3 => (15 * MINUTE, 12 * HOUR),
        };
        Lifetimes {
            access: Duration::from_secs(5 * MINUTE),
            idle: Duration::from_secs(idle),
            absolute: Duration::from_secs(absolute),
        }
    }
}

impl Lifetimes {
    /// The longest that any access token may live; the denylist keeps an ended session this long.
    pub const LONGEST_ACCESS: Duration = Duration::from_secs(HOUR);

    /// Checks the ranges.
    ///
    /// # Errors
    /// Names the first lifetime that is out of range.
    pub fn validate(self) -> Result<Self, InvalidLifetimes> {
        if !(Duration::from_secs(30)..=Self::LONGEST_ACCESS).contains(&self.access) {
            return Err(InvalidLifetimes::Access);
        }
        if self.absolute > Duration::from_secs(400 * DAY) {
            return Err(InvalidLifetimes::Absolute);
        }
        if !(Duration::from_secs(MINUTE)..=self.absolute).contains(&self.idle) {
            return Err(InvalidLifetimes::Idle);
        }
        Ok(self)
    }

    /// When an access token made now expires: never later than its session.
    pub fn access_expiry(self, now: Timestamp, session_ends: Timestamp) -> Timestamp {
        now.plus(self.access).min(session_ends)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presets_are_valid_and_those_of_sp_800_63b() {
        for preset in [Preset::Aal1, Preset::Aal2, Preset::Aal3] {
            assert!(preset.lifetimes().validate().is_ok());
        }
        assert_eq!(Preset::Aal3.lifetimes().idle, Duration::from_mins(15));
        assert_eq!(Preset::Aal2.lifetimes().absolute, Duration::from_hours(24));
    }

    #[test]
    fn ranges_are_enforced() {
        let valid = Preset::Aal2.lifetimes();
        let with_access = |access| Lifetimes {
            access: Duration::from_secs(access),
            ..valid
        };
        assert_eq!(with_access(29).validate(), Err(InvalidLifetimes::Access));
        assert_eq!(with_access(3601).validate(), Err(InvalidLifetimes::Access));
        let idle = Lifetimes {
            idle: valid.absolute + Duration::from_secs(1),
            ..valid
        };
        assert_eq!(idle.validate(), Err(InvalidLifetimes::Idle));
        let absolute = Lifetimes {
            absolute: Duration::from_secs(401 * DAY),
            ..valid
        };
        assert_eq!(absolute.validate(), Err(InvalidLifetimes::Absolute));
    }
}
