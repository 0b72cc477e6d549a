//! What is remembered, and until when it may be relied on.

use super::{LeasedConfig, source::FollowedSource};
use crate::service::{Service, ServiceError};
use countersign_api_types::feed::{CheckingKeys, EndedSession, FeedAnswer, FeedItem};
use countersign_attestation::{
    dpop::{NonceKey, NonceKeys, ReplayCache},
    jws::PublicKey,
};
use countersign_barrier::{Batch, Follower, Grant, Question};
use countersign_cluster::{Change, Lease, Node, Settings, TokenCache};
use countersign_core::{
    Clock, NodeId, SigningKeyId, SystemRng, VerifierId,
    feed::{FeedEntry, Subject},
};
use std::{
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{Notify, watch},
    time::timeout,
};

/// Everything that a judgement needs.
#[derive(Debug)]
pub(super) struct Memory {
    pub(super) id: VerifierId,
    pub(super) service: Arc<Service>,
    pub(super) node: Node<FollowedSource>,
    pub(super) tokens: Arc<TokenCache>,
    pub(super) replay: ReplayCache,
    pub(super) lease: Lease,
    pub(super) clock: Arc<dyn Clock>,
    keys: RwLock<Option<Arc<Keys>>>,
    followed: Arc<Followed>,
    timeout: Duration,
    /// Somebody waits for a lease.
    pub(super) wanted: Notify,
    pulls: watch::Sender<Pulled>,
    begun: AtomicU64,
}

/// What tokens and proofs are checked with.
#[derive(Debug)]
pub(super) struct Keys {
    pub(super) id: String,
    pub(super) issuer: String,
    pub(super) signing: Vec<(SigningKeyId, PublicKey)>,
    pub(super) nonces: NonceKeys,
}

/// The node whose batches are in memory.
#[derive(Debug, Default)]
pub(super) struct Followed(Mutex<Option<NodeId>>);

/// How the newest finished pull ended.
#[derive(Debug, Default)]
struct Pulled {
    number: u64,
    failed: Option<ServiceError>,
}

impl Memory {
    pub(super) fn new(config: &LeasedConfig, service: Arc<Service>) -> Self {
        let followed = Arc::new(Followed::default());
        let source = FollowedSource::new(Arc::clone(&service), Arc::clone(&followed));
        let settings = Settings {
            sessions: config.sessions,
            adopted_tokens: config.tokens,
            ..Settings::default()
        };
        let now = config.clock.now();
        let tokens = Arc::new(TokenCache::new(config.tokens, &SystemRng));
        let node = Node::start(source, settings, std::iter::empty());
        let checked = Arc::clone(&tokens);
        node.on_change(move |change| {
            if matches!(
                change,
                Change::Everything | Change::Of(Subject::SigningKeys)
            ) {
                checked.clear();
            }
        });
        Self {
            id: VerifierId::generate(now, &SystemRng),
            service,
            node,
            tokens,
            replay: ReplayCache::new(config.proofs, now),
            lease: Lease::new(Arc::clone(&config.boot_clock)),
            clock: Arc::clone(&config.clock),
            keys: RwLock::default(),
            followed,
            timeout: config.timeout,
            wanted: Notify::new(),
            pulls: watch::Sender::default(),
            begun: AtomicU64::new(0),
        }
    }

    /// What tokens are checked with; there is none before the first answer.
    pub(super) fn keys(&self) -> Option<Arc<Keys>> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.clone()
    }

    /// Waits for a lease if there is none: for one pull that all who wait share.
    ///
    /// # Errors
    /// Why that pull failed.
    pub(super) async fn hold(&self) -> Result<(), ServiceError> {
        if self.lease.is_held() {
            return Ok(());
        }
        Box::pin(self.wait_for_lease()).await
    }

    async fn wait_for_lease(&self) -> Result<(), ServiceError> {
        let mut pulls = self.pulls.subscribe();
        // What is under way may have been asked when nobody could answer.
        let own = self.begun.load(Ordering::SeqCst) + 1;
        self.wanted.notify_one();
        let waiting = async {
            while pulls.changed().await.is_ok() {
                if self.lease.is_held() {
                    return Ok(());
                }
                let pulled = pulls.borrow();
                if let Some(cause) = pulled.failed.clone().filter(|_| pulled.number >= own) {
                    return Err(cause);
                }
            }
            Err(ServiceError::Late)
        };
        let waited = timeout(self.timeout, waiting).await;
        waited.unwrap_or(Err(ServiceError::Late))
    }

    /// The number of a pull that begins now.
    pub(super) fn begin(&self) -> u64 {
        self.begun.fetch_add(1, Ordering::SeqCst) + 1
    }

    /// Tells those who wait how a pull ended.
    pub(super) fn ended(&self, number: u64, failed: Option<ServiceError>) {
        self.pulls.send_replace(Pulled { number, failed });
    }

    /// Applies an answer whole, then takes the lease that it gives.
    ///
    /// # Errors
    /// For an answer that does not fit its question; nothing is relied on longer then.
    pub(super) fn take(
        &self,
        follower: &mut Follower<NodeId>,
        question: Question<NodeId>,
        answer: FeedAnswer,
    ) -> Result<(), ServiceError> {
        let node = answer.node_id;
        let continues = Follower::continues(&question, node);
        if let Some(keys) = &answer.keys {
            self.take_keys(keys)?;
        }
        match (answer.entries, answer.reset) {
            (Some(items), None) if continues && self.keys().is_some() => self.apply(items),
            (None, Some(denied)) if self.keys().is_some() => self.begin_anew(node, &denied),
            _ => return Err(ServiceError::Shape),
        }
        let grant = Grant {
            upto: Batch::new(answer.upto),
            remains: Duration::from_micros(answer.remains_us),
        };
        follower.answered(question, node, grant);
        self.lease.set(follower.lease_until());
        Ok(())
    }

    fn apply(&self, items: Vec<FeedItem>) {
        let entries: Vec<_> = items.into_iter().map(FeedEntry::from).collect();
        self.node.apply(&entries);
    }

    /// Whose snapshots are taken changes first: what another node read and is still on its way is
    /// either not taken, or forgotten here.
    fn begin_anew(&self, node: NodeId, denied: &[EndedSession]) {
        self.followed.set(node);
        for ended in denied {
            let denylist = self.node.denylist();
            denylist.deny(ended.session_id, ended.cause, ended.until);
        }
        self.node.forget_all();
    }

    fn take_keys(&self, told: &CheckingKeys) -> Result<(), ServiceError> {
        let keys = Arc::new(Keys::read(told).ok_or(ServiceError::Shape)?);
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Some(keys);
        self.tokens.clear();
        Ok(())
    }
}

impl Keys {
    fn read(told: &CheckingKeys) -> Option<Self> {
        let secret = told.read_nonce_key()?;
        let signing = told.signing_keys.iter().map(|jwk| {
            let key = PublicKey::from_coordinates(&jwk.x, &jwk.y).ok()?;
            Some((jwk.kid.parse().ok()?, key))
        });
        Some(Self {
            id: told.id.clone(),
            issuer: told.issuer.clone(),
            signing: signing.collect::<Option<_>>()?,
            nonces: NonceKeys::new(NonceKey::new(&secret), None),
        })
    }

    /// The key that a `kid` names.
    pub(super) fn find(&self, id: SigningKeyId) -> Option<&PublicKey> {
        let found = self.signing.iter().find(|(known, _)| *known == id)?;
        Some(&found.1)
    }
}

impl Followed {
    fn set(&self, node: NodeId) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(node);
    }

    /// Whether what this node reads is as new as what is in memory.
    pub(super) fn is(&self, node: NodeId) -> bool {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) == Some(node)
    }
}
