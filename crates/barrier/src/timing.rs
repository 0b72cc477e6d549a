//! Moments on a process's own clock, and how long things last on it.

use std::time::Duration;

/// A reading of a process's own clock: nanoseconds, never set back, also counted in suspend.
///
/// Moments of different processes have nothing to do with each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Moment(u64);

impl Moment {
    /// Takes nanoseconds of the clock.
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds of the clock.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// The moment so much later, at most the end of time.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        Self(self.0.saturating_add(nanos))
    }

    /// How much time lies between this moment and a later one; zero if it is not later.
    pub const fn until(self, later: Self) -> Duration {
        Duration::from_nanos(later.0.saturating_sub(self.0))
    }
}

/// How long a lease lasts, and how much longer others wait for its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Timing {
    /// How long a node may answer after it noted the clock for a renewal.
    pub lease: Duration,
    /// By how many percent one clock may run slower than another.
    pub drift_percent: u32,
    /// What is waited for on top, for the grain of the clocks.
    pub slack: Duration,
}

impl Timing {
    /// The service's: 10 % covers two clocks that are off by 5 % each, more than slewing does.
    pub const fn with_lease(lease: Duration) -> Self {
        Self {
            lease,
            drift_percent: 10,
            slack: Duration::from_millis(20),
        }
    }

    /// How long to wait on one's own clock until so much time has passed on anybody's.
    pub fn outlast(&self, duration: Duration) -> Duration {
        let longer = duration.saturating_mul(100 + self.drift_percent) / 100;
        longer.saturating_add(self.slack)
    }
}

impl Default for Timing {
    fn default() -> Self {
        Self::with_lease(Duration::from_secs(2))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_is_outlasted_by_a_tenth_and_twenty_milliseconds() {
        let timing = Timing::default();
        assert_eq!(timing.outlast(timing.lease), Duration::from_millis(2_220));
    }

    #[test]
    fn the_past_is_no_time_away_and_the_end_of_time_is_the_end() {
        let (early, late) = (Moment::from_nanos(3), Moment::from_nanos(10));
        assert_eq!(early.until(late), Duration::from_nanos(7));
        assert_eq!(late.until(early), Duration::ZERO);
        assert_eq!(late.plus(Duration::MAX), Moment::from_nanos(u64::MAX));
    }
}
