//! Sessions, the refresh tokens they issued, and the snapshots they resolve to.

use crate::{
    Conn, IdRow, StoreError, Time, Tx, array,
    client::{lifetimes, secs},
    execute, fetch_all, fetch_optional, statements,
};
use countersign_core::{
    AppId, ClientId, DeviceId, OwnershipId, SessionId, Thumbprint, Timestamp, UserId,
    device::Device,
    session::{Ending, EndingCause, PreviousRefresh, RefreshState, Session},
    token::HashedToken,
};
use sqlx::types::Json;
use uuid::Uuid;

/// Named, so that a column added by a newer version changes no prepared statement's result.
macro_rules! columns {
    () => {
        "id, ownership_id, device_id, user_id, client_id, app_id, jkt, amr, client_epoch, created_at, \
        last_active_at, access_secs, idle_secs, absolute_secs, ended_at, end_cause, refresh_hash, \
        previous_refresh_hash, previous_sealed_successor, previous_rotated_at"
    };
}
pub(crate) use columns;

statements! {
    FIND_SESSION = concat!("SELECT ", columns!(), " FROM sessions WHERE id = $1");
    LOCK_SESSION = concat!("SELECT ", columns!(), " FROM sessions WHERE id = $1") for update;
    LOCK_OWNERSHIPS_SESSION = concat!("SELECT ", columns!(),
        " FROM sessions WHERE ownership_id = $1 AND ended_at IS NULL") for update;
    LOCK_DEVICES_SESSIONS = concat!("SELECT ", columns!(),
        " FROM sessions WHERE device_id = $1 AND ended_at IS NULL ORDER BY id") for update;
    FIND_DEVICES_SESSIONS = "SELECT id FROM sessions WHERE device_id = $1 AND ended_at IS NULL ORDER BY id";
    LOCK_USERS_SESSIONS = concat!("SELECT ", columns!(),
        " FROM sessions WHERE user_id = $1 AND ended_at IS NULL ORDER BY id") for update;
    FIND_EXPIRED_SESSIONS = "SELECT id FROM sessions WHERE ended_at IS NULL AND absolute_expires_at <= $1 \
        ORDER BY absolute_expires_at LIMIT $2";
    INSERT_SESSION = "INSERT INTO sessions (id, ownership_id, device_id, user_id, client_id, app_id, jkt, amr, client_epoch, \
        created_at, last_active_at, access_secs, idle_secs, absolute_secs, absolute_expires_at, refresh_hash) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";
    // What must not outlive the session goes with it.
    END_SESSION = "UPDATE sessions SET ended_at = $2, end_cause = $3, previous_refresh_hash = NULL, \
        previous_sealed_successor = NULL, previous_rotated_at = NULL WHERE id = $1 AND ended_at IS NULL";
    ROTATE_SESSION = "UPDATE sessions SET refresh_hash = $2, previous_refresh_hash = $3, previous_sealed_successor = $4, \
        previous_rotated_at = $5, last_active_at = $5 WHERE id = $1 AND ended_at IS NULL";
    REBIND_SESSIONS = "UPDATE sessions SET jkt = $2, app_id = $3 WHERE device_id = $1 AND ended_at IS NULL RETURNING id";
    TOUCH_SESSION = "UPDATE sessions SET last_active_at = $2 WHERE id = $1 AND last_active_at < $2 AND ended_at IS NULL";
    INSERT_REFRESH_TOKEN = "INSERT INTO refresh_tokens (hash, session_id, issued_at) VALUES ($1, $2, $3)";
    FIND_REFRESH_TOKEN = "SELECT session_id FROM refresh_tokens WHERE hash = $1";
}

impl Conn {
    /// The session, if it is still kept.
    pub async fn find_session(&mut self, id: SessionId) -> Result<Option<Session>, StoreError> {
        let row: Option<SessionRow> = fetch_optional!(self, FIND_SESSION, id.as_uuid())?;
        row.map(TryInto::try_into).transpose()
    }

    /// The session that issued this refresh token, whether or not the token is still good.
    pub async fn find_refresh_token(
        &mut self,
        hash: &HashedToken,
    ) -> Result<Option<SessionId>, StoreError> {
        let hash = hash.as_bytes().as_slice();
        let row: Option<SessionIdRow> = fetch_optional!(self, FIND_REFRESH_TOKEN, hash)?;
        Ok(row.map(|row| SessionId::from_uuid(row.session_id)))
    }

    /// Sessions past their absolute limit that have not been ended yet.
    pub async fn find_expired_sessions(
        &mut self,
        now: Timestamp,
        limit: i64,
    ) -> Result<Vec<SessionId>, StoreError> {
        let rows: Vec<crate::IdRow> = fetch_all!(self, FIND_EXPIRED_SESSIONS, Time(now), limit)?;
        Ok(rows
            .into_iter()
            .map(|row| SessionId::from_uuid(row.id))
            .collect())
    }
}

impl Tx {
    /// Locks a session.
    pub async fn lock_session(&mut self, id: SessionId) -> Result<Option<Session>, StoreError> {
        let row: Option<SessionRow> = fetch_optional!(self, LOCK_SESSION, id.as_uuid())?;
        row.map(TryInto::try_into).transpose()
    }

    /// Locks the ownership's session that has not been ended, live or merely expired.
    pub async fn lock_ownerships_session(
        &mut self,
        ownership: OwnershipId,
    ) -> Result<Option<Session>, StoreError> {
        let row: Option<SessionRow> =
            fetch_optional!(self, LOCK_OWNERSHIPS_SESSION, ownership.as_uuid())?;
        row.map(TryInto::try_into).transpose()
    }

    /// Every session on a locked device that has not been ended: none begins there meanwhile.
    pub async fn find_devices_sessions(
        &mut self,
        device: DeviceId,
    ) -> Result<Vec<SessionId>, StoreError> {
        let rows: Vec<IdRow> = fetch_all!(self, FIND_DEVICES_SESSIONS, device.as_uuid())?;
        let ids = rows.into_iter().map(|row| SessionId::from_uuid(row.id));
        Ok(ids.collect())
    }

    /// Locks every session on the device that has not been ended.
    pub async fn lock_devices_sessions(
        &mut self,
        device: DeviceId,
    ) -> Result<Vec<Session>, StoreError> {
        let rows: Vec<SessionRow> = fetch_all!(self, LOCK_DEVICES_SESSIONS, device.as_uuid())?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Locks every session of the user that has not been ended.
    pub async fn lock_users_sessions(&mut self, user: UserId) -> Result<Vec<Session>, StoreError> {
        let rows: Vec<SessionRow> = fetch_all!(self, LOCK_USERS_SESSIONS, user.as_uuid())?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Adds a session and, unless its tokens are adopted, its first refresh token.
    pub async fn insert_session(&mut self, session: &Session) -> Result<(), StoreError> {
        let refresh = session.refresh.as_ref().map(|refresh| refresh.current);
        execute!(
            self,
            INSERT_SESSION,
            session.id.as_uuid(),
            session.ownership_id.as_uuid(),
            session.device_id.as_uuid(),
            session.user_id.as_uuid(),
            session.client_id.as_uuid(),
            session.app_id.as_uuid(),
            session.jkt.as_ref().map(|jkt| jkt.as_bytes().as_slice()),
            Json(&session.amr),
            session.client_epoch,
            Time(session.created_at),
            Time(session.last_active_at),
            secs(session.lifetimes.access),
            secs(session.lifetimes.idle),
            secs(session.lifetimes.absolute),
            Time(session.absolute_expiry()),
            refresh.as_ref().map(|hash| hash.as_bytes().as_slice())
        )?;
        match refresh {
            Some(hash) => {
                self.insert_refresh_token(session.id, &hash, session.created_at)
                    .await
            }
            None => Ok(()),
        }
    }

    pub(crate) async fn end_session(
        &mut self,
        id: SessionId,
        ending: Ending,
    ) -> Result<(), StoreError> {
        let cause = ending.cause.as_str();
        execute!(self, END_SESSION, id.as_uuid(), Time(ending.at), cause)?;
        Ok(())
    }

    /// Makes `current` the refresh token and keeps the one before it for a lost response.
    pub async fn rotate_session(
        &mut self,
        id: SessionId,
        current: &HashedToken,
        previous: &PreviousRefresh,
    ) -> Result<(), StoreError> {
        execute!(
            self,
            ROTATE_SESSION,
            id.as_uuid(),
            current.as_bytes().as_slice(),
            previous.hash.as_bytes().as_slice(),
            previous.sealed_successor.as_slice(),
            Time(previous.rotated_at)
        )?;
        self.insert_refresh_token(id, current, previous.rotated_at)
            .await
    }

    /// Hands every session on the device that has not been ended over to its key and generation.
    pub async fn rebind_sessions(&mut self, device: &Device) -> Result<Vec<SessionId>, StoreError> {
        let rows: Vec<crate::IdRow> = fetch_all!(
            self,
            REBIND_SESSIONS,
            device.id.as_uuid(),
            device.jkt.as_ref().map(|jkt| jkt.as_bytes().as_slice()),
            device.app_id.as_uuid()
        )?;
        let ids = rows.into_iter().map(|row| SessionId::from_uuid(row.id));
        Ok(ids.collect())
    }

    /// Moves a session's last activity forward.
    pub async fn touch_session(&mut self, id: SessionId, at: Timestamp) -> Result<(), StoreError> {
        execute!(self, TOUCH_SESSION, id.as_uuid(), Time(at))?;
        Ok(())
    }

    async fn insert_refresh_token(
        &mut self,
        session: SessionId,
        hash: &HashedToken,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let hash = hash.as_bytes().as_slice();
        execute!(
            self,
            INSERT_REFRESH_TOKEN,
            hash,
            session.as_uuid(),
            Time(now)
        )?;
        Ok(())
    }
}

#[derive(sqlx::FromRow)]
struct SessionIdRow {
    session_id: Uuid,
}

#[derive(sqlx::FromRow)]
pub(crate) struct SessionRow {
    id: Uuid,
    ownership_id: Uuid,
    device_id: Uuid,
    user_id: Uuid,
    client_id: Uuid,
    app_id: Uuid,
    jkt: Option<Vec<u8>>,
    amr: Json<Vec<String>>,
    client_epoch: i64,
    created_at: Time,
    last_active_at: Time,
    access_secs: i64,
    idle_secs: i64,
    absolute_secs: i64,
    ended_at: Option<Time>,
    end_cause: Option<String>,
    refresh_hash: Option<Vec<u8>>,
    previous_refresh_hash: Option<Vec<u8>>,
    previous_sealed_successor: Option<Vec<u8>>,
    previous_rotated_at: Option<Time>,
}

impl TryFrom<SessionRow> for Session {
    type Error = StoreError;

    fn try_from(row: SessionRow) -> Result<Self, StoreError> {
        let wrong = |column| StoreError::inconsistent("sessions", column, row.id);
        let cause: Option<EndingCause> = row
            .end_cause
            .as_deref()
            .map(|cause| cause.parse().map_err(|_| wrong("end_cause")))
            .transpose()?;
        let hash = |column, bytes: &[u8]| {
            array(bytes)
                .map(HashedToken::from_bytes)
                .ok_or_else(|| wrong(column))
        };
        let previous = match (
            row.previous_refresh_hash,
            row.previous_sealed_successor,
            row.previous_rotated_at,
        ) {
            (Some(bytes), Some(sealed_successor), Some(at)) => Some(PreviousRefresh {
                hash: hash("previous_refresh_hash", &bytes)?,
                sealed_successor,
                rotated_at: at.into(),
            }),
            _ => None,
        };
        let refresh = match row.refresh_hash {
            Some(bytes) => Some(RefreshState {
                current: hash("refresh_hash", &bytes)?,
                previous,
            }),
            None => None,
        };
        let jkt = row
            .jkt
            .map(|bytes| array(&bytes).ok_or_else(|| wrong("jkt")))
            .transpose()?;
        Ok(Self {
            id: SessionId::from_uuid(row.id),
            ownership_id: OwnershipId::from_uuid(row.ownership_id),
            device_id: DeviceId::from_uuid(row.device_id),
            user_id: UserId::from_uuid(row.user_id),
            client_id: ClientId::from_uuid(row.client_id),
            app_id: AppId::from_uuid(row.app_id),
            jkt: jkt.map(Thumbprint::from_bytes),
            amr: row.amr.0,
            client_epoch: row.client_epoch,
            created_at: row.created_at.into(),
            last_active_at: row.last_active_at.into(),
            lifetimes: lifetimes(row.access_secs, row.idle_secs, row.absolute_secs),
            ended: row.ended_at.zip(cause).map(|(at, cause)| Ending {
                at: at.into(),
                cause,
            }),
            refresh,
        })
    }
}
