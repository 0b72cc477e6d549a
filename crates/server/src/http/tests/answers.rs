//! Ids, problems, panics, time limits, metrics and the log.

use super::{App, from, header, json};
use crate::http::{
    Check, Checks, Problem, RateLimit, RateLimiter, RequestContext, Throttled, metrics_router,
    probes_router,
};
use axum::{
    Router,
    body::Body,
    response::Response,
    routing::{get, post},
};
use countersign_api_types::ErrorCode;
use http::{HeaderValue, StatusCode};
use http_body_util::BodyExt;
use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
    time::Duration,
};
use tracing_subscriber::fmt::MakeWriter;

async fn whoami(context: RequestContext) -> String {
    context.client_ip.unwrap().to_string()
}

async fn text(response: Response) -> String {
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[tokio::test]
async fn only_a_trusted_proxy_names_the_request_and_its_origin() {
    let app = App::new(Router::new().route("/", get(whoami)));
    let request = |peer| {
        from(peer)
            .header("x-request-id", "proxy-1")
            .header("x-forwarded-for", "198.51.100.9")
            .body(Body::empty())
            .unwrap()
    };
    let answer = app.call(request("10.1.1.1")).await;
    assert_eq!(header(&answer, "x-request-id"), "proxy-1");
    assert_eq!(text(answer).await, "198.51.100.9");
    let answer = app.call(request("203.0.113.7")).await;
    let id = header(&answer, "x-request-id").to_owned();
    assert!(id.starts_with("req_"), "{id}");
    assert_eq!(header(&answer, "cache-control"), "no-store");
    assert_eq!(header(&answer, "x-content-type-options"), "nosniff");
    assert_eq!(text(answer).await, "203.0.113.7");
}

#[tokio::test]
async fn a_problem_names_the_request_and_keeps_its_headers() {
    let refuse = async || {
        Problem::new(ErrorCode::UseDpopNonce)
            .with_challenge(HeaderValue::from_static("DPoP error=\"use_dpop_nonce\""))
            .with_dpop_nonce(HeaderValue::from_static("n1"))
            .with_retry_after(Duration::from_millis(1200))
            .for_device("DPoP".to_owned(), Some("n2".to_owned()))
            .with_oauth_error("invalid_client")
    };
    let app = App::new(Router::new().route("/", get(refuse)));
    let answer = app.get("/").await;
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(header(&answer, "content-type"), "application/problem+json");
    assert_eq!(header(&answer, "cache-control"), "no-store");
    assert_eq!(
        header(&answer, "www-authenticate"),
        "DPoP error=\"use_dpop_nonce\""
    );
    assert_eq!(header(&answer, "dpop-nonce"), "n1");
    assert_eq!(header(&answer, "retry-after"), "2");
    let (id, length) = (
        header(&answer, "x-request-id").to_owned(),
        header(&answer, "content-length").to_owned(),
    );
    let body = text(answer).await;
    assert_eq!(body.len().to_string(), length);
    let problem: countersign_api_types::Problem = serde_json::from_str(&body).unwrap();
    assert_eq!(
        (problem.code, problem.request_id),
        (ErrorCode::UseDpopNonce, id)
    );
    assert_eq!(problem.dpop_nonce.as_deref(), Some("n2"));
    assert_eq!(problem.error.as_deref(), Some("invalid_client"));
}

#[tokio::test]
async fn an_answer_of_axums_own_becomes_a_problem() {
    let plain = async || (StatusCode::BAD_GATEWAY, [("content-length", "5")], "plain");
    let router = Router::new()
        .route("/only-post", post(async || ""))
        .route("/plain", get(plain));
    let app = App::new(router);
    let answer = app.get("/plain").await;
    let length = header(&answer, "content-length").to_owned();
    let body = text(answer).await;
    assert_eq!(body.len().to_string(), length);
    assert!(body.contains("\"internal\""), "{body}");
    let answer = app.get("/nowhere").await;
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    assert_eq!(json(answer).await["code"], "not_found");
    let answer = app.get("/only-post").await;
    assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(header(&answer, "allow"), "POST");
    assert_eq!(json(answer).await["code"], "method_not_allowed");
    let trace = from("203.0.113.7")
        .method("TRACE")
        .uri("/only-post")
        .body(Body::empty())
        .unwrap();
    assert_eq!(
        app.call(trace).await.status(),
        StatusCode::METHOD_NOT_ALLOWED
    );
}

#[tokio::test]
async fn a_panic_is_an_internal_problem_that_tells_nothing() {
    async fn breaks() {
        panic!("canary");
    }
    let app = App::new(Router::new().route("/", get(breaks)));
    let answer = app.get("/").await;
    assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let body = text(answer).await;
    assert!(body.contains("\"internal\"") && body.contains("req_") && !body.contains("canary"));
    assert!(
        app.metrics
            .render()
            .contains("countersign_http_panics_total 1")
    );
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_takes_too_long_is_given_up() {
    let app = App::new(Router::new().route("/", get(std::future::pending::<()>)));
    let answer = app.get("/").await;
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(json(answer).await["code"], "timeout");
}

#[tokio::test(start_paused = true)]
async fn the_token_endpoint_fails_in_the_form_of_oauth() {
    async fn breaks() {
        panic!("canary");
    }
    let stuck = post(std::future::pending::<()>).get(breaks);
    let app = App::new(Router::new().route("/oauth/token", stuck));
    for (method, status, code, error) in [
        ("POST", 503, "timeout", "temporarily_unavailable"),
        ("GET", 500, "internal", "server_error"),
    ] {
        let request = from("203.0.113.7").method(method).uri("/oauth/token");
        let answer = app.call(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status(), status);
        assert_eq!(header(&answer, "content-type"), "application/json");
        let body = json(answer).await;
        assert_eq!(
            (&body["code"], &body["error"]),
            (&code.into(), &error.into())
        );
        assert!(body["error_description"].is_string() && body["request_id"].is_string());
    }
}

#[tokio::test]
async fn requests_are_counted_by_template_and_class() {
    let clock = App::new(Router::new()).clock;
    let slow = clock.clone();
    let handler = async move || {
        slow.advance(Duration::from_millis(3));
    };
    let router = Router::new().route(
        "/users/{user_id}",
        get(handler).delete(async || Problem::new(ErrorCode::Conflict)),
    );
    let mut app = App::new(Router::new());
    let shell = crate::http::Shell::new(
        crate::http::ShellSettings::default(),
        clock,
        &countersign_core::SystemRng,
        app.metrics.clone(),
    );
    app.router = router.layer(shell);
    for path in ["/users/canary-1", "/users/canary-2", "/canary-3"] {
        app.get(path).await;
    }
    for method in ["DELETE", "BREW"] {
        let request = from("203.0.113.7").method(method).uri("/users/42");
        app.call(request.body(Body::empty()).unwrap()).await;
    }
    let text = app.metrics.render();
    for line in [
        "countersign_http_requests_total{method=\"GET\",route=\"/users/{user_id}\",status=\"2xx\"} 2",
        "countersign_http_requests_total{method=\"DELETE\",route=\"/users/{user_id}\",status=\"4xx\"} 1",
        "countersign_http_requests_total{method=\"other\",route=\"/users/{user_id}\",status=\"4xx\"} 1",
        "countersign_http_requests_total{method=\"GET\",route=\"unmatched\",status=\"4xx\"} 1",
        "countersign_http_request_seconds_bucket{method=\"GET\",route=\"/users/{user_id}\",le=\"0.0025\"} 0",
        "countersign_http_request_seconds_bucket{method=\"GET\",route=\"/users/{user_id}\",le=\"0.005\"} 2",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
    assert!(!text.contains("canary") && !text.contains("BREW"));
}

#[tokio::test]
async fn an_unauthenticated_address_is_slowed_down() {
    let app = App::new(Router::new());
    let limit = RateLimit {
        burst: 2.try_into().unwrap(),
        per_minute: 60.try_into().unwrap(),
    };
    let limiter = RateLimiter::new(limit, app.clock.clone(), &app.metrics);
    let app = App::new(
        Router::new()
            .route("/", get(async |_: Throttled| ""))
            .with_state(limiter),
    );
    for _ in 0..2 {
        assert_eq!(app.get("/").await.status(), StatusCode::OK);
    }
    let answer = app.get("/").await;
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(header(&answer, "retry-after"), "1");
    assert_eq!(json(answer).await["code"], "rate_limited");
    let other = from("203.0.113.8").body(Body::empty()).unwrap();
    assert_eq!(app.call(other).await.status(), StatusCode::OK);
}

#[tokio::test(start_paused = true)]
async fn readiness_names_what_is_missing() {
    let checks: Checks = [
        Check::new("store", async || Ok(())),
        Check::new("feed", async || Err("not read yet")),
        Check::new("slow", std::future::pending),
    ]
    .into_iter()
    .collect();
    let app = App::new(probes_router(checks));
    let answer = app.get("/readyz").await;
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    let body = json(answer).await;
    assert_eq!(body["status"], "not_ready");
    assert_eq!(
        body["checks"][0],
        serde_json::json!({"name": "store", "ok": true})
    );
    assert_eq!(body["checks"][1]["reason"], "not read yet");
    assert_eq!(body["checks"][2]["reason"], "no answer in time");
    assert_eq!(app.get("/livez").await.status(), StatusCode::OK);
    let ready = App::new(probes_router(Checks::default()));
    assert_eq!(json(ready.get("/readyz").await).await["status"], "ready");
}

#[tokio::test]
async fn metrics_are_served_as_prometheus_reads_them() {
    let metrics = App::new(Router::new()).metrics;
    let app = App::new(metrics_router(metrics));
    let answer = app.get("/metrics").await;
    assert!(header(&answer, "content-type").starts_with("text/plain; version=0.0.4"));
    assert!(
        text(answer)
            .await
            .contains("countersign_http_panics_total 0")
    );
}

/// What was logged.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn the_log_says_what_happened_and_no_secret() {
    let router = Router::new()
        .route("/users/{user_id}", get(async || "fine"))
        .route(
            "/broken",
            get(async || {
                tracing::warn!("inside");
                Problem::internal(io::Error::other("disk on fire"))
            }),
        );
    let app = App::new(router);
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_max_level(tracing::Level::DEBUG)
        .with_writer(lines.clone());
    let guard = tracing::subscriber::set_default(subscriber.finish());
    for path in ["/users/canary?x=canary", "/broken", "/canary"] {
        let request = from("203.0.113.77")
            .uri(path)
            .header("authorization", "DPoP canary");
        app.call(request.body(Body::empty()).unwrap()).await;
    }
    drop(guard);
    let log = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert!(
        !log.contains("canary") && !log.contains("203.0.113.77"),
        "{log}"
    );
    let lines: Vec<serde_json::Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let [served, inside, failed, refused] = lines.as_slice() else {
        panic!("{log}")
    };
    assert_eq!(
        (&served["level"], &served["fields"]["message"]),
        (&"DEBUG".into(), &"request served".into())
    );
    assert_eq!(served["fields"]["http.route"], "/users/{user_id}");
    assert_eq!(served["fields"]["client.network"], "203.0.113.0/24");
    assert_eq!(failed["level"], "ERROR");
    assert_eq!(failed["fields"]["error.cause"], "disk on fire");
    assert_eq!(failed["fields"]["request.id"], inside["span"]["request.id"]);
    assert_eq!(refused["level"], "INFO");
    assert_eq!(refused["fields"]["error.code"], "not_found");
}
