//! What was counted and measured on the way.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// Counts and latencies, shared by everybody who plays.
#[derive(Debug, Default)]
pub(super) struct Tally(Mutex<Numbers>);

#[derive(Debug, Default, Clone)]
pub(super) struct Numbers {
    pub(super) logins: u64,
    pub(super) allowed: u64,
    pub(super) refused: u64,
    pub(super) lost_answers: u64,
    pub(super) endings: u64,
    pub(super) verifications: Vec<Duration>,
    pub(super) refreshes: Vec<Duration>,
    /// From the return of the call that ended something to the first request that was refused.
    pub(super) cut_offs: Vec<Duration>,
}

impl Tally {
    pub(super) fn lock(&self) -> MutexGuard<'_, Numbers> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The middle one, the lower of two.
pub(super) fn median(samples: &[Duration]) -> Option<Duration> {
    let mut sorted = samples.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len().checked_sub(1)? / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_sample() {
        let ms = Duration::from_millis;
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[ms(5)]), Some(ms(5)));
        assert_eq!(median(&[ms(9), ms(1), ms(5)]), Some(ms(5)));
        assert_eq!(median(&[ms(9), ms(1)]), Some(ms(1)));
    }
}
