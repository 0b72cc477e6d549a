//! Whether this process may answer: the lease, and the clock that it runs on.

use countersign_barrier::Moment;
use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

/// A process's own clock, which counts suspended time too and is never set.
pub trait BootClock: Send + Sync + fmt::Debug {
    /// The moment now.
    fn moment(&self) -> Moment;
}

/// The machine's clock since boot. A guest whose clock its hypervisor stops does not notice: see
/// `docs/SECURITY.md`.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemBootClock;

impl BootClock for SystemBootClock {
    fn moment(&self) -> Moment {
        // macOS counts sleep in its monotonic clock; Linux only in this one.
        #[cfg(any(target_os = "linux", target_os = "android"))]
        const CLOCK: rustix::time::ClockId = rustix::time::ClockId::Boottime;
        #[cfg(not(any(target_os = "linux", target_os = "android")))]
        const CLOCK: rustix::time::ClockId = rustix::time::ClockId::Monotonic;
        let time = rustix::time::clock_gettime(CLOCK);
        let (seconds, nanos) = (time.tv_sec.unsigned_abs(), time.tv_nsec.unsigned_abs());
        Moment::from_nanos(seconds.saturating_mul(1_000_000_000).saturating_add(nanos))
    }
}

/// What the machine is called.
pub fn host_name() -> String {
    rustix::system::uname()
        .nodename()
        .to_string_lossy()
        .into_owned()
}

/// Until when the process may answer. It reads its clock for every request: a paused process that
/// goes on must not rely on what it asked before.
#[derive(Debug)]
pub struct Lease {
    until: AtomicU64,
    clock: Arc<dyn BootClock>,
}

impl Lease {
    /// None yet.
    pub const fn new(clock: Arc<dyn BootClock>) -> Self {
        Self {
            until: AtomicU64::new(0),
            clock,
        }
    }

    /// Whether it may answer a request that has arrived.
    pub fn is_held(&self) -> bool {
        // Pairs with the store below: what was applied before the lease was given is seen.
        let until = self.until.load(Ordering::Acquire);
        self.clock.moment() < Moment::from_nanos(until)
    }

    /// The clock that it runs on.
    pub fn now(&self) -> Moment {
        self.clock.moment()
    }

    /// Gives or takes it, after everything that had to be applied is.
    pub fn set(&self, until: Moment) {
        self.until.store(until.as_nanos(), Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default)]
    struct Stopped(AtomicU64);

    impl BootClock for Stopped {
        fn moment(&self) -> Moment {
            Moment::from_nanos(self.0.load(Ordering::Relaxed))
        }
    }

    #[test]
    fn i1_a_lease_is_asked_for_by_the_clock_each_time() {
        let clock = Arc::new(Stopped::default());
        let lease = Lease::new(Arc::clone(&clock) as _);
        assert!(!lease.is_held());
        lease.set(Moment::from_nanos(5));
        assert!(lease.is_held());
        clock.0.store(5, Ordering::Relaxed);
        assert!(!lease.is_held());
    }

    #[test]
    fn the_machines_clock_goes_forward() {
        let first = SystemBootClock.moment();
        assert!(first > Moment::default() && SystemBootClock.moment() >= first);
    }
}
