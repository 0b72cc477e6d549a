//! Bans, and the locks that keep a ban and an enrollment of what it names apart.

use crate::{
    Conn, CountRow, StoreError, Time, Tx, array, execute, fetch_all, fetch_one, fetch_optional,
    statements,
};
use countersign_core::{
    BanId, ClientId, DeviceId, Thumbprint, Timestamp, UserId,
    ban::{Ban, BanScope},
    device::HardwareIdentity,
};
use uuid::Uuid;

macro_rules! banned {
    ($rest:literal) => {
        concat!(
            "SELECT b.id, b.scope, b.client_id, b.device_id, b.user_id, u.external_id, b.jkt, \
             b.hardware_identity, b.reason, b.banned_at, b.lifted_at \
             FROM bans b LEFT JOIN users u ON u.id = b.user_id ",
            $rest
        )
    };
}

statements! {
    // No row need be there: whoever enrolls a key or a machine and whoever bans it take the same lock.
    LOCK_SUBJECT = {
        sqlite: "SELECT 1 AS count WHERE $1 IS NOT NULL",
        postgres: "SELECT COUNT(*) AS count FROM (SELECT pg_advisory_xact_lock($1)) AS locked",
    };
    COUNT_BANS_OF_KEY = "SELECT COUNT(*) AS count FROM bans WHERE jkt = $1 AND lifted_at IS NULL";
    COUNT_BANS_OF_HARDWARE = "SELECT COUNT(*) AS count FROM bans WHERE hardware_identity = $1 AND lifted_at IS NULL";
    COUNT_BANS_ON_DEVICE = "SELECT COUNT(*) AS count FROM bans \
        WHERE device_id = $1 AND user_id = $2 AND lifted_at IS NULL";
    COUNT_BANS_OF_DEVICE = "SELECT COUNT(*) AS count FROM bans \
        WHERE device_id = $1 AND scope = 'device' AND lifted_at IS NULL";
    // A device that the user has or had, or the user on one.
    COUNT_BANS_AROUND_USER = "SELECT COUNT(*) AS count FROM bans WHERE lifted_at IS NULL AND (user_id = $1 \
        OR (scope = 'device' AND device_id IN (SELECT device_id FROM ownerships WHERE user_id = $1)))";
    INSERT_BAN = "INSERT INTO bans (id, scope, client_id, device_id, user_id, jkt, hardware_identity, reason, banned_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    LIFT_BAN = "UPDATE bans SET lifted_at = $2 WHERE id = $1 AND lifted_at IS NULL";
    FIND_BAN = banned!("WHERE b.id = $1");
    // What tells the parameter's type comes first: a NULL alone has none.
    SEARCH_BANS = banned!("WHERE ($1 = 'all' OR ($1 = 'active') = (b.lifted_at IS NULL)) \
        AND (b.device_id = $2 OR $2 IS NULL) ORDER BY b.id DESC LIMIT $3 OFFSET $4");
    COUNT_BANS = "SELECT COUNT(*) AS count FROM bans b WHERE ($1 = 'all' OR ($1 = 'active') = (b.lifted_at IS NULL)) \
        AND (b.device_id = $2 OR $2 IS NULL)";
}

/// Which bans a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BanFilter {
    /// Those in force, those lifted, or, if absent, both.
    pub is_active: Option<bool>,
    /// Only those that name this device.
    pub device: Option<DeviceId>,
}

impl BanFilter {
    const fn state(self) -> &'static str {
        match self.is_active {
            Some(true) => "active",
            Some(false) => "lifted",
            None => "all",
        }
    }
}

impl Conn {
    /// One ban.
    pub async fn find_ban(&mut self, id: BanId) -> Result<Option<Ban>, StoreError> {
        let row: Option<BanRow> = fetch_optional!(self, FIND_BAN, id.as_uuid())?;
        row.map(TryInto::try_into).transpose()
    }

    /// One page of bans, newest first.
    pub async fn search_bans(
        &mut self,
        filter: BanFilter,
        limit: i64,
        offset: i64,
    ) -> Result<Vec<Ban>, StoreError> {
        let device = filter.device.map(DeviceId::as_uuid);
        let rows: Vec<BanRow> =
            fetch_all!(self, SEARCH_BANS, filter.state(), device, limit, offset)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// How many bans the filter finds in all.
    pub async fn count_bans(&mut self, filter: BanFilter) -> Result<i64, StoreError> {
        let device = filter.device.map(DeviceId::as_uuid);
        let row: CountRow = fetch_one!(self, COUNT_BANS, filter.state(), device)?;
        Ok(row.count)
    }

    /// Whether the key is banned.
    pub async fn is_key_banned(&mut self, jkt: &Thumbprint) -> Result<bool, StoreError> {
        let row: CountRow = fetch_one!(self, COUNT_BANS_OF_KEY, jkt.as_bytes().as_slice())?;
        Ok(row.count > 0)
    }

    /// Whether the machine is banned.
    pub async fn is_hardware_banned(
        &mut self,
        identity: &HardwareIdentity,
    ) -> Result<bool, StoreError> {
        let identity = identity.as_bytes().as_slice();
        let row: CountRow = fetch_one!(self, COUNT_BANS_OF_HARDWARE, identity)?;
        Ok(row.count > 0)
    }

    /// Whether the user is banned on the device.
    pub async fn is_banned_on(
        &mut self,
        device: DeviceId,
        user: UserId,
    ) -> Result<bool, StoreError> {
        let (device, user) = (device.as_uuid(), user.as_uuid());
        let row: CountRow = fetch_one!(self, COUNT_BANS_ON_DEVICE, device, user)?;
        Ok(row.count > 0)
    }

    /// Whether a ban of the whole device is in force.
    pub async fn is_device_banned(&mut self, device: DeviceId) -> Result<bool, StoreError> {
        let row: CountRow = fetch_one!(self, COUNT_BANS_OF_DEVICE, device.as_uuid())?;
        Ok(row.count > 0)
    }

    /// Whether a device that the user has or had is banned, or the user on one.
    pub async fn has_ban_around(&mut self, user: UserId) -> Result<bool, StoreError> {
        let row: CountRow = fetch_one!(self, COUNT_BANS_AROUND_USER, user.as_uuid())?;
        Ok(row.count > 0)
    }
}

impl Tx {
    /// Keeps whoever bans this key and whoever brings it apart, until the end of the transaction.
    pub async fn lock_key(&mut self, jkt: &Thumbprint) -> Result<(), StoreError> {
        self.lock_subject(jkt.as_bytes()).await
    }

    /// The same of a machine.
    pub async fn lock_hardware(&mut self, identity: &HardwareIdentity) -> Result<(), StoreError> {
        self.lock_subject(identity.as_bytes()).await
    }

    async fn lock_subject(&mut self, hash: &[u8; 32]) -> Result<(), StoreError> {
        let head = hash.first_chunk().copied().unwrap_or_default();
        let number = i64::from_be_bytes(head);
        let _: CountRow = fetch_one!(self, LOCK_SUBJECT, number)?;
        Ok(())
    }

    /// Adds a ban.
    pub async fn insert_ban(&mut self, ban: &Ban) -> Result<(), StoreError> {
        let jkt = ban.jkt.as_ref().map(|jkt| jkt.as_bytes().as_slice());
        let hardware = ban.hardware_identity.as_ref();
        execute!(
            self,
            INSERT_BAN,
            ban.id.as_uuid(),
            ban.scope.as_str(),
            ban.client_id.map(ClientId::as_uuid),
            ban.device_id.map(DeviceId::as_uuid),
            ban.user.as_ref().map(|(id, _)| id.as_uuid()),
            jkt,
            hardware.map(|identity| identity.as_bytes().as_slice()),
            ban.reason.as_deref(),
            Time(ban.banned_at)
        )?;
        Ok(())
    }

    /// Lifts a ban; `false` when it was lifted before.
    pub async fn lift_ban(&mut self, id: BanId, now: Timestamp) -> Result<bool, StoreError> {
        Ok(execute!(self, LIFT_BAN, id.as_uuid(), Time(now))? == 1)
    }
}

#[derive(sqlx::FromRow)]
struct BanRow {
    id: Uuid,
    scope: String,
    client_id: Option<Uuid>,
    device_id: Option<Uuid>,
    user_id: Option<Uuid>,
    external_id: Option<String>,
    jkt: Option<Vec<u8>>,
    hardware_identity: Option<Vec<u8>>,
    reason: Option<String>,
    banned_at: Time,
    lifted_at: Option<Time>,
}

impl TryFrom<BanRow> for Ban {
    type Error = StoreError;

    fn try_from(row: BanRow) -> Result<Self, StoreError> {
        let wrong = |column| StoreError::inconsistent("bans", column, row.id);
        let bytes = |column, bytes: Option<Vec<u8>>| {
            let read = bytes.map(|bytes| array(&bytes).ok_or_else(|| wrong(column)));
            read.transpose()
        };
        let user = match (row.user_id, row.external_id) {
            (Some(id), Some(text)) => {
                let external = text.parse().map_err(|_| wrong("user_id"))?;
                Some((UserId::from_uuid(id), external))
            }
            _ => None,
        };
        let scope: BanScope = row.scope.parse().map_err(|_| wrong("scope"))?;
        Ok(Self {
            id: BanId::from_uuid(row.id),
            scope,
            client_id: row.client_id.map(ClientId::from_uuid),
            device_id: row.device_id.map(DeviceId::from_uuid),
            user,
            jkt: bytes("jkt", row.jkt)?.map(Thumbprint::from_bytes),
            hardware_identity: bytes("hardware_identity", row.hardware_identity)?
                .map(HardwareIdentity::from_bytes),
            reason: row.reason,
            banned_at: row.banned_at.into(),
            lifted_at: row.lifted_at.map(Into::into),
        })
    }
}
