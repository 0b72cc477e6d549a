//! Every operation of the API description, with and without what it asks for.

use crate::logged_in::LoggedIn;
use countersign_core::api_key::Scope;
use countersign_test_support::{Answer, TestApp, on_both_engines};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Who may call an operation.
#[derive(Debug, Clone, Copy)]
enum Door {
    /// Anyone.
    Open,
    /// A device with an ID or refresh token.
    Device,
    /// A device with a challenge and a proof of its key, whom nobody owns yet.
    Newcomer,
    /// Whoever has a ticket.
    Ticket,
    /// A device, by what its key signs of it.
    Reporter,
    /// A user with their bound token.
    User,
    /// A trusted proxy, for a user with their bound token.
    Proxy,
    /// A backend whose key has this scope.
    Key(Scope),
}

use Door::{Device, Key, Newcomer, Open, Proxy, Reporter, Ticket, User};

const OPERATIONS: [(&str, Door); 71] = [
    ("get_jwks", Open),
    ("get_server_metadata", Open),
    ("issue_token", Device),
    ("ask_challenge", Newcomer),
    ("enroll_device", Newcomer),
    ("rotate_key", Newcomer),
    ("unenroll_device", Newcomer),
    ("check_in", Reporter),
    ("get_rules", Key(Scope::ComplianceRead)),
    ("apply_rules", Key(Scope::ComplianceWrite)),
    ("list_rules", Key(Scope::ComplianceRead)),
    ("get_device_compliance", Key(Scope::DevicesRead)),
    ("put_posture", Key(Scope::DevicesWrite)),
    ("list_with_ticket", Ticket),
    ("remove_with_ticket", Ticket),
    ("assert_device", Key(Scope::Verify)),
    ("list_own_devices", User),
    ("rename_own_device", User),
    ("remove_own_device", User),
    ("log_out_own_device", User),
    ("disown_device", User),
    ("end_other_sessions", User),
    ("log_out", User),
    ("register_session", Key(Scope::SessionsWrite)),
    ("replace_tokens", Key(Scope::SessionsWrite)),
    ("verify", Key(Scope::Verify)),
    ("judge_for_nginx", Proxy),
    ("judge_for_caddy", Proxy),
    ("judge_for_traefik", Proxy),
    ("judge_get_for_envoy", Proxy),
    ("judge_head_for_envoy", Proxy),
    ("judge_post_for_envoy", Proxy),
    ("judge_put_for_envoy", Proxy),
    ("judge_patch_for_envoy", Proxy),
    ("judge_delete_for_envoy", Proxy),
    ("judge_options_for_envoy", Proxy),
    ("judge_trace_for_envoy", Proxy),
    ("pull_feed", Key(Scope::FeedRead)),
    ("read_feed_session", Key(Scope::FeedRead)),
    ("report_seen", Key(Scope::FeedRead)),
    ("introspect", Key(Scope::Verify)),
    ("revoke", Key(Scope::Verify)),
    ("list_user_devices", Key(Scope::DevicesRead)),
    ("rename_user_device", Key(Scope::DevicesWrite)),
    ("remove_user_device", Key(Scope::DevicesWrite)),
    ("log_out_user_device", Key(Scope::DevicesWrite)),
    ("get_device", Key(Scope::DevicesRead)),
    ("suspend_device", Key(Scope::DevicesWrite)),
    ("resume_device", Key(Scope::DevicesWrite)),
    ("revoke_device", Key(Scope::DevicesWrite)),
    ("add_trust_evidence", Key(Scope::DevicesWrite)),
    ("withdraw_trust_evidence", Key(Scope::DevicesWrite)),
    ("create_ban", Key(Scope::DevicesWrite)),
    ("list_bans", Key(Scope::DevicesRead)),
    ("lift_ban", Key(Scope::DevicesWrite)),
    ("list_approvals", Key(Scope::DevicesRead)),
    ("approve", Key(Scope::DevicesWrite)),
    ("reject", Key(Scope::DevicesWrite)),
    ("disable_user", Key(Scope::UsersWrite)),
    ("unfreeze_user", Key(Scope::UsersWrite)),
    ("enable_user", Key(Scope::UsersWrite)),
    ("create_client", Key(Scope::ClientsWrite)),
    ("list_clients", Key(Scope::ClientsRead)),
    ("get_client", Key(Scope::ClientsRead)),
    ("update_client", Key(Scope::ClientsWrite)),
    ("set_play_credentials", Key(Scope::ClientsWrite)),
    ("remove_play_credentials", Key(Scope::ClientsWrite)),
    ("list_nodes", Key(Scope::NodesRead)),
    ("create_api_key", Key(Scope::ApiKeysWrite)),
    ("list_api_keys", Key(Scope::ApiKeysRead)),
    ("revoke_api_key", Key(Scope::ApiKeysWrite)),
];

/// One operation, ready to be called.
#[derive(Debug)]
struct Operation {
    id: String,
    door: Door,
    method: String,
    path: String,
    security: Value,
    body: Option<Value>,
}

/// The operations of the document; fails where the table above has none for one, or one too many.
async fn operations(app: &TestApp, me: &LoggedIn) -> Vec<Operation> {
    let document = app.public("GET", "/openapi.json").send().await.body;
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("a path item") {
            let id = operation["operationId"].as_str().expect("an operation id");
            let row = OPERATIONS.iter().find(|(name, _)| *name == id);
            assert!(row.is_some(), "{id} has no row");
            let (_, door) = row.expect("a row");
            found.push(Operation {
                id: id.to_owned(),
                door: *door,
                method: method.to_uppercase(),
                path: filled(path, me),
                security: operation["security"].clone(),
                body: body(id, me),
            });
        }
    }
    let described: BTreeSet<_> = found
        .iter()
        .map(|operation| operation.id.as_str())
        .collect();
    assert_eq!(described, OPERATIONS.iter().map(|(id, _)| *id).collect());
    found
}

fn filled(path: &str, me: &LoggedIn) -> String {
    path.replace("{client_id}", &me.client)
        .replace("{user_id}", &me.user)
        .replace("{device_id}", &me.device_id())
        .replace("{session_id}", &me.session_id())
        .replace("{evidence_id}", "tev_0123456789abcdefghjkmnpqrs")
        .replace("{ban_id}", "ban_0123456789abcdefghjkmnpqrs")
        .replace("{approval_id}", "apr_0123456789abcdefghjkmnpqrs")
        .replace("{rule}", "session")
        .replace("{path}", "orders")
        .replace("{key_id}", "key_0123456789abcdefghjkmnpqrs")
}

/// A body that is well-formed, so that only credentials can be what is missing.
fn body(id: &str, me: &LoggedIn) -> Option<Value> {
    let token = json!({ "sha256": "0".repeat(64), "expires_at": "2030-01-01T00:00:00Z" });
    Some(match id {
        "register_session" => json!({
            "event": "login", "client_id": me.client, "user_id": "new", "device": me.device.report(),
        }),
        "ask_challenge" => {
            json!({ "client_id": format!("cli_{}", "0".repeat(26)), "purpose": "enroll" })
        }
        "enroll_device" => json!({
            "client_id": me.client, "challenge": "A".repeat(43), "device": me.device.report(),
        }),
        "rotate_key" => json!({
            "client_id": me.client, "challenge": "A".repeat(43), "previous_proof": "unknown",
        }),
        "unenroll_device" => json!({ "client_id": me.client }),
        "check_in" => json!({ "report": unsigned(me) }),
        "apply_rules" => json!({ "version": "0".repeat(64) }),
        "put_posture" => json!({ "os_family": "ios" }),
        "list_with_ticket" => json!({ "ticket": "unknown" }),
        "remove_with_ticket" => json!({ "ticket": "unknown", "device_id": me.device_id() }),
        "assert_device" => json!({
            "challenge": "A".repeat(43), "action": "pay",
            "assertion": { "kind": "key", "jws": "unknown" },
        }),
        "replace_tokens" => json!({ "access": token }),
        "pull_feed" => json!({ "verifier_id": "vrf_01m8157mc6ffxbfa33xp24tt7v" }),
        "read_feed_session" => json!({ "session_id": me.session_id() }),
        "report_seen" => json!({ "seen": [] }),
        "verify" | "introspect" | "revoke" => json!({ "token": "unknown" }),
        "rename_own_device" | "rename_user_device" | "update_client" => json!({ "name": "Other" }),
        "create_client" => json!({ "name": "App", "platform": "web", "audience": "a" }),
        "add_trust_evidence" => json!({ "kind": "mdm", "seconds": 60 }),
        "create_ban" => json!({ "device_id": format!("dev_{}", "0".repeat(26)) }),
        "set_play_credentials" => {
            json!({ "decryption_key": "AAAA", "verification_key": "AAAA" })
        }
        "create_api_key" => json!({ "name": "New", "scopes": ["verify"] }),
        _ => return None,
    })
}

/// A report without its device's signature.
fn unsigned(me: &LoggedIn) -> String {
    let said = json!({ "os_family": "ios" });
    let report = me.device.posture_report(&me.device_id(), 1, 1, said);
    let (signed, _) = report.rsplit_once('.').expect("a signature");
    format!("{signed}.{}", "A".repeat(86))
}

impl Operation {
    async fn call(&self, app: &TestApp, authorization: Option<&str>) -> Answer {
        let mut call = match self.door {
            Key(_) | Proxy => app.internal_anonymous(&self.method, &self.path),
            Device | Newcomer | Reporter | Ticket | User | Open => {
                app.public(&self.method, &self.path)
            }
        };
        if let Some(value) = authorization {
            call = call.header("authorization", value);
        }
        let call = match &self.body {
            Some(_) if self.path.starts_with("/oauth/") => call.form("token=unknown"),
            Some(body) => call.json(body),
            None => call,
        };
        call.send().await
    }

    fn assert_answer(&self, answer: &Answer, status: u16, code: &str) {
        let given = (answer.status.as_u16(), answer.code());
        assert_eq!(given, (status, code), "{}: {}", self.id, answer.body);
        assert_eq!(
            answer.header("content-type"),
            "application/problem+json",
            "{}",
            self.id
        );
        assert!(!answer.text("request_id").is_empty());
    }
}

async fn key_with(app: &TestApp, scopes: &[Scope]) -> String {
    let body = json!({ "name": "part", "scopes": scopes });
    let made = app
        .internal("POST", "/v1/api-keys")
        .json(&body)
        .send()
        .await;
    format!("Bearer {}", made.text("secret"))
}

on_both_engines! {
    async fn no_operation_answers_without_its_credentials(app: TestApp) {
        let client = app.client(json!({})).await;
        let me = LoggedIn::new(&app, &client, "42").await;
        let unknown = format!("Bearer csak_{}", "0".repeat(49));
        let as_key = format!("Bearer {}", app.api_key);
        let as_user = format!("DPoP {}", me.token());
        let before = app.database().dump().await;
        for operation in operations(&app, &me).await {
            // Each address has only so many attempts; the next operation has fresh ones.
            app.advance_secs(60);
            match operation.door {
                Open => {
                    assert!(operation.security.is_null(), "{}", operation.id);
                    assert_eq!(operation.call(&app, None).await.status, 200, "{}", operation.id);
                }
                Device => {
                    assert!(operation.security.is_null(), "{}", operation.id);
                    let form = "grant_type=refresh_token&refresh_token=unknown";
                    let answer = app.public(&operation.method, &operation.path).form(form).send().await;
                    assert_eq!((answer.status.as_u16(), answer.code()), (401, "client_unknown"));
                    assert!(!answer.header("www-authenticate").is_empty(), "{}", operation.id);
                }
                Newcomer => {
                    assert_eq!(operation.security, json!([{}]), "{}", operation.id);
                    let code = if operation.id == "ask_challenge" { "client_unknown" } else { "proof_required" };
                    let answer = operation.call(&app, Some(&as_user)).await;
                    operation.assert_answer(&answer, 401, code);
                    assert!(!answer.header("www-authenticate").is_empty(), "{}", operation.id);
                }
                Reporter => {
                    assert_eq!(operation.security, json!([{}]), "{}", operation.id);
                    let answer = operation.call(&app, Some(&as_user)).await;
                    operation.assert_answer(&answer, 401, "proof_invalid");
                    assert!(!answer.header("www-authenticate").is_empty(), "{}", operation.id);
                }
                Ticket => {
                    assert_eq!(operation.security, json!([{}]), "{}", operation.id);
                    let answer = operation.call(&app, Some(&as_user)).await;
                    operation.assert_answer(&answer, 401, "ticket_invalid");
                    assert!(!answer.header("www-authenticate").is_empty(), "{}", operation.id);
                }
                User => {
                    assert!(operation.security.to_string().contains("access_token"), "{}", operation.id);
                    for wrong in [None, Some(&unknown), Some(&as_key)] {
                        let answer = operation.call(&app, wrong.map(String::as_str)).await;
                        operation.assert_answer(&answer, 401, "token_invalid");
                        assert!(!answer.header("www-authenticate").is_empty(), "{}", operation.id);
                    }
                }
                Proxy => {
                    let good = format!("Bearer {}", app.api_key);
                    for stranger in [None, Some(&good), Some(&as_user)] {
                        let answer = operation.call(&app, stranger.map(String::as_str)).await;
                        let told = (answer.status.as_u16(), answer.header("x-device-refusal"));
                        assert_eq!(told, (403, "proxy_not_trusted"), "{}", operation.id);
                    }
                }
                Key(_) => {
                    assert!(operation.security.to_string().contains("api_key"), "{}", operation.id);
                    for wrong in [None, Some(&unknown), Some(&as_user)] {
                        let answer = operation.call(&app, wrong.map(String::as_str)).await;
                        operation.assert_answer(&answer, 401, "unauthenticated");
                        assert!(!answer.header("www-authenticate").is_empty(), "{}", operation.id);
                    }
                }
            }
        }
        assert_eq!(app.database().dump().await, before);
    }

    async fn every_operation_asks_for_exactly_its_scope_and_names_it(app: TestApp) {
        let client = app.client(json!({})).await;
        let me = LoggedIn::new(&app, &client, "42").await;
        let mut keys = Vec::new();
        for scope in Scope::ALL {
            let others: Vec<_> = Scope::ALL.iter().copied().filter(|other| other != scope).collect();
            keys.push((*scope, key_with(&app, &[*scope]).await, key_with(&app, &others).await));
        }
        let operations = operations(&app, &me).await;
        let before = app.database().dump().await;
        for operation in &operations {
            let Key(scope) = operation.door else { continue };
            let (_, _, without) = keys.iter().find(|(other, ..)| *other == scope).expect("a key");
            let answer = operation.call(&app, Some(without)).await;
            operation.assert_answer(&answer, 403, "insufficient_scope");
            assert!(answer.text("detail").ends_with(&format!("scope {scope}")), "{}", answer.body);
        }
        assert_eq!(app.database().dump().await, before);
        for operation in &operations {
            let Key(scope) = operation.door else { continue };
            let (_, with, _) = keys.iter().find(|(other, ..)| *other == scope).expect("a key");
            let answer = operation.call(&app, Some(with)).await;
            assert!(!matches!(answer.code(), "unauthenticated" | "insufficient_scope"), "{}: {}", operation.id, answer.body);
        }
    }
}
