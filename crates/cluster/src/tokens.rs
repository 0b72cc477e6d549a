//! Access tokens whose signature was checked.

use crate::{
    bounded::Bounded,
    digest::{Digest, Digester},
    sharded::{SHARDS, Sharded},
    source::Adopted,
};
use countersign_core::{Rng, SessionId, Thumbprint, Timestamp};
use std::sync::atomic::{AtomicU64, Ordering};

/// What a token's text stands for. It never changes, so an entry is only ever too old.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckedToken {
    /// The session it belongs to.
    pub session: SessionId,
    /// When it expires.
    pub expires_at: Timestamp,
    /// The key that it names.
    pub jkt: Option<Thumbprint>,
}

impl From<Adopted> for CheckedToken {
    fn from(adopted: Adopted) -> Self {
        Self {
            session: adopted.session,
            expires_at: adopted.expires_at,
            jkt: None,
        }
    }
}

/// Checked tokens by the digest of their text: a signature is verified once, not per request.
///
/// About 100 bytes each.
#[derive(Debug)]
pub struct TokenCache {
    digester: Digester,
    parts: Sharded<Bounded<(Digest, CheckedToken)>>,
    clears: AtomicU64,
}

/// What the keys were when a token's check began: [`TokenCache::keys`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeysAsOf(u64);

impl TokenCache {
    /// Keeps up to `capacity` tokens, rounded up to a multiple of 64.
    pub fn new(capacity: usize, rng: &dyn Rng) -> Self {
        Self {
            digester: Digester::new(rng),
            parts: Sharded::new(|| Bounded::new(capacity.div_ceil(SHARDS))),
            clears: AtomicU64::new(0),
        }
    }

    /// What the token is called here.
    pub fn digest(&self, token: &str) -> Digest {
        self.digester.digest(token)
    }

    /// The token, if it was checked; the caller checks the expiry.
    pub fn get(&self, token: &Digest) -> Option<CheckedToken> {
        self.parts
            .read(token)
            .get(token)
            .map(|(_, checked)| *checked)
    }

    /// To be taken before a check begins and given to [`insert`](Self::insert).
    pub fn keys(&self) -> KeysAsOf {
        KeysAsOf(self.clears.load(Ordering::SeqCst))
    }

    /// Remembers a token that was checked under these keys, unless they have changed since: a
    /// check that was under way must not outlive the key it was made with.
    pub fn insert(&self, token: Digest, checked: CheckedToken, keys: KeysAsOf, now: Timestamp) {
        let mut part = self.parts.write(&token);
        if self.keys() == keys {
            part.insert((token, checked), |(_, old)| now >= old.expires_at);
        }
    }

    /// Forgets every token, because a signing key may have been revoked.
    pub fn clear(&self) {
        // Raised first: an insert either sees it, or holds a lock that is still to be taken here.
        self.clears.fetch_add(1, Ordering::SeqCst);
        for mut part in self.parts.each_mut() {
            let forgotten = part.take();
            drop(part);
            drop(forgotten);
        }
    }

    /// Drops expired tokens.
    pub fn prune(&self, now: Timestamp) {
        for mut part in self.parts.each_mut() {
            for token in part.matching(|(_, checked)| now >= checked.expires_at) {
                part.remove(&token);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_core::SystemRng;

    fn checked(expires_at: i64) -> CheckedToken {
        CheckedToken {
            session: SessionId::from_uuid(uuid::Uuid::from_u128(1)),
            expires_at: Timestamp::from_secs(expires_at),
            jkt: None,
        }
    }

    #[test]
    fn expired_tokens_leave_and_a_clear_forgets_all() {
        let cache = TokenCache::new(64, &SystemRng);
        let (first, second) = (cache.digest("a"), cache.digest("b"));
        let keys = cache.keys();
        cache.insert(first, checked(10), keys, Timestamp::default());
        cache.insert(second, checked(20), keys, Timestamp::default());
        cache.prune(Timestamp::from_secs(10));
        assert_eq!(cache.get(&first), None);
        assert_eq!(cache.get(&second), Some(checked(20)));
        cache.clear();
        assert_eq!(cache.get(&second), None);
        // A check that began before the clear comes too late.
        cache.insert(first, checked(30), keys, Timestamp::default());
        assert_eq!(cache.get(&first), None);
    }
}
