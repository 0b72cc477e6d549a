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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        AppId, ClientId, DeviceId, OwnershipId, SessionId, Thumbprint, UserId,
        lifetime::Preset,
        session::{PreviousRefresh, RefreshState},
    };
    use proptest::prelude::*;
    use uuid::Uuid;

    const START: Timestamp = Timestamp::from_secs(1_800_000_000);

    fn token(number: usize) -> HashedToken {
        HashedToken::of(&number.to_string())
    }

    fn session(is_keyed: bool) -> Session {
        let id = Uuid::nil();
        Session {
            id: SessionId::from_uuid(id),
            ownership_id: OwnershipId::from_uuid(id),
            device_id: DeviceId::from_uuid(id),
            user_id: UserId::from_uuid(id),
            client_id: ClientId::from_uuid(id),
            app_id: AppId::from_uuid(id),
            jkt: is_keyed.then(|| Thumbprint::from_bytes([1; 32])),
            amr: Vec::new(),
            client_epoch: 0,
            created_at: START,
            last_active_at: START,
            lifetimes: Preset::Aal2.lifetimes(),
            ended: None,
            refresh: Some(RefreshState {
                current: token(0),
                previous: None,
            }),
        }
    }

    /// What the service does about a rotation: token `next` follows the presented one.
    fn rotate(session: &mut Session, presented: usize, next: usize, now: Timestamp) {
        let sealed_successor = next.to_be_bytes().to_vec();
        let previous = PreviousRefresh {
            hash: token(presented),
            sealed_successor,
            rotated_at: now,
        };
        session.refresh = Some(RefreshState {
            current: token(next),
            previous: Some(previous),
        });
    }

    /// Which token a repeated answer holds.
    fn repeated(sealed: &[u8]) -> usize {
        usize::from_be_bytes(sealed.try_into().unwrap())
    }

    #[test]
    fn keyless_retry_ends_after_thirty_seconds() {
        let mut session = session(false);
        rotate(&mut session, 0, 1, START);
        let just = START.plus(KEYLESS_RETRY).minus(Duration::from_micros(1));
        assert!(matches!(
            judge(&session, &token(0), just),
            RefreshOutcome::Repeat(_)
        ));
        let late = START.plus(KEYLESS_RETRY);
        assert_eq!(judge(&session, &token(0), late), RefreshOutcome::Reused);
    }

    #[test]
    fn an_adopted_session_rotates_nothing_here() {
        let session = Session {
            refresh: None,
            ..session(true)
        };
        assert_eq!(
            judge(&session, &token(0), START),
            RefreshOutcome::Superseded
        );
    }

    proptest! {
        /// I7: whatever is presented in whatever order, there is one lineage; a keyed session is
        /// never ended by it, and only the newest token or its predecessor ever yields anything.
        #[test]
        fn one_lineage_whatever_is_presented(
            is_keyed: bool,
            steps in prop::collection::vec((0usize..12, 0u64..50), 1..60),
        ) {
            let mut session = session(is_keyed);
            let (mut newest, mut now) = (0, START);
            for (back, seconds) in steps {
                now = now.plus(Duration::from_secs(seconds));
                let presented = newest - back.min(newest);
                match judge(&session, &token(presented), now) {
                    RefreshOutcome::Rotate => {
                        prop_assert_eq!(presented, newest);
                        newest += 1;
                        rotate(&mut session, presented, newest, now);
                    }
                    RefreshOutcome::Repeat(sealed) => {
                        prop_assert_eq!(presented + 1, newest);
                        prop_assert_eq!(repeated(&sealed), newest);
                    }
                    RefreshOutcome::Superseded => prop_assert!(is_keyed && presented + 1 < newest),
                    RefreshOutcome::Reused => {
                        prop_assert!(!is_keyed && presented < newest);
                        return Ok(());
                    }
                }
            }
        }
    }
}
