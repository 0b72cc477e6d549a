//! Devices and the keys they gave up.

use crate::{Conn, StoreError, Time, Tx, array, execute, fetch_all, fetch_optional, statements};
use countersign_core::{
    AppId, ClientId, DeviceId, Thumbprint, Timestamp, UserId,
    device::{Device, Encryption, Facts, HardwareIdentity},
    fingerprint::Fingerprint,
    token::HashedToken,
};
use uuid::Uuid;

/// Named, so that a column added by a newer version changes no prepared statement's result.
macro_rules! columns {
    () => {
        "id, client_id, installation_id, app_id, generation, jkt, secret_hash, state, name, model, \
        os_version, app_version, encryption, fingerprint, created_at, last_seen_at, hardware_identity, \
        suspended_until"
    };
}

statements! {
    FIND_DEVICE = concat!("SELECT ", columns!(), " FROM devices WHERE id = $1");
    LOCK_DEVICE = concat!("SELECT ", columns!(), " FROM devices WHERE id = $1") for update;
    LOCK_DEVICE_BY_KEY = concat!("SELECT ", columns!(),
        " FROM devices WHERE client_id = $1 AND jkt = $2") for update;
    LOCK_DEVICE_BY_INSTALLATION = concat!("SELECT ", columns!(),
        " FROM devices WHERE client_id = $1 AND installation_id = $2") for update;
    // Of one client; a machine has one device of each.
    LOCK_DEVICE_BY_HARDWARE = concat!("SELECT ", columns!(), " FROM devices WHERE hardware_identity = $1 \
        AND client_id = $2 AND jkt IS NOT NULL ORDER BY id DESC LIMIT 1") for update;
    // There are few clients: one look into the index of each.
    LOCK_DEVICES_BY_KEY = concat!("SELECT ", columns!(), " FROM devices WHERE client_id IN (SELECT id FROM clients) \
        AND jkt = $1 ORDER BY id") for update;
    LOCK_DEVICES_BY_HARDWARE = concat!("SELECT ", columns!(), " FROM devices WHERE hardware_identity = $1 \
        ORDER BY id") for update;
    LOCK_SPLIT_DEVICE = concat!("SELECT ", columns!(),
        " FROM devices WHERE client_id = $1 AND claimed_installation_id = $2 \
        AND id IN (SELECT device_id FROM ownerships WHERE user_id = $3) ORDER BY id LIMIT 1") for update;
    // What has neither key nor secret was never let in; the request for approval says whose it is.
    LOCK_WAITING_DEVICE = concat!("SELECT ", columns!(), " FROM devices WHERE client_id = $1 \
        AND (installation_id = $2 OR claimed_installation_id = $2) AND generation = 1 AND jkt IS NULL \
        AND secret_hash IS NULL AND EXISTS (SELECT 1 FROM approvals a WHERE a.device_id = devices.id AND a.user_id = $3) \
        ORDER BY id LIMIT 1") for update;
    // Two logins with one new installation id or key: the second sees 0 rows and looks again.
    INSERT_DEVICE = "INSERT INTO devices (id, client_id, installation_id, claimed_installation_id, app_id, generation, jkt, secret_hash, state, \
        name, model, os_version, app_version, encryption, fingerprint, created_at, last_seen_at, hardware_identity, \
        suspended_until) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19) \
        ON CONFLICT DO NOTHING";
    UPDATE_DEVICE = "UPDATE devices SET installation_id = $2, app_id = $3, generation = $4, jkt = $5, secret_hash = $6, \
        state = $7, name = $8, model = $9, os_version = $10, app_version = $11, encryption = $12, fingerprint = $13, \
        last_seen_at = $14, hardware_identity = $15, suspended_until = $16 WHERE id = $1";
    MOVE_EVIDENCE = "UPDATE evidence SET device_id = $2, generation = $3 WHERE device_id = $1";
    // Its row stays for what refers to it, without a key, and nothing finds it again.
    CLOSE_DEVICE = "UPDATE devices SET state = 'revoked', jkt = NULL, secret_hash = NULL, app_id = $2, \
        claimed_installation_id = NULL WHERE id = $1";
    TOUCH_DEVICE = "UPDATE devices SET last_seen_at = $2 WHERE id = $1 AND last_seen_at < $2";
    RETIRE_KEY = "INSERT INTO retired_keys (client_id, jkt, device_id, retired_at) VALUES ($1, $2, $3, $4) \
        ON CONFLICT DO NOTHING";
    IS_KEY_RETIRED = "SELECT COUNT(*) AS count FROM retired_keys WHERE client_id = $1 AND jkt = $2";
}

impl Conn {
    /// The device, if there is one.
    pub async fn find_device(&mut self, id: DeviceId) -> Result<Option<Device>, StoreError> {
        let row: Option<DeviceRow> = fetch_optional!(self, FIND_DEVICE, id.as_uuid())?;
        row.map(TryInto::try_into).transpose()
    }

    /// Whether a device of the client gave this key up.
    pub async fn is_key_retired(
        &mut self,
        client: ClientId,
        jkt: &Thumbprint,
    ) -> Result<bool, StoreError> {
        let count: crate::CountRow = crate::fetch_one!(
            self,
            IS_KEY_RETIRED,
            client.as_uuid(),
            jkt.as_bytes().as_slice()
        )?;
        Ok(count.count > 0)
    }
}

impl Tx {
    /// Locks a device.
    pub async fn lock_device(&mut self, id: DeviceId) -> Result<Option<Device>, StoreError> {
        let row: Option<DeviceRow> = fetch_optional!(self, LOCK_DEVICE, id.as_uuid())?;
        row.map(TryInto::try_into).transpose()
    }

    /// Locks the client's device with this current key.
    pub async fn lock_device_by_key(
        &mut self,
        client: ClientId,
        jkt: &Thumbprint,
    ) -> Result<Option<Device>, StoreError> {
        let jkt = jkt.as_bytes().as_slice();
        let row: Option<DeviceRow> =
            fetch_optional!(self, LOCK_DEVICE_BY_KEY, client.as_uuid(), jkt)?;
        row.map(TryInto::try_into).transpose()
    }

    /// Locks the client's device with this installation id.
    pub async fn lock_device_by_installation(
        &mut self,
        client: ClientId,
        installation_id: Uuid,
    ) -> Result<Option<Device>, StoreError> {
        let row: Option<DeviceRow> = fetch_optional!(
            self,
            LOCK_DEVICE_BY_INSTALLATION,
            client.as_uuid(),
            installation_id
        )?;
        row.map(TryInto::try_into).transpose()
    }

    /// Locks the client's newest device with a key on this machine.
    pub async fn lock_device_by_hardware(
        &mut self,
        client: ClientId,
        identity: &HardwareIdentity,
    ) -> Result<Option<Device>, StoreError> {
        let identity = identity.as_bytes().as_slice();
        let row: Option<DeviceRow> =
            fetch_optional!(self, LOCK_DEVICE_BY_HARDWARE, identity, client.as_uuid())?;
        row.map(TryInto::try_into).transpose()
    }

    /// Locks every client's devices with this key.
    pub async fn lock_devices_by_key(
        &mut self,
        jkt: &Thumbprint,
    ) -> Result<Vec<Device>, StoreError> {
        let jkt = jkt.as_bytes().as_slice();
        let rows: Vec<DeviceRow> = fetch_all!(self, LOCK_DEVICES_BY_KEY, jkt)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Locks every client's devices on this machine.
    pub async fn lock_devices_by_hardware(
        &mut self,
        identity: &HardwareIdentity,
    ) -> Result<Vec<Device>, StoreError> {
        let identity = identity.as_bytes().as_slice();
        let rows: Vec<DeviceRow> = fetch_all!(self, LOCK_DEVICES_BY_HARDWARE, identity)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Locks the user's device that was made because this installation id was somebody else's.
    pub async fn lock_split_device(
        &mut self,
        client: ClientId,
        installation_id: Uuid,
        user: UserId,
    ) -> Result<Option<Device>, StoreError> {
        let (client, user) = (client.as_uuid(), user.as_uuid());
        let row: Option<DeviceRow> =
            fetch_optional!(self, LOCK_SPLIT_DEVICE, client, installation_id, user)?;
        row.map(TryInto::try_into).transpose()
    }

    /// Locks the device without a key for which this user, under this installation id, asked an admin.
    pub async fn lock_waiting_device(
        &mut self,
        client: ClientId,
        installation_id: Uuid,
        user: UserId,
    ) -> Result<Option<Device>, StoreError> {
        let (client, user) = (client.as_uuid(), user.as_uuid());
        let row: Option<DeviceRow> =
            fetch_optional!(self, LOCK_WAITING_DEVICE, client, installation_id, user)?;
        row.map(TryInto::try_into).transpose()
    }

    /// Adds a device; `false` when its installation id or key is taken.
    ///
    /// `claimed_installation_id` is what the app presented when that was somebody else's.
    pub async fn insert_device(
        &mut self,
        device: &Device,
        claimed_installation_id: Option<Uuid>,
    ) -> Result<bool, StoreError> {
        let rows = execute!(
            self,
            INSERT_DEVICE,
            device.id.as_uuid(),
            device.client_id.as_uuid(),
            device.installation_id,
            claimed_installation_id,
            device.app_id.as_uuid(),
            device.generation,
            device.jkt.as_ref().map(|jkt| jkt.as_bytes().as_slice()),
            device
                .secret
                .as_ref()
                .map(|secret| secret.as_bytes().as_slice()),
            device.state.as_str(),
            device.facts.name.as_deref(),
            device.facts.model.as_deref(),
            device.facts.os_version.as_deref(),
            device.facts.app_version.as_deref(),
            device.facts.encryption.map(Encryption::as_str),
            device
                .facts
                .fingerprint
                .as_ref()
                .map(|print| print.as_bytes().as_slice()),
            Time(device.created_at),
            Time(device.last_seen_at),
            hardware(device),
            device.suspended_until.map(Time)
        )?;
        Ok(rows == 1)
    }

    /// Writes everything of a device that may change.
    pub async fn update_device(&mut self, device: &Device) -> Result<(), StoreError> {
        execute!(
            self,
            UPDATE_DEVICE,
            device.id.as_uuid(),
            device.installation_id,
            device.app_id.as_uuid(),
            device.generation,
            device.jkt.as_ref().map(|jkt| jkt.as_bytes().as_slice()),
            device
                .secret
                .as_ref()
                .map(|secret| secret.as_bytes().as_slice()),
            device.state.as_str(),
            device.facts.name.as_deref(),
            device.facts.model.as_deref(),
            device.facts.os_version.as_deref(),
            device.facts.app_version.as_deref(),
            device.facts.encryption.map(Encryption::as_str),
            device
                .facts
                .fingerprint
                .as_ref()
                .map(|print| print.as_bytes().as_slice()),
            Time(device.last_seen_at),
            hardware(device),
            device.suspended_until.map(Time)
        )?;
        Ok(())
    }

    /// Closes a device that nobody ever owned; what it showed becomes this generation of another, which
    /// may take over its key and App ID.
    pub async fn absorb_device(
        &mut self,
        absorbed: &Device,
        device: DeviceId,
        generation: i64,
        left: AppId,
    ) -> Result<(), StoreError> {
        let id = absorbed.id.as_uuid();
        execute!(self, MOVE_EVIDENCE, id, device.as_uuid(), generation)?;
        execute!(self, CLOSE_DEVICE, id, left.as_uuid())?;
        Ok(())
    }

    /// Moves a device's last-seen time forward.
    pub async fn touch_device(&mut self, id: DeviceId, at: Timestamp) -> Result<(), StoreError> {
        execute!(self, TOUCH_DEVICE, id.as_uuid(), Time(at))?;
        Ok(())
    }

    /// Remembers that the device gave this key up.
    pub async fn retire_key(
        &mut self,
        device: &Device,
        jkt: &Thumbprint,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (client, jkt) = (device.client_id.as_uuid(), jkt.as_bytes().as_slice());
        execute!(
            self,
            RETIRE_KEY,
            client,
            jkt,
            device.id.as_uuid(),
            Time(now)
        )?;
        Ok(())
    }
}

/// Columns of `devices`, also used by lists that join them.
#[derive(sqlx::FromRow)]
pub(crate) struct DeviceRow {
    id: Uuid,
    client_id: Uuid,
    installation_id: Uuid,
    app_id: Uuid,
    generation: i64,
    jkt: Option<Vec<u8>>,
    secret_hash: Option<Vec<u8>>,
    state: String,
    name: Option<String>,
    model: Option<String>,
    os_version: Option<String>,
    app_version: Option<String>,
    encryption: Option<String>,
    fingerprint: Option<Vec<u8>>,
    created_at: Time,
    last_seen_at: Time,
    hardware_identity: Option<Vec<u8>>,
    suspended_until: Option<Time>,
}

fn hardware(device: &Device) -> Option<&[u8]> {
    let identity = device.hardware_identity.as_ref();
    identity.map(|identity| identity.as_bytes().as_slice())
}

impl TryFrom<DeviceRow> for Device {
    type Error = StoreError;

    fn try_from(row: DeviceRow) -> Result<Self, StoreError> {
        let wrong = |column| StoreError::inconsistent("devices", column, row.id);
        let bytes = |column, bytes: Option<Vec<u8>>| {
            bytes
                .map(|bytes| array(&bytes).ok_or_else(|| wrong(column)))
                .transpose()
        };
        Ok(Self {
            id: DeviceId::from_uuid(row.id),
            client_id: ClientId::from_uuid(row.client_id),
            installation_id: row.installation_id,
            app_id: AppId::from_uuid(row.app_id),
            generation: row.generation,
            jkt: bytes("jkt", row.jkt)?.map(Thumbprint::from_bytes),
            secret: bytes("secret_hash", row.secret_hash)?.map(HashedToken::from_bytes),
            state: row.state.parse().map_err(|_| wrong("state"))?,
            facts: Facts {
                name: row.name,
                model: row.model,
                os_version: row.os_version,
                app_version: row.app_version,
                encryption: row
                    .encryption
                    .map(|text| text.parse().map_err(|_| wrong("encryption")))
                    .transpose()?,
                fingerprint: bytes("fingerprint", row.fingerprint)?.map(Fingerprint::from_bytes),
            },
            created_at: row.created_at.into(),
            last_seen_at: row.last_seen_at.into(),
            hardware_identity: bytes("hardware_identity", row.hardware_identity)?
                .map(HardwareIdentity::from_bytes),
            suspended_until: row.suspended_until.map(Into::into),
        })
    }
}
