//! Which sessions of a user are active.

use crate::{Conn, CountRow, StoreError, Time, fetch_one, statements};
use countersign_core::{Timestamp, UserId};
use std::time::Duration;

macro_rules! active {
    ($is_not_idle:literal) => {
        concat!(
            "SELECT COUNT(*) AS count FROM sessions s JOIN clients c ON c.id = s.client_id WHERE s.user_id = $1 \
             AND s.ended_at IS NULL AND s.absolute_expires_at > $2 AND s.client_epoch = c.epoch \
             AND c.disabled_at IS NULL AND ",
            $is_not_idle
        )
    };
}

statements! {
    COUNT_ACTIVE_SESSIONS = {
        sqlite: active!("s.last_active_at + s.idle_secs * 1000000 > $2"),
        postgres: active!("s.last_active_at + s.idle_secs * INTERVAL '1 second' > $2")
    };
}

impl Conn {
    /// How many sessions of the user are active: neither ended, nor past a limit, nor of a client
    /// that ended them.
    pub async fn count_active_sessions(
        &mut self,
        user: UserId,
        now: Timestamp,
    ) -> Result<i64, StoreError> {
        let row: CountRow = fetch_one!(self, COUNT_ACTIVE_SESSIONS, user.as_uuid(), Time(now))?;
        Ok(row.count)
    }
}

/// Whether a session that was last active then is past its idle limit.
pub(crate) fn is_idle(last_active_at: Time, idle_secs: i64, now: Timestamp) -> bool {
    let limit = Duration::from_secs(u64::try_from(idle_secs).unwrap_or(0));
    now >= Timestamp::from(last_active_at).plus(limit)
}
