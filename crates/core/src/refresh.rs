//! What presenting a refresh token does (invariants I6 and I7).

use crate::{Timestamp, session::Session, token::HashedToken};
use std::time::Duration;

/// How long a device without a key may retry a superseded token.
pub const KEYLESS_RETRY: Duration = Duration::from_secs(30);

/// What to do about a presented refresh token of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefreshOutcome {
    /// It is the current one: rotate.
    Rotate,
    /// Its response was lost: give the same successor again. Carries the sealed successor.
    Repeat(Vec<u8>),
    /// It was superseded; refuse, and the session lives.
    Superseded,
    /// It was superseded and nothing proves who holds it; refuse and end the session.
    Reused,
}

/// Judges a refresh token that this session issued.
///
/// The caller has checked the proof first: for a keyed session it is by the session's key. A
/// token older than the previous one is neither current nor previous.
pub fn judge(session: &Session, presented: &HashedToken, now: Timestamp) -> RefreshOutcome {
    let Some(refresh) = &session.refresh else {
        return RefreshOutcome::Superseded;
    };
    if refresh.current == *presented {
        return RefreshOutcome::Rotate;
    }
    let retry = refresh
        .previous
        .as_ref()
        .filter(|previous| previous.hash == *presented);
    match (retry, session.jkt) {
        (Some(previous), Some(_)) => RefreshOutcome::Repeat(previous.sealed_successor.clone()),
        (Some(previous), None) if now.since(previous.rotated_at) < KEYLESS_RETRY => {
            RefreshOutcome::Repeat(previous.sealed_successor.clone())
        }
        (None, Some(_)) => RefreshOutcome::Superseded,
        (_, None) => RefreshOutcome::Reused,
    }
}
