//! Ownerships: users on devices, and the lists made of them.

use crate::{
    Conn, StoreError, Time, Tx, execute, fetch_all, fetch_one, fetch_optional, statements, trust,
    trust::GroundsRow,
};
use countersign_core::{
    ClientId, DeviceId, OwnershipId, Timestamp, UserId,
    device::{Origin, Ownership, OwnershipEnd, OwnershipEndCause, PushProvider},
    fingerprint::Fingerprint,
    trust::Grounds,
    user::ExternalUserId,
};
use uuid::Uuid;

/// Named, so that a column added by a newer version changes no prepared statement's result.
macro_rules! columns {
    () => {
        "id, device_id, user_id, client_id, name, is_recognised, created_at, last_active_at, last_ip, \
        last_user_agent, last_city, last_country, ended_at, end_cause"
    };
}
pub(crate) use columns;

statements! {
    LOCK_ACTIVE_OWNERSHIP = concat!("SELECT ", columns!(),
        " FROM ownerships WHERE device_id = $1 AND user_id = $2 AND ended_at IS NULL") for update;
    LOCK_USERS_OWNERSHIP = concat!("SELECT ", columns!(), " FROM ownerships WHERE device_id = $1 \
        AND user_id = (SELECT id FROM users WHERE external_id = $2) AND ended_at IS NULL") for update;
    HAS_OWNED = "SELECT COUNT(*) AS count FROM ownerships WHERE device_id = $1 AND user_id = $2";
    HAS_OWNED_SINCE = "SELECT COUNT(*) AS count FROM ownerships \
        WHERE device_id = $1 AND user_id = $2 AND created_at >= $3";
    LIST_OWNERS = concat!("SELECT u.external_id, o.created_at, o.last_active_at, ", trust::grounds!(),
        " FROM ownerships o JOIN users u ON u.id = o.user_id JOIN devices d ON d.id = o.device_id \
        WHERE o.device_id = $1 AND o.ended_at IS NULL ORDER BY o.id LIMIT $2");
    HAS_OWNER = "SELECT COUNT(*) AS count FROM ownerships WHERE device_id = $1";
    HAS_OTHER_OWNER = "SELECT COUNT(*) AS count FROM ownerships \
        WHERE device_id = $1 AND user_id <> $2 AND ended_at IS NULL";
    COUNT_ACTIVE_OWNERSHIPS =
        "SELECT COUNT(*) AS count FROM ownerships WHERE user_id = $1 AND client_id = $2 AND ended_at IS NULL";
    // A device that the user has or had, other than this one.
    HAS_FINGERPRINT_TWIN = "SELECT COUNT(*) AS count FROM ownerships o JOIN devices d ON d.id = o.device_id \
        WHERE o.user_id = $1 AND d.fingerprint = $2 AND d.id <> $3";
    INSERT_OWNERSHIP = "INSERT INTO ownerships (id, device_id, user_id, client_id, name, is_recognised, created_at, last_active_at, \
        last_ip, last_user_agent, last_city, last_country) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    RENAME_OWNERSHIP = "UPDATE ownerships SET name = $2 WHERE id = $1";
    // Who says nothing of where a visit came from leaves what is known. The place is the address's.
    VISIT_OWNERSHIP = "UPDATE ownerships SET last_active_at = $2, last_ip = COALESCE($3, last_ip), \
        last_user_agent = COALESCE($4, last_user_agent), \
        last_city = CASE WHEN CAST($3 AS TEXT) IS NULL THEN last_city ELSE $5 END, \
        last_country = CASE WHEN CAST($3 AS TEXT) IS NULL THEN last_country ELSE $6 END WHERE id = $1";
    TOUCH_OWNERSHIP = "UPDATE ownerships SET last_active_at = $2 WHERE id = $1 AND last_active_at < $2";
    SET_PUSH_ADDRESS = "UPDATE ownerships SET push_provider = $2, push_address = $3 WHERE id = $1";
    FIND_PUSH_ADDRESS = "SELECT push_provider, push_address FROM ownerships WHERE id = $1";
    // The push address goes with the ownership: nobody is notified for a past owner.
    END_OWNERSHIP = "UPDATE ownerships SET ended_at = $2, end_cause = $3, push_provider = NULL, push_address = NULL \
        WHERE id = $1 AND ended_at IS NULL";
}

/// A push address as the store keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedPushAddress {
    /// The service that delivers to it.
    pub provider: PushProvider,
    /// The address, sealed for this ownership's row.
    pub sealed: Vec<u8>,
}

/// A user who has a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceOwner {
    /// The app's own id of the user.
    pub user_id: ExternalUserId,
    /// When the user first logged in on it.
    pub since: Timestamp,
    /// When the user was last active on it.
    pub last_active_at: Timestamp,
    /// What speaks for the device and the user.
    pub grounds: Grounds,
}

#[derive(sqlx::FromRow)]
struct OwnerRow {
    external_id: String,
    created_at: Time,
    last_active_at: Time,
    #[sqlx(flatten)]
    grounds: GroundsRow,
}

impl Conn {
    /// The push address of an ownership, if it has one.
    pub async fn find_push_address(
        &mut self,
        id: OwnershipId,
    ) -> Result<Option<SealedPushAddress>, StoreError> {
        let row: Option<PushRow> = fetch_optional!(self, FIND_PUSH_ADDRESS, id.as_uuid())?;
        let Some(PushRow {
            push_provider: Some(provider),
            push_address: Some(sealed),
        }) = row
        else {
            return Ok(None);
        };
        let provider = provider
            .parse()
            .map_err(|_| StoreError::inconsistent("ownerships", "push_provider", id.as_uuid()))?;
        Ok(Some(SealedPushAddress { provider, sealed }))
    }

    /// Whether the user has this device now or had it before.
    pub async fn has_owned(&mut self, device: DeviceId, user: UserId) -> Result<bool, StoreError> {
        let row: crate::CountRow = fetch_one!(self, HAS_OWNED, device.as_uuid(), user.as_uuid())?;
        Ok(row.count > 0)
    }

    /// Whether the user came to have this device at or after a time.
    pub async fn has_owned_since(
        &mut self,
        device: DeviceId,
        user: UserId,
        since: Timestamp,
    ) -> Result<bool, StoreError> {
        let (device, user) = (device.as_uuid(), user.as_uuid());
        let row: crate::CountRow = fetch_one!(self, HAS_OWNED_SINCE, device, user, Time(since))?;
        Ok(row.count > 0)
    }

    /// Who has the device now, longest first.
    pub async fn list_owners(
        &mut self,
        device: DeviceId,
        limit: i64,
    ) -> Result<Vec<DeviceOwner>, StoreError> {
        let rows: Vec<OwnerRow> = fetch_all!(self, LIST_OWNERS, device.as_uuid(), limit)?;
        let wrong = || StoreError::inconsistent("users", "external_id", device.as_uuid());
        let owner = |row: OwnerRow| {
            Ok(DeviceOwner {
                user_id: row.external_id.parse().map_err(|_| wrong())?,
                since: row.created_at.into(),
                last_active_at: row.last_active_at.into(),
                grounds: row.grounds.read(device.as_uuid())?,
            })
        };
        rows.into_iter().map(owner).collect()
    }

    /// Whether anybody has this device now or had it before.
    pub async fn has_owner(&mut self, device: DeviceId) -> Result<bool, StoreError> {
        let row: crate::CountRow = fetch_one!(self, HAS_OWNER, device.as_uuid())?;
        Ok(row.count > 0)
    }

    /// Whether somebody else has this device now.
    pub async fn has_other_owner(
        &mut self,
        device: DeviceId,
        user: UserId,
    ) -> Result<bool, StoreError> {
        let row: crate::CountRow =
            fetch_one!(self, HAS_OTHER_OWNER, device.as_uuid(), user.as_uuid())?;
        Ok(row.count > 0)
    }

    /// How many devices of a client a user has.
    pub async fn count_active_ownerships(
        &mut self,
        user: UserId,
        client: ClientId,
    ) -> Result<i64, StoreError> {
        let row: crate::CountRow = fetch_one!(
            self,
            COUNT_ACTIVE_OWNERSHIPS,
            user.as_uuid(),
            client.as_uuid()
        )?;
        Ok(row.count)
    }

    /// Whether another device that the user has or had gave the same fingerprint.
    pub async fn has_fingerprint_twin(
        &mut self,
        user: UserId,
        fingerprint: &Fingerprint,
        device: DeviceId,
    ) -> Result<bool, StoreError> {
        let fingerprint = fingerprint.as_bytes().as_slice();
        let row: crate::CountRow = fetch_one!(
            self,
            HAS_FINGERPRINT_TWIN,
            user.as_uuid(),
            fingerprint,
            device.as_uuid()
        )?;
        Ok(row.count > 0)
    }
}

impl Tx {
    /// Locks the user's active ownership of the device.
    pub async fn lock_active_ownership(
        &mut self,
        device: DeviceId,
        user: UserId,
    ) -> Result<Option<Ownership>, StoreError> {
        let row: Option<OwnershipRow> = fetch_optional!(
            self,
            LOCK_ACTIVE_OWNERSHIP,
            device.as_uuid(),
            user.as_uuid()
        )?;
        row.map(TryInto::try_into).transpose()
    }

    /// Locks the active ownership of the device by the user of this name.
    ///
    /// Logins and refreshes lock it too, before they touch its session.
    pub async fn lock_users_ownership(
        &mut self,
        device: DeviceId,
        user: &ExternalUserId,
    ) -> Result<Option<Ownership>, StoreError> {
        let row: Option<OwnershipRow> =
            fetch_optional!(self, LOCK_USERS_OWNERSHIP, device.as_uuid(), user.as_str())?;
        row.map(TryInto::try_into).transpose()
    }

    /// Adds an active ownership.
    pub async fn insert_ownership(&mut self, ownership: &Ownership) -> Result<(), StoreError> {
        execute!(
            self,
            INSERT_OWNERSHIP,
            ownership.id.as_uuid(),
            ownership.device_id.as_uuid(),
            ownership.user_id.as_uuid(),
            ownership.client_id.as_uuid(),
            ownership.name.as_deref(),
            ownership.is_recognised,
            Time(ownership.created_at),
            Time(ownership.last_active_at),
            ownership.last_origin.ip.map(|ip| ip.to_string()),
            ownership.last_origin.user_agent.as_deref(),
            ownership.last_origin.city.as_deref(),
            ownership.last_origin.country.as_deref()
        )?;
        Ok(())
    }

    /// Notes a login or refresh: when it was and, as far as it says, where it came from.
    pub async fn visit_ownership(
        &mut self,
        id: OwnershipId,
        at: Timestamp,
        origin: &Origin,
    ) -> Result<(), StoreError> {
        execute!(
            self,
            VISIT_OWNERSHIP,
            id.as_uuid(),
            Time(at),
            origin.ip.map(|ip| ip.to_string()),
            origin.user_agent.as_deref(),
            origin.city.as_deref(),
            origin.country.as_deref()
        )?;
        Ok(())
    }

    /// Gives the device the user's own name.
    pub async fn rename_ownership(
        &mut self,
        id: OwnershipId,
        name: &str,
    ) -> Result<(), StoreError> {
        execute!(self, RENAME_OWNERSHIP, id.as_uuid(), name)?;
        Ok(())
    }

    /// Moves an ownership's last activity forward.
    pub async fn touch_ownership(
        &mut self,
        id: OwnershipId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        execute!(self, TOUCH_OWNERSHIP, id.as_uuid(), Time(at))?;
        Ok(())
    }

    /// Replaces the push address of an ownership.
    pub async fn set_push_address(
        &mut self,
        id: OwnershipId,
        address: &SealedPushAddress,
    ) -> Result<(), StoreError> {
        let (provider, sealed) = (address.provider.as_str(), address.sealed.as_slice());
        execute!(self, SET_PUSH_ADDRESS, id.as_uuid(), provider, sealed)?;
        Ok(())
    }

    /// Ends an ownership and forgets its push address.
    pub async fn end_ownership(
        &mut self,
        id: OwnershipId,
        cause: OwnershipEndCause,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        execute!(self, END_OWNERSHIP, id.as_uuid(), Time(now), cause.as_str())?;
        Ok(())
    }
}

#[derive(sqlx::FromRow)]
struct PushRow {
    push_provider: Option<String>,
    push_address: Option<Vec<u8>>,
}

#[derive(sqlx::FromRow)]
pub(crate) struct OwnershipRow {
    id: Uuid,
    device_id: Uuid,
    user_id: Uuid,
    client_id: Uuid,
    name: Option<String>,
    is_recognised: bool,
    created_at: Time,
    last_active_at: Time,
    last_ip: Option<String>,
    last_user_agent: Option<String>,
    last_city: Option<String>,
    last_country: Option<String>,
    ended_at: Option<Time>,
    end_cause: Option<String>,
}

impl TryFrom<OwnershipRow> for Ownership {
    type Error = StoreError;

    fn try_from(row: OwnershipRow) -> Result<Self, StoreError> {
        let wrong = |column| StoreError::inconsistent("ownerships", column, row.id);
        let ended = match (row.ended_at, row.end_cause.as_deref()) {
            (None, None) => None,
            (Some(at), Some(cause)) => Some(OwnershipEnd {
                at: at.into(),
                cause: cause.parse().map_err(|_| wrong("end_cause"))?,
            }),
            _ => return Err(wrong("end_cause")),
        };
        Ok(Self {
            id: OwnershipId::from_uuid(row.id),
            device_id: DeviceId::from_uuid(row.device_id),
            user_id: UserId::from_uuid(row.user_id),
            client_id: ClientId::from_uuid(row.client_id),
            name: row.name,
            is_recognised: row.is_recognised,
            created_at: row.created_at.into(),
            last_active_at: row.last_active_at.into(),
            last_origin: Origin {
                ip: row
                    .last_ip
                    .map(|ip| ip.parse().map_err(|_| wrong("last_ip")))
                    .transpose()?,
                user_agent: row.last_user_agent,
                city: row.last_city,
                country: row.last_country,
            },
            ended,
        })
    }
}
