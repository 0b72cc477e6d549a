//! tonic's own health service behind the layer, asked by tonic's own client.

use crate::fake::{Fake, yes};
use countersign_verifier::{DeviceLayer, DeviceSession};
use http::Request;
use serde_json::json;
use std::sync::{Arc, Mutex};
use tokio::{net::TcpListener, task::JoinSet};
use tonic::{
    Code, Status,
    transport::{Channel, Server, server::TcpIncoming},
};
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};
use tower::ServiceExt;

/// A gRPC app behind the layer; stops when dropped.
struct App {
    channel: Channel,
    /// The users of the requests that reached it.
    users: Arc<Mutex<Vec<String>>>,
    _tasks: JoinSet<()>,
}

impl App {
    async fn start(layer: DeviceLayer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let users = Arc::<Mutex<Vec<String>>>::default();
        let seen = Arc::clone(&users);
        // As a service sees it: in the extensions of tonic's own request.
        let note = move |request: tonic::Request<()>| {
            let session = request.extensions().get::<DeviceSession>();
            let user = session.map_or("nobody", |session| &session.user_id);
            seen.lock().unwrap().push(user.to_owned());
            Ok(request)
        };
        let (_, health) = tonic_health::server::health_reporter();
        let serving = Server::builder()
            .layer(layer)
            .layer(tonic::service::InterceptorLayer::new(note))
            .add_service(health)
            .serve_with_incoming(TcpIncoming::from(listener));
        let mut tasks = JoinSet::new();
        tasks.spawn(async move { serving.await.unwrap() });
        let channel = Channel::from_shared(url).unwrap().connect_lazy();
        Self {
            channel,
            users,
            _tasks: tasks,
        }
    }

    async fn check(&self, authorization: Option<&'static str>) -> Result<(), Status> {
        let mut request = tonic::Request::new(HealthCheckRequest::default());
        if let Some(value) = authorization {
            let metadata = request.metadata_mut();
            metadata.insert("authorization", value.parse().unwrap());
            metadata.insert("dpop", "proof".parse().unwrap());
        }
        let mut client = HealthClient::new(self.channel.clone());
        client.check(request).await.map(drop)
    }

    fn users(&self) -> Vec<String> {
        self.users.lock().unwrap().clone()
    }
}

fn metadata<'a>(status: &'a Status, name: &str) -> &'a str {
    let value = status.metadata().get(name);
    value.map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn a_call_reaches_its_service_with_its_device() {
    let fake = Fake::start().await;
    let app = App::start(DeviceLayer::new(fake.verifier())).await;
    app.check(Some("DPoP token")).await.unwrap();
    assert_eq!(app.users(), ["42"]);
    let asked = fake.last_body();
    assert_eq!(asked["method"], "POST");
    assert_eq!(
        asked["url"],
        "https://api.example/v2/grpc.health.v1.Health/Check"
    );
}

#[tokio::test]
async fn a_call_without_a_token_is_unauthenticated() {
    let fake = Fake::start().await;
    let app = App::start(DeviceLayer::new(fake.verifier())).await;
    let status = app.check(None).await.unwrap_err();
    assert_eq!(status.code(), Code::Unauthenticated);
    assert_eq!(status.message(), "The token is not valid");
    assert_eq!(metadata(&status, "countersign-code"), "token_invalid");
    assert!(metadata(&status, "www-authenticate").starts_with("DPoP error=\"invalid_token\""));
    assert_eq!(app.users(), [""; 0]);
    let app = App::start(DeviceLayer::new(fake.verifier()).optional()).await;
    app.check(None).await.unwrap();
    assert_eq!(app.users(), ["nobody"]);
}

#[tokio::test]
async fn a_refusal_is_a_status_with_what_the_device_needs() {
    let fake = Fake::start().await;
    let app = App::start(DeviceLayer::new(fake.verifier())).await;
    fake.answer(json!({
        "allowed": false, "code": "use_dpop_nonce", "status": 401, "dpop_nonce": "nonce",
        "www_authenticate": "DPoP error=\"use_dpop_nonce\"",
    }));
    let status = app.check(Some("DPoP token")).await.unwrap_err();
    assert_eq!(status.code(), Code::Unauthenticated);
    assert_eq!(metadata(&status, "dpop-nonce"), "nonce");
    assert_eq!(
        metadata(&status, "www-authenticate"),
        "DPoP error=\"use_dpop_nonce\""
    );
    fake.answer(json!({ "allowed": false, "code": "device_suspended", "status": 403 }));
    let status = app.check(Some("DPoP token")).await.unwrap_err();
    assert_eq!(status.code(), Code::PermissionDenied);
    assert_eq!(metadata(&status, "countersign-code"), "device_suspended");
    assert_eq!(metadata(&status, "www-authenticate"), "");
    assert_eq!(app.users(), [""; 0]);
}

#[tokio::test]
async fn a_demand_that_is_not_met_is_permission_denied() {
    let fake = Fake::start().await;
    let mut answer = yes();
    answer["key_bound"] = json!(false);
    fake.answer(answer);
    let verifier = fake.verifier();
    let layers = DeviceLayer::new(verifier.clone()).optional();
    let inner = DeviceLayer::new(verifier).require_key();
    // One inside the other, as tonic's services take tower layers.
    let service = tower::ServiceBuilder::new()
        .layer(layers)
        .layer(inner)
        .service(tonic_health::server::health_reporter().1);
    let request = Request::post("/grpc.health.v1.Health/Check")
        .header("content-type", "application/grpc")
        .header("authorization", "Bearer token");
    let request = request.body(tonic::body::Body::empty()).unwrap();
    let response = service.oneshot(request).await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["grpc-status"], "7");
    assert_eq!(response.headers()["countersign-code"], "key_required");
}

#[tokio::test]
async fn a_service_that_is_down_is_unavailable() {
    let fake = Fake::start().await;
    let app = App::start(DeviceLayer::new(fake.verifier())).await;
    fake.answer(json!({ "allowed": true }));
    let status = app.check(Some("Bearer token")).await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable);
    assert_eq!(metadata(&status, "retry-after"), "1");
}

#[tokio::test]
async fn only_grpc_is_answered_with_grpc() {
    let fake = Fake::start().await;
    let layer = DeviceLayer::new(fake.verifier());
    for (sent, answered) in [
        ("application/grpc", "application/grpc"),
        ("application/grpc+proto", "application/grpc"),
        ("Application/gRPC; a=b", "application/grpc"),
        ("application/grpc-web+proto", "application/grpc-web"),
        ("application/grpc-web-text", "application/grpc-web-text"),
        ("application/grpcx", "application/problem+json"),
        ("application/json", "application/problem+json"),
    ] {
        let app = tower::service_fn(|_: Request<()>| async {
            Ok::<_, std::convert::Infallible>(http::Response::new(String::new()))
        });
        let request = Request::post("/").header("content-type", sent);
        let service = tower::Layer::layer(&layer, app);
        let response = service.oneshot(request.body(()).unwrap()).await.unwrap();
        assert_eq!(response.headers()["content-type"], answered, "{sent}");
        let is_grpc = answered != "application/problem+json";
        assert_eq!(response.status(), if is_grpc { 200 } else { 401 }, "{sent}");
        assert_eq!(
            response.headers().contains_key("grpc-status"),
            is_grpc,
            "{sent}"
        );
    }
}
