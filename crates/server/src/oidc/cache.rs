//! Which of an issuer's keys are in memory, and when they are fetched again.

use super::{FetchError, fetch::Fetcher};
use arc_swap::ArcSwapOption;
use countersign_attestation::id_token::{IdToken, IssuerKeys};
use countersign_core::{
    Clock, Timestamp,
    trusted_issuer::{EndpointUrl, IssuerUrl, TrustedIssuer},
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio_util::task::TaskTracker;

/// How long keys are believed when the issuer cannot be reached: a day's outage signs nobody out,
/// and a withdrawn key is not believed for longer.
const KEPT_FOR: Duration = Duration::from_hours(24);

/// Keys older than this are renewed behind the login that uses them, so that no login waits.
const RENEWED_AFTER: Duration = Duration::from_hours(1);

/// How often a key that is not known makes the set be fetched: anyone can name keys.
const UNKNOWN_KEY_EVERY: Duration = Duration::from_mins(1);

/// How long after a failed attempt the next one is made: logins of an issuer that is down are
/// answered at once, and it is not called by each of them.
const RETRIED_AFTER: Duration = Duration::from_secs(10);

/// The most issuers in memory. Only admins name issuers; far more than any service trusts.
const MAX_ISSUERS: usize = 1024;

/// The keys that trusted issuers publish.
#[derive(Debug)]
pub(crate) struct PublishedKeys {
    fetcher: Arc<Fetcher>,
    clock: Arc<dyn Clock>,
    issuers: Mutex<HashMap<Source, Arc<Issuer>>>,
    tasks: TaskTracker,
}

/// Where keys come from: clients that say the same of an issuer share them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Source {
    issuer: IssuerUrl,
    jwks_uri: Option<EndpointUrl>,
}

#[derive(Debug, Default)]
struct Issuer {
    kept: ArcSwapOption<Kept>,
    /// Held while fetching, so that one fetch serves all who wait.
    attempts: tokio::sync::Mutex<Attempts>,
}

#[derive(Debug)]
struct Kept {
    keys: Arc<IssuerKeys>,
    fetched_at: Timestamp,
}

#[derive(Debug, Default)]
struct Attempts {
    failed_at: Option<Timestamp>,
    unknown_key_at: Option<Timestamp>,
}

/// Why keys are fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    /// There are none, or only ones that are too old.
    Missing,
    /// None is the one that the token names.
    Unknown,
    /// They are not quite new.
    Renewal,
}

impl PublishedKeys {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            fetcher: Arc::default(),
            clock,
            issuers: Mutex::default(),
            tasks: TaskTracker::new(),
        }
    }

    /// The keys to check a token of the issuer with. When none of them is the token's, the issuer
    /// does not publish it, or did not a minute ago.
    ///
    /// # Errors
    /// [`FetchError`]: the token's key is not in memory and the issuer cannot be asked for it.
    pub(crate) async fn find(
        &self,
        trusted: &TrustedIssuer,
        token: &IdToken<'_>,
    ) -> Result<Arc<IssuerKeys>, FetchError> {
        let (issuer, now) = (self.issuer(trusted), self.clock.now());
        let kept = issuer.kept.load_full();
        let Some(kept) = kept.filter(|kept| now.since(kept.fetched_at) < KEPT_FOR) else {
            return self.fetch(issuer, trusted, Need::Missing, None).await;
        };
        if !token.has_key_among(&kept.keys) {
            return self.fetch(issuer, trusted, Need::Unknown, Some(kept)).await;
        }
        let keys = Arc::clone(&kept.keys);
        if now.since(kept.fetched_at) >= RENEWED_AFTER && issuer.may_renew(now) {
            // Tracked, and nobody waits for it.
            drop(self.start(issuer, trusted, Need::Renewal, Some(kept)));
        }
        Ok(keys)
    }

    /// Waits for fetches that are under way: each has its time limit.
    pub(crate) async fn shut_down(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }

    async fn fetch(
        &self,
        issuer: Arc<Issuer>,
        trusted: &TrustedIssuer,
        need: Need,
        seen: Option<Arc<Kept>>,
    ) -> Result<Arc<IssuerKeys>, FetchError> {
        let task = self.start(issuer, trusted, need, seen);
        task.await.unwrap_or(Err(FetchError::CutOff))
    }

    /// A task of its own, so that a device that hangs up does not undo what others wait for.
    fn start(
        &self,
        issuer: Arc<Issuer>,
        trusted: &TrustedIssuer,
        need: Need,
        seen: Option<Arc<Kept>>,
    ) -> tokio::task::JoinHandle<Result<Arc<IssuerKeys>, FetchError>> {
        let (web, clock) = (Arc::clone(&self.fetcher), Arc::clone(&self.clock));
        let trusted = trusted.clone();
        self.tasks.spawn(async move {
            let fetched = issuer.refetch(&web, &*clock, &trusted, need, seen).await;
            // Else it is logged with the answer that it causes.
            if need == Need::Renewal
                && let Err(error) = &fetched
            {
                tracing::warn!(
                    issuer = trusted.issuer.as_str(),
                    error = error as &dyn std::error::Error,
                    "issuer keys not fetched"
                );
            }
            fetched
        })
    }

    fn issuer(&self, trusted: &TrustedIssuer) -> Arc<Issuer> {
        let source = Source {
            issuer: trusted.issuer.clone(),
            jwks_uri: trusted.jwks_uri.clone(),
        };
        let mut issuers = self.issuers.lock().unwrap_or_else(PoisonError::into_inner);
        if issuers.len() >= MAX_ISSUERS && !issuers.contains_key(&source) {
            issuers.clear();
        }
        Arc::clone(issuers.entry(source).or_default())
    }
}

impl Attempts {
    fn has_just_failed(&self, now: Timestamp) -> bool {
        self.failed_at
            .is_some_and(|at| now.since(at) < RETRIED_AFTER)
    }

    /// Whether an unknown key may make the keys be fetched now; then it did.
    fn take_unknown(&mut self, now: Timestamp) -> bool {
        let last = self.unknown_key_at;
        if last.is_some_and(|at| now.since(at) < UNKNOWN_KEY_EVERY) {
            return false;
        }
        self.unknown_key_at = Some(now);
        true
    }
}

impl Issuer {
    /// Whether nobody fetches the keys now, or tried in vain a moment ago.
    fn may_renew(&self, now: Timestamp) -> bool {
        let attempts = self.attempts.try_lock();
        attempts.is_ok_and(|attempts| !attempts.has_just_failed(now))
    }

    async fn refetch(
        &self,
        web: &Fetcher,
        clock: &dyn Clock,
        trusted: &TrustedIssuer,
        need: Need,
        seen: Option<Arc<Kept>>,
    ) -> Result<Arc<IssuerKeys>, FetchError> {
        let mut attempts = self.attempts.lock().await;
        let now = clock.now();
        if let Some(kept) = self.kept.load_full()
            && !is_same(Some(&kept), seen.as_ref())
            && now.since(kept.fetched_at) < KEPT_FOR
        {
            // Somebody else fetched them meanwhile.
            return Ok(Arc::clone(&kept.keys));
        }
        if attempts.has_just_failed(now) {
            return Err(FetchError::TriedJustNow);
        }
        if need == Need::Unknown
            && let Some(kept) = &seen
            && !attempts.take_unknown(now)
        {
            return match attempts.failed_at {
                Some(_) => Err(FetchError::TriedJustNow),
                None => Ok(Arc::clone(&kept.keys)),
            };
        }
        let fetched = web.fetch(trusted).await;
        attempts.failed_at = fetched.is_err().then_some(now);
        let (keys, fetched_at) = (Arc::new(fetched?), now);
        let kept = Kept {
            keys: Arc::clone(&keys),
            fetched_at,
        };
        self.kept.store(Some(Arc::new(kept)));
        Ok(keys)
    }
}

fn is_same(one: Option<&Arc<Kept>>, other: Option<&Arc<Kept>>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => Arc::ptr_eq(one, other),
        (None, None) => true,
        _ => false,
    }
}
