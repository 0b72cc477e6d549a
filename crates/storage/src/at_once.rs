//! Many rows by one statement: PostgreSQL is asked once for all of them, SQLite, which is in this
//! process, for one after another.

use crate::{
    StoreError, Time, Tx, conn::Target, execute, feed::json, fetch_all, ownership,
    ownership::OwnershipRow, session, session::SessionRow, statements,
};
use countersign_core::{
    DeviceId, OwnershipId, SessionId, Timestamp,
    device::{Ownership, OwnershipEndCause},
    session::{Ending, Session},
    user::ExternalUserId,
};
use serde::Serialize;
use uuid::Uuid;

// Each begins at the list that it is given, whatever the planner believes of the tables: a partial
// index of a young table looks empty to it.
statements! {
    TRY_LOCK_USERS_OWNERSHIPS = {
        sqlite: "SELECT 0 AS id WHERE $1 = ''",
        postgres: concat!("SELECT ", ownership::columns!(),
            " FROM json_to_recordset(CAST($1 AS JSON)) AS r(wanted_device UUID, wanted_user TEXT) \
            CROSS JOIN LATERAL (SELECT ", ownership::columns!(), " FROM ownerships WHERE device_id = r.wanted_device \
            AND user_id = (SELECT id FROM users WHERE external_id = r.wanted_user) AND ended_at IS NULL \
            FOR UPDATE SKIP LOCKED) o"),
    };
    TRY_LOCK_OWNERSHIPS_SESSIONS = {
        sqlite: "SELECT 0 AS id WHERE $1 = ''",
        postgres: concat!("SELECT ", session::columns!(), " FROM json_array_elements_text(CAST($1 AS JSON)) AS r(ownership) \
            CROSS JOIN LATERAL (SELECT ", session::columns!(), " FROM sessions \
            WHERE ownership_id = CAST(r.ownership AS UUID) AND ended_at IS NULL FOR UPDATE SKIP LOCKED) s"),
    };
    // What must not outlive a session goes with it.
    END_SESSIONS = {
        sqlite: "SELECT 0 AS id WHERE $1 = ''",
        postgres: "UPDATE sessions SET ended_at = r.at, end_cause = r.cause, previous_refresh_hash = NULL, \
            previous_sealed_successor = NULL, previous_rotated_at = NULL \
            FROM json_to_recordset(CAST($1 AS JSON)) AS r(session UUID, at TIMESTAMPTZ, cause TEXT) \
            WHERE id = r.session",
    };
    // The push addresses go too, as for one.
    END_OWNERSHIPS = {
        sqlite: "SELECT 0 AS id WHERE $1 = '' AND $2 = '' AND $3 = ''",
        postgres: "UPDATE ownerships SET ended_at = $2, end_cause = $3, push_provider = NULL, push_address = NULL \
            FROM json_array_elements_text(CAST($1 AS JSON)) AS r(ownership) \
            WHERE id = CAST(r.ownership AS UUID) AND ended_at IS NULL",
    };
}

impl Tx {
    /// Ends ownerships that this transaction locked, and forgets their push addresses.
    pub async fn end_ownerships(
        &mut self,
        ownerships: &[OwnershipId],
        cause: OwnershipEndCause,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if self.is_one_by_one() || ownerships.len() < 2 {
            for id in ownerships {
                self.end_ownership(*id, cause, now).await?;
            }
            return Ok(());
        }
        let ids = json(ownerships.iter().map(|id| id.as_uuid()))?;
        execute!(self, END_OWNERSHIPS, &ids, Time(now), cause.as_str())?;
        Ok(())
    }

    /// Locks the active ownerships of these devices by the users of these names, passing over
    /// those that somebody else has locked. Waits for nobody.
    pub async fn try_lock_users_ownerships(
        &mut self,
        wanted: &[(DeviceId, &ExternalUserId)],
    ) -> Result<Vec<Ownership>, StoreError> {
        if self.is_one_by_one() {
            let mut locked = Vec::with_capacity(wanted.len());
            for (device, user) in wanted {
                locked.extend(self.lock_users_ownership(*device, user).await?);
            }
            return Ok(locked);
        }
        let wanted = json(wanted.iter().map(|(device, user)| WantedRow {
            wanted_device: device.as_uuid(),
            wanted_user: user.as_str(),
        }))?;
        let rows: Vec<OwnershipRow> = fetch_all!(self, TRY_LOCK_USERS_OWNERSHIPS, &wanted)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Locks the sessions of these ownerships that have not been ended, live or merely expired,
    /// passing over those that somebody else has locked. Waits for nobody.
    pub async fn try_lock_ownerships_sessions(
        &mut self,
        ownerships: &[OwnershipId],
    ) -> Result<Vec<Session>, StoreError> {
        if self.is_one_by_one() {
            let mut locked = Vec::with_capacity(ownerships.len());
            for ownership in ownerships {
                locked.extend(self.lock_ownerships_session(*ownership).await?);
            }
            return Ok(locked);
        }
        let ownerships = json(ownerships.iter().map(|id| id.as_uuid()))?;
        let rows: Vec<SessionRow> = fetch_all!(self, TRY_LOCK_OWNERSHIPS_SESSIONS, &ownerships)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Ends sessions that this transaction locked, and found not to have ended.
    ///
    /// Only the server's ending function calls this: it also writes the feed and the activity.
    pub async fn end_sessions(
        &mut self,
        endings: &[(SessionId, Ending)],
    ) -> Result<(), StoreError> {
        if self.is_one_by_one() || endings.len() < 2 {
            for (id, ending) in endings {
                self.end_session(*id, *ending).await?;
            }
            return Ok(());
        }
        let endings = json(endings.iter().map(|(id, ending)| EndingRow {
            session: id.as_uuid(),
            at: ending.at,
            cause: ending.cause.as_str(),
        }))?;
        execute!(self, END_SESSIONS, &endings)?;
        Ok(())
    }

    fn is_one_by_one(&mut self) -> bool {
        matches!(self.target(), Target::Sqlite(_))
    }
}

#[derive(Serialize)]
struct WantedRow<'a> {
    wanted_device: Uuid,
    wanted_user: &'a str,
}

#[derive(Serialize)]
struct EndingRow {
    session: Uuid,
    at: Timestamp,
    cause: &'static str,
}
