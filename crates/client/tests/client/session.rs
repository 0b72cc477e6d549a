//! Login, saving, logging out, and the user's lists.

use crate::{
    fake,
    setting::{SeededRng, Setting},
};
use countersign_client::{
    Device, DeviceKey, SavedDevice, SavedSession, Session, SessionError,
    api_types::{ErrorCode, device::OwnDeviceFilter},
};
use countersign_core::{Clock, device::Facts};
use std::{collections::HashSet, sync::Arc};

#[tokio::test]
async fn a_keyed_device_presents_its_token_with_a_proof() {
    let setting = Setting::start().await;
    let session = setting.login().await.unwrap();
    let headers = session
        .authorize("GET", "https://api.example/things")
        .await
        .unwrap();
    assert!(
        headers["authorization"]
            .to_str()
            .unwrap()
            .starts_with("DPoP ")
    );
    assert!(headers.contains_key("dpop"));
    let body = setting.server.state().registrations.pop().unwrap();
    assert_eq!(body["event"], "login");
    assert_eq!(body["amr"], serde_json::json!(["pwd"]));
    assert_eq!(body["proof"]["htu"], "https://app.example/login");
}

#[tokio::test]
async fn a_device_without_a_key_keeps_its_secret_and_presents_its_token_alone() {
    let setting = Setting::with_key(None).await;
    let session = setting.login().await.unwrap();
    let headers = session
        .authorize("GET", "https://api.example/things")
        .await
        .unwrap();
    assert!(
        headers["authorization"]
            .to_str()
            .unwrap()
            .starts_with("Bearer ")
    );
    assert!(!headers.contains_key("dpop"));
    session.own_devices(OwnDeviceFilter::Active).await.unwrap();
    setting.login().await.unwrap();
    let state = setting.server.state();
    let secrets: Vec<_> = state
        .registrations
        .iter()
        .map(|body| &body["device"]["device_secret"])
        .collect();
    assert_eq!(
        secrets,
        [&serde_json::Value::Null, &fake::DEVICE_SECRET.into()]
    );
}

#[tokio::test]
async fn the_device_keeps_the_installation_id_that_it_was_answered() {
    let setting = Setting::start().await;
    let answered = uuid::Uuid::from_u128(7);
    setting.server.state().installation_id = Some(answered);
    setting.login().await.unwrap();
    assert_eq!(setting.device.installation_id(), answered);
    assert_eq!(setting.device.save().installation_id, answered);
}

#[tokio::test]
async fn a_saved_device_and_session_go_on_after_a_restart() {
    let setting = Setting::start().await;
    let session = setting.login().await.unwrap();
    let key = setting.device.key().unwrap().to_pkcs8().unwrap();
    let device = serde_json::to_string(&setting.device.save()).unwrap();
    let saved = serde_json::to_string(&session.save().unwrap()).unwrap();
    let thumbprint = setting.device.key().unwrap().thumbprint();
    drop(session);

    let key = DeviceKey::from_pkcs8(&key).unwrap();
    assert_eq!(key.thumbprint(), thumbprint);
    let device: SavedDevice = serde_json::from_str(&device).unwrap();
    let clock = Arc::clone(&setting.clock) as Arc<dyn Clock>;
    let rng = Arc::new(SeededRng::new(3));
    let device = Arc::new(Device::restore(
        device,
        Some(key),
        Facts::default(),
        clock,
        rng,
    ));
    assert_eq!(device.installation_id(), setting.device.installation_id());
    let saved: SavedSession = serde_json::from_str(&saved).unwrap();
    let session = Session::resume(device, setting.relay(), setting.endpoint(), saved).unwrap();
    session.own_devices(OwnDeviceFilter::Active).await.unwrap();
    session.refresh().await.unwrap();
    assert_eq!(setting.server.state().rotations, 1);
}

#[tokio::test]
async fn a_list_is_read_to_its_end() {
    let setting = Setting::start().await;
    let session = setting.login().await.unwrap();
    let devices = session.own_devices(OwnDeviceFilter::Past).await.unwrap();
    let ids: HashSet<_> = devices.iter().map(|device| device.device_id).collect();
    assert_eq!(ids.len(), 3);
    assert_eq!(
        setting.server.state().calls,
        [
            "GET /v1/me/devices?limit=100&state=past",
            "GET /v1/me/devices?cursor=1&limit=100&state=past",
            "GET /v1/me/devices?cursor=2&limit=100&state=past",
        ]
    );
}

#[tokio::test]
async fn after_a_logout_there_is_nothing_left_to_use() {
    let setting = Setting::start().await;
    let session = setting.login().await.unwrap();
    session.logout().await.unwrap();
    for error in [
        session.sign("GET", "https://api.example").unwrap_err(),
        session.refresh().await.unwrap_err(),
        session.save().unwrap_err(),
    ] {
        assert!(matches!(error, SessionError::LoggedOut), "{error:?}");
    }
    session.logout().await.unwrap();
    assert_eq!(setting.server.state().calls, ["POST /v1/logout"]);
}

#[tokio::test]
async fn a_refused_login_says_why() {
    let setting = Setting::start().await;
    setting.server.state().refuses_with = Some(ErrorCode::KeyRetired);
    let error = setting.login().await.unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::KeyRetired));
    assert!(
        error.to_string().starts_with("refused with key_retired: "),
        "{error}"
    );
}
