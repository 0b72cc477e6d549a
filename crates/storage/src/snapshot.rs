//! The one read behind every cache miss: a session with everything it hangs on.

use crate::{Conn, StoreError, Time, array, fetch_optional, statements, trust, trust::GroundsRow};
use countersign_core::{
    AppId, ClientId, DeviceId, OwnershipId, SessionId, Thumbprint, UserId,
    device::DeviceState,
    session::EndingCause,
    snapshot::{Loaded, SessionKind, Snapshot},
    trust::Grounds,
};
use sqlx::types::Json;
use std::sync::Arc;
use uuid::Uuid;

statements! {
    LOAD_SNAPSHOT = concat!("SELECT s.id, s.ownership_id, s.device_id, s.user_id, s.client_id, s.app_id, s.jkt, s.amr, s.client_epoch, \
        s.last_active_at, s.idle_secs, s.absolute_expires_at, s.end_cause, \
        o.ended_at AS ownership_ended_at, d.state AS device_state, d.jkt AS device_jkt, d.app_version, \
        u.external_id, u.disabled_at AS user_disabled_at, c.platform, c.nonce_policy, c.epoch, \
        c.disabled_at AS client_disabled_at, ", trust::grounds!(), " \
        FROM sessions s JOIN ownerships o ON o.id = s.ownership_id JOIN devices d ON d.id = s.device_id \
        JOIN users u ON u.id = s.user_id JOIN clients c ON c.id = s.client_id WHERE s.id = $1");
}

impl Conn {
    /// What the session resolves to now.
    pub async fn load_snapshot(&mut self, id: SessionId) -> Result<Option<Loaded>, StoreError> {
        let row: Option<SnapshotRow> = fetch_optional!(self, LOAD_SNAPSHOT, id.as_uuid())?;
        row.map(TryInto::try_into).transpose()
    }
}

#[derive(sqlx::FromRow)]
struct SnapshotRow {
    id: Uuid,
    ownership_id: Uuid,
    device_id: Uuid,
    user_id: Uuid,
    client_id: Uuid,
    app_id: Uuid,
    jkt: Option<Vec<u8>>,
    amr: Json<Vec<String>>,
    client_epoch: i64,
    last_active_at: Time,
    idle_secs: i64,
    absolute_expires_at: Time,
    end_cause: Option<String>,
    ownership_ended_at: Option<Time>,
    device_state: String,
    device_jkt: Option<Vec<u8>>,
    app_version: Option<String>,
    external_id: String,
    user_disabled_at: Option<Time>,
    platform: String,
    nonce_policy: String,
    epoch: i64,
    client_disabled_at: Option<Time>,
    #[sqlx(flatten)]
    grounds: GroundsRow,
}

impl TryFrom<SnapshotRow> for Loaded {
    type Error = StoreError;

    fn try_from(row: SnapshotRow) -> Result<Self, StoreError> {
        let wrong = |column| StoreError::inconsistent("sessions", column, row.id);
        let device_state: DeviceState = row
            .device_state
            .parse()
            .map_err(|_| wrong("device.state"))?;
        let ended: Option<EndingCause> = row
            .end_cause
            .as_deref()
            .map(|cause| cause.parse().map_err(|_| wrong("end_cause")))
            .transpose()?;
        let is_ownership_ended = row.ownership_ended_at.is_some();
        let grounds = row.grounds.read(row.device_id)?;
        let kind = SessionKind {
            client_id: ClientId::from_uuid(row.client_id),
            nonce_policy: row
                .nonce_policy
                .parse()
                .map_err(|_| wrong("client.nonce_policy"))?,
            platform: row.platform.parse().map_err(|_| wrong("client.platform"))?,
            app_version: row.app_version.map(Into::into),
            amr: row.amr.0.into(),
            idle_micros: row.idle_secs.saturating_mul(1_000_000),
        };
        let snapshot = Snapshot {
            kind: Arc::new(kind),
            session_id: SessionId::from_uuid(row.id),
            ownership_id: OwnershipId::from_uuid(row.ownership_id),
            device_id: DeviceId::from_uuid(row.device_id),
            app_id: AppId::from_uuid(row.app_id),
            user: UserId::from_uuid(row.user_id),
            user_id: row
                .external_id
                .parse()
                .map_err(|_| wrong("user.external_id"))?,
            grounds: (grounds != Grounds::NONE).then(|| Box::new(grounds)),
            is_key_current: row.jkt == row.device_jkt,
            jkt: row
                .jkt
                .map(|bytes| {
                    array(&bytes)
                        .map(Thumbprint::from_bytes)
                        .ok_or_else(|| wrong("jkt"))
                })
                .transpose()?,
            absolute_expiry: row.absolute_expires_at.into(),
            ended,
            is_ownership_ended,
            device_state,
            is_user_disabled: row.user_disabled_at.is_some(),
            is_client_ended: row.client_disabled_at.is_some() || row.epoch != row.client_epoch,
        };
        Ok(Self {
            snapshot,
            last_active_at: row.last_active_at.into(),
        })
    }
}
