//! The whole service, put together: every use case over one store and one node.

use crate::{
    api_key::{ApiKeyCache, ApiKeys},
    approval::Approvals,
    ban::Bans,
    client::Clients,
    compliance::{Compliance, RulesError},
    config::{Memory, Retention, ServerConfig},
    cors::AllowedOrigins,
    device::{BadProofs, Desk, Devices, cursor::CursorKey},
    enrollment::Enrollments,
    feed::Feed,
    forward_auth::ForwardAuth,
    geo::{GeoIp, GeoIpError},
    http::{RateLimit, RateLimiter},
    journal::{Journal, Ledger},
    key_check,
    limit::Tickets,
    membership::{Membership, Parts, Receipt, Roster},
    oauth::DirectDoor,
    observer::MembershipObserver,
    oidc::PublishedKeys,
    redis::{Redis, RedisUrl},
    seal::{OpenError, Vault},
    session::{Refusals, Sessions},
    signing::{self, Issuer, KeyError, SigningKeys},
    source::StoreSource,
    telemetry::Metrics,
    trust::Trust,
    user::Users,
    verify::Gate,
};
use countersign_api_types::receipt::EndingReceipt;
use countersign_attestation::{
    dpop::{InvalidHtuUrl, NonceKey, NonceKeys, ReplayCache},
    ending_receipt::Ending,
};
use countersign_barrier::Timing;
use countersign_cluster::{Change, Lease, Node, Settings, TokenCache};
use countersign_core::{Clock, Rng, Timestamp, activity::Actor, feed::Subject};
use countersign_storage::{Store, StoreError};
use std::{error::Error, sync::Arc};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Every use case, sharing one store, one node and one set of keys.
#[derive(Debug)]
pub struct App {
    /// Devices that show what they are.
    pub enrollments: Arc<Enrollments>,
    /// Logins and refreshes.
    pub sessions: Arc<Sessions>,
    /// The judgement of requests.
    pub gate: Arc<Gate>,
    /// Users' devices.
    pub devices: Arc<Devices>,
    /// What users do whom a device limit refused.
    pub tickets: Arc<Tickets>,
    /// Whether devices meet the rules.
    pub compliance: Arc<Compliance>,
    /// What speaks for devices.
    pub trust: Arc<Trust>,
    /// What stays refused.
    pub bans: Arc<Bans>,
    /// Who waits for an admin.
    pub approvals: Arc<Approvals>,
    /// Users.
    pub users: Arc<Users>,
    /// Clients.
    pub clients: Arc<Clients>,
    /// API keys.
    pub api_keys: Arc<ApiKeys>,
    /// Places of addresses.
    pub geo: Arc<GeoIp>,
    pub(crate) door: Arc<DirectDoor>,
    pub(crate) origins: Arc<AllowedOrigins>,
    pub(crate) forward_auth: Arc<ForwardAuth>,
    pub(crate) feed: Arc<Feed>,
    pub(crate) ledger: Ledger,
    pub(crate) node: Arc<Node<StoreSource>>,
    pub(crate) issuer: Arc<Issuer>,
    pub(crate) membership: Arc<Membership>,
    redis: Option<Arc<Redis>>,
    pub(crate) limiter: RateLimiter,
    pub(crate) retention: Retention,
    pub(crate) public_url: Arc<str>,
    vault: Arc<Vault>,
}

/// The service could not be put together.
#[derive(Debug, thiserror::Error)]
pub enum OpenAppError {
    /// The store failed.
    #[error("the store could not be opened")]
    Store(#[from] StoreError),
    /// The database was made with another key-encryption key.
    #[error("the database was sealed under another key-encryption key")]
    WrongKey(#[source] OpenError),
    /// The signing keys could not be made or read.
    #[error("the signing keys are not usable")]
    SigningKeys(#[from] KeyError),
    /// The rules that a service starts with are wrong.
    #[error("the rules that a service starts with are wrong")]
    Rules(#[from] RulesError),
    /// Proofs cannot name the public URL.
    #[error("the public URL is not one that proofs can name")]
    PublicUrl(#[from] InvalidHtuUrl),
    /// Proofs cannot name an origin behind a proxy.
    #[error("an origin of forward_auth.origins is not one that proofs can name")]
    ForwardAuthOrigin(#[source] InvalidHtuUrl),
    /// The URL of Redis is not usable.
    #[error("the URL of Redis is not usable")]
    Redis(#[from] ::redis::RedisError),
    /// The GeoIP database could not be opened.
    #[error(transparent)]
    GeoIp(#[from] GeoIpError),
}

impl App {
    /// Opens the store, brings its schema up to date, and fills the node's memory from it.
    ///
    /// # Errors
    /// [`OpenAppError`] says what is missing or does not fit.
    #[expect(
        clippy::too_many_lines,
        reason = "a list: each part once, after those it needs"
    )]
    pub async fn open(
        config: ServerConfig,
        clock: Arc<dyn Clock>,
        rng: Arc<dyn Rng>,
        metrics: &Metrics,
    ) -> Result<Self, OpenAppError> {
        let observer = Arc::new(MembershipObserver::default());
        let store = Store::open(config.store, Arc::clone(&observer) as _).await?;
        store.migrate().await?;
        let vault = Arc::new(Vault::new(config.key_encryption_key.0, Arc::clone(&rng)));
        key_check::check_or_seal(&store, &vault).await?;
        let keys = Arc::new(SigningKeys::new(Arc::clone(&vault)));
        let journal = Journal {
            now: clock.now(),
            actor: Actor::System,
            rng: Arc::clone(&rng),
        };
        signing::rotate(&store, Arc::clone(&vault), journal).await?;
        keys.reload(&store).await?;
        let public_url: Arc<str> = config.public_url.into();
        let url = public_url.to_string();
        let tokens = Arc::new(TokenCache::new(config.memory.tokens, &*rng));
        let cache = Arc::new(ApiKeyCache::new(&*rng));
        let redis = open_redis(config.cluster.redis.as_ref(), &vault)?;
        let source = StoreSource {
            store: store.clone(),
            redis: redis.clone(),
        };
        let node = Arc::new(start_node(source.clone(), &config.memory));
        let membership = Arc::new(Membership::new(Parts {
            store: store.clone(),
            clock: Arc::clone(&clock),
            rng: Arc::clone(&rng),
            node: Arc::clone(&node),
            lease: Arc::new(Lease::new(config.cluster.boot_clock)),
            timing: Timing::with_lease(config.cluster.lease),
            host: config.cluster.host,
            signal_key: *vault.derive("signals"),
            redis: redis.clone(),
        }));
        let ledger = Ledger {
            store: store.clone(),
            membership: Arc::clone(&membership),
            clock: Arc::clone(&clock),
            rng: Arc::clone(&rng),
        };
        let issuer = Arc::new(Issuer { url, keys, rng });
        let origins = Arc::new(AllowedOrigins::new(store.clone()));
        forget_on_change(&node, &cache, &issuer.keys, &tokens, &origins);
        observer.connect(&membership);
        let nonce_secret = vault.derive("dpop nonce");
        let nonce_key = NonceKey::new(&nonce_secret);
        let nonces = Arc::new(NonceKeys::new(nonce_key, None));
        let gate = Arc::new(Gate {
            membership: Arc::clone(&membership),
            node: Arc::clone(&node),
            issuer: Arc::clone(&issuer),
            tokens,
            replay: Arc::new(ReplayCache::new(config.memory.proofs, clock.now())),
            nonces: Arc::clone(&nonces),
            clock: Arc::clone(&clock),
            bad_proofs: BadProofs {
                ledger: ledger.clone(),
            },
        });
        let feed = Arc::new(Feed {
            membership: Arc::clone(&membership),
            node: Arc::clone(&node),
            source,
            issuer: Arc::clone(&issuer),
            nonce_secret,
            clock: Arc::clone(&clock),
        });
        let forward_auth = ForwardAuth::new(
            config.trusted_proxies,
            &config.forward_auth_origins,
            Arc::clone(&gate),
            Arc::clone(&issuer),
        )
        .map_err(OpenAppError::ForwardAuthOrigin)?;
        let sessions = Arc::new(Sessions {
            ledger: ledger.clone(),
            vault: Arc::clone(&vault),
            issuer: Arc::clone(&issuer),
            nonces,
            refusals: Arc::new(Refusals::default()),
        });
        let geo = config.geoip.as_deref().map(GeoIp::open).transpose()?;
        let geo = Arc::new(geo.unwrap_or_default());
        let door = DirectDoor::new(
            Arc::clone(&sessions),
            Arc::new(PublishedKeys::new(Arc::clone(&clock))),
            Arc::clone(&geo),
            &public_url,
        )?;
        let enrollments = Enrollments::new(
            Arc::clone(&sessions),
            config.anchors,
            config.android_status_url,
            config.google,
            &public_url,
        )?;
        Ok(Self {
            enrollments: Arc::new(enrollments),
            tickets: Arc::new(Tickets::new(Arc::clone(&sessions), &public_url)?),
            sessions,
            door: Arc::new(door),
            origins,
            devices: Arc::new(Devices {
                ledger: ledger.clone(),
                desk: Desk::default(),
                cursors: Arc::new(CursorKey::new(&vault.derive("cursor"))),
            }),
            compliance: Arc::new(Compliance::new(ledger.clone())?),
            trust: Arc::new(Trust {
                ledger: ledger.clone(),
            }),
            bans: Arc::new(Bans {
                ledger: ledger.clone(),
            }),
            approvals: Arc::new(Approvals {
                ledger: ledger.clone(),
            }),
            users: Arc::new(Users {
                ledger: ledger.clone(),
            }),
            clients: Arc::new(Clients {
                ledger: ledger.clone(),
                vault: Arc::clone(&vault),
            }),
            api_keys: Arc::new(ApiKeys {
                ledger: ledger.clone(),
                cache,
            }),
            limiter: RateLimiter::new(RateLimit::default(), clock, metrics),
            retention: config.retention,
            geo,
            ledger,
            gate,
            forward_auth: Arc::new(forward_auth),
            feed,
            node,
            issuer,
            membership,
            redis,
            public_url,
            vault,
        })
    }

    /// The store, for what no use case offers.
    pub fn store(&self) -> &Store {
        &self.ledger.store
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        self.ledger.clock.now()
    }

    /// Takes part in the cluster until told to stop: renews the lease, follows the feed, and says
    /// and hears who has what.
    pub fn take_part(&self, tasks: &TaskTracker, stop: &CancellationToken) {
        let membership = &self.membership;
        tasks.spawn(Arc::clone(membership).follow(stop.clone()));
        tasks.spawn(Arc::clone(membership).speak(stop.clone()));
        tasks.spawn(Arc::clone(membership).listen_to_others(stop.clone()));
        if let Some(redis) = &self.redis {
            tasks.spawn(Arc::clone(membership).listen_on_redis(stop.clone()));
            let (redis, stop) = (Arc::clone(redis), stop.clone());
            tasks.spawn(async move { redis.leave_all(stop).await });
        }
        let keys = Arc::clone(&self.issuer.keys);
        tasks.spawn(keys.keep_current(self.store().clone(), stop.clone()));
    }

    /// Renews the lease once, and reads what it makes stale.
    pub(crate) async fn follow_feed(&self) -> Result<(), Box<dyn Error + Send + Sync>> {
        self.membership.renew().await?;
        self.issuer.keys.reload_if_stale(self.store()).await?;
        Ok(())
    }

    /// Stops answering and leaves the cluster; nobody has to wait for this process any more.
    pub async fn leave(&self) {
        self.membership.leave().await;
    }

    /// What is told of an ending, signed.
    pub fn receipt(&self, ending: &Ending<'_>, receipt: Receipt) -> EndingReceipt {
        self.issuer.receipt(ending, receipt)
    }

    /// Who takes part now, as this process sees it.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn roster(&self) -> Result<Roster, StoreError> {
        self.membership.roster().await
    }

    /// Makes the next signing key when it is due.
    pub(crate) async fn rotate_keys(&self) -> Result<(), Box<dyn Error + Send + Sync>> {
        let journal = self.ledger.journal(Actor::System);
        if signing::rotate(self.store(), Arc::clone(&self.vault), journal).await? {
            self.issuer.keys.reload(self.store()).await?;
        }
        Ok(())
    }
}

/// A node that remembers nothing: it reads the denylist when it joins.
fn start_node(source: StoreSource, memory: &Memory) -> Node<StoreSource> {
    let memory = Settings {
        sessions: memory.sessions,
        adopted_tokens: memory.tokens,
        ..Settings::default()
    };
    Node::start(source, memory, std::iter::empty())
}

fn open_redis(
    url: Option<&RedisUrl>,
    vault: &Vault,
) -> Result<Option<Arc<Redis>>, ::redis::RedisError> {
    let open = |url| Redis::new(url, &vault.derive("redis")).map(Arc::new);
    url.map(open).transpose()
}

fn forget_on_change(
    node: &Node<StoreSource>,
    api_keys: &Arc<ApiKeyCache>,
    signing_keys: &Arc<SigningKeys>,
    tokens: &Arc<TokenCache>,
    origins: &Arc<AllowedOrigins>,
) {
    let (api_keys, signing_keys) = (Arc::clone(api_keys), Arc::clone(signing_keys));
    let (tokens, origins) = (Arc::clone(tokens), Arc::clone(origins));
    node.on_change(move |change| match change {
        Change::Of(Subject::ApiKey(_)) => api_keys.forget(),
        Change::Of(Subject::SigningKeys) => {
            signing_keys.mark_stale();
            tokens.clear();
        }
        Change::Of(Subject::Client(_)) => origins.forget(),
        Change::Of(Subject::Session(_)) => {}
        Change::Everything => {
            origins.forget();
            api_keys.forget();
            signing_keys.mark_stale();
            tokens.clear();
        }
    });
}
