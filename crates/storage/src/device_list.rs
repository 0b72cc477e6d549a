//! The lists of a user's devices.

use crate::{
    Conn, StoreError, Time, active_session::is_idle, fetch_all, fetch_optional, statements, trust,
    trust::GroundsRow,
};
use countersign_core::{
    AppId, ClientId, DeviceId, OwnershipId, SessionId, Timestamp, UserId,
    device::{DeviceState, Encryption, OwnershipEnd, Platform},
    trust::Grounds,
};
use uuid::Uuid;

// Every list reads the same columns.
macro_rules! listed {
    ($rest:literal) => {
        concat!(
            "SELECT o.id AS ownership_id, o.name AS given_name, o.is_recognised, o.created_at, o.last_active_at, \
             o.ended_at, o.end_cause, d.id AS device_id, d.client_id, d.app_id, c.platform, d.name AS own_name, \
             d.model, d.os_version, d.app_version, d.encryption, d.state, d.jkt IS NOT NULL AS is_keyed, \
             o.last_ip, o.last_city, o.last_country, s.id AS session_id, s.last_active_at AS session_active_at, \
             s.idle_secs AS session_idle_secs, ",
            trust::grounds!(),
            " \
             FROM ownerships o JOIN devices d ON d.id = o.device_id JOIN clients c ON c.id = o.client_id \
             LEFT JOIN sessions s ON s.ownership_id = o.id AND s.ended_at IS NULL AND s.absolute_expires_at > $1 \
             AND s.client_epoch = c.epoch AND c.disabled_at IS NULL \
             WHERE o.user_id = $2 ",
            $rest
        )
    };
}

statements! {
    LIST_ACTIVE_DEVICES = listed!("AND o.ended_at IS NULL AND o.id < $3 ORDER BY o.id DESC LIMIT $4");
    LIST_PAST_DEVICES = listed!("AND o.ended_at IS NOT NULL AND o.id < $3 ORDER BY o.id DESC LIMIT $4");
    // The page is found in an index; only what is on it is joined. A page far back skips thousands.
    SEARCH_DEVICES = listed!("AND o.id IN (SELECT p.id FROM ownerships p WHERE p.user_id = $2 \
        AND ($3 = 'all' OR ($3 = 'active' AND p.ended_at IS NULL) OR ($3 = 'past' AND p.ended_at IS NOT NULL)) \
        AND (CAST($4 AS TEXT) IS NULL OR p.client_id IN (SELECT id FROM clients WHERE platform = $4)) \
        ORDER BY p.id DESC LIMIT $5 OFFSET $6) ORDER BY o.id DESC");
    COUNT_DEVICES = "SELECT COUNT(*) AS count FROM ownerships WHERE user_id = $1 \
        AND ($2 = 'all' OR ($2 = 'active' AND ended_at IS NULL) OR ($2 = 'past' AND ended_at IS NOT NULL)) \
        AND (CAST($3 AS TEXT) IS NULL OR client_id IN (SELECT id FROM clients WHERE platform = $3))";
    LIST_COUNTED_DEVICES = listed!("AND o.client_id = $3 AND o.ended_at IS NULL \
        ORDER BY o.last_active_at, o.created_at, o.id LIMIT $4");
    FIND_USERS_DEVICE = listed!("AND o.device_id = $3 AND o.ended_at IS NULL");
}

/// Which ownerships a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Those in force.
    Active,
    /// Those that ended.
    Past,
    /// Both.
    All,
}

impl Standing {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Past => "past",
            Self::All => "all",
        }
    }
}

/// One device in a user's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedDevice {
    /// The ownership; orders the list, newest first.
    pub ownership_id: OwnershipId,
    /// The device.
    pub device_id: DeviceId,
    /// Its client.
    pub client_id: ClientId,
    /// Its generation.
    pub app_id: AppId,
    /// What it is.
    pub platform: Platform,
    /// The user's name for it, else its own.
    pub name: Option<String>,
    /// Hardware model.
    pub model: Option<String>,
    /// Operating system version.
    pub os_version: Option<String>,
    /// App version.
    pub app_version: Option<String>,
    /// Whether its storage is encrypted.
    pub encryption: Option<Encryption>,
    /// Where it stands.
    pub state: DeviceState,
    /// Whether it has a key.
    pub is_keyed: bool,
    /// Whether it was recognised at its first login.
    pub is_recognised: bool,
    /// First login of the user on it.
    pub created_at: Timestamp,
    /// Last activity of the user on it.
    pub last_active_at: Timestamp,
    /// Last address.
    pub last_ip: Option<String>,
    /// Last city.
    pub last_city: Option<String>,
    /// Last country code.
    pub last_country: Option<String>,
    /// What speaks for it.
    pub grounds: Grounds,
    /// The active session, if any.
    pub session_id: Option<SessionId>,
    /// How the ownership ended, for a past one.
    pub ended: Option<OwnershipEnd>,
}

impl Conn {
    /// One page of a user's devices below `before` (ownership ids, newest first).
    ///
    /// `standing` is active or past; all counts as active here.
    pub async fn list_devices(
        &mut self,
        user: UserId,
        standing: Standing,
        before: OwnershipId,
        limit: i64,
        now: Timestamp,
    ) -> Result<Vec<ListedDevice>, StoreError> {
        let statement = match standing {
            Standing::Past => LIST_PAST_DEVICES,
            Standing::Active | Standing::All => LIST_ACTIVE_DEVICES,
        };
        let rows: Vec<ListedRow> = fetch_all!(
            self,
            statement,
            Time(now),
            user.as_uuid(),
            before.as_uuid(),
            limit
        )?;
        rows.into_iter().map(|row| row.listed(now)).collect()
    }

    /// The devices of a user that count against a client's limit, those that were not used for longest
    /// first.
    pub async fn list_counted_devices(
        &mut self,
        user: UserId,
        client: ClientId,
        limit: i64,
        now: Timestamp,
    ) -> Result<Vec<ListedDevice>, StoreError> {
        let rows: Vec<ListedRow> = fetch_all!(
            self,
            LIST_COUNTED_DEVICES,
            Time(now),
            user.as_uuid(),
            client.as_uuid(),
            limit
        )?;
        rows.into_iter().map(|row| row.listed(now)).collect()
    }

    /// One page of a user's devices by offset, filtered.
    pub async fn search_devices(
        &mut self,
        user: UserId,
        filter: DeviceFilter,
        limit: i64,
        offset: i64,
        now: Timestamp,
    ) -> Result<Vec<ListedDevice>, StoreError> {
        let platform = filter.platform.map(Platform::as_str);
        let rows: Vec<ListedRow> = fetch_all!(
            self,
            SEARCH_DEVICES,
            Time(now),
            user.as_uuid(),
            filter.standing.as_str(),
            platform,
            limit,
            offset
        )?;
        rows.into_iter().map(|row| row.listed(now)).collect()
    }

    /// How many devices a filter finds.
    pub async fn count_devices(
        &mut self,
        user: UserId,
        filter: DeviceFilter,
    ) -> Result<i64, StoreError> {
        let platform = filter.platform.map(Platform::as_str);
        let row: crate::CountRow = crate::fetch_one!(
            self,
            COUNT_DEVICES,
            user.as_uuid(),
            filter.standing.as_str(),
            platform
        )?;
        Ok(row.count)
    }

    /// One of the user's active devices.
    pub async fn find_users_device(
        &mut self,
        user: UserId,
        device: DeviceId,
        now: Timestamp,
    ) -> Result<Option<ListedDevice>, StoreError> {
        let row: Option<ListedRow> = fetch_optional!(
            self,
            FIND_USERS_DEVICE,
            Time(now),
            user.as_uuid(),
            device.as_uuid()
        )?;
        row.map(|row| row.listed(now)).transpose()
    }
}

/// What an admin's list is narrowed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeviceFilter {
    /// Active, past or all.
    pub standing: Standing,
    /// One platform, or any.
    pub platform: Option<Platform>,
}

#[derive(sqlx::FromRow)]
struct ListedRow {
    ownership_id: Uuid,
    given_name: Option<String>,
    is_recognised: bool,
    created_at: Time,
    last_active_at: Time,
    ended_at: Option<Time>,
    end_cause: Option<String>,
    device_id: Uuid,
    client_id: Uuid,
    app_id: Uuid,
    platform: String,
    own_name: Option<String>,
    model: Option<String>,
    os_version: Option<String>,
    app_version: Option<String>,
    encryption: Option<String>,
    state: String,
    is_keyed: bool,
    last_ip: Option<String>,
    last_city: Option<String>,
    last_country: Option<String>,
    session_id: Option<Uuid>,
    session_active_at: Option<Time>,
    session_idle_secs: Option<i64>,
    #[sqlx(flatten)]
    grounds: GroundsRow,
}

impl ListedRow {
    /// The device, with its session unless that has been idle for too long.
    fn listed(self, now: Timestamp) -> Result<ListedDevice, StoreError> {
        let limit = self.session_active_at.zip(self.session_idle_secs);
        let is_live = limit.is_some_and(|(active_at, idle)| !is_idle(active_at, idle, now));
        let session_id = self.session_id.filter(|_| is_live);
        Self { session_id, ..self }.try_into()
    }
}

impl TryFrom<ListedRow> for ListedDevice {
    type Error = StoreError;

    fn try_from(row: ListedRow) -> Result<Self, StoreError> {
        let wrong = |column| StoreError::inconsistent("ownerships", column, row.ownership_id);
        let cause = row.end_cause.as_deref().map(str::parse).transpose();
        Ok(Self {
            ownership_id: OwnershipId::from_uuid(row.ownership_id),
            device_id: DeviceId::from_uuid(row.device_id),
            client_id: ClientId::from_uuid(row.client_id),
            app_id: AppId::from_uuid(row.app_id),
            platform: row.platform.parse().map_err(|_| wrong("platform"))?,
            encryption: row
                .encryption
                .map(|text| text.parse().map_err(|_| wrong("encryption")))
                .transpose()?,
            state: row.state.parse().map_err(|_| wrong("state"))?,
            ended: row
                .ended_at
                .zip(cause.map_err(|_| wrong("end_cause"))?)
                .map(|(at, cause)| OwnershipEnd {
                    at: at.into(),
                    cause,
                }),
            name: row.given_name.or(row.own_name),
            model: row.model,
            os_version: row.os_version,
            app_version: row.app_version,
            is_keyed: row.is_keyed,
            is_recognised: row.is_recognised,
            created_at: row.created_at.into(),
            last_active_at: row.last_active_at.into(),
            last_ip: row.last_ip,
            last_city: row.last_city,
            last_country: row.last_country,
            grounds: row.grounds.read(row.device_id)?,
            session_id: row.session_id.map(SessionId::from_uuid),
        })
    }
}
