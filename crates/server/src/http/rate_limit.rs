//! A limit on unauthenticated and failed requests, per client address.

use super::{Problem, RequestContext};
use crate::telemetry::{Metric, Metrics};
use axum::extract::{FromRef, FromRequestParts};
use countersign_api_types::ErrorCode;
use countersign_core::{Clock, Timestamp};
use foldhash::fast::RandomState;
use governor::{
    NotUntil, Quota,
    clock::{self, Reference},
    middleware::NoOpMiddleware,
    nanos::Nanos,
    state::keyed::DashMapStateStore,
};
use http::request::Parts;
use std::{
    fmt,
    hash::BuildHasher,
    net::IpAddr,
    num::NonZeroU32,
    ops::Add,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

/// How many requests one address may make: a burst at once, and so many a minute from then on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// At once.
    pub burst: NonZeroU32,
    /// Regained per minute.
    pub per_minute: NonZeroU32,
}

/// Counts requests by client address: one IPv4 address, one IPv6 /64. Cheap to clone.
///
/// Memory is bounded: beyond 100,000 addresses with recent requests, further ones share 1,024
/// counters.
#[derive(Clone)]
pub struct RateLimiter(Arc<Counters>);

struct Counters {
    limiter: governor::RateLimiter<Key, DashMapStateStore<Key>, Ticks, NoOpMiddleware<Tick>>,
    checks: AtomicU64,
    capacity: usize,
    shared_keys: RandomState,
    refused: metrics::Counter,
}

/// The limit is reached; come back after this long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many requests; retry after {0:?}")]
pub struct RetryAfter(pub Duration);

/// An extractor for public routes without authentication: counts the request, or refuses it.
#[derive(Debug, Clone, Copy)]
pub struct Throttled;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Key {
    /// An IPv4 address, or an IPv6 /64.
    Address(IpAddr),
    /// One of the counters that addresses share when there are too many.
    Shared(u64),
    /// Requests whose peer is unknown.
    Unknown,
}

const CAPACITY: usize = 100_000;
const SHARED: u64 = 1024;
/// Counters at rest are dropped once in so many checks.
const SWEEP_EVERY: u64 = 4096;
/// A smaller step back is the disorder of two threads reading the clock.
const STEP_BACK: i64 = 1_000_000;

impl Default for RateLimit {
    /// 60 at once, 120 a minute.
    fn default() -> Self {
        Self {
            burst: NonZeroU32::MIN.saturating_add(59),
            per_minute: NonZeroU32::MIN.saturating_add(119),
        }
    }
}

impl RateLimiter {
    /// Starts with nothing counted.
    pub fn new(limit: RateLimit, clock: Arc<dyn Clock>, metrics: &Metrics) -> Self {
        Self::with_capacity(limit, clock, metrics, CAPACITY)
    }

    fn with_capacity(
        limit: RateLimit,
        clock: Arc<dyn Clock>,
        metrics: &Metrics,
        capacity: usize,
    ) -> Self {
        let quota = Quota::per_minute(limit.per_minute).allow_burst(limit.burst);
        let ticks = Ticks {
            last: AtomicI64::new(clock.now().as_micros()),
            ahead: AtomicI64::new(0),
            clock,
        };
        Self(Arc::new(Counters {
            limiter: governor::RateLimiter::new(quota, DashMapStateStore::default(), ticks),
            checks: AtomicU64::new(1),
            capacity,
            shared_keys: RandomState::default(),
            refused: metrics.counter(Metric::RateLimited, &[]),
        }))
    }

    /// Counts one request of the address.
    ///
    /// # Errors
    /// [`RetryAfter`] when the limit is reached; the request is not counted then.
    pub fn check(&self, address: Option<IpAddr>) -> Result<(), RetryAfter> {
        self.sweep();
        let key = self.key(address);
        let refuse = |until: NotUntil<Tick>| {
            self.0.refused.increment(1);
            RetryAfter(until.wait_time_from(clock::Clock::now(self.0.limiter.clock())))
        };
        self.0.limiter.check_key(&key).map_err(refuse)
    }

    fn key(&self, address: Option<IpAddr>) -> Key {
        let address = match address.map(|address| address.to_canonical()) {
            None => return Key::Unknown,
            Some(IpAddr::V6(v6)) => IpAddr::V6((v6.to_bits() >> 64 << 64).into()),
            Some(v4) => v4,
        };
        if self.0.limiter.len() < self.0.capacity {
            Key::Address(address)
        } else {
            Key::Shared(self.0.shared_keys.hash_one(address) % SHARED)
        }
    }

    fn sweep(&self) {
        let checks = self.0.checks.fetch_add(1, Ordering::Relaxed);
        if checks.is_multiple_of(SWEEP_EVERY) {
            self.0.limiter.retain_recent();
        }
    }
}

impl fmt::Debug for RateLimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let addresses = self.0.limiter.len();
        f.debug_struct("RateLimiter")
            .field("addresses", &addresses)
            .finish_non_exhaustive()
    }
}

impl From<RetryAfter> for Problem {
    fn from(RetryAfter(wait): RetryAfter) -> Self {
        Self::new(ErrorCode::RateLimited).with_retry_after(wait)
    }
}

impl<S: Sync> FromRequestParts<S> for Throttled
where
    RateLimiter: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let context = parts.extensions.get::<RequestContext>();
        let address = context.and_then(|context| context.client_ip);
        RateLimiter::from_ref(state).check(address)?;
        Ok(Self)
    }
}

/// The injected clock as governor wants one: it never goes back.
///
/// A wall clock that is set back by an hour would otherwise keep everyone out for that hour.
#[derive(Debug)]
struct Ticks {
    clock: Arc<dyn Clock>,
    last: AtomicI64,
    ahead: AtomicI64,
}

/// Microseconds of [`Ticks`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Tick(Timestamp);

impl clock::Clock for Ticks {
    type Instant = Tick;

    fn now(&self) -> Tick {
        let now = self.clock.now().as_micros();
        let last = self.last.swap(now, Ordering::Relaxed);
        if last.saturating_sub(now) > STEP_BACK {
            self.ahead.fetch_add(last - now, Ordering::Relaxed);
        }
        let ahead = self.ahead.load(Ordering::Relaxed);
        Tick(Timestamp::from_micros(now.saturating_add(ahead)))
    }
}

impl Reference for Tick {
    fn duration_since(&self, earlier: Self) -> Nanos {
        self.0.since(earlier.0).into()
    }

    fn saturating_sub(&self, duration: Nanos) -> Self {
        Self(self.0.minus(duration.into()))
    }
}

impl Add<Nanos> for Tick {
    type Output = Self;

    fn add(self, duration: Nanos) -> Self {
        Self(self.0.plus(duration.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_core::ManualClock;

    fn limiter(burst: u32, capacity: usize) -> (RateLimiter, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock::starting_at(Timestamp::from_secs(1_000_000)));
        let limit = RateLimit {
            burst: burst.try_into().unwrap(),
            per_minute: 60.try_into().unwrap(),
        };
        let metrics = Metrics::new();
        (
            RateLimiter::with_capacity(limit, clock.clone(), &metrics, capacity),
            clock,
        )
    }

    fn check(limiter: &RateLimiter, address: &str) -> Result<(), RetryAfter> {
        limiter.check(Some(address.parse().unwrap()))
    }

    #[test]
    fn a_burst_passes_then_one_a_second() {
        let (limiter, clock) = limiter(3, 10);
        for _ in 0..3 {
            check(&limiter, "203.0.113.7").unwrap();
        }
        let RetryAfter(wait) = check(&limiter, "203.0.113.7").unwrap_err();
        assert!(
            wait <= Duration::from_secs(1) && wait > Duration::ZERO,
            "{wait:?}"
        );
        check(&limiter, "203.0.113.8").unwrap();
        clock.advance(wait);
        check(&limiter, "203.0.113.7").unwrap();
        check(&limiter, "::ffff:203.0.113.7").unwrap_err();
    }

    #[test]
    fn an_ipv6_network_counts_as_one() {
        let (limiter, _) = limiter(1, 10);
        check(&limiter, "2001:db8:0:1::1").unwrap();
        check(&limiter, "2001:db8:0:1:ffff::2").unwrap_err();
        check(&limiter, "2001:db8:0:2::1").unwrap();
        limiter.check(None).unwrap();
        limiter.check(None).unwrap_err();
    }

    #[test]
    fn a_clock_set_back_keeps_nobody_out() {
        let (limiter, clock) = limiter(1, 10);
        check(&limiter, "203.0.113.7").unwrap();
        clock.set(Timestamp::from_secs(1_000_000 - 3600));
        let RetryAfter(wait) = check(&limiter, "203.0.113.7").unwrap_err();
        assert!(wait <= Duration::from_secs(1), "{wait:?}");
        clock.advance(Duration::from_secs(1));
        check(&limiter, "203.0.113.7").unwrap();
    }

    #[test]
    fn memory_is_bounded_and_given_back() {
        let (limiter, clock) = limiter(1, 100);
        for address in 0..20_000u32 {
            let _ = limiter.check(Some(IpAddr::V4(address.into())));
        }
        let counters = usize::try_from(SHARED).unwrap() + 100;
        assert!(limiter.0.limiter.len() <= counters, "{limiter:?}");
        check(&limiter, "0.0.0.1").unwrap_err();
        clock.advance(Duration::from_mins(2));
        for _ in 0..SWEEP_EVERY {
            let _ = check(&limiter, "203.0.113.7");
        }
        assert!(limiter.0.limiter.len() <= 2, "{limiter:?}");
    }
}
