//! What goes over the wire, as examples.

use crate::{
    Problem, Secret, Validate, api_key::*, client::*, device::*, oauth::*, page::*, session::*,
    verify::*,
};
use countersign_core::{
    Timestamp, decision::Refusal, device::OwnershipEndCause, session::EndingCause,
    trust::TrustLevel,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use std::borrow::Cow;

const CLIENT: &str = "cli_01k6q2v7w8x9yzabcdefghjkmn";
const SESSION: &str = "ses_01k6q2v7w8x9yzabcdefghjkmn";
const DEVICE: &str = "dev_01k6q2v7w8x9yzabcdefghjkmn";
const APP: &str = "app_01k6q2v7w8x9yzabcdefghjkmn";
const INSTALLATION: &str = "3f8e5b1c-6f0e-4f6e-9f5e-0a1b2c3d4e5f";

fn round_trip<T: Serialize + DeserializeOwned>(body: &Value) -> T {
    let read: T = serde_json::from_value(body.clone()).unwrap();
    assert_eq!(&serde_json::to_value(&read).unwrap(), body);
    read
}

fn login() -> Value {
    json!({
        "event": "login", "client_id": CLIENT, "user_id": "42", "amr": ["pwd"],
        "device": {
            "installation_id": INSTALLATION, "name": "iPhone", "model": "iPhone17,1",
            "os_version": "26.1", "app_version": "1.2.3", "encryption": "enabled",
            "fingerprint": "ab".repeat(32), "device_secret": "csds_x",
            "push": {"token": "canary-push", "provider": "apns"}
        },
        "proof": {"jwt": "a.b.c", "htm": "POST", "htu": "https://app.example/login"},
        "client_ip": "203.0.113.7", "user_agent": "App/1"
    })
}

fn pointers(body: &Value) -> Vec<String> {
    let request: RegisterSession = serde_json::from_value(body.clone()).unwrap();
    let errors = request.validate();
    errors
        .iter()
        .map(|error| error.pointer.to_string())
        .collect()
}

#[test]
fn a_login_goes_over_the_wire() {
    let request: RegisterSession = round_trip(&login());
    assert_eq!(request.validate(), []);
    assert_eq!(request.user_id.as_str(), "42");
    let mut unknown = login();
    unknown["from_the_future"] = json!(1);
    assert!(serde_json::from_value::<RegisterSession>(unknown).is_ok());
}

#[test]
fn everything_wrong_with_a_login_is_found_at_once() {
    let mut body = login();
    body["amr"] = json!(["pwd", ""]);
    body["device"]["name"] = json!("x".repeat(121));
    body["device"]["model"] = json!("a\nb");
    body["device"]["push"]["token"] = json!("");
    body["proof"]["jwt"] = json!("x".repeat(8193));
    body["refresh_token"] = json!("csrt_x");
    let expected = [
        "/amr/1",
        "/device/name",
        "/device/model",
        "/device/push/token",
        "/proof/jwt",
        "/refresh_token",
    ];
    assert_eq!(pointers(&body), expected);
}

#[test]
fn a_refresh_names_one_kind_of_token() {
    let mut body = login();
    body["event"] = json!("refresh");
    assert_eq!(pointers(&body), ["/refresh_token"]);
    body["refresh_token"] = json!("csrt_x");
    assert_eq!(pointers(&body), [""; 0]);
    let token = json!({"sha256": "AB".repeat(32), "expires_at": "2026-01-31T12:00:00Z"});
    body["tokens"] = json!({"access": token});
    assert_eq!(pointers(&body), ["/refresh_token"]);
    body.as_object_mut().unwrap().remove("refresh_token");
    assert_eq!(pointers(&body), [""; 0]);
    body["tokens"]["refresh"] = token;
    assert_eq!(pointers(&body), ["/tokens/refresh/sha256"]);
}

#[test]
fn the_shape_of_a_login_is_checked_by_serde() {
    for (pointer, wrong) in [
        ("/client_id", json!("dev_01k6q2v7w8x9yzabcdefghjkmn")),
        ("/user_id", json!("")),
        ("/user_id", json!("x".repeat(256))),
        ("/device/installation_id", json!("42")),
        ("/device/fingerprint", json!("ab")),
        ("/device/encryption", json!("maybe")),
        ("/event", json!("logout")),
        ("/client_ip", json!("localhost")),
    ] {
        let mut body = login();
        *body.pointer_mut(pointer).unwrap() = wrong;
        let read = serde_json::from_value::<RegisterSession>(body);
        assert!(read.is_err(), "{pointer}");
    }
}

#[test]
fn secrets_are_handed_out_but_never_printed() {
    let body = json!({
        "session_id": SESSION, "user_id": "42", "device_id": DEVICE, "app_id": APP,
        "installation_id": INSTALLATION, "is_new_device": true, "is_recognised": false,
        "trust": "unknown", "token_type": "DPoP", "access_token": "canary-access",
        "expires_in": 300, "refresh_token": "canary-refresh",
        "session_expires_at": "2026-01-31T12:00:00.000000Z",
        "idle_expires_at": "2026-01-31T12:00:00.000000Z",
        "device_secret": "canary-device", "dpop_nonce": "n"
    });
    let session: RegisteredSession = round_trip(&body);
    let login: RegisterSession = serde_json::from_value(login()).unwrap();
    let verify: VerifyRequest<'_> =
        serde_json::from_str(r#"{"token":"canary-token","proof":"canary-proof"}"#).unwrap();
    let form = TokenForm {
        token: Secret::from("canary-form".to_owned()),
        token_type_hint: None,
    };
    let printed = format!("{session:?} {login:?} {verify:?} {form:?}");
    assert!(!printed.contains("canary"), "{printed}");
    assert!(printed.contains("[redacted]"));
}

#[test]
fn a_verify_request_is_read_in_place() {
    let text = r#"{"token":"abc","scheme":"dpop","proof":"p","method":"GET","url":"https:\/\/x","min_trust":"trusted","require_key":true,"unknown":[]}"#;
    let request: VerifyRequest<'_> = serde_json::from_str(text).unwrap();
    let inside = text.as_bytes().as_ptr_range();
    assert!(inside.contains(&request.token.reveal().as_ptr()));
    assert!(inside.contains(&request.method.as_ref().unwrap().as_ptr()));
    assert_eq!(&**request.url.as_ref().unwrap(), "https://x");
    assert_eq!(request.scheme(), Scheme::DPoP);
    assert_eq!(request.demands().min_trust, Some(TrustLevel::Trusted));
    assert!(request.demands().require_key && !request.demands().require_compliant);
    assert_eq!(request.validate(), []);
}

#[test]
fn a_proof_needs_the_request_it_was_made_for() {
    let request: VerifyRequest<'_> = serde_json::from_str(r#"{"token":"","proof":"p"}"#).unwrap();
    let errors = request.validate();
    let pointers: Vec<_> = errors.iter().map(|error| &*error.pointer).collect();
    assert_eq!(pointers, ["/method", "/url"]);
    let bare: VerifyRequest<'_> = serde_json::from_str(r#"{"token":""}"#).unwrap();
    assert_eq!(bare.validate(), []);
    assert_eq!(bare.scheme(), Scheme::Bearer);
}

#[test]
fn a_judgement_goes_over_the_wire() {
    let amr = ["pwd".to_owned()];
    let allowed = VerifyResponse::Allowed(Allowed {
        allowed: Yes,
        session_id: SESSION.parse().unwrap(),
        user_id: "42".into(),
        client_id: CLIENT.parse().unwrap(),
        device_id: DEVICE.parse().unwrap(),
        app_id: APP.parse().unwrap(),
        trust: TrustLevel::Unknown,
        compliance: countersign_core::snapshot::Compliance::Unevaluated,
        platform: countersign_core::device::Platform::Ios,
        app_version: None,
        amr: Cow::Borrowed(&amr),
        key_bound: true,
        expires_at: Timestamp::from_secs(0),
        dpop_nonce: None,
    });
    let text = serde_json::to_string(&allowed).unwrap();
    assert!(
        text.starts_with(r#"{"allowed":true,"session_id":"ses_"#),
        "{text}"
    );
    let read: VerifyResponse<'_> = serde_json::from_str(&text).unwrap();
    assert_eq!(read.clone().into_owned(), allowed);
    let text = r#"{"allowed":false,"code":"use_dpop_nonce","status":401,"dpop_nonce":"n"}"#;
    let VerifyResponse::Refused(refused) = serde_json::from_str(text).unwrap() else {
        panic!("refused");
    };
    assert_eq!((refused.code, refused.status), (Refusal::UseDpopNonce, 401));
    assert_eq!(serde_json::to_string(&refused).unwrap(), text);
    let neither = r#"{"allowed":true,"code":"use_dpop_nonce","status":401}"#;
    assert!(serde_json::from_str::<VerifyResponse<'_>>(neither).is_err());
}

#[test]
fn an_inactive_token_says_nothing_else() {
    let inactive = serde_json::to_value(Introspection::inactive()).unwrap();
    assert_eq!(inactive, json!({"active": false}));
    round_trip::<Introspection>(&json!({
        "active": true, "token_type": "DPoP", "client_id": CLIENT, "sub": "42", "exp": 1,
        "sid": SESSION, "cnf": {"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}
    }));
}

#[test]
fn a_device_goes_over_the_wire() {
    let device: DeviceItem = round_trip(&json!({
        "device_id": DEVICE, "app_id": APP, "client_id": CLIENT, "name": "iPhone",
        "platform": "ios", "encryption": "unknown", "trust": "revoked", "is_recognised": false,
        "is_current": false, "key_bound": true, "state": "active", "active_sessions": 0,
        "created_at": "2026-01-31T12:00:00.000000Z", "last_seen_at": "2026-01-31T12:00:00.000000Z",
        "last_seen": {"ip": "203.0.113.7", "city": "Bern", "country": "CH"},
        "ended": {"at": "2026-01-31T12:00:00.000000Z", "cause": "removed"}
    }));
    let end = device.ended.unwrap();
    assert_eq!(end.cause, OwnershipEndCause::Removed.into());
    for cause in EndingCause::ALL {
        let text = serde_json::to_value(EndCause::from(*cause)).unwrap();
        assert_eq!(text, json!(cause.as_str()));
        assert!(serde_json::from_value::<EndCause>(text).is_ok());
    }
}

#[test]
fn a_client_has_its_presets_lifetimes_unless_changed() {
    let body = json!({
        "name": "App", "platform": "ios", "audience": "https://api.example",
        "origins": ["https://app.example"], "preset": "aal2",
        "lifetimes": {"access_seconds": 60}
    });
    let client: CreateClient = round_trip(&body);
    assert_eq!(client.validate(), []);
    let lifetimes = LifetimesItem::from(client.lifetimes().unwrap());
    assert_eq!(
        (lifetimes.access_seconds, lifetimes.idle_seconds),
        (60, 3600)
    );
    let mut wrong = body;
    wrong["lifetimes"] = json!({"idle_seconds": 1});
    wrong["name"] = json!("");
    let client: CreateClient = serde_json::from_value(wrong).unwrap();
    let errors = client.validate();
    let pointers: Vec<_> = errors.iter().map(|error| &*error.pointer).collect();
    assert_eq!(pointers, ["/name", "/lifetimes/idle_seconds"]);
}

#[test]
fn admin_bodies_refuse_unknown_members() {
    fn refuses<T: DeserializeOwned>(body: &str) {
        let error = serde_json::from_str::<T>(body).err().unwrap().to_string();
        assert!(error.contains("unknown field `x`"), "{error}");
    }
    refuses::<CreateClient>(r#"{"x":1}"#);
    refuses::<UpdateClient>(r#"{"x":1}"#);
    refuses::<UpdateClient>(r#"{"lifetimes":{"x":1}}"#);
    refuses::<CreateApiKey>(r#"{"x":1}"#);
    refuses::<RenameDevice>(r#"{"x":1}"#);
    refuses::<UserDevicesQuery>(r#"{"x":1}"#);
    refuses::<OffsetQuery>(r#"{"x":1}"#);
}

#[test]
fn an_api_key_needs_scopes_each_once() {
    let key = |scopes: Value| -> CreateApiKey {
        serde_json::from_value(json!({"name": "backend", "scopes": scopes})).unwrap()
    };
    assert_eq!(key(json!(["verify", "sessions:write"])).validate(), []);
    assert_eq!(key(json!([])).validate()[0].pointer, "/scopes");
    assert_eq!(
        key(json!(["verify", "verify"])).validate()[0].pointer,
        "/scopes/1"
    );
}

#[test]
fn page_sizes_are_lowered_to_the_largest() {
    assert_eq!(
        [None, Some(0), Some(7), Some(1000)].map(page_size),
        [20, 20, 7, 100]
    );
}

#[test]
fn a_problem_reads_as_the_standard_says() {
    let problem = Problem::new(crate::ErrorCode::NotFound);
    let expected = json!({
        "type": "https://countersign.dev/problems/not_found", "title": "Not found", "status": 404,
        "detail": crate::ErrorCode::NotFound.description(), "code": "not_found", "request_id": ""
    });
    assert_eq!(serde_json::to_value(&problem).unwrap(), expected);
    assert_eq!(
        serde_json::from_value::<Problem>(expected).unwrap(),
        problem
    );
}

#[test]
fn the_schemas_name_the_domains_values() {
    use utoipa::PartialSchema;
    let schema = serde_json::to_value(crate::schema::TrustLevel::schema()).unwrap();
    assert_eq!(
        schema["enum"],
        json!(["revoked", "unknown", "trusted", "corporate"])
    );
    let schema = serde_json::to_value(crate::schema::DeviceId::schema()).unwrap();
    assert_eq!(schema["pattern"], "^dev_[0-7][0-9a-hjkmnp-tv-z]{25}$");
    let schema = serde_json::to_value(CreateApiKey::schema()).unwrap();
    assert_eq!(schema["additionalProperties"], false);
    assert_eq!(schema["required"], json!(["name", "scopes"]));
}
