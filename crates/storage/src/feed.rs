//! The revocation feed: written in the change's transaction, read by every node.

use crate::{Conn, StoreError, Time, Tx, execute, fetch_all, fetch_one, statements};
use countersign_core::{
    ApiKeyId, ClientId, SessionId, Timestamp,
    feed::{FeedEntry, FeedEvent, Subject},
    ids::FeedEntryId,
    session::EndingCause,
};
use uuid::Uuid;

statements! {
    INSERT_FEED_ENTRY = "INSERT INTO feed (id, kind, subject, subject_id, cause, denied_until, written_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    // On SQLite the row order is the commit order. On PostgreSQL everything below the oldest
    // transaction still running is settled; what is above may be read again.
    FEED_HORIZON = {
        sqlite: "SELECT COALESCE(MAX(position), 0) + 1 AS horizon FROM feed",
        postgres: "SELECT CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS TEXT) AS BIGINT) AS horizon"
    };
    READ_FEED = {
        sqlite: "SELECT id, kind, subject, subject_id, cause, denied_until FROM feed WHERE position >= $1 ORDER BY position",
        postgres: "SELECT id, kind, subject, subject_id, cause, denied_until FROM feed \
            WHERE position >= CAST(CAST($1 AS TEXT) AS XID8)"
    };
    LOAD_DENYLIST = "SELECT id, kind, subject, subject_id, cause, denied_until FROM feed \
        WHERE kind = 'ended' AND denied_until > $1";
}

/// Where a reader of the feed stands: everything below has been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct FeedPosition(i64);

impl Conn {
    /// Where to read from next time: taken before a read, so that nothing committed in between is missed.
    pub async fn feed_horizon(&mut self) -> Result<FeedPosition, StoreError> {
        let row: HorizonRow = fetch_one!(self, FEED_HORIZON)?;
        Ok(FeedPosition(row.horizon))
    }

    /// Every entry at or above the position; a reader ignores the ids it has.
    pub async fn read_feed(&mut self, from: FeedPosition) -> Result<Vec<FeedEntry>, StoreError> {
        let rows: Vec<FeedRow> = fetch_all!(self, READ_FEED, from.0)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Every ending whose tokens could still be unexpired at `now`.
    pub async fn load_denylist(&mut self, now: Timestamp) -> Result<Vec<FeedEntry>, StoreError> {
        let rows: Vec<FeedRow> = fetch_all!(self, LOAD_DENYLIST, Time(now))?;
        rows.into_iter().map(TryInto::try_into).collect()
    }
}

impl Tx {
    /// Appends an entry; this node applies it when the transaction has committed.
    pub async fn append_feed(
        &mut self,
        entry: FeedEntry,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (kind, subject, cause, until) = match entry.event {
            FeedEvent::Ended {
                session,
                cause,
                until,
            } => (
                "ended",
                Subject::Session(session),
                Some(cause.as_str()),
                Some(Time(until)),
            ),
            FeedEvent::Changed(subject) => ("changed", subject, None, None),
        };
        let (subject, id) = columns(subject);
        execute!(
            self,
            INSERT_FEED_ENTRY,
            entry.id.as_uuid(),
            kind,
            subject,
            id,
            cause,
            until,
            Time(now)
        )?;
        self.push_feed(entry);
        Ok(())
    }
}

fn columns(subject: Subject) -> (&'static str, Option<Uuid>) {
    match subject {
        Subject::Session(id) => ("session", Some(id.as_uuid())),
        Subject::Client(id) => ("client", Some(id.as_uuid())),
        Subject::ApiKey(id) => ("api_key", Some(id.as_uuid())),
        Subject::SigningKeys => ("signing_keys", None),
    }
}

#[derive(sqlx::FromRow)]
struct HorizonRow {
    horizon: i64,
}

#[derive(sqlx::FromRow)]
struct FeedRow {
    id: Uuid,
    kind: String,
    subject: String,
    subject_id: Option<Uuid>,
    cause: Option<String>,
    denied_until: Option<Time>,
}

impl TryFrom<FeedRow> for FeedEntry {
    type Error = StoreError;

    fn try_from(row: FeedRow) -> Result<Self, StoreError> {
        let wrong = |column| StoreError::inconsistent("feed", column, row.id);
        let subject = match (row.subject.as_str(), row.subject_id) {
            ("session", Some(id)) => Subject::Session(SessionId::from_uuid(id)),
            ("client", Some(id)) => Subject::Client(ClientId::from_uuid(id)),
            ("api_key", Some(id)) => Subject::ApiKey(ApiKeyId::from_uuid(id)),
            ("signing_keys", None) => Subject::SigningKeys,
            _ => return Err(wrong("subject")),
        };
        let event = match (row.kind.as_str(), subject, row.cause, row.denied_until) {
            ("changed", subject, None, None) => FeedEvent::Changed(subject),
            ("ended", Subject::Session(session), Some(cause), Some(until)) => {
                let cause: EndingCause = cause.parse().map_err(|_| wrong("cause"))?;
                FeedEvent::Ended {
                    session,
                    cause,
                    until: until.into(),
                }
            }
            _ => return Err(wrong("kind")),
        };
        Ok(Self {
            id: FeedEntryId::from_uuid(row.id),
            event,
        })
    }
}
