//! API keys: making, revoking, and recognising them on every call.

mod cache;
mod error;
pub(crate) mod http;

pub(crate) use cache::ApiKeyCache;
pub use error::ApiKeyError;

use crate::{
    journal::{Journal, Ledger},
    membership::Receipt,
};
use countersign_cluster::Digest;
use countersign_core::{
    ApiKeyId, Timestamp,
    activity::{Action, Actor, Target},
    api_key::{ApiKey, Scope},
    feed::Subject,
    token::{HashedToken, PlainToken, TokenKind},
};
use countersign_storage::Tx;
use std::sync::Arc;

/// The API-key use cases.
#[derive(Debug, Clone)]
pub struct ApiKeys {
    pub(crate) ledger: Ledger,
    pub(crate) cache: Arc<ApiKeyCache>,
}

/// What a new key is to be.
#[derive(Debug, Clone)]
pub struct NewApiKey {
    /// What people call it.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// When it stops by itself.
    pub expires_at: Option<Timestamp>,
}

impl ApiKeys {
    /// Makes a key; the secret is given out here and never again.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn create(
        &self,
        new: NewApiKey,
        actor: Actor,
    ) -> Result<(ApiKey, PlainToken), ApiKeyError> {
        let journal = self.ledger.journal(actor);
        let secret = PlainToken::generate(TokenKind::ApiKey, &*self.ledger.rng);
        let key = ApiKey {
            id: ApiKeyId::generate(journal.now, &*self.ledger.rng),
            name: new.name,
            hash: secret.hash(),
            scopes: new.scopes,
            created_at: journal.now,
            expires_at: new.expires_at,
            revoked_at: None,
        };
        let input = (journal, key.clone());
        let inserted: Result<(), ApiKeyError> = self
            .ledger
            .store
            .write(input, |tx, (journal, key)| {
                Box::pin(async move {
                    tx.insert_api_key(key).await?;
                    journal.record(tx, Action::ApiKeyCreated, target(key.id), None);
                    Ok(())
                })
            })
            .await;
        inserted.map(|()| (key, secret))
    }

    /// Revokes a key: refused from here on. Repeating it changes nothing.
    ///
    /// # Errors
    /// [`ApiKeyError::NotFound`] when there is none.
    pub async fn revoke(&self, id: ApiKeyId, actor: Actor) -> Result<Receipt, ApiKeyError> {
        let revoked = self
            .ledger
            .settle((self.ledger.journal(actor), id), |tx, (journal, id)| {
                Box::pin(revoke(tx, journal, *id))
            })
            .await;
        revoked.map(|((), receipt)| receipt)
    }

    /// One page of keys and how many there are.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn list(&self, limit: i64, offset: i64) -> Result<(Vec<ApiKey>, i64), ApiKeyError> {
        let mut conn = self.ledger.store.read().await?;
        Ok((
            conn.list_api_keys(limit, offset).await?,
            conn.count_api_keys().await?,
        ))
    }

    /// The live key that a presented secret is, from memory if possible.
    ///
    /// # Errors
    /// [`ApiKeyError::Unknown`] for anything but a live key.
    pub async fn authenticate(&self, presented: &str) -> Result<Arc<ApiKey>, ApiKeyError> {
        let membership = &self.ledger.membership;
        if !membership.holds() {
            Box::pin(membership.hold()).await?;
        }
        let digest = self.cache.digest(presented);
        let now = self.ledger.clock.now();
        if let Some(key) = self.cache.get(&digest) {
            return if key.is_live(now) {
                Ok(key)
            } else {
                Err(ApiKeyError::Unknown)
            };
        }
        // Boxed, so that a key in memory does not move the future of a database call about.
        Box::pin(self.find(presented, digest, now)).await
    }

    async fn find(
        &self,
        presented: &str,
        digest: Digest,
        now: Timestamp,
    ) -> Result<Arc<ApiKey>, ApiKeyError> {
        // A text that is none of ours never reaches the store.
        let is_ours = presented
            .parse::<PlainToken>()
            .is_ok_and(|token| token.kind() == TokenKind::ApiKey);
        if !is_ours {
            return Err(ApiKeyError::Unknown);
        }
        let generation = self.cache.generation();
        let hash = HashedToken::of(presented);
        let found = self.ledger.store.read().await?.find_api_key(&hash).await?;
        match found {
            Some(key) if key.is_live(now) => {
                let key = Arc::new(key);
                self.cache.insert(digest, Arc::clone(&key), generation);
                Ok(key)
            }
            _ => Err(ApiKeyError::Unknown),
        }
    }
}

async fn revoke(tx: &mut Tx, journal: &Journal, id: ApiKeyId) -> Result<(), ApiKeyError> {
    let key = tx.lock_api_key(id).await?.ok_or(ApiKeyError::NotFound)?;
    if key.revoked_at.is_none() {
        tx.revoke_api_key(id, journal.now).await?;
        journal.record(tx, Action::ApiKeyRevoked, target(id), None);
        journal.changed(tx, Subject::ApiKey(id));
    }
    Ok(())
}

fn target(id: ApiKeyId) -> Target {
    Target {
        api_key: Some(id),
        ..Target::default()
    }
}
