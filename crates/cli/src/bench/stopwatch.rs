//! Elapsed time, and what becomes of it.

use serde::Serialize;
use std::{
    fs,
    time::{Duration, Instant},
};

/// Measures how long something takes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stopwatch {
    began: Instant,
    on_core: Option<Duration>,
}

/// How often something happens in a second.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Rate {
    /// Of this thread on a core; of the clock where the kernel does not tell. What else the machine
    /// does hardly changes it.
    pub(super) core: f64,
    /// Of the clock.
    pub(super) elapsed: f64,
}

impl Stopwatch {
    #[expect(
        clippy::disallowed_methods,
        reason = "measuring elapsed time is what this is for"
    )]
    pub(crate) fn start() -> Self {
        Self {
            began: Instant::now(),
            on_core: on_core(),
        }
    }

    pub(crate) fn elapsed(self) -> Duration {
        self.began.elapsed()
    }

    /// Milliseconds since the start.
    pub(super) fn millis(self) -> f64 {
        self.elapsed().as_secs_f64() * 1e3
    }

    /// How often per second, if it happened `count` times since the start.
    pub(super) fn rate(self, count: usize) -> f64 {
        per_second(count, self.elapsed())
    }

    /// The same for what this thread alone did.
    pub(super) fn rates(self, count: usize) -> Rate {
        let elapsed = self.elapsed();
        let on_core = self
            .on_core
            .zip(on_core())
            .map(|(before, now)| now.saturating_sub(before))
            .filter(|time| !time.is_zero());
        Rate {
            core: per_second(count, on_core.unwrap_or(elapsed)),
            elapsed: per_second(count, elapsed),
        }
    }
}

fn per_second(count: usize, time: Duration) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    let count = count as f64;
    count / time.as_secs_f64()
}

/// How long this thread has run on a core: the first of the numbers in Linux's `schedstat`, which
/// are nanoseconds.
fn on_core() -> Option<Duration> {
    let schedstat = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanos = schedstat.split(' ').next()?.parse().ok()?;
    Some(Duration::from_nanos(nanos))
}

/// The middle one, of an even number the upper of the two; 0 without any.
pub(super) fn median(numbers: impl IntoIterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = numbers.into_iter().collect();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(0.0)
}

/// What so many percent of the numbers do not exceed; 0 without any.
pub(super) fn percentile(numbers: &[f64], percent: usize) -> f64 {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or(0.0)
}

/// A rate for people: `1,234,567`.
pub(super) fn thousands(rate: f64) -> String {
    let digits = format!("{rate:.0}");
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_one() {
        assert!((median([3.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        assert!(median([]).abs() < f64::EPSILON);
    }

    #[test]
    fn a_percentile_is_one_of_the_numbers() {
        let numbers: Vec<f64> = (1..=100).map(f64::from).collect();
        assert!((percentile(&numbers, 50) - 50.0).abs() < f64::EPSILON);
        assert!((percentile(&numbers, 99) - 99.0).abs() < f64::EPSILON);
        assert!((percentile(&[7.0], 99) - 7.0).abs() < f64::EPSILON);
        assert!(percentile(&[], 50).abs() < f64::EPSILON);
    }

    #[test]
    fn rates_are_grouped() {
        assert_eq!(thousands(999.4), "999");
        assert_eq!(thousands(1_234_567.0), "1,234,567");
    }
}
