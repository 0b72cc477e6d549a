//! Devices without a backend: discovery, token exchange, refresh, own calls, introspection,
//! revocation, by other people's OAuth libraries and by our own client.

use crate::{install, library::Library, service::Service};
use countersign_core::{Clock, SystemClock, SystemRng, device::Facts};
use countersign_test_support::{
    TestIssuer,
    client::{
        Device, DeviceKey, Endpoint, IdToken, Session, TokenEndpoint,
        api_types::{ErrorCode, Secret, device::OwnDeviceFilter},
    },
};
use serde_json::{Value, json};
use std::sync::Arc;

/// A service and a client of it that trusts an issuer.
async fn stage(nonce_policy: &str) -> (Service, TestIssuer, String) {
    let (service, issuer) = (Service::start().await, TestIssuer::start().await);
    let trusted = json!([{ "issuer": issuer.url(), "audiences": ["app"] }]);
    let client = service.client_of(nonce_policy, trusted).await;
    (service, issuer, client)
}

/// The library does all it is there for; answers what it saw.
async fn journey(mut library: Library, nonce_policy: &str) -> Value {
    let (service, issuer, client) = stage(nonce_policy).await;
    let (introspection, key_id, api_key) = service.inside("/oauth/introspect");
    let seen = library.ask(&json!({
        "issuer": service.url(""), "client_id": client, "resource": service.url("/v1/me/devices"),
        "id_token": issuer.token("ann", SystemClock.now(), json!({})),
        "device": { "name": "Library" }, "introspection": introspection,
        "key_id": key_id, "api_key": api_key,
    }));
    let (exchanged, refreshed) = (&seen["exchanged"], &seen["refreshed"]);
    assert_eq!(exchanged["user_id"], "ann", "{seen}");
    assert_eq!(
        exchanged["issued_token_type"],
        "urn:ietf:params:oauth:token-type:access_token"
    );
    assert_eq!(refreshed["session_id"], exchanged["session_id"], "{seen}");
    assert_ne!(refreshed["refresh_token"], exchanged["refresh_token"]);
    let device = &seen["devices"]["data"][0];
    assert_eq!(device["device_id"], exchanged["device_id"], "{seen}");
    assert_eq!(device["name"], "Library");
    assert_eq!(seen["before"]["active"], true, "{seen}");
    assert_eq!(seen["before"]["sub"], "ann");
    assert_eq!(seen["after"], json!({ "active": false }), "{seen}");
    service.stop().await;
    seen
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn npm_oauth4webapi_comes_without_a_backend() {
    journey(Library::start(install::npm_oauth4webapi()), "when_needed").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn npm_oauth4webapi_repeats_with_the_nonce_it_is_asked_for() {
    let seen = journey(Library::start(install::npm_oauth4webapi()), "always").await;
    // The exchange twice; refresh and call with the nonces of the answers before them.
    assert_eq!(seen["attempts"], 4, "{seen}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pypi_requests_oauth2client_comes_without_a_backend() {
    let library = Library::start(install::pypi_requests_oauth2client_alone());
    journey(library, "when_needed").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pypi_requests_oauth2client_repeats_with_the_nonce_it_is_asked_for() {
    let library = Library::start(install::pypi_requests_oauth2client_alone());
    let seen = journey(library, "always").await;
    // It learns a nonce from a refusal only, for the server's API and its tokens apart.
    assert_eq!(seen["attempts"], 5, "{seen}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn our_own_client_comes_without_a_backend() {
    for nonce_policy in ["when_needed", "always"] {
        let (service, issuer, client) = stage(nonce_policy).await;
        let public: Endpoint =
            Endpoint::new(service.url("").parse().expect("a URL")).expect("an endpoint");
        let facts = Facts {
            name: Some("Own".to_owned()),
            ..Facts::default()
        };
        let device = Arc::new(Device::new(
            client.parse().expect("a client id"),
            Some(DeviceKey::generate().expect("a key")),
            facts,
            Arc::new(SystemClock),
            Arc::new(SystemRng),
        ));
        let id_token = |changes| IdToken {
            token: Secret::from(issuer.token("ann", SystemClock.now(), changes)),
            nonce: Some("n-1".to_owned()),
        };
        let door = || TokenEndpoint::new(public.clone()).expect("a door");
        let log_in = |token| async {
            let token = token;
            Session::login(Arc::clone(&device), door(), public.clone(), &token).await
        };
        let refused = log_in(id_token(json!({})))
            .await
            .expect_err("another nonce");
        assert_eq!(refused.code(), Some(ErrorCode::IdTokenNonceMismatch));
        let session = log_in(id_token(json!({ "nonce": "n-1" })))
            .await
            .expect("a session");
        let begun = session.registered().expect("what was answered");
        session.refresh().await.expect("new tokens");
        let registered = session.registered().expect("what was answered");
        assert_eq!(registered.session_id, begun.session_id);
        let devices = session
            .own_devices(OwnDeviceFilter::Active)
            .await
            .expect("the list");
        assert_eq!(devices[0].device_id, begun.device_id);
        assert_eq!(devices[0].name.as_deref(), Some("Own"));
        service.stop().await;
    }
}
