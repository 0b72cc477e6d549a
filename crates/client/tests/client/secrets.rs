//! Nothing that anybody could use is printed.

use crate::{fake, setting::Setting};
use countersign_client::{
    RelayedLogin, RelayedRefresh,
    api_types::{
        Secret,
        session::{DeviceReport, PushAddress, RelayedProof},
    },
};
use countersign_core::ClientId;

#[tokio::test]
async fn debug_prints_no_secret() {
    let setting = Setting::with_key(None).await;
    let push = PushAddress {
        token: Secret::from("canaryPush".to_owned()),
        provider: None,
    };
    setting.device.set_push(Some(push));
    let session = setting.login().await.unwrap();
    let headers = session
        .authorize("GET", "https://api.example")
        .await
        .unwrap();
    let keyed = Setting::start().await;
    let keyed_session = keyed.login().await.unwrap();
    let keyed_headers = keyed_session
        .authorize("GET", "https://api.example")
        .await
        .unwrap();
    let printed = [
        format!("{session:#?} {keyed_session:?}"),
        format!("{headers:?} {keyed_headers:?}"),
        format!(
            "{:?} {:?}",
            session.save().unwrap(),
            session.registered().unwrap()
        ),
        format!("{:?} {:?}", setting.device.save(), setting.device),
        format!("{:?} {:?}", setting.service(), setting.relay()),
        format!("{:?}", relayed(setting.device.client_id())),
    ];
    let proof = keyed_headers["dpop"].to_str().unwrap();
    let access = [
        "canaryAccessToken",
        "canaryRefreshToken",
        "canaryPush",
        "canaryProof",
    ];
    for secret in access
        .into_iter()
        .chain([fake::API_KEY, fake::DEVICE_SECRET, proof])
    {
        for text in &printed {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
    assert!(
        printed[0].contains("[redacted]"),
        "the test looks at the right thing"
    );
}

fn relayed(client_id: ClientId) -> (RelayedLogin, RelayedRefresh) {
    let device = DeviceReport {
        installation_id: uuid::Uuid::nil(),
        name: None,
        model: None,
        os_version: None,
        app_version: None,
        encryption: None,
        fingerprint: None,
        device_secret: Some(Secret::from(fake::DEVICE_SECRET.to_owned())),
        push: None,
    };
    let proof = Some(RelayedProof {
        jwt: "canaryProof".to_owned(),
        htm: "POST".to_owned(),
        htu: "https://app.example".to_owned(),
    });
    let login = RelayedLogin {
        client_id,
        device: device.clone(),
        proof: proof.clone(),
    };
    let refresh = RelayedRefresh {
        client_id,
        user_id: "42".parse().unwrap(),
        device,
        proof,
        refresh_token: Secret::from("canaryRefreshToken".to_owned()),
    };
    (login, refresh)
}

#[tokio::test]
async fn a_failed_call_names_no_user() {
    let setting = Setting::start().await;
    let service = setting.service();
    drop(setting);
    let user = "canaryUser".parse().unwrap();
    let error = service.disable_user(&user).await.unwrap_err();
    assert!(!format!("{error:?}").contains("canaryUser"), "{error:?}");
}
