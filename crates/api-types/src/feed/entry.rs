//! Entries of the feed.

use crate::schema;
use countersign_core::{
    ApiKeyId, ClientId, SessionId, Timestamp,
    feed::{FeedEntry, FeedEvent, Subject},
    ids::FeedEntryId,
    session::EndingCause,
};
use serde::{Deserialize, Serialize};

/// One entry: what ended, or what is to be forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FeedItem {
    /// Names the entry.
    #[schema(value_type = schema::FeedEntryId)]
    pub id: FeedEntryId,
    /// What it reports.
    #[serde(flatten)]
    pub event: FeedItemEvent,
}

/// What an entry reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FeedItemEvent {
    /// A session ended.
    Ended(EndedSession),
    /// A session changed.
    Session {
        /// The session.
        #[schema(value_type = schema::SessionId)]
        session_id: SessionId,
    },
    /// A client changed.
    Client {
        /// The client.
        #[schema(value_type = schema::ClientId)]
        client_id: ClientId,
    },
    /// An API key changed.
    ApiKey {
        /// The API key.
        #[schema(value_type = schema::ApiKeyId)]
        key_id: ApiKeyId,
    },
    /// The signing keys changed.
    SigningKeys,
}

/// A session that ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EndedSession {
    /// The session.
    #[schema(value_type = schema::SessionId)]
    pub session_id: SessionId,
    /// Why.
    #[schema(value_type = schema::EndingCause)]
    pub cause: EndingCause,
    /// No token of it is valid from here on.
    #[schema(value_type = schema::Timestamp)]
    pub until: Timestamp,
}

impl From<&FeedEntry> for FeedItem {
    fn from(entry: &FeedEntry) -> Self {
        let event = match entry.event {
            FeedEvent::Ended {
                session,
                cause,
                until,
            } => FeedItemEvent::Ended(EndedSession {
                session_id: session,
                cause,
                until,
            }),
            FeedEvent::Changed(Subject::Session(id)) => FeedItemEvent::Session { session_id: id },
            FeedEvent::Changed(Subject::Client(id)) => FeedItemEvent::Client { client_id: id },
            FeedEvent::Changed(Subject::ApiKey(id)) => FeedItemEvent::ApiKey { key_id: id },
            FeedEvent::Changed(Subject::SigningKeys) => FeedItemEvent::SigningKeys,
        };
        Self {
            id: entry.id,
            event,
        }
    }
}

impl From<FeedItem> for FeedEntry {
    fn from(item: FeedItem) -> Self {
        let event = match item.event {
            FeedItemEvent::Ended(ended) => FeedEvent::Ended {
                session: ended.session_id,
                cause: ended.cause,
                until: ended.until,
            },
            FeedItemEvent::Session { session_id: id } => FeedEvent::Changed(Subject::Session(id)),
            FeedItemEvent::Client { client_id: id } => FeedEvent::Changed(Subject::Client(id)),
            FeedItemEvent::ApiKey { key_id: id } => FeedEvent::Changed(Subject::ApiKey(id)),
            FeedItemEvent::SigningKeys => FeedEvent::Changed(Subject::SigningKeys),
        };
        Self { id: item.id, event }
    }
}
