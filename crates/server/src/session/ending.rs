//! The one way a session ends, whatever the cause.

use crate::journal::Journal;
use countersign_core::{
    SessionId,
    activity::{Action, Target},
    feed::FeedEvent,
    session::{Ending, EndingCause, Session},
};
use countersign_storage::{StoreError, Tx};

/// A session to end, who ends it, and why.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ToEnd<'a> {
    pub(crate) journal: &'a Journal,
    pub(crate) session: &'a Session,
    pub(crate) cause: EndingCause,
}

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
    let endings = sessions.iter().map(|session| ToEnd {
        journal,
        session,
        cause,
    });
    end_each(tx, &endings.collect::<Vec<_>>()).await
}

/// As [`end`], each by somebody else.
pub(crate) async fn end_each(
    tx: &mut Tx,
    endings: &[ToEnd<'_>],
) -> Result<Vec<SessionId>, StoreError> {
    let open: Vec<_> = endings
        .iter()
        .filter(|each| each.session.ended.is_none())
        .collect();
    let rows = open.iter().map(|each| {
        let (at, cause) = (each.journal.now, each.cause);
        (each.session.id, Ending { at, cause })
    });
    tx.end_sessions(&rows.collect::<Vec<_>>()).await?;
    for each in &open {
        announce(tx, each.journal, each.session, each.cause);
    }
    Ok(open.iter().map(|each| each.session.id).collect())
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
