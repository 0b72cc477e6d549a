//! When a service that does not answer is left alone.

use countersign_core::Timestamp;
use std::time::Duration;

/// So many failures in a row, and it is left alone.
const MOST_FAILURES: u32 = 5;

/// For so long. Then one call finds out for all.
const REST: Duration = Duration::from_secs(30);

/// Counts what one service fails at, one after the other.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    failures: u32,
    rests_until: Option<Timestamp>,
}

impl Breaker {
    /// Whether the service may be called now. After a rest the first caller may, and the others
    /// when that went well, or another rest later: nobody knows whether a caller comes back.
    pub(super) fn admits(&mut self, now: Timestamp) -> bool {
        match self.rests_until {
            Some(until) if now < until => false,
            Some(_) => {
                self.rests_until = Some(now.plus(REST));
                true
            }
            None => true,
        }
    }

    /// Notes that it answered.
    pub(super) fn answered(&mut self) {
        *self = Self::default();
    }

    /// Notes that it did not.
    pub(super) fn failed(&mut self, now: Timestamp) {
        self.failures = self.failures.saturating_add(1);
        if self.failures >= MOST_FAILURES {
            self.rests_until = Some(now.plus(REST));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

    fn resting() -> Breaker {
        let mut breaker = Breaker::default();
        for _ in 0..MOST_FAILURES {
            assert!(breaker.admits(NOW));
            breaker.failed(NOW);
        }
        breaker
    }

    #[test]
    fn failures_count_only_in_a_row() {
        let mut breaker = Breaker::default();
        for _ in 0..3 {
            for _ in 1..MOST_FAILURES {
                breaker.failed(NOW);
            }
            assert!(breaker.admits(NOW));
            breaker.answered();
        }
    }

    #[test]
    fn after_a_rest_one_call_finds_out_for_all() {
        let mut breaker = resting();
        assert!(!breaker.admits(NOW));
        let rested = NOW.plus(REST);
        assert!(!breaker.admits(rested.minus(Duration::from_micros(1))));
        assert!(breaker.admits(rested));
        assert!(!breaker.admits(rested));
        breaker.failed(rested);
        assert!(!breaker.admits(rested.plus(REST).minus(Duration::from_micros(1))));
        assert!(breaker.admits(rested.plus(REST)));
        breaker.answered();
        assert!(breaker.admits(rested.plus(REST)));
        assert!(breaker.admits(rested.plus(REST)));
    }

    #[test]
    fn a_probe_that_never_comes_back_does_not_close_the_way_for_good() {
        let mut breaker = resting();
        assert!(breaker.admits(NOW.plus(REST)));
        assert!(!breaker.admits(NOW.plus(REST)));
        assert!(breaker.admits(NOW.plus(REST * 2)));
    }
}
