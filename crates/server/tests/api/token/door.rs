//! A client with an issuer, and devices that come by themselves.

use countersign_test_support::{Answer, Call, TestApp, TestDevice, TestIssuer};
use serde_json::{Value, json};

pub(super) const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
pub(super) const ID_TOKEN: &str = "urn:ietf:params:oauth:token-type:id_token";
pub(super) const TOKEN: &str = "/oauth/token";

/// One client, its issuer, and the way in.
#[derive(Debug)]
pub(super) struct Door<'a> {
    pub(super) app: &'a TestApp,
    pub(super) issuer: TestIssuer,
    pub(super) client: String,
}

impl<'a> Door<'a> {
    /// With the usual settings.
    pub(super) async fn open(app: &'a TestApp) -> Self {
        Self::with(app, json!({}), json!({})).await
    }

    /// With changes of the issuer's settings and of the client's.
    pub(super) async fn with(app: &'a TestApp, issuer: Value, client: Value) -> Self {
        Self::of(app, TestIssuer::start().await, issuer, client).await
    }

    /// With an issuer of the caller's.
    pub(super) async fn of(
        app: &'a TestApp,
        issuer: TestIssuer,
        trust: Value,
        client: Value,
    ) -> Self {
        let client = app.client(client).await;
        let door = Self {
            app,
            issuer,
            client,
        };
        door.trust(trust).await;
        door
    }

    /// Changes what the client demands of the issuer's tokens.
    pub(super) async fn trust(&self, changes: Value) {
        let mut issuer = json!({ "issuer": self.issuer.url(), "audiences": ["app"] });
        for (name, value) in changes.as_object().expect("members") {
            issuer[name] = value.clone();
        }
        self.change(json!({ "issuers": [issuer] })).await;
    }

    /// Changes the client.
    pub(super) async fn change(&self, change: Value) {
        let path = format!("/v1/clients/{}", self.client);
        let answer = self.app.internal("PATCH", &path).json(&change).send().await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }

    /// An ID token of now; `changes` replaces claims.
    pub(super) fn id_token(&self, sub: &str, changes: Value) -> String {
        self.issuer.token(sub, self.app.app.now(), changes)
    }

    /// A call of the token endpoint, without a proof.
    pub(super) fn call(&self, form: &[(&str, &str)]) -> Call<'a> {
        self.app.public("POST", TOKEN).form(&encode(form))
    }

    /// The form of a token exchange.
    pub(super) fn exchange_form<'t>(&'t self, id_token: &'t str) -> Vec<(&'t str, &'t str)> {
        vec![
            ("grant_type", EXCHANGE),
            ("client_id", &self.client),
            ("subject_token", id_token),
            ("subject_token_type", ID_TOKEN),
        ]
    }

    /// The form of a refresh.
    pub(super) fn refresh_form<'t>(&'t self, token: &'t str) -> Vec<(&'t str, &'t str)> {
        vec![
            ("grant_type", "refresh_token"),
            ("client_id", &self.client),
            ("refresh_token", token),
        ]
    }

    /// A call with a fresh proof of the device.
    pub(super) async fn send(&self, device: &TestDevice, form: &[(&str, &str)]) -> Answer {
        let proof = token_proof(device, None);
        self.call(form).header("dpop", &proof).send().await
    }

    /// An exchange with a fresh proof of the device.
    pub(super) async fn exchange(&self, device: &TestDevice, id_token: &str) -> Answer {
        self.send(device, &self.exchange_form(id_token)).await
    }

    /// A refresh with a fresh proof of the device.
    pub(super) async fn refresh(&self, device: &TestDevice, token: &str) -> Answer {
        self.send(device, &self.refresh_form(token)).await
    }

    /// A login that goes through.
    pub(super) async fn log_in(&self, device: &TestDevice, sub: &str) -> Answer {
        let answer = self.exchange(device, &self.id_token(sub, json!({}))).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer
    }

    /// An exchange of a token of `sub` with these claims, which is refused with an error and code.
    pub(super) async fn assert_refused(&self, changes: Value, error: &str, code: &str) {
        let device = TestDevice::new(self.app);
        let token = self.id_token("ann", changes.clone());
        let answer = self.exchange(&device, &token).await;
        assert_error(&answer, 400, error, code);
    }
}

/// A proof for the token endpoint.
pub(super) fn token_proof(device: &TestDevice, nonce: Option<&str>) -> String {
    let url = format!("{}{TOKEN}", TestApp::PUBLIC_URL);
    device.proof("POST", &url, None, nonce)
}

pub(super) fn encode(form: &[(&str, &str)]) -> String {
    let mut text = form_urlencoded::Serializer::new(String::new());
    text.extend_pairs(form).finish()
}

/// The answer is an OAuth error, and nothing else.
pub(super) fn assert_error(answer: &Answer, status: u16, error: &str, code: &str) {
    let given = (
        answer.status.as_u16(),
        answer.body["error"].as_str().unwrap_or_default(),
        answer.code(),
    );
    assert_eq!(given, (status, error, code), "{}", answer.raw);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("x-request-id"), answer.text("request_id"));
    assert!(!answer.text("error_description").is_empty());
    let members = answer.body.as_object().expect("an object");
    assert_eq!(members.len(), 4, "{}", answer.raw);
}
