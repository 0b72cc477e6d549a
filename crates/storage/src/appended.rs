//! What a write appends to the feed and to the activity log: written when its closure has ended, so
//! that PostgreSQL is asked once for all of it.

use crate::{
    StoreError, Tx,
    activity::actor,
    conn::Target,
    feed::{EntryColumns, PositionRow, json},
    fetch_all, statements,
};
use countersign_barrier::Position;
use countersign_core::{
    ApiKeyId, ClientId, DeviceId, OwnershipId, SessionId, Timestamp, UserId, activity::Activity,
    feed::FeedEntry,
};
use serde::Serialize;
use uuid::Uuid;

statements! {
    // All rows of a transaction have the same position.
    APPEND = {
        sqlite: "SELECT 0 AS position WHERE $1 = $2",
        postgres: "WITH records AS (INSERT INTO activity (id, at, action, actor_kind, actor_id, client_id, user_id, device_id, \
            ownership_id, session_id, api_key_id, reason) SELECT id, at, action, actor_kind, actor_id, client_id, \
            user_id, device_id, ownership_id, session_id, api_key_id, reason FROM json_to_recordset(CAST($1 AS JSON)) AS r(id UUID, \
            at TIMESTAMPTZ, action TEXT, actor_kind TEXT, actor_id UUID, client_id UUID, user_id UUID, device_id UUID, \
            ownership_id UUID, session_id UUID, api_key_id UUID, reason TEXT)) \
            INSERT INTO feed (id, kind, subject, subject_id, cause, denied_until, written_at) \
            SELECT id, kind, subject, subject_id, cause, denied_until, written_at FROM json_to_recordset(CAST($2 AS JSON)) AS f(id UUID, kind TEXT, subject TEXT, subject_id UUID, \
            cause TEXT, denied_until TIMESTAMPTZ, written_at TIMESTAMPTZ) \
            RETURNING CAST(CAST(position AS TEXT) AS BIGINT) AS position"
    };
}

/// Rows that wait for the closure's end, in the order in which they were appended.
#[derive(Debug, Default)]
pub(crate) struct Appended {
    pub(crate) feed: Vec<(FeedEntry, Timestamp)>,
    pub(crate) activity: Vec<Activity>,
}

impl Tx {
    /// Writes what the closure appended.
    pub(crate) async fn write_appended(&mut self) -> Result<(), StoreError> {
        let Appended { feed, activity } = std::mem::take(self.appended());
        let mut position = None;
        if matches!(self.target(), Target::Sqlite(_)) || feed.len() + activity.len() < 2 {
            for (entry, now) in &feed {
                position = position.max(Some(self.insert_feed_entry(entry, *now).await?));
            }
            for record in &activity {
                self.insert_activity(record).await?;
            }
        } else {
            position = self.append(&feed, &activity).await?;
        }
        self.note_feed(feed.into_iter().map(|(entry, _)| entry), position);
        Ok(())
    }

    async fn append(
        &mut self,
        feed: &[(FeedEntry, Timestamp)],
        activity: &[Activity],
    ) -> Result<Option<Position>, StoreError> {
        let activity = json(activity.iter().map(ActivityRow::of))?;
        let feed = json(feed.iter().map(FeedRow::of))?;
        let rows: Vec<PositionRow> = fetch_all!(self, APPEND, &activity, &feed)?;
        Ok(rows.iter().map(PositionRow::position).max())
    }
}

#[derive(Serialize)]
struct ActivityRow {
    id: Uuid,
    at: Timestamp,
    action: &'static str,
    actor_kind: &'static str,
    actor_id: Option<Uuid>,
    client_id: Option<Uuid>,
    user_id: Option<Uuid>,
    device_id: Option<Uuid>,
    ownership_id: Option<Uuid>,
    session_id: Option<Uuid>,
    api_key_id: Option<Uuid>,
    reason: Option<&'static str>,
}

impl ActivityRow {
    fn of(activity: &Activity) -> Self {
        let (actor_kind, actor_id) = actor(activity.actor);
        let target = activity.target;
        Self {
            id: activity.id.as_uuid(),
            at: activity.at,
            action: activity.action.as_str(),
            actor_kind,
            actor_id,
            client_id: target.client.map(ClientId::as_uuid),
            user_id: target.user.map(UserId::as_uuid),
            device_id: target.device.map(DeviceId::as_uuid),
            ownership_id: target.ownership.map(OwnershipId::as_uuid),
            session_id: target.session.map(SessionId::as_uuid),
            api_key_id: target.api_key.map(ApiKeyId::as_uuid),
            reason: activity.reason,
        }
    }
}

#[derive(Serialize)]
struct FeedRow {
    id: Uuid,
    kind: &'static str,
    subject: &'static str,
    subject_id: Option<Uuid>,
    cause: Option<&'static str>,
    denied_until: Option<Timestamp>,
    written_at: Timestamp,
}

impl FeedRow {
    fn of((entry, now): &(FeedEntry, Timestamp)) -> Self {
        let columns = EntryColumns::of(entry);
        Self {
            id: entry.id.as_uuid(),
            kind: columns.kind,
            subject: columns.subject,
            subject_id: columns.subject_id,
            cause: columns.cause,
            denied_until: columns.denied_until,
            written_at: *now,
        }
    }
}
