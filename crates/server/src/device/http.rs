//! `/v1/me/…` for users and `/v1/users/{user_id}/devices` for admins.

use super::{AdminPage, DeviceEnding, DeviceError, Devices, OtherSessions, OwnPage, Rename};
use crate::{
    caller::{Backend, Caller},
    http::{Json, Path, Problem, Query},
    router::AppState,
    signing::Issuer,
};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use countersign_api_types::{
    FieldError,
    device::{
        DeviceEnd, DeviceFilter as Filter, DeviceItem, DeviceLimit, DevicePath, Ended, LastSeen,
        OwnDeviceFilter, OwnDevices, OwnDevicesQuery, RenameDevice, UserDevicesQuery,
    },
    page::OffsetPage,
    receipt::EndingReceipt,
    user::{UserDevicePath, UserPath},
};
use countersign_attestation::ending_receipt::Ending;
use countersign_core::{
    DeviceId, Timestamp, api_key::Scope, device::Encryption, session::EndingCause,
    trust::TrustLevel,
};
use countersign_storage::{DeviceFilter, ListedDevice, Standing};
use http::header::LINK;
use std::sync::Arc;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(crate) fn own_routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_own_devices))
        .routes(routes!(rename_own_device, remove_own_device))
        .routes(routes!(log_out_own_device))
        .routes(routes!(end_other_sessions))
        .routes(routes!(log_out))
}

pub(crate) fn admin_routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_user_devices))
        .routes(routes!(rename_user_device, remove_user_device))
        .routes(routes!(log_out_user_device))
}

/// Lists the caller's devices, newest first.
#[utoipa::path(
    get, path = "/v1/me/devices", operation_id = "list_own_devices", tag = "own devices",
    params(OwnDevicesQuery), security(("access_token" = [], "dpop_proof" = []), ("access_token" = [])),
    responses((status = 200, description = "One page.", body = OwnDevices,
        headers(("Link" = Option<String>, description = "`rel=next`, when there is more (RFC 8288).")))),
)]
async fn list_own_devices(
    State(devices): State<Arc<Devices>>,
    caller: Caller,
    Query(query): Query<OwnDevicesQuery>,
) -> Result<Response, Problem> {
    let standing = match query.state {
        OwnDeviceFilter::Active => Standing::Active,
        OwnDeviceFilter::Past => Standing::Past,
    };
    let limit = query.limit() as usize;
    let page = devices
        .list_own(&caller, standing, query.cursor.as_deref(), limit)
        .await?;
    let link = page
        .next_cursor
        .as_ref()
        .map(|cursor| next_link(&query, cursor));
    let body: Json<OwnDevices> = Json(own_devices(page, caller.device_id(), devices.now()));
    Ok(match link {
        Some(link) => ([(LINK, link)], body).into_response(),
        None => body.into_response(),
    })
}

/// Gives one of the caller's devices a name.
#[utoipa::path(
    patch, path = "/v1/me/devices/{device_id}", operation_id = "rename_own_device", tag = "own devices",
    params(DevicePath), request_body = RenameDevice,
    security(("access_token" = [], "dpop_proof" = []), ("access_token" = [])),
    responses((status = 200, description = "Renamed.", body = DeviceItem)),
)]
async fn rename_own_device(
    State(devices): State<Arc<Devices>>,
    caller: Caller,
    Path(path): Path<DevicePath>,
    Json(body): Json<RenameDevice>,
) -> Result<Json<DeviceItem>, Problem> {
    devices.check_changeable(&caller).await?;
    let user_id = caller.user_id().clone();
    let (journal, device_id) = (devices.ledger.journal(caller.actor()), path.device_id);
    devices
        .rename(Rename {
            journal,
            user_id,
            device_id,
            name: body.name,
        })
        .await?;
    let renamed = devices.find(caller.user_id(), path.device_id).await?;
    Ok(Json(item(renamed, Some(caller.device_id()), devices.now())))
}

/// Removes one of the caller's devices: its session ends and it leaves the list.
#[utoipa::path(
    delete, path = "/v1/me/devices/{device_id}", operation_id = "remove_own_device", tag = "own devices",
    params(DevicePath), security(("access_token" = [], "dpop_proof" = []), ("access_token" = [])),
    responses((status = 200, description = "Removed.", body = Ended)),
)]
async fn remove_own_device(
    State(devices): State<Arc<Devices>>,
    caller: Caller,
    Path(path): Path<DevicePath>,
) -> Result<Json<Ended>, Problem> {
    end_own(&devices, &caller, path.device_id, DeviceEnding::Remove).await
}

/// Logs one of the caller's devices out; it stays in the list.
#[utoipa::path(
    post, path = "/v1/me/devices/{device_id}/logout", operation_id = "log_out_own_device", tag = "own devices",
    params(DevicePath), security(("access_token" = [], "dpop_proof" = []), ("access_token" = [])),
    responses((status = 200, description = "Logged out; repeating it changes nothing.", body = Ended)),
)]
async fn log_out_own_device(
    State(devices): State<Arc<Devices>>,
    caller: Caller,
    Path(path): Path<DevicePath>,
) -> Result<Json<Ended>, Problem> {
    end_own(&devices, &caller, path.device_id, DeviceEnding::LogOut).await
}

/// Ends all other sessions of the caller.
#[utoipa::path(
    post, path = "/v1/me/sessions/end-others", operation_id = "end_other_sessions", tag = "own devices",
    security(("access_token" = [], "dpop_proof" = []), ("access_token" = [])),
    responses((status = 200, description = "Ended.", body = Ended)),
)]
async fn end_other_sessions(
    State(devices): State<Arc<Devices>>,
    caller: Caller,
) -> Result<Json<Ended>, Problem> {
    devices.check_changeable(&caller).await?;
    let others = OtherSessions {
        journal: devices.ledger.journal(caller.actor()),
        user_id: caller.user_id().clone(),
        except: caller.session_id(),
    };
    let (done, _) = devices.end_others(others).await?;
    Ok(Json(ended(&done, None)))
}

/// Ends the caller's own session.
#[utoipa::path(
    post, path = "/v1/logout", operation_id = "log_out", tag = "own devices",
    security(("access_token" = [], "dpop_proof" = []), ("access_token" = [])),
    responses((status = 200, description = "Logged out.", body = Ended)),
)]
async fn log_out(
    State(devices): State<Arc<Devices>>,
    caller: Caller,
) -> Result<Json<Ended>, Problem> {
    let journal = devices.ledger.journal(caller.actor());
    let (done, _) = devices
        .log_out(journal, caller.session_id(), EndingCause::Logout)
        .await?;
    Ok(Json(ended(&done, None)))
}

/// Lists any user's devices, newest first; a user never seen has none.
#[utoipa::path(
    get, path = "/v1/users/{user_id}/devices", operation_id = "list_user_devices", tag = "user devices",
    params(UserPath, UserDevicesQuery), security(("api_key" = [])),
    responses((status = 200, description = "One page.", body = OffsetPage<DeviceItem>)),
)]
async fn list_user_devices(
    State(devices): State<Arc<Devices>>,
    backend: Backend,
    Path(path): Path<UserPath>,
    Query(query): Query<UserDevicesQuery>,
) -> Result<Json<OffsetPage<DeviceItem>>, Problem> {
    backend.require(Scope::DevicesRead)?;
    let standing = match query.state {
        Filter::Active => Standing::Active,
        Filter::Past => Standing::Past,
        Filter::All => Standing::All,
    };
    let filter = DeviceFilter {
        standing,
        platform: query.platform,
    };
    let (limit, offset) = (query.limit().into(), query.offset.into());
    let now = devices.now();
    let AdminPage { devices, total } = devices.search(&path.user_id, filter, limit, offset).await?;
    Ok(Json(OffsetPage {
        data: devices
            .into_iter()
            .map(|device| item(device, None, now))
            .collect(),
        total: total.unsigned_abs(),
        offset: query.offset,
        limit: query.limit(),
    }))
}

/// Gives a user's device a name.
#[utoipa::path(
    patch, path = "/v1/users/{user_id}/devices/{device_id}", operation_id = "rename_user_device",
    tag = "user devices", params(UserDevicePath), security(("api_key" = [])), request_body = RenameDevice,
    responses((status = 200, description = "Renamed.", body = DeviceItem)),
)]
async fn rename_user_device(
    State(devices): State<Arc<Devices>>,
    backend: Backend,
    Path(path): Path<UserDevicePath>,
    Json(body): Json<RenameDevice>,
) -> Result<Json<DeviceItem>, Problem> {
    let journal = devices
        .ledger
        .journal(backend.require(Scope::DevicesWrite)?);
    let (user_id, device_id) = (path.user_id.clone(), path.device_id);
    devices
        .rename(Rename {
            journal,
            user_id,
            device_id,
            name: body.name,
        })
        .await?;
    Ok(Json(item(
        devices.find(&path.user_id, path.device_id).await?,
        None,
        devices.now(),
    )))
}

/// Removes a user's device: its session ends and it leaves the list.
#[utoipa::path(
    delete, path = "/v1/users/{user_id}/devices/{device_id}", operation_id = "remove_user_device",
    tag = "user devices", params(UserDevicePath), security(("api_key" = [])),
    responses((status = 200, description = "Removed.", body = Ended)),
)]
async fn remove_user_device(
    State(devices): State<Arc<Devices>>,
    State(issuer): State<Arc<Issuer>>,
    backend: Backend,
    Path(path): Path<UserDevicePath>,
) -> Result<Json<Ended>, Problem> {
    end_users(&devices, &issuer, &backend, path, DeviceEnding::Remove).await
}

/// Logs a user's device out; it stays in the list.
#[utoipa::path(
    post, path = "/v1/users/{user_id}/devices/{device_id}/logout", operation_id = "log_out_user_device",
    tag = "user devices", params(UserDevicePath), security(("api_key" = [])),
    responses((status = 200, description = "Logged out; repeating it changes nothing.", body = Ended)),
)]
async fn log_out_user_device(
    State(devices): State<Arc<Devices>>,
    State(issuer): State<Arc<Issuer>>,
    backend: Backend,
    Path(path): Path<UserDevicePath>,
) -> Result<Json<Ended>, Problem> {
    end_users(&devices, &issuer, &backend, path, DeviceEnding::LogOut).await
}

async fn end_own(
    devices: &Devices,
    caller: &Caller,
    device_id: DeviceId,
    how: DeviceEnding,
) -> Result<Json<Ended>, Problem> {
    devices.check_changeable(caller).await?;
    let journal = devices.ledger.journal(caller.actor());
    let (done, _) = devices
        .end(journal, caller.user_id().clone(), device_id, how)
        .await?;
    Ok(Json(ended(&done, None)))
}

async fn end_users(
    devices: &Devices,
    issuer: &Issuer,
    backend: &Backend,
    path: UserDevicePath,
    how: DeviceEnding,
) -> Result<Json<Ended>, Problem> {
    let journal = devices
        .ledger
        .journal(backend.require(Scope::DevicesWrite)?);
    let (done, receipt) = devices
        .end(journal, path.user_id.clone(), path.device_id, how)
        .await?;
    let ending = Ending {
        user_id: Some(&path.user_id),
        device_id: Some(path.device_id),
        sessions: &done.sessions,
        ..Ending::by(how.action())
    };
    let receipt = issuer.receipt(&ending, receipt);
    Ok(Json(ended(&done, Some(receipt))))
}

pub(crate) fn ended(ended: &super::Ended, receipt: Option<EndingReceipt>) -> Ended {
    Ended {
        ended: ended.sessions.len() as u64,
        receipt,
    }
}

fn own_devices(page: OwnPage, current: DeviceId, now: Timestamp) -> OwnDevices {
    OwnDevices {
        frozen_at: page.frozen_at,
        has_more: page.next_cursor.is_some(),
        next_cursor: page.next_cursor,
        active_sessions: u32::try_from(page.active_sessions).unwrap_or(u32::MAX),
        limit: DeviceLimit {
            used: u32::try_from(page.used).unwrap_or(u32::MAX),
            max: page.max,
        },
        data: page
            .devices
            .into_iter()
            .map(|device| item(device, Some(current), now))
            .collect(),
    }
}

pub(crate) fn item(device: ListedDevice, current: Option<DeviceId>, now: Timestamp) -> DeviceItem {
    let is_revoked = device.state.is_dead() || device.ended.is_some();
    let ip = device.last_ip.and_then(|ip| ip.parse().ok());
    let last_seen = LastSeen {
        ip,
        city: device.last_city,
        country: device.last_country,
    };
    DeviceItem {
        device_id: device.device_id,
        app_id: device.app_id,
        client_id: device.client_id,
        name: device.name,
        platform: device.platform,
        model: device.model,
        os_version: device.os_version,
        app_version: device.app_version,
        encryption: device.encryption.unwrap_or(Encryption::Unknown),
        trust: TrustLevel::of(is_revoked, device.is_keyed, &device.grounds, now),
        is_recognised: device.is_recognised,
        is_current: current == Some(device.device_id) && device.ended.is_none(),
        key_bound: device.is_keyed,
        state: device.state,
        active_sessions: u32::from(device.session_id.is_some()),
        created_at: device.created_at,
        last_seen_at: device.last_active_at,
        last_seen: (last_seen != LastSeen::default()).then_some(last_seen),
        ended: device.ended.map(|end| DeviceEnd {
            at: end.at,
            cause: end.cause.into(),
        }),
    }
}

fn next_link(query: &OwnDevicesQuery, cursor: &str) -> String {
    let state = if query.state == OwnDeviceFilter::Past {
        "past"
    } else {
        "active"
    };
    let limit = query.limit();
    format!("</v1/me/devices?state={state}&limit={limit}&cursor={cursor}>; rel=\"next\"")
}

impl From<DeviceError> for Problem {
    fn from(error: DeviceError) -> Self {
        match error {
            DeviceError::ForeignCursor => {
                Self::invalid(vec![FieldError::new("?cursor", "belongs to another list")])
            }
            error => Self::new(error.code()).caused_by(error),
        }
    }
}
