//! Who takes part in the tests: users, logged in on devices.

use countersign_test_support::{Answer, Call, TestApp, TestDevice};
use serde_json::{Value, json};
use std::sync::Arc;

/// A user who is logged in on a device.
#[derive(Debug)]
pub(crate) struct LoggedIn {
    pub(crate) client: String,
    pub(crate) user: String,
    pub(crate) device: Arc<TestDevice>,
    /// Without a proof in each request.
    pub(crate) is_keyless: bool,
    /// The answer to the login.
    pub(crate) login: Answer,
}

impl LoggedIn {
    /// On a new device with a key.
    pub(crate) async fn new(app: &TestApp, client: &str, user: &str) -> Self {
        Self::on(app, client, user, &Arc::new(TestDevice::new(app))).await
    }

    /// On this device.
    pub(crate) async fn on(
        app: &TestApp,
        client: &str,
        user: &str,
        device: &Arc<TestDevice>,
    ) -> Self {
        let login = app.login(client, user, device, json!({})).await;
        Self::after(login, client, user, device, false)
    }

    /// On a new device without a key.
    pub(crate) async fn keyless(app: &TestApp, client: &str, user: &str) -> Self {
        let device = Arc::new(TestDevice::new(app));
        let login = app
            .login(client, user, &device, json!({ "proof": null }))
            .await;
        Self::after(login, client, user, &device, true)
    }

    fn after(
        login: Answer,
        client: &str,
        user: &str,
        device: &Arc<TestDevice>,
        is_keyless: bool,
    ) -> Self {
        assert_eq!(login.status, 201, "{}", login.body);
        Self {
            client: client.to_owned(),
            user: user.to_owned(),
            device: Arc::clone(device),
            is_keyless,
            login,
        }
    }

    pub(crate) fn token(&self) -> String {
        self.login.text("access_token")
    }

    pub(crate) fn refresh_token(&self) -> String {
        self.login.text("refresh_token")
    }

    pub(crate) fn device_id(&self) -> String {
        self.login.text("device_id")
    }

    pub(crate) fn session_id(&self) -> String {
        self.login.text("session_id")
    }

    /// Asks for a judgement of a request with this token.
    pub(crate) async fn verify_token(&self, app: &TestApp, token: &str) -> Answer {
        if self.is_keyless {
            return judge(app, &json!({ "token": token })).await;
        }
        app.verify(&self.device, token).await
    }

    /// Asks for a judgement of a request with the token of the login.
    pub(crate) async fn verify(&self, app: &TestApp) -> Answer {
        self.verify_token(app, &self.token()).await
    }

    pub(crate) async fn assert_allowed(&self, app: &TestApp) {
        let verified = self.verify(app).await;
        assert_eq!(verified.body["allowed"], true, "{}", verified.body);
    }

    pub(crate) async fn assert_refused(&self, app: &TestApp, code: &str) {
        let verified = self.verify(app).await;
        assert_eq!(verified.body["allowed"], false, "{}", verified.body);
        assert_eq!(verified.code(), code, "{}", verified.body);
    }

    /// Refreshes with this token, and a fresh proof if the device has a key.
    pub(crate) async fn refresh(&self, app: &TestApp, token: &str) -> Answer {
        self.refresh_with(app, token, json!({})).await
    }

    /// As [`refresh`](Self::refresh), with other members of the body.
    pub(crate) async fn refresh_with(&self, app: &TestApp, token: &str, changes: Value) -> Answer {
        let mut changes = changes;
        if self.is_keyless && changes.get("proof").is_none() {
            changes["proof"] = Value::Null;
        }
        app.refresh(&self.client, &self.user, &self.device, token, changes)
            .await
    }

    /// A call to the public listener by this user.
    pub(crate) fn call<'a>(&self, app: &'a TestApp, method: &str, path: &str) -> Call<'a> {
        if self.is_keyless {
            let bearer = format!("Bearer {}", self.token());
            return app.public(method, path).header("authorization", &bearer);
        }
        app.by_device(&self.device, &self.token(), method, path)
    }

    /// The user's own list.
    pub(crate) async fn list(&self, app: &TestApp) -> Answer {
        let answer = self.call(app, "GET", "/v1/me/devices").send().await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer
    }
}

/// Asks `/v1/verify`.
pub(crate) async fn judge(app: &TestApp, request: &Value) -> Answer {
    let answer = app
        .internal("POST", "/v1/verify")
        .json(request)
        .send()
        .await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer
}

/// A user's devices as an admin sees them; `query` begins with `?` or is empty.
pub(crate) async fn listed(app: &TestApp, user: &str, query: &str) -> Value {
    let path = format!("/v1/users/{user}/devices{query}");
    let answer = app.internal("GET", &path).send().await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

/// The ids of listed devices, in their order.
pub(crate) fn device_ids(list: &Value) -> Vec<String> {
    let items = list["data"].as_array().expect("a page");
    let id = |item: &Value| item["device_id"].as_str().expect("an id").to_owned();
    items.iter().map(id).collect()
}

/// A client that takes devices without a key.
pub(crate) fn pop_optional() -> Value {
    json!({ "proof_of_possession": "optional" })
}
