//! Access tokens whose signature was checked.

use crate::{
    bounded::Bounded,
    sharded::{SHARDS, Sharded},
    source::Adopted,
};
use countersign_core::{SessionId, Timestamp, token::HashedToken};

/// What a token's text stands for. It never changes, so an entry is only ever too old.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckedToken {
    /// The session it belongs to.
    pub session: SessionId,
    /// When it expires.
    pub expires_at: Timestamp,
}

impl From<Adopted> for CheckedToken {
    fn from(adopted: Adopted) -> Self {
        Self {
            session: adopted.session,
            expires_at: adopted.expires_at,
        }
    }
}

/// Checked tokens by the hash of their text: a signature is verified once, not per request.
///
/// About 100 bytes each.
#[derive(Debug)]
pub struct TokenCache(Sharded<Bounded<HashedToken, CheckedToken>>);

impl TokenCache {
    /// Keeps up to `capacity` tokens, rounded up to a multiple of 64.
    pub fn new(capacity: usize) -> Self {
        Self(Sharded::new(|| Bounded::new(capacity.div_ceil(SHARDS))))
    }

    /// The token, if it was checked; the caller checks the expiry.
    pub fn get(&self, token: &HashedToken) -> Option<CheckedToken> {
        self.0.read(token).get(token).copied()
    }

    /// Remembers a checked token.
    pub fn insert(&self, token: HashedToken, checked: CheckedToken, now: Timestamp) {
        self.0
            .write(&token)
            .insert(token, checked, |old| now >= old.expires_at);
    }

    /// Forgets every token, because a signing key may have been revoked.
    pub fn clear(&self) {
        for mut part in self.0.each_mut() {
            let forgotten = part.take();
            drop(part);
            drop(forgotten);
        }
    }

    /// Drops expired tokens.
    pub fn prune(&self, now: Timestamp) {
        for mut part in self.0.each_mut() {
            for token in part.matching(|checked| now >= checked.expires_at) {
                part.remove(&token);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(expires_at: i64) -> CheckedToken {
        CheckedToken {
            session: SessionId::from_uuid(uuid::Uuid::from_u128(1)),
            expires_at: Timestamp::from_secs(expires_at),
        }
    }

    #[test]
    fn expired_tokens_leave_and_a_clear_forgets_all() {
        let cache = TokenCache::new(64);
        let (first, second) = (HashedToken::of("a"), HashedToken::of("b"));
        cache.insert(first, checked(10), Timestamp::default());
        cache.insert(second, checked(20), Timestamp::default());
        cache.prune(Timestamp::from_secs(10));
        assert_eq!(cache.get(&first), None);
        assert_eq!(cache.get(&second), Some(checked(20)));
        cache.clear();
        assert_eq!(cache.get(&second), None);
    }
}
