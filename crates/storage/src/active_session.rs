//! Which sessions of a user are active.

use crate::{Conn, StoreError, Time, fetch_all, statements};
use countersign_core::{Timestamp, UserId};
use std::time::Duration;

statements! {
    // The idle limit is judged in Rust: the engines disagree on how to add seconds to a time.
    LIST_ACTIVE_SESSIONS = "SELECT s.last_active_at, s.idle_secs FROM sessions s JOIN clients c ON c.id = s.client_id \
        WHERE s.user_id = $1 AND s.ended_at IS NULL AND s.absolute_expires_at > $2 \
        AND s.client_epoch = c.epoch AND c.disabled_at IS NULL";
}

impl Conn {
    /// How many sessions of the user are active: neither ended, nor past a limit, nor of a client
    /// that ended them.
    pub async fn count_active_sessions(
        &mut self,
        user: UserId,
        now: Timestamp,
    ) -> Result<i64, StoreError> {
        let rows: Vec<ActiveRow> =
            fetch_all!(self, LIST_ACTIVE_SESSIONS, user.as_uuid(), Time(now))?;
        let active = rows
            .iter()
            .filter(|row| !is_idle(row.last_active_at, row.idle_secs, now));
        Ok(i64::try_from(active.count()).unwrap_or(i64::MAX))
    }
}

/// Whether a session that was last active then is past its idle limit.
pub(crate) fn is_idle(last_active_at: Time, idle_secs: i64, now: Timestamp) -> bool {
    let limit = Duration::from_secs(u64::try_from(idle_secs).unwrap_or(0));
    now >= Timestamp::from(last_active_at).plus(limit)
}

#[derive(sqlx::FromRow)]
struct ActiveRow {
    last_active_at: Time,
    idle_secs: i64,
}
