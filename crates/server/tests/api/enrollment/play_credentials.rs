//! What a client reads tokens of Play Integrity with: checked when it is set, and never shown again (I12).

use super::{Stage, enforce};
use countersign_test_support::{
    Answer, Platforms, TestApp, TestDevice,
    google::{TestGoogle, private_key},
    on_both_engines,
};
use serde_json::{Value, json};

impl Stage {
    /// Sets what the client reads tokens with.
    pub(super) async fn set_credentials(&self, body: &Value) -> Answer {
        set(&self.app, &self.client, body).await
    }

    /// Sets the response keys of the app's Play Console.
    pub(super) async fn set_response_keys(&self) {
        let answer = self.set_credentials(&response_keys(&self.platforms)).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }

    /// Takes away what the client reads tokens with.
    pub(super) async fn remove_credentials(&self) {
        let path = format!("/v1/clients/{}/play-integrity", self.client);
        let answer = self.app.internal("DELETE", &path).send().await;
        assert_eq!((answer.status.as_u16(), &*answer.raw), (204, ""));
    }
}

fn response_keys(platforms: &Platforms) -> Value {
    let (decryption, verification) = platforms.console().response_keys();
    json!({ "decryption_key": decryption, "verification_key": verification })
}

async fn set(app: &TestApp, client: &str, body: &Value) -> Answer {
    let path = format!("/v1/clients/{client}/play-integrity");
    app.internal("PUT", &path).json(body).send().await
}

on_both_engines! {
    async fn an_answer_says_what_is_set_since_when_and_no_more(app: TestApp) {
        let stage = Stage::new(app, enforce("app")).await;
        let google = TestGoogle::start().await;
        for (body, kind) in [
            (response_keys(&stage.platforms), "response_keys"),
            (json!({ "service_account": google.key_file() }), "service_account"),
            (response_keys(&stage.platforms), "response_keys"),
        ] {
            stage.app.advance_secs(60);
            let now = stage.app.app.now().to_string();
            let answer = stage.set_credentials(&body).await;
            assert_eq!(answer.status, 200, "{}", answer.body);
            let told = json!({ "client_id": stage.client, "kind": kind, "set_at": now });
            assert_eq!(answer.body, told);
            let rows = stage.rows("client_credentials").await;
            assert_eq!((rows.len(), &rows[0]["kind"]), (1, &json!(kind)));
        }
        stage.remove_credentials().await;
        assert!(stage.rows("client_credentials").await.is_empty());
        let before = stage.app.database().dump().await;
        stage.remove_credentials().await;
        assert_eq!(stage.app.database().dump().await, before);
        let reasons = stage.rows("activity").await;
        let reasons = reasons.iter().filter(|row| row["action"] == "client.updated" && row["actor_kind"] == "api_key");
        let reasons: Vec<_> = reasons.map(|row| row["reason"].as_str().unwrap_or_default()).collect();
        let set = "play_integrity_set";
        assert_eq!(reasons, [set, set, set, "play_integrity_removed"]);
    }

    async fn what_cannot_be_read_is_refused_where_it_stands(app: TestApp) {
        let stage = Stage::new(app, enforce("app")).await;
        let keys = response_keys(&stage.platforms);
        let account = json!({
            "type": "service_account", "client_email": "a@example", "private_key_id": "1",
            "private_key": private_key(),
        });
        let account = |change: Value| {
            let mut file = account.clone();
            for (name, value) in change.as_object().expect("members") {
                file[name] = value.clone();
            }
            json!({ "service_account": file })
        };
        let (decryption, verification) = (&keys["decryption_key"], &keys["verification_key"]);
        let both = json!({ "decryption_key": decryption, "service_account": account(json!({}))["service_account"] });
        let certificate = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----";
        let not_a_key = "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----";
        let before = stage.app.database().dump().await;
        for (body, pointer) in [
            (json!({}), ""),
            (json!({ "decryption_key": decryption }), "/verification_key"),
            (json!({ "verification_key": verification }), "/decryption_key"),
            (json!({ "decryption_key": "AAAA", "verification_key": verification }), "/decryption_key"),
            (json!({ "decryption_key": "not base64!", "verification_key": verification }), "/decryption_key"),
            (json!({ "decryption_key": "", "verification_key": verification }), "/decryption_key"),
            (json!({ "decryption_key": decryption, "verification_key": decryption }), "/verification_key"),
            (json!({ "decryption_key": decryption, "verification_key": 7 }), "/verification_key"),
            (both, "/service_account"),
            (json!({ "service_account": "file" }), "/service_account"),
            (json!({ "service_account": {} }), "/service_account"),
            (account(json!({ "type": "authorized_user" })), "/service_account/type"),
            (account(json!({ "client_email": "" })), "/service_account/client_email"),
            (account(json!({ "private_key": "key" })), "/service_account/private_key"),
            (account(json!({ "private_key": certificate })), "/service_account/private_key"),
            (account(json!({ "private_key": not_a_key })), "/service_account/private_key"),
            (account(json!({ "private_key": 7 })), "/service_account/private_key"),
        ] {
            let answer = stage.set_credentials(&body).await;
            assert_eq!((answer.status.as_u16(), answer.code()), (400, "invalid_request"), "{pointer} {}", answer.body);
            assert_eq!(answer.body["errors"][0]["pointer"], pointer, "{}", answer.body);
        }
        let nobody = format!("cli_{}", "0".repeat(26));
        let answer = set(&stage.app, &nobody, &keys).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (404, "not_found"));
        let path = format!("/v1/clients/{nobody}/play-integrity");
        let answer = stage.app.internal("DELETE", &path).send().await;
        assert_eq!((answer.status.as_u16(), answer.code()), (404, "not_found"));
        assert_eq!(stage.app.database().dump().await, before);
    }

    async fn i12_credentials_open_only_in_their_own_row(app: TestApp) {
        let stage = Stage::new(app, enforce("app")).await;
        stage.set_response_keys().await;
        let other = stage.app.client(json!({})).await;
        let answer = set(&stage.app, &other, &response_keys(&stage.platforms)).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let enroll = async || {
            let device = TestDevice::new(&stage.app);
            let answer = stage.enroll(&device, Platforms::play_integrity).await;
            (answer.status.as_u16(), answer.body["code"].as_str().unwrap_or_default().to_owned())
        };
        assert_eq!(enroll().await, (201, String::new()));
        let swap = "CREATE TABLE swap AS SELECT client_id, sealed FROM client_credentials; \
            UPDATE client_credentials SET sealed = (SELECT swap.sealed FROM swap WHERE swap.client_id <> client_credentials.client_id); \
            DROP TABLE swap";
        stage.app.database().execute(swap).await;
        assert_eq!(enroll().await, (503, "attestation_unavailable".to_owned()));
        stage.app.database().execute(swap).await;
        assert_eq!(enroll().await, (201, String::new()));
        // What it is said to be beside the seal changes nothing.
        stage.app.database().execute("UPDATE client_credentials SET kind = 'service_account'").await;
        assert_eq!(enroll().await, (201, String::new()));
    }
}
