//! The revocation feed: written in the change's transaction, read by every node.

use crate::{Conn, StoreError, Time, Tx, fetch_all, fetch_one, statements};
use countersign_barrier::{Extent, Position};
use countersign_core::{
    ApiKeyId, ClientId, SessionId, Timestamp,
    feed::{FeedEntry, FeedEvent, Subject},
    ids::FeedEntryId,
    session::EndingCause,
};
use serde::Serialize;
use uuid::Uuid;

statements! {
    INSERT_FEED_ENTRY = {
        sqlite: "INSERT INTO feed (id, kind, subject, subject_id, cause, denied_until, written_at) \
            VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING position",
        postgres: "INSERT INTO feed (id, kind, subject, subject_id, cause, denied_until, written_at) \
            VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING CAST(CAST(position AS TEXT) AS BIGINT) AS position"
    };
    // On SQLite the row order is the commit order, and a number is never given twice.
    FEED_EXTENT = {
        sqlite: "SELECT '0:' || (COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'feed'), 0) + 1) || ':' AS extent",
        postgres: "SELECT CAST(pg_current_snapshot() AS TEXT) AS extent"
    };
    // In one statement, so that the extent is that of the very snapshot that the rows are read in.
    READ_FEED = {
        sqlite: "SELECT e.extent, f.id, f.kind, f.subject, f.subject_id, f.cause, f.denied_until FROM \
            (SELECT '0:' || (COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'feed'), 0) + 1) || ':' AS extent) e \
            LEFT JOIN feed f ON f.position IN (SELECT position FROM feed WHERE position >= $1 AND $2 = $2 \
                UNION SELECT position FROM feed WHERE id IN (SELECT unhex(value) FROM json_each($3))) ORDER BY f.position",
        postgres: "SELECT CAST(pg_current_snapshot() AS TEXT) AS extent, f.id, f.kind, f.subject, f.subject_id, f.cause, \
            f.denied_until FROM (SELECT 1) e LEFT JOIN feed f ON f.position >= CAST(CAST($1 AS TEXT) AS XID8) \
            OR f.position = ANY (CAST(translate($2, '[]', '{}') AS XID8[])) OR f.id = ANY (CAST(translate($3, '[]\"', '{}') AS UUID[]))"
    };
    LOAD_DENYLIST = "SELECT '' AS extent, id, kind, subject, subject_id, cause, denied_until FROM feed \
        WHERE kind = 'ended' AND denied_until > $1";
}

/// What a read of the feed brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedRead {
    /// What it included, together with everything before it.
    pub extent: Extent,
    /// What the read before it did not include.
    pub entries: Vec<FeedEntry>,
    /// Whether what the read before it saw last is still there.
    pub is_continuous: bool,
}

impl Conn {
    /// What a read that begins now would include.
    pub async fn feed_extent(&mut self) -> Result<Extent, StoreError> {
        let row: ExtentRow = fetch_one!(self, FEED_EXTENT)?;
        parse_extent(&row.extent)
    }

    /// Every entry that `known` did not include.
    ///
    /// `last` are the ids of entries that were read before, few of them: if one is gone, the
    /// store's history is not the one that was read.
    pub async fn read_feed(
        &mut self,
        known: &Extent,
        last: &[FeedEntryId],
    ) -> Result<FeedRead, StoreError> {
        let below = i64::try_from(known.below()).unwrap_or(i64::MAX);
        let open = json(known.open())?;
        let ids = json(last.iter().map(|id| id.as_uuid().simple().to_string()))?;
        let rows: Vec<FeedRow> = fetch_all!(self, READ_FEED, below, &open, &ids)?;
        let extent = rows.first().map_or("", |row| &row.extent);
        let extent = parse_extent(extent)?;
        let rows = rows.into_iter().filter(|row| row.id.is_some());
        let mut entries = rows
            .map(FeedEntry::try_from)
            .collect::<Result<Vec<_>, _>>()?;
        let found = entries.len();
        entries.retain(|entry| !last.contains(&entry.id));
        Ok(FeedRead {
            extent,
            is_continuous: found - entries.len() == last.len(),
            entries,
        })
    }

    /// Every ending whose tokens could still be unexpired at `now`.
    pub async fn load_denylist(&mut self, now: Timestamp) -> Result<Vec<FeedEntry>, StoreError> {
        let rows: Vec<FeedRow> = fetch_all!(self, LOAD_DENYLIST, Time(now))?;
        rows.into_iter().map(TryInto::try_into).collect()
    }
}

impl Tx {
    /// Appends an entry, when the closure has ended; this node applies it when the transaction has
    /// committed.
    pub fn append_feed(&mut self, entry: FeedEntry, now: Timestamp) {
        self.appended().feed.push((entry, now));
    }

    pub(crate) async fn insert_feed_entry(
        &mut self,
        entry: &FeedEntry,
        now: Timestamp,
    ) -> Result<Position, StoreError> {
        let row = EntryColumns::of(entry);
        let row: PositionRow = fetch_one!(
            self,
            INSERT_FEED_ENTRY,
            entry.id.as_uuid(),
            row.kind,
            row.subject,
            row.subject_id,
            row.cause,
            row.denied_until.map(Time),
            Time(now)
        )?;
        Ok(row.position())
    }
}

/// An entry, in columns.
pub(crate) struct EntryColumns {
    pub(crate) kind: &'static str,
    pub(crate) subject: &'static str,
    pub(crate) subject_id: Option<Uuid>,
    pub(crate) cause: Option<&'static str>,
    pub(crate) denied_until: Option<Timestamp>,
}

impl EntryColumns {
    pub(crate) fn of(entry: &FeedEntry) -> Self {
        let (kind, subject, cause, denied_until) = match entry.event {
            FeedEvent::Ended {
                session,
                cause,
                until,
            } => (
                "ended",
                Subject::Session(session),
                Some(cause.as_str()),
                Some(until),
            ),
            FeedEvent::Changed(subject) => ("changed", subject, None, None),
        };
        let (subject, subject_id) = columns(subject);
        Self {
            kind,
            subject,
            subject_id,
            cause,
            denied_until,
        }
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

/// A list as text: SQLite reads it as JSON, PostgreSQL as an array once its brackets are braces.
pub(crate) fn json(items: impl IntoIterator<Item = impl Serialize>) -> Result<String, StoreError> {
    let items: Vec<_> = items.into_iter().collect();
    serde_json::to_string(&items)
        .map_err(|error| StoreError::of_statement(sqlx::Error::Encode(error.into())))
}

pub(crate) fn parse_extent(text: &str) -> Result<Extent, StoreError> {
    text.parse()
        .map_err(|_| StoreError::inconsistent("feed", "extent", Uuid::nil()))
}

pub(crate) fn parse_subject(
    text: &str,
    id: Option<Uuid>,
    row: Uuid,
) -> Result<Subject, StoreError> {
    Ok(match (text, id) {
        ("session", Some(id)) => Subject::Session(SessionId::from_uuid(id)),
        ("client", Some(id)) => Subject::Client(ClientId::from_uuid(id)),
        ("api_key", Some(id)) => Subject::ApiKey(ApiKeyId::from_uuid(id)),
        ("signing_keys", None) => Subject::SigningKeys,
        _ => return Err(StoreError::inconsistent("feed", "subject", row)),
    })
}

#[derive(sqlx::FromRow)]
struct ExtentRow {
    extent: String,
}

#[derive(sqlx::FromRow)]
pub(crate) struct PositionRow {
    position: i64,
}

impl PositionRow {
    pub(crate) fn position(&self) -> Position {
        Position::new(self.position.unsigned_abs())
    }
}

#[derive(sqlx::FromRow)]
struct FeedRow {
    extent: String,
    id: Option<Uuid>,
    kind: Option<String>,
    subject: Option<String>,
    subject_id: Option<Uuid>,
    cause: Option<String>,
    denied_until: Option<Time>,
}

impl TryFrom<FeedRow> for FeedEntry {
    type Error = StoreError;

    fn try_from(row: FeedRow) -> Result<Self, StoreError> {
        let id = row.id.unwrap_or_default();
        let wrong = |column| StoreError::inconsistent("feed", column, id);
        let subject = row.subject.as_deref().unwrap_or_default();
        let subject = parse_subject(subject, row.subject_id, id)?;
        let kind = row.kind.as_deref().unwrap_or_default();
        let event = match (kind, subject, row.cause, row.denied_until) {
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
            id: FeedEntryId::from_uuid(id),
            event,
        })
    }
}
