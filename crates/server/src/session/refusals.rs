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
