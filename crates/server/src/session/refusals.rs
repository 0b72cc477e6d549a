//! Which refused refreshes are kept: the first per token, reason and minute.

use super::SessionError;
use countersign_api_types::ErrorCode;
use countersign_core::{Timestamp, decision::Refusal, token::HashedToken};
use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};

/// Remembers refusals of the current minute, so that a thief cannot fill the log.
#[derive(Debug, Default)]
pub(crate) struct Refusals(Mutex<Minute>);

#[derive(Debug, Default)]
struct Minute {
    number: i64,
    seen: HashSet<(HashedToken, ErrorCode)>,
}

/// The most refusals kept in one minute.
const MOST: usize = 1000;

impl Refusals {
    /// Whether the refusal says that somebody may hold a token they should not. A proof that is
    /// merely late or lacks a nonce says nothing.
    pub(super) fn is_telling(error: &SessionError) -> bool {
        matches!(
            error,
            SessionError::ProofRequired
                | SessionError::OriginNotListed
                | SessionError::Proof(
                    Refusal::ProofInvalid
                        | Refusal::ProofMismatch
                        | Refusal::ProofReplayed
                        | Refusal::KeyMismatch
                        | Refusal::SchemeMismatch
                )
                | SessionError::RefreshSuperseded
                | SessionError::RefreshReused
        )
    }

    /// Whether this is the first such refusal of the minute.
    pub(super) fn is_first(
        &self,
        token: HashedToken,
        error: &SessionError,
        now: Timestamp,
    ) -> bool {
        let mut minute = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let number = now.as_secs().div_euclid(60);
        if minute.number != number {
            *minute = Minute {
                number,
                seen: HashSet::new(),
            };
        }
        minute.seen.len() < MOST && minute.seen.insert((token, error.code()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_per_token_reason_and_minute_is_kept_and_a_flood_is_cut_off() {
        let refusals = Refusals::default();
        let (reused, superseded) = (SessionError::RefreshReused, SessionError::RefreshSuperseded);
        let (now, token) = (Timestamp::from_secs(90), HashedToken::of("stolen"));
        assert!(refusals.is_first(token, &reused, now));
        assert!(!refusals.is_first(token, &reused, now));
        assert!(refusals.is_first(token, &superseded, now));
        assert!(refusals.is_first(token, &reused, Timestamp::from_secs(120)));
        let others = (0..2 * MOST).map(|number| HashedToken::of(&number.to_string()));
        let kept =
            others.filter(|&other| refusals.is_first(other, &reused, Timestamp::from_secs(120)));
        assert_eq!(kept.count(), MOST - 1);
    }
}
