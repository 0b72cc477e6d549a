//! How often something can be done in a second.

use crate::Call;
use serde::Serialize;
use std::{
    fs,
    hint::black_box,
    time::{Duration, Instant},
};

/// Calls per second.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Rate {
    /// Of this thread on a core; of the clock where the kernel does not tell.
    core: f64,
    /// Of the clock.
    elapsed: f64,
}

/// Calls so often.
#[expect(clippy::disallowed_methods, reason = "measures elapsed time")]
pub(crate) fn of(calls: u32, call: &Call) -> Rate {
    let (began, before) = (Instant::now(), on_core());
    for _ in 0..calls {
        assert!(black_box(call()), "every call succeeds");
    }
    let (elapsed, after) = (began.elapsed(), on_core());
    let on_core = before
        .zip(after)
        .map(|(before, after)| after.saturating_sub(before));
    Rate {
        core: f64::from(calls) / on_core.unwrap_or(elapsed).as_secs_f64(),
        elapsed: f64::from(calls) / elapsed.as_secs_f64(),
    }
}

/// How long this thread has run on a core: the first of the numbers in Linux's `schedstat`, which
/// are nanoseconds. It is brought up to date some hundred times a second: what is measured has to be
/// long beside that.
fn on_core() -> Option<Duration> {
    let schedstat = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanos = schedstat.split(' ').next()?.parse().ok()?;
    Some(Duration::from_nanos(nanos))
}
