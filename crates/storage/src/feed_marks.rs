//! Marks of what the feed held, so that pruning it forgets nothing that somebody may still need.

use crate::{
    Conn, StoreError, Time, Tx, execute,
    feed::{json, parse_extent, parse_subject},
    fetch_all, statements,
};
use countersign_barrier::Extent;
use countersign_core::{Timestamp, feed::Subject, ids::FeedEntryId};
use uuid::Uuid;

statements! {
    INSERT_FEED_MARK = {
        sqlite: "INSERT INTO feed_marks (id, extent, noted_at) SELECT $1, '0:' || \
            (COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'feed'), 0) + 1) || ':', $2",
        postgres: "INSERT INTO feed_marks (id, extent, noted_at) VALUES ($1, CAST(pg_current_snapshot() AS TEXT), $2)"
    };
    LIST_FEED_MARKS = "SELECT extent, noted_at FROM feed_marks ORDER BY noted_at, id";
    LIST_ACKNOWLEDGED = "SELECT COALESCE(acknowledged, '0:0:') AS extent FROM nodes";
    DELETE_FEED_MARKS = "DELETE FROM feed_marks WHERE noted_at < $1";
    PRUNE_FEED = {
        sqlite: "DELETE FROM feed WHERE id IN (SELECT id FROM feed WHERE written_at <= $1 AND (denied_until <= $1 \
            OR (denied_until IS NULL AND position < $2 AND $3 = $3)) ORDER BY written_at LIMIT $4)",
        postgres: "DELETE FROM feed WHERE id IN (SELECT id FROM feed WHERE written_at <= $1 AND (denied_until <= $1 \
            OR (denied_until IS NULL AND position < CAST(CAST($2 AS TEXT) AS XID8) \
            AND NOT position = ANY (CAST(translate($3, '[]', '{}') AS XID8[])))) ORDER BY written_at LIMIT $4)"
    };
    READ_CHANGED_SINCE = {
        sqlite: "SELECT subject, subject_id FROM feed WHERE position >= $1 AND $2 = $2 AND kind = 'changed' \
            AND subject IN ('session', 'client') LIMIT $3",
        postgres: "SELECT subject, subject_id FROM feed WHERE (position >= CAST(CAST($1 AS TEXT) AS XID8) \
            OR position = ANY (CAST(translate($2, '[]', '{}') AS XID8[]))) AND kind = 'changed' \
            AND subject IN ('session', 'client') LIMIT $3"
    };
}

/// What changed since some time ago, without a gap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedHistory {
    /// What the feed held then.
    pub since: Extent,
    /// The sessions and clients that changed after, possibly more than once.
    pub changed: Vec<Subject>,
}

impl Conn {
    /// What changed since the oldest mark; `None` without one, or when more than `most` entries
    /// would say so.
    pub async fn feed_history(&mut self, most: i64) -> Result<Option<FeedHistory>, StoreError> {
        let Some(mark) = self.oldest_mark().await? else {
            return Ok(None);
        };
        let (below, open) = arguments(&mark)?;
        let rows: Vec<SubjectRow> = fetch_all!(self, READ_CHANGED_SINCE, below, &open, most + 1)?;
        // A mark that is still the oldest was so all the while: nothing after it was pruned.
        let is_whole = self.oldest_mark().await?.as_ref() == Some(&mark);
        if !is_whole || rows.len() > usize::try_from(most).unwrap_or(0) {
            return Ok(None);
        }
        let subjects = rows
            .into_iter()
            .map(|row| parse_subject(&row.subject, row.subject_id, Uuid::nil()));
        Ok(Some(FeedHistory {
            since: mark,
            changed: subjects.collect::<Result<_, _>>()?,
        }))
    }

    async fn oldest_mark(&mut self) -> Result<Option<Extent>, StoreError> {
        let rows: Vec<MarkRow> = fetch_all!(self, LIST_FEED_MARKS)?;
        let oldest = rows.first().map(|row| parse_extent(&row.extent));
        oldest.transpose()
    }
}

impl Tx {
    /// Notes what the feed holds now.
    pub async fn mark_feed(&mut self, id: FeedEntryId, now: Timestamp) -> Result<(), StoreError> {
        execute!(self, INSERT_FEED_MARK, id.as_uuid(), Time(now))?;
        Ok(())
    }

    /// Deletes at most `limit` entries written at or before the given time: endings once every
    /// token they deny has expired, changes once a mark of that time includes them and every node
    /// acknowledges that mark.
    pub(crate) async fn prune_feed(
        &mut self,
        before: Timestamp,
        limit: i64,
    ) -> Result<u64, StoreError> {
        let mark = self.prunable_mark(before).await?;
        let extent = mark.as_ref().map(|(extent, _)| extent.clone());
        let (below, open) = arguments(&extent.unwrap_or_default())?;
        let deleted = execute!(self, PRUNE_FEED, Time(before), below, &open, limit)?;
        if let Some((_, noted_at)) = mark {
            execute!(self, DELETE_FEED_MARKS, noted_at)?;
        }
        Ok(deleted)
    }

    async fn prunable_mark(
        &mut self,
        before: Timestamp,
    ) -> Result<Option<(Extent, Time)>, StoreError> {
        let marks: Vec<MarkRow> = fetch_all!(self, LIST_FEED_MARKS)?;
        let rows: Vec<ExtentRow> = fetch_all!(self, LIST_ACKNOWLEDGED)?;
        let acknowledged = rows.iter().map(|row| parse_extent(&row.extent));
        let acknowledged = acknowledged.collect::<Result<Vec<_>, _>>()?;
        let marks = marks
            .into_iter()
            .rev()
            .filter(|mark| Timestamp::from(mark.noted_at) <= before);
        for mark in marks {
            let extent = parse_extent(&mark.extent)?;
            if acknowledged.iter().all(|has| has.covers(&extent)) {
                return Ok(Some((extent, mark.noted_at)));
            }
        }
        Ok(None)
    }
}

/// An extent as statements take it.
fn arguments(extent: &Extent) -> Result<(i64, String), StoreError> {
    let below = i64::try_from(extent.below()).unwrap_or(i64::MAX);
    Ok((below, json(extent.open())?))
}

#[derive(sqlx::FromRow)]
struct MarkRow {
    extent: String,
    noted_at: Time,
}

#[derive(sqlx::FromRow)]
struct ExtentRow {
    extent: String,
}

#[derive(sqlx::FromRow)]
struct SubjectRow {
    subject: String,
    subject_id: Option<Uuid>,
}
