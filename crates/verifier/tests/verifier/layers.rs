//! Layers around an app and around each other.

use crate::fake::{Fake, yes};
use countersign_verifier::{Demands, DeviceLayer, DeviceSession, Refused, TrustLevel};
use http::{HeaderMap, Request, Response};
use http_body_util::Full;
use serde_json::{Value, json};
use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use tower::{Layer, ServiceExt, limit::ConcurrencyLimitLayer, service_fn};

/// A request with a token.
fn request() -> Request<()> {
    Request::builder()
        .header("authorization", "DPoP token")
        .header("dpop", "proof")
        .body(())
        .unwrap()
}

/// An app that counts its requests.
#[derive(Clone, Default)]
struct Counter(Arc<AtomicUsize>);

impl Counter {
    fn app(
        &self,
    ) -> impl tower::Service<
        Request<()>,
        Response = Response<Full<bytes::Bytes>>,
        Error = Infallible,
        Future: Send,
    > + Clone
    + Send
    + 'static {
        let count = Arc::clone(&self.0);
        service_fn(move |request: Request<()>| {
            count.fetch_add(1, Ordering::SeqCst);
            let session = request.extensions().get::<DeviceSession>();
            let user = session
                .map_or("nobody", |session| &session.user_id)
                .to_owned();
            async move { Ok(Response::new(Full::from(user))) }
        })
    }

    fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

/// Status, code, headers of an answer.
async fn read<B>(response: Response<B>) -> (u16, String, HeaderMap)
where
    B: http_body_util::BodyExt + hyper::body::Body,
    B::Error: std::fmt::Debug,
{
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    let code = match serde_json::from_slice::<Value>(&bytes) {
        Ok(problem) if problem.is_object() => problem["code"].as_str().unwrap().to_owned(),
        _ => String::from_utf8(bytes.to_vec()).unwrap(),
    };
    (parts.status.as_u16(), code, parts.headers)
}

#[tokio::test]
async fn a_refused_request_does_not_reach_the_app() {
    let (fake, app) = (Fake::start().await, Counter::default());
    let service = DeviceLayer::new(fake.verifier()).layer(app.app());
    fake.answer(json!({ "allowed": false, "code": "device_banned", "status": 403 }));
    let response = service.clone().oneshot(request()).await.unwrap();
    assert_eq!(
        response.extensions().get::<Refused>().unwrap().code(),
        "device_banned"
    );
    let (status, code, _) = read(response).await;
    assert_eq!((status, &*code, app.count()), (403, "device_banned", 0));
    fake.answer(yes());
    let (status, body, _) = read(service.oneshot(request()).await.unwrap()).await;
    assert_eq!((status, &*body, app.count()), (200, "42", 1));
}

#[tokio::test]
async fn a_layer_inside_another_asks_no_second_time() {
    let (fake, app) = (Fake::start().await, Counter::default());
    let mut answer = yes();
    answer["dpop_nonce"] = json!("nonce");
    fake.answer(answer);
    let verifier = fake.verifier();
    let outer = DeviceLayer::new(verifier.clone()).optional();
    for (inner, expected) in [
        (DeviceLayer::new(verifier.clone()), "42"),
        (DeviceLayer::new(verifier.clone()).require_key(), "42"),
        (
            DeviceLayer::new(verifier.clone()).min_trust(TrustLevel::Trusted),
            "42",
        ),
        (
            DeviceLayer::new(verifier.clone()).min_trust(TrustLevel::Corporate),
            "insufficient_trust",
        ),
        (
            DeviceLayer::new(verifier.clone()).require_compliant(),
            "not_compliant",
        ),
        (
            DeviceLayer::new(verifier.clone()).require(Demands {
                require_compliant: true,
                ..Demands::default()
            }),
            "not_compliant",
        ),
    ] {
        let asked = fake.asked().len();
        let service = outer.layer(inner.layer(app.app()));
        let (status, found, headers) = read(service.oneshot(request()).await.unwrap()).await;
        let is_allowed = expected == "42";
        assert_eq!(
            (status, &*found),
            (if is_allowed { 200 } else { 403 }, expected)
        );
        assert_eq!(headers.contains_key("dpop-nonce"), is_allowed, "{expected}");
        assert_eq!(fake.asked().len(), asked + 1);
    }
    assert_eq!(app.count(), 3);
}

#[tokio::test]
async fn a_key_that_a_layer_further_in_demands_must_be_there() {
    let (fake, app) = (Fake::start().await, Counter::default());
    let mut answer = yes();
    answer["key_bound"] = json!(false);
    fake.answer(answer);
    let verifier = fake.verifier();
    let inner = DeviceLayer::new(verifier.clone()).require_key();
    let service = DeviceLayer::new(verifier).layer(inner.layer(app.app()));
    let (status, code, _) = read(service.oneshot(request()).await.unwrap()).await;
    assert_eq!((status, &*code, app.count()), (403, "key_required", 0));
}

#[tokio::test]
async fn another_verifiers_judgement_says_nothing() {
    let (fake, other, app) = (Fake::start().await, Fake::start().await, Counter::default());
    other.answer(json!({ "allowed": false, "code": "token_invalid", "status": 401 }));
    let inner = DeviceLayer::new(other.verifier()).layer(app.app());
    let service = DeviceLayer::new(fake.verifier()).layer(inner);
    let (status, code, _) = read(service.oneshot(request()).await.unwrap()).await;
    assert_eq!((status, &*code, app.count()), (401, "token_invalid", 0));
    assert_eq!((fake.asked().len(), other.asked().len()), (1, 1));
}

#[tokio::test]
async fn nobody_stays_nobody() {
    let (fake, app) = (Fake::start().await, Counter::default());
    let service = DeviceLayer::new(fake.verifier())
        .optional()
        .layer(app.app());
    let mut request = Request::new(());
    let somebody = DeviceSession {
        session_id: yes()["session_id"].as_str().unwrap().parse().unwrap(),
        user_id: "somebody".to_owned(),
        client_id: yes()["client_id"].as_str().unwrap().parse().unwrap(),
        device_id: yes()["device_id"].as_str().unwrap().parse().unwrap(),
        app_id: yes()["app_id"].as_str().unwrap().parse().unwrap(),
        trust: TrustLevel::Corporate,
        compliance: countersign_verifier::Compliance::Compliant,
        platform: countersign_verifier::Platform::Web,
        app_version: None,
        amr: Vec::new(),
        key_bound: true,
        expires_at: countersign_verifier::Timestamp::from_secs(0),
    };
    request.extensions_mut().insert(somebody);
    let (status, body, _) = read(service.oneshot(request).await.unwrap()).await;
    assert_eq!((status, &*body), (200, "nobody"));
}

#[tokio::test]
async fn the_apps_own_nonce_stays() {
    let fake = Fake::start().await;
    let mut answer = yes();
    answer["dpop_nonce"] = json!("nonce");
    fake.answer(answer);
    let app = service_fn(|_: Request<()>| async {
        let response = Response::builder().header("dpop-nonce", "of the app");
        Ok::<_, Infallible>(response.body(Full::<bytes::Bytes>::default()).unwrap())
    });
    let service = DeviceLayer::new(fake.verifier()).layer(app);
    let response = service.oneshot(request()).await.unwrap();
    assert_eq!(response.headers()["dpop-nonce"], "of the app");
}

#[tokio::test]
async fn an_app_that_has_to_become_ready_is_waited_for() {
    let (fake, app) = (Fake::start().await, Counter::default());
    // Its service panics when it is called before it is ready.
    let limited = ConcurrencyLimitLayer::new(1).layer(app.app());
    let service = DeviceLayer::new(fake.verifier()).layer(limited);
    let all = (0..8).map(|_| service.clone().oneshot(request()));
    for response in futures_util::future::join_all(all).await {
        assert_eq!(response.unwrap().status(), 200);
    }
    assert_eq!(app.count(), 8);
}
