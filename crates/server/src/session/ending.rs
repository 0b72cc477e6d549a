//! The one way a session ends, whatever the cause.

use crate::journal::Journal;
use countersign_core::{
    SessionId,
    activity::{Action, Target},
    feed::FeedEvent,
    session::{Ending, EndingCause, Session},
};
use countersign_storage::{StoreError, Tx};

/// Ends sessions that the transaction has locked, and answers those it ended.
///
/// For each: the row, its *ended* feed entry and its activity record. Sessions that had ended
/// before are passed over, so repeating an ending changes nothing.
pub(crate) async fn end(
    tx: &mut Tx,
    journal: &Journal,
    sessions: &[Session],
    cause: EndingCause,
) -> Result<Vec<SessionId>, StoreError> {
    let mut ended = Vec::with_capacity(sessions.len());
    for session in sessions {
        if tx
            .end_session(
                session.id,
                Ending {
                    at: journal.now,
                    cause,
                },
            )
            .await?
        {
            announce(tx, journal, session, cause);
            ended.push(session.id);
        }
    }
    Ok(ended)
}

fn announce(tx: &mut Tx, journal: &Journal, session: &Session, cause: EndingCause) {
    // The backend may let adopted tokens live as long as the session could have.
    let until = match session.refresh {
        Some(_) => session
            .lifetimes
            .access_expiry(journal.now, session.absolute_expiry()),
        None => session.absolute_expiry(),
    };
    journal.announce(
        tx,
        FeedEvent::Ended {
            session: session.id,
            cause,
            until,
        },
    );
    let reason = Some(cause.as_str());
    journal.record(tx, Action::SessionEnded, target(session), reason);
}

/// The session and all it hangs on, for an activity record.
pub(crate) fn target(session: &Session) -> Target {
    Target {
        client: Some(session.client_id),
        user: Some(session.user_id),
        device: Some(session.device_id),
        ownership: Some(session.ownership_id),
        session: Some(session.id),
        api_key: None,
    }
}
