//! Bodies, queries and paths.

use super::{App, from, json};
use crate::http::{Form, Json, JsonBytes, MAX_BODY_BYTES, Path, Problem, Query};
use axum::{
    Router,
    body::Body,
    routing::{get, post},
};
use countersign_api_types::{
    client::{ClientPath, CreateClient},
    device::UserDevicesQuery,
    oauth::TokenForm,
    session::RegisterSession,
    user::UserDevicePath,
    verify::VerifyRequest,
};
use http::StatusCode;
use serde_json::Value;

async fn verify(body: JsonBytes) -> Result<String, Problem> {
    let request: VerifyRequest<'_> = body.parse()?;
    Ok(request.token.reveal().to_owned())
}

fn app() -> App {
    let router = Router::new()
        .route("/verify", post(verify))
        .route("/sessions", post(async |Json(_): Json<RegisterSession>| ""))
        .route("/clients", post(async |Json(_): Json<CreateClient>| ""))
        .route("/form", post(async |Form(_): Form<TokenForm>| ""))
        .route("/small", post(async |Json(_): Json<CreateClient, 64>| ""))
        .route(
            "/clients/{client_id}",
            get(async |Path(path): Path<ClientPath>| path.client_id.to_string()),
        )
        .route(
            "/users/{user_id}/devices/{device_id}",
            get(async |Path(path): Path<UserDevicePath>| path.user_id.to_string()),
        )
        .route(
            "/devices",
            get(async |Query(query): Query<UserDevicesQuery>| query.limit().to_string()),
        );
    App::new(router)
}

async fn send(path: &str, media_type: &str, body: impl Into<Body>) -> (StatusCode, Value) {
    let request = from("203.0.113.7")
        .method("POST")
        .uri(path)
        .header("content-type", media_type);
    let answer = app().call(request.body(body.into()).unwrap()).await;
    let status = answer.status();
    (
        status,
        if status.is_success() {
            Value::Null
        } else {
            json(answer).await
        },
    )
}

async fn problem(path: &str, media_type: &str, body: impl Into<Body>) -> Value {
    let (status, body) = send(path, media_type, body).await;
    assert_eq!(body["status"], status.as_u16());
    body
}

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

#[tokio::test]
async fn json_of_any_json_type_is_read() {
    for media_type in [
        JSON,
        "Application/JSON; charset=utf-8",
        "application/merge-patch+json",
    ] {
        let (status, _) = send("/verify", media_type, r#"{"token":"t"}"#).await;
        assert_eq!(status, StatusCode::OK, "{media_type}");
    }
    for media_type in ["text/plain", "", "json", "application/jsonx", FORM] {
        let problem = problem("/verify", media_type, r#"{"token":"t"}"#).await;
        assert_eq!(problem["code"], "unsupported_media_type", "{media_type}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_body_is_pointed_at() {
    let client =
        |members: &str| format!(r#"{{"name":"n","platform":"ios","audience":"a"{members}}}"#);
    let device = |members: &str| {
        format!(
            r#"{{"event":"login","client_id":"cli_01k6q2v7w8x9yzabcdefghjkmn","user_id":"1","device":{{"installation_id":"3f8e5b1c-6f0e-4f6e-9f5e-0a1b2c3d4e5f"{members}}}}}"#
        )
    };
    for (path, body, pointer, detail) in [
        (
            "/clients",
            client(r#","x/y":1"#),
            "/x~1y",
            "unknown field `x/y`, expected one of",
        ),
        (
            "/clients",
            client(r#","origins":["https://a","canary"]"#),
            "/origins/1",
            "an origin is",
        ),
        (
            "/clients",
            client(r#","lifetimes":{"idle_seconds":-1}"#),
            "/lifetimes/idle_seconds",
            "expected a whole number",
        ),
        (
            "/clients",
            client(r#","preset":"canary""#),
            "/preset",
            "expected one of",
        ),
        (
            "/clients",
            client(r#","lifetimes":"canary""#),
            "/lifetimes",
            "expected an object",
        ),
        ("/clients", "{}".to_owned(), "", "missing field `name`"),
        (
            "/sessions",
            device(r#","push":{"token":["canary"]}"#),
            "/device/push/token",
            "expected a string",
        ),
        (
            "/sessions",
            device(r#","name":"""#),
            "/device/name",
            "must be 1 to 120 characters",
        ),
        (
            "/verify",
            r#"{"token":"canary","proof":"canary"}"#.to_owned(),
            "/method",
            "is needed",
        ),
        (
            "/verify",
            r#"{"token":7}"#.to_owned(),
            "/token",
            "expected a string",
        ),
        (
            "/verify",
            r#"{"token":"t","scheme":"canary"}"#.to_owned(),
            "/scheme",
            "expected DPoP or Bearer",
        ),
    ] {
        let problem = problem(path, JSON, body).await;
        assert_eq!(problem["code"], "invalid_request");
        let error = &problem["errors"][0];
        assert_eq!(error["pointer"], pointer, "{problem}");
        assert!(
            error["detail"].as_str().unwrap().contains(detail),
            "{problem}"
        );
        assert!(!problem.to_string().contains("canary"), "{problem}");
    }
}

#[tokio::test]
async fn a_body_that_is_no_json_says_where() {
    for body in ["", "{", "nonsense", "{\"token\":\"canary"] {
        let problem = problem("/verify", JSON, body).await;
        assert_eq!(
            (&problem["code"], &problem["status"]),
            (&"invalid_request".into(), &400.into())
        );
        let detail = problem["detail"].as_str().unwrap();
        assert!(
            detail.starts_with("the body is not JSON: ") && detail.contains("line 1"),
            "{detail}"
        );
        assert!(!detail.contains("canary"), "{detail}");
    }
}

#[tokio::test]
async fn a_large_body_is_refused() {
    let body = |bytes: usize| format!(r#"{{"token":"{}"}}"#, "x".repeat(bytes));
    let exact = MAX_BODY_BYTES - body(0).len();
    // Over the limit of the member, but not of the body.
    assert_eq!(
        problem("/verify", JSON, body(exact)).await["code"],
        "invalid_request"
    );
    assert_eq!(
        problem("/verify", JSON, body(exact + 1)).await["code"],
        "payload_too_large"
    );
    assert_eq!(
        problem("/small", JSON, body(64)).await["code"],
        "payload_too_large"
    );
}

#[tokio::test]
async fn a_form_is_read_and_checked() {
    let (status, _) = send(
        "/form",
        FORM,
        "token=t&token_type_hint=access_token&other=1",
    )
    .await;
    assert_eq!(status, StatusCode::OK);
    for (body, pointer) in [
        ("token=", "/token"),
        ("other=1", ""),
        ("token=a&token=b", ""),
    ] {
        let problem = problem("/form", FORM, body).await;
        assert_eq!(problem["code"], "invalid_request", "{body}");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
    }
    assert_eq!(
        problem("/form", JSON, "{}").await["code"],
        "unsupported_media_type"
    );
}

#[tokio::test]
async fn a_query_is_read_and_checked() {
    let app = app();
    assert_eq!(
        app.get("/devices?limit=500&state=past&platform=ios")
            .await
            .status(),
        StatusCode::OK
    );
    for (query, pointer) in [
        ("limit=-1", "?limit"),
        ("state=canary", "?state"),
        ("platform=canary", "?platform"),
        ("canary=1", "?canary"),
    ] {
        let problem = json(app.get(&format!("/devices?{query}")).await).await;
        assert_eq!(problem["code"], "invalid_request", "{query}");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
    }
}

#[tokio::test]
async fn a_path_that_names_nothing_is_not_found() {
    let app = app();
    let id = "cli_01k6q2v7w8x9yzabcdefghjkmn";
    assert_eq!(
        app.get(&format!("/clients/{id}")).await.status(),
        StatusCode::OK
    );
    let device = "dev_01k6q2v7w8x9yzabcdefghjkmn";
    let answer = app.get(&format!("/users/a%2Fb%20c/devices/{device}")).await;
    assert_eq!(answer.status(), StatusCode::OK);
    for path in [
        "/clients/42",
        "/users/1/devices/42",
        "/users/a%0Ab/devices/x",
        "/clients/%FF",
    ] {
        let answer = app.get(path).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        assert_eq!(json(answer).await["code"], "not_found");
    }
}
