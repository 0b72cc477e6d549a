//! `DeviceSession` as an argument of axum's handlers.

use crate::{
    fake::{Fake, yes},
    logs::Logs,
};
use axum::{Router, body::Body, routing::get};
use countersign_verifier::{DeviceLayer, DeviceSession};
use http::{Request, Response};
use tower::ServiceExt;

fn routes() -> Router {
    Router::new()
        .route("/must", get(async |device: DeviceSession| device.user_id))
        .route(
            "/may",
            get(async |device: Option<DeviceSession>| {
                device.map_or("nobody".to_owned(), |device| device.user_id)
            }),
        )
}

async fn answer(routes: &Router, path: &str, token: Option<&str>) -> (u16, Response<()>, String) {
    let mut request = Request::get(path);
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let request = request.body(Body::empty()).unwrap();
    let response = routes.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, 4096).await.unwrap();
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    (parts.status.as_u16(), Response::from_parts(parts, ()), text)
}

#[tokio::test]
async fn a_handler_gets_the_device_or_nobody_as_it_says() {
    let fake = Fake::start().await;
    let app = routes().layer(DeviceLayer::new(fake.verifier()).optional());
    assert_eq!(answer(&app, "/must", Some("token")).await.2, "42");
    assert_eq!(answer(&app, "/may", Some("token")).await.2, "42");
    assert_eq!(answer(&app, "/may", None).await.2, "nobody");
    let (status, response, text) = answer(&app, "/must", None).await;
    assert_eq!(status, 401);
    assert!(text.contains("\"token_invalid\""), "{text}");
    let challenge = response.headers()["www-authenticate"].to_str().unwrap();
    assert!(
        challenge.starts_with("DPoP error=\"invalid_token\""),
        "{challenge}"
    );
    assert_eq!(fake.asked().len(), 2);
}

#[tokio::test]
async fn without_a_layer_there_is_no_nobody() {
    let logs = Logs::capture();
    for path in ["/must", "/may"] {
        let (status, _, text) = answer(&routes(), path, Some("token")).await;
        assert_eq!(status, 500);
        assert!(text.contains("\"internal\""), "{text}");
        let lines = logs.take();
        assert!(
            lines.len() == 1 && lines[0].contains("no DeviceLayer"),
            "{lines:?}"
        );
    }
}

#[tokio::test]
async fn a_test_of_a_handler_inserts_a_device() {
    let fake = Fake::start().await;
    let verifier = fake.verifier();
    let (request, ()) = Request::builder()
        .header("authorization", "Bearer token")
        .body(())
        .unwrap()
        .into_parts();
    let demands = countersign_verifier::Demands::default();
    let verdict = verifier.verify(&request, demands).await;
    let countersign_verifier::Verdict::Allowed(admitted) = verdict else {
        panic!("{verdict:?} to {}", yes());
    };
    let mut request = Request::get("/must").body(Body::empty()).unwrap();
    request.extensions_mut().insert(admitted.session);
    let response = routes().oneshot(request).await.unwrap();
    assert_eq!(response.status(), 200);
}
