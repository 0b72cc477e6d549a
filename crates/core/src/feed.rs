//! The revocation feed: the append-only record of what ended and what changed.

use crate::{ApiKeyId, ClientId, SessionId, Timestamp, ids::FeedEntryId, session::EndingCause};

/// One entry, written in the transaction of the change it reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedEntry {
    /// Random, so that a reader notices a history that was replaced.
    pub id: FeedEntryId,
    /// What happened.
    pub event: FeedEvent,
}

/// What an entry reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeedEvent {
    /// The session is over. Final, so order and repetition do not matter.
    Ended {
        /// The session.
        session: SessionId,
        /// Why.
        cause: EndingCause,
        /// No token of the session is valid from here on, so the denylist may forget it.
        until: Timestamp,
    },
    /// Forget what was known of the subject before this entry.
    Changed(Subject),
}

/// What a [`FeedEvent::Changed`] is about.
///
/// A change of a device, an ownership or a user names each of its active sessions: row locks
/// keep a login from slipping in between, and a reader needs no index by device or user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    /// One session's snapshot.
    Session(SessionId),
    /// Every snapshot of the client.
    Client(ClientId),
    /// An API key.
    ApiKey(ApiKeyId),
    /// The set of signing keys.
    SigningKeys,
}
