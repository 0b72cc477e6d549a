//! A backend's calls: what is sent, and how answers are read.

use crate::setting::Setting;
use axum::{
    body::Body,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use countersign_client::{
    ClientError, Endpoint, ServiceClient, Versioned,
    api_types::{
        ErrorCode, FieldError, Problem, Secret,
        admission::AdmissionItem,
        approval::{ApprovalFilter, ApprovalItem, ApprovalsQuery},
        attestation_policy::AttestationPolicyItem,
        ban::CreateBan,
        client::{ClientItem, LifetimesItem, UpdateClient},
        device::{DeviceFilter, UserDevicesQuery},
        limit::DeviceLimitsItem,
        oauth::TokenForm,
        trust::TrustPolicyItem,
        verify::{VerifyRequest, VerifyResponse},
    },
};
use countersign_core::{
    ApprovalId, BanId, ClientId, SessionId, Timestamp,
    client::{NoncePolicy, ProofOfPossession},
    decision::Refusal,
    device::Platform,
    user::ExternalUserId,
};

/// What the fake answers to a call that it only notes.
pub(crate) fn answer(path: &str) -> Response {
    match path {
        "/v1/verify" => r#"{"allowed":false,"code":"session_ended","status":401}"#.into_response(),
        "/oauth/introspect" => r#"{"active":false}"#.into_response(),
        "/v1/users/missing/enable" => {
            let errors = vec![FieldError::new("/x", "is odd")];
            let problem = Problem {
                errors,
                ..Problem::new(ErrorCode::NotFound)
            };
            (StatusCode::NOT_FOUND, axum::Json(problem)).into_response()
        }
        "/v1/users/proxy/enable" => (StatusCode::BAD_GATEWAY, "<html>").into_response(),
        "/v1/users/moved/enable" => Redirect::temporary("/v1/users/other/enable").into_response(),
        "/v1/users/odd/enable" => "[]".into_response(),
        // An answer like any other, but for its length.
        "/v1/users/endless/enable" => {
            let standing = r#"{"user_id":"endless","is_disabled":false,"ended":0}"#;
            let padding = " ".repeat(5 * 1024 * 1024);
            Body::from(padding + standing).into_response()
        }
        path if path.starts_with("/v1/clients/") => {
            ([("etag", "\"8\"")], axum::Json(client())).into_response()
        }
        path if path.ends_with("/devices") || path == "/v1/approvals" => {
            r#"{"data":[],"total":0,"offset":0,"limit":100}"#.into_response()
        }
        _ => StatusCode::NO_CONTENT.into_response(),
    }
}

fn client() -> ClientItem {
    ClientItem {
        client_id: ClientId::from_uuid(uuid::Uuid::nil()),
        name: "App".to_owned(),
        platform: Platform::Web,
        proof_of_possession: ProofOfPossession::Required,
        nonce_policy: NoncePolicy::Always,
        origins: Vec::new(),
        issuers: Vec::new(),
        attestation: AttestationPolicyItem::default(),
        admission: AdmissionItem::default(),
        limits: DeviceLimitsItem::default(),
        trust: TrustPolicyItem::default(),
        audience: "app".to_owned(),
        lifetimes: LifetimesItem {
            access_seconds: 300,
            idle_seconds: 60,
            absolute_seconds: 60,
        },
        created_at: Timestamp::from_secs(0),
        disabled_at: None,
        version: 8,
        receipt: None,
    }
}

fn user(id: &str) -> ExternalUserId {
    id.parse().unwrap()
}

#[tokio::test]
async fn a_refused_request_is_an_answer() {
    let setting = Setting::start().await;
    let request = VerifyRequest {
        token: "t".into(),
        scheme: None,
        proof: None,
        method: None,
        url: None,
        min_trust: None,
        require_compliant: false,
        require_key: false,
        strict: false,
        client_ip: None,
    };
    let VerifyResponse::Refused(refused) = setting.service().verify(&request).await.unwrap() else {
        panic!("allowed");
    };
    assert_eq!(refused.code, Refusal::SessionEnded);
    assert_eq!(
        setting.server.state().calls,
        [r#"POST /v1/verify - {"token":"t"}"#]
    );
}

#[tokio::test]
async fn tokens_are_sent_as_forms() {
    let setting = Setting::start().await;
    let token = Secret::from("a+b&c=d".to_owned());
    let form = TokenForm {
        token,
        token_type_hint: Some("refresh_token".to_owned()),
    };
    assert!(!setting.service().introspect(&form).await.unwrap().active);
    setting.service().revoke(&form).await.unwrap();
    let form = "token=a%2Bb%26c%3Dd&token_type_hint=refresh_token";
    assert_eq!(
        setting.server.state().calls,
        [
            format!("POST /oauth/introspect - {form}"),
            format!("POST /oauth/revoke - {form}")
        ]
    );
}

#[tokio::test]
async fn ids_of_users_are_encoded_and_filters_are_sent() {
    let setting = Setting::start().await;
    let query = UserDevicesQuery {
        state: DeviceFilter::All,
        platform: Some(Platform::Ios),
        ..UserDevicesQuery::default()
    };
    let found = setting
        .service()
        .all_user_devices(&user("a/ü?"), query)
        .await
        .unwrap();
    assert!(found.is_empty());
    let path = "/v1/users/a%2F%C3%BC%3F/devices";
    let query = "limit=100&offset=0&platform=ios&state=all";
    assert_eq!(
        setting.server.state().calls,
        [format!("GET {path}?{query} - ")]
    );
}

#[tokio::test]
async fn bans_and_approvals_are_made_listed_and_decided() {
    let setting = Setting::start().await;
    let service = setting.service();
    let (ban, approval) = (uuid::Uuid::from_u128(1), uuid::Uuid::from_u128(2));
    let (ban, approval) = (BanId::from_uuid(ban), ApprovalId::from_uuid(approval));
    let subject = CreateBan {
        device_id: None,
        user_id: None,
        jkt: None,
        reason: Some("Stolen.".to_owned()),
    };
    let query = ApprovalsQuery {
        state: ApprovalFilter::All,
        offset: 5,
        limit: None,
    };
    // The fake answers nothing to those that change something.
    assert!(service.ban(&subject).await.is_err());
    assert!(service.lift_ban(ban).await.is_err());
    let page = service.approvals(&query).await.unwrap();
    assert_eq!(page.data, Vec::<ApprovalItem>::new());
    assert!(service.approve(approval).await.is_err());
    assert!(service.reject(approval).await.is_err());
    assert_eq!(
        setting.server.state().calls,
        [
            r#"POST /v1/bans - {"reason":"Stolen."}"#.to_owned(),
            format!("DELETE /v1/bans/{ban} - "),
            "GET /v1/approvals?offset=5&state=all - ".to_owned(),
            format!("POST /v1/approvals/{approval}/approve - "),
            format!("POST /v1/approvals/{approval}/reject - "),
        ]
    );
}

#[tokio::test]
async fn a_change_names_the_version_that_was_read() {
    let setting = Setting::start().await;
    let read = Versioned {
        value: client(),
        etag: "\"7\"".to_owned(),
    };
    let change = UpdateClient {
        disabled: Some(true),
        ..UpdateClient::default()
    };
    let changed = setting
        .service()
        .update_client(&read, &change)
        .await
        .unwrap();
    assert_eq!(changed.etag, "\"8\"");
    let path = format!("/v1/clients/{}", client().client_id);
    let call = format!(r#"PATCH {path} "7" {{"disabled":true}}"#);
    assert_eq!(setting.server.state().calls, [call]);
}

#[tokio::test]
async fn a_problem_is_handed_on_whole() {
    let setting = Setting::start().await;
    let error = setting
        .service()
        .enable_user(&user("missing"))
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::NotFound));
    let ClientError::Refused(problem) = error else {
        panic!("{error:?}")
    };
    assert_eq!(problem.errors, [FieldError::new("/x", "is odd")]);
}

#[tokio::test]
async fn what_is_no_answer_of_the_api_is_unexpected() {
    let setting = Setting::start().await;
    for (id, expected) in [
        ("proxy", 502),
        ("moved", 307),
        ("odd", 200),
        ("endless", 200),
    ] {
        let error = setting.service().enable_user(&user(id)).await.unwrap_err();
        let ClientError::Unexpected { status, .. } = error else {
            panic!("{id}: {error:?}")
        };
        assert_eq!(status, expected, "{id}");
    }
    assert_eq!(
        setting.server.state().calls.len(),
        4,
        "the redirect was not followed"
    );
}

#[tokio::test]
async fn a_wrong_key_is_refused_and_a_closed_port_is_transport() {
    let setting = Setting::start().await;
    let wrong = Secret::from("csak_wrong".to_owned());
    let service = ServiceClient::new(setting.endpoint(), &wrong).unwrap();
    let id = SessionId::from_uuid(uuid::Uuid::nil());
    let user = user(&id.to_string());
    let error = service.disable_user(&user).await.unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::Unauthenticated));

    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", closed.local_addr().unwrap())
        .parse()
        .unwrap();
    drop(closed);
    let service = ServiceClient::new(Endpoint::new(url).unwrap(), &wrong).unwrap();
    let error = service.disable_user(&user).await.unwrap_err();
    assert!(matches!(error, ClientError::Transport(_)), "{error:?}");
}
