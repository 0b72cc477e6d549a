//! How far the server's clock is from the device's.

use countersign_core::Timestamp;
use std::time::Duration;

/// `Date` has whole seconds (RFC 9110 section 5.6.7).
const RESOLUTION_MICROS: i64 = 1_000_000;

/// What to add to the device's clock to get the server's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Skew {
    micros: i64,
}

/// When a request left and its answer came, on the device's clock.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Exchange {
    pub(crate) sent_at: Timestamp,
    pub(crate) received_at: Timestamp,
}

impl Skew {
    /// The server's time at the device's `now`.
    pub(crate) fn correct(self, now: Timestamp) -> Timestamp {
        let micros = Duration::from_micros(self.micros.unsigned_abs());
        if self.micros < 0 {
            now.minus(micros)
        } else {
            now.plus(micros)
        }
    }

    /// What is known after the server dated an answer; unchanged while it is consistent with that.
    pub(crate) fn after(self, date: Timestamp, exchange: Exchange) -> Self {
        let date = date.as_micros();
        let least = date.saturating_sub(exchange.received_at.as_micros());
        let most = date
            .saturating_add(RESOLUTION_MICROS)
            .saturating_sub(exchange.sent_at.as_micros());
        // A clock that was set during the exchange leaves an empty range: nothing is learned.
        if least > most || (least..=most).contains(&self.micros) {
            return self;
        }
        Self {
            micros: least.saturating_add(most) / 2,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exchange(sent: i64, received: i64) -> Exchange {
        Exchange {
            sent_at: Timestamp::from_micros(sent),
            received_at: Timestamp::from_micros(received),
        }
    }

    #[test]
    fn a_consistent_date_changes_nothing() {
        let skew =
            Skew::default().after(Timestamp::from_secs(100), exchange(99_900_000, 100_900_000));
        assert_eq!(skew, Skew::default());
    }

    #[test]
    fn a_slow_clock_is_corrected_to_within_the_exchange() {
        let date = Timestamp::from_secs(700);
        let skew = Skew::default().after(date, exchange(100_000_000, 100_200_000));
        let server = skew.correct(Timestamp::from_micros(100_200_000));
        assert!(
            server >= date && server <= date.plus(Duration::from_millis(1200)),
            "{server}"
        );
    }

    #[test]
    fn a_fast_clock_is_set_back() {
        let date = Timestamp::from_secs(100);
        let skew = Skew::default().after(date, exchange(700_000_000, 700_000_000));
        assert_eq!(
            skew.correct(Timestamp::from_secs(700)),
            Timestamp::from_micros(100_500_000)
        );
    }

    #[test]
    fn a_clock_that_was_set_back_meanwhile_teaches_nothing() {
        let skew = Skew::default().after(Timestamp::from_secs(100), exchange(100_000_000, 1));
        assert_eq!(skew, Skew::default());
    }
}
