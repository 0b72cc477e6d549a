//! What a device does every day, with proofs that another implementation made.

use crate::{
    library::{For, Library},
    service::{LOGIN_URL, Service},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_test_support::Answer;
use serde_json::{Value, json};

const DEVICES: &str = "/v1/me/devices";
const ORDERS: &str = "https://api.example/orders";

/// Log in, be verified, call the server, refresh, and the same again with the new token.
pub(crate) async fn everyday(mut device: Library) {
    let service = Service::start().await;
    let client = service.client("when_needed").await;
    let key = device.make_key("device", "ES256");

    let login = service
        .login(&client, "42", &login_proof(&mut device, None))
        .await;
    assert_eq!(login.status, 201, "{}", login.body);
    assert_eq!(login.body["token_type"], "DPoP");
    let bound_to = &claims(&login.text("access_token"))["cnf"]["jkt"];
    assert_eq!(
        bound_to, &key.jkt,
        "the library and the server name the key differently"
    );
    accept_everywhere(&service, &mut device, &login).await;

    let proof = login_proof(&mut device, None);
    let token = login.text("refresh_token");
    let refreshed = service.refresh(&client, "42", &proof, &token).await;
    assert_eq!(refreshed.status, 200, "{}", refreshed.body);
    assert_eq!(refreshed.body["session_id"], login.body["session_id"]);
    accept_everywhere(&service, &mut device, &refreshed).await;
    service.stop().await;
}

/// A client whose proofs need nonces: the device takes them from the refusals.
pub(crate) async fn always_nonces(mut device: Library) {
    let service = Service::start().await;
    let client = service.client("always").await;
    device.make_key("device", "ES256");

    let refused = service
        .login(&client, "42", &login_proof(&mut device, None))
        .await;
    let nonce = asked_for_nonce(&refused);
    let proof = login_proof(&mut device, Some(&nonce));
    let login = service.login(&client, "42", &proof).await;
    assert_eq!(login.status, 201, "{}", login.body);
    let token = login.text("access_token");

    let seen = device.call("device", "GET", &service.url(DEVICES), &token);
    let statuses: Vec<u64> = seen.iter().map(|seen| seen.status).collect();
    assert_eq!(statuses, [401, 200], "{seen:?}");
    assert_eq!(seen[0].body["code"], "use_dpop_nonce");
    assert_eq!(
        seen[1].body["data"][0]["device_id"],
        login.body["device_id"]
    );

    let refused = verify(&service, &mut device, &token, None).await;
    assert_eq!(refused.code(), "use_dpop_nonce", "{}", refused.body);
    let nonce = refused.text("dpop_nonce");
    let allowed = verify(&service, &mut device, &token, Some(&nonce)).await;
    assert_eq!(allowed.body["allowed"], true, "{}", allowed.body);
    // The next nonce comes with the answer, so that the device never waits for a refusal again.
    let next = allowed.text("dpop_nonce");
    let allowed = verify(&service, &mut device, &token, Some(&next)).await;
    assert_eq!(allowed.body["allowed"], true, "{}", allowed.body);

    let (refresh_token, without) = (login.text("refresh_token"), login_proof(&mut device, None));
    let refused = service
        .refresh(&client, "42", &without, &refresh_token)
        .await;
    let proof = login_proof(&mut device, Some(&asked_for_nonce(&refused)));
    let refreshed = service.refresh(&client, "42", &proof, &refresh_token).await;
    assert_eq!(refreshed.status, 200, "{}", refreshed.body);
    accept_everywhere(&service, &mut device, &refreshed).await;
    service.stop().await;
}

/// A process that has just started cannot know which proofs were used before it.
pub(crate) async fn restarted(mut device: Library) {
    let service = Service::start().await;
    let client = service.client("when_needed").await;
    device.make_key("device", "ES256");
    let login = service
        .login(&client, "42", &login_proof(&mut device, None))
        .await;
    assert_eq!(login.status, 201, "{}", login.body);
    let (token, nonce) = (login.text("access_token"), login.text("dpop_nonce"));
    let used = orders_proof(&mut device, &token, Some(&nonce));
    let unused = [
        orders_proof(&mut device, &token, None),
        orders_proof(&mut device, &token, Some(&nonce)),
    ];
    let answer = service.verify(&about_orders(&token, &used)).await;
    assert_eq!(answer.body["allowed"], true, "{}", answer.body);

    let service = service.restart().await;
    for proof in [&used, &unused[0], &unused[1]] {
        let refused = service.verify(&about_orders(&token, proof)).await;
        assert_eq!(refused.code(), "use_dpop_nonce", "{}", refused.body);
        let nonce = refused.text("dpop_nonce");
        let allowed = verify(&service, &mut device, &token, Some(&nonce)).await;
        assert_eq!(allowed.body["allowed"], true, "{}", allowed.body);
    }
    service.stop().await;
}

/// By the public listener and by `/v1/verify`.
async fn accept_everywhere(service: &Service, device: &mut Library, login: &Answer) {
    let (token, nonce) = (login.text("access_token"), login.text("dpop_nonce"));
    let allowed = verify(service, device, &token, Some(&nonce)).await;
    assert_eq!(allowed.body["allowed"], true, "{}", allowed.body);
    assert_eq!(allowed.body["session_id"], login.body["session_id"]);
    assert_eq!(allowed.body["key_bound"], true);
    // Without a nonce at first: whether one is asked for depends on how long the server runs.
    let seen = device.call("device", "GET", &service.url(DEVICES), &token);
    let last = seen.last().expect("an answer");
    assert_eq!(last.status, 200, "{seen:?}");
    assert_eq!(last.body["data"][0]["device_id"], login.body["device_id"]);
}

fn asked_for_nonce(refused: &Answer) -> String {
    assert_eq!(refused.status, 401, "{}", refused.body);
    assert_eq!(refused.code(), "use_dpop_nonce");
    let challenge = refused.text("www_authenticate");
    assert!(
        challenge.starts_with(r#"DPoP error="use_dpop_nonce""#),
        "{challenge}"
    );
    refused.text("dpop_nonce")
}

async fn verify(
    service: &Service,
    device: &mut Library,
    token: &str,
    nonce: Option<&str>,
) -> Answer {
    let proof = orders_proof(device, token, nonce);
    service.verify(&about_orders(token, &proof)).await
}

fn about_orders(token: &str, proof: &str) -> Value {
    // What the device asked with a query is proven without it (RFC 9449 section 4.2).
    let url = format!("{ORDERS}?page=2");
    json!({ "token": token, "scheme": "DPoP", "proof": proof, "method": "GET", "url": url })
}

fn orders_proof(device: &mut Library, token: &str, nonce: Option<&str>) -> String {
    let wanted = For {
        method: "GET",
        url: ORDERS,
        token: Some(token),
        nonce,
    };
    device.proof("device", wanted)
}

fn login_proof(device: &mut Library, nonce: Option<&str>) -> String {
    let wanted = For {
        method: "POST",
        url: LOGIN_URL,
        token: None,
        nonce,
    };
    device.proof("device", wanted)
}

fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).expect("a payload");
    let payload = URL_SAFE_NO_PAD.decode(payload).expect("base64url");
    serde_json::from_slice(&payload).expect("claims")
}
