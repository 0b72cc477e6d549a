//! The signing keys in memory.

use crate::seal::{OpenError, Place, Vault};
use arc_swap::ArcSwap;
use countersign_attestation::jws::{InvalidKey, InvalidPkcs8, PublicKey, SigningKey};
use countersign_core::{SigningKeyId, Timestamp};
use countersign_storage::{PublicJwk, Store, StoreError, StoredSigningKey};
use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{Mutex, Notify},
    time::sleep,
};
use tokio_util::sync::CancellationToken;

/// How long to wait after the keys could not be read.
const READ_AGAIN_AFTER: Duration = Duration::from_millis(250);

/// The set of signing keys, swapped whole when it changes.
pub struct SigningKeys {
    set: ArcSwap<KeySet>,
    vault: Arc<Vault>,
    is_stale: AtomicBool,
    became_stale: Notify,
    /// Held while the keys are read.
    reading: Mutex<()>,
}

/// Why the signing keys could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The store failed.
    #[error("the signing keys could not be read")]
    Store(#[from] StoreError),
    /// A private key does not open.
    #[error("a signing key could not be unsealed")]
    Sealed(#[source] OpenError),
    /// A private key opens to something else.
    #[error("a signing key is damaged")]
    Private(#[source] InvalidPkcs8),
    /// A public key is not one.
    #[error("a published key is damaged")]
    Public(#[source] InvalidKey),
    /// The library could not make a key.
    #[error("a signing key could not be made")]
    Generate(#[source] countersign_attestation::jws::SigningFailed),
}

/// All keys at one moment, oldest first.
#[derive(Default)]
pub(crate) struct KeySet(Vec<LoadedKey>);

pub(super) struct LoadedKey {
    pub(super) id: SigningKeyId,
    pub(super) private: SigningKey,
    public: PublicKey,
    jwk: PublicJwk,
    signs_from: Timestamp,
    verifies_until: Option<Timestamp>,
}

impl SigningKeys {
    /// Starts without any key; [`reload`](Self::reload) fills it.
    pub fn new(vault: Arc<Vault>) -> Self {
        Self {
            set: ArcSwap::default(),
            vault,
            is_stale: AtomicBool::new(true),
            became_stale: Notify::new(),
            reading: Mutex::default(),
        }
    }

    /// Reads all keys from the store.
    ///
    /// # Errors
    /// [`KeyError`]; the keys in memory stay.
    pub async fn reload(&self, store: &Store) -> Result<(), KeyError> {
        let _reading = self.reading.lock().await;
        self.read(store).await
    }

    /// Reads them if the store has newer ones, and waits for whoever is reading them.
    ///
    /// # Errors
    /// [`KeyError`]; the keys in memory stay.
    pub async fn reload_if_stale(&self, store: &Store) -> Result<(), KeyError> {
        let _reading = self.reading.lock().await;
        if self.is_stale.load(Ordering::SeqCst) {
            self.read(store).await?;
        }
        Ok(())
    }

    async fn read(&self, store: &Store) -> Result<(), KeyError> {
        self.is_stale.store(false, Ordering::SeqCst);
        let reloaded = self.load(store).await;
        if reloaded.is_err() {
            self.mark_stale();
        }
        self.set.store(Arc::new(reloaded?));
        Ok(())
    }

    /// Notes that the store has newer keys; cheap, for the feed.
    pub fn mark_stale(&self) {
        self.is_stale.store(true, Ordering::SeqCst);
        self.became_stale.notify_one();
    }

    /// Reads the keys again whenever they are stale, until told to stop.
    pub(crate) async fn keep_current(self: Arc<Self>, store: Store, stop: CancellationToken) {
        let reload = async {
            loop {
                self.became_stale.notified().await;
                if let Err(error) = self.reload_if_stale(&store).await {
                    tracing::warn!(error = &error as &dyn std::error::Error, "keys not read");
                    sleep(READ_AGAIN_AFTER).await;
                }
            }
        };
        stop.run_until_cancelled(reload).await;
    }

    /// The keys as they are now, for one check.
    pub(crate) fn current(&self) -> Arc<KeySet> {
        self.set.load_full()
    }

    /// The newest key that may sign at `now`; by a clock that is behind them all, the oldest one,
    /// which everybody knows.
    pub(super) fn signer(&self, now: Timestamp) -> Option<SignerRef> {
        let set = self.set.load_full();
        let verifying = |key: &LoadedKey| key.verifies_at(now);
        let newest = |key: &LoadedKey| key.signs_from <= now && verifying(key);
        let at = set.0.iter().rposition(newest);
        let at = at.or_else(|| set.0.iter().position(verifying))?;
        Some(SignerRef(set, at))
    }

    /// The published keys: those that verify now or will sign (RFC 7517 section 5).
    pub fn jwks(&self, now: Timestamp) -> Vec<(SigningKeyId, PublicJwk)> {
        let set = self.set.load();
        let published = set.0.iter().filter(|key| key.verifies_at(now));
        published.map(|key| (key.id, key.jwk.clone())).collect()
    }

    async fn load(&self, store: &Store) -> Result<KeySet, KeyError> {
        let stored = store.read().await?.list_signing_keys().await?;
        let loaded: Result<_, _> = stored
            .into_iter()
            .map(|key| LoadedKey::open(key, &self.vault))
            .collect();
        Ok(KeySet(loaded?))
    }
}

impl fmt::Debug for SigningKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids: Vec<_> = self.set.load().0.iter().map(|key| key.id).collect();
        f.debug_tuple("SigningKeys").field(&ids).finish()
    }
}

impl KeySet {
    /// The public key that a `kid` names, if it verifies at `now`.
    pub(crate) fn find(&self, id: SigningKeyId, now: Timestamp) -> Option<&PublicKey> {
        let key = self
            .0
            .iter()
            .find(|key| key.id == id && key.verifies_at(now))?;
        Some(&key.public)
    }
}

/// The key that signs now; its set may be swapped out meanwhile.
pub(super) struct SignerRef(Arc<KeySet>, usize);

impl std::ops::Deref for SignerRef {
    type Target = LoadedKey;

    fn deref(&self) -> &LoadedKey {
        &self.0.0[self.1]
    }
}

impl LoadedKey {
    fn open(stored: StoredSigningKey, vault: &Vault) -> Result<Self, KeyError> {
        let der = vault
            .open(place(stored.id), &stored.sealed_private)
            .map_err(KeyError::Sealed)?;
        Ok(Self {
            id: stored.id,
            private: SigningKey::from_pkcs8(&der).map_err(KeyError::Private)?,
            public: PublicKey::from_coordinates(&stored.public.x, &stored.public.y)
                .map_err(KeyError::Public)?,
            jwk: stored.public,
            signs_from: stored.signs_from,
            verifies_until: stored.verifies_until,
        })
    }

    fn verifies_at(&self, now: Timestamp) -> bool {
        self.verifies_until.is_none_or(|until| now < until)
    }
}

/// Where a private key is sealed.
pub(super) fn place(id: SigningKeyId) -> Place {
    Place {
        table: "signing_keys",
        row: id.as_uuid(),
        column: "sealed_private",
    }
}
