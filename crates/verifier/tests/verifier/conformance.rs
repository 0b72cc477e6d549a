//! Every case of `middleware/conformance/cases.json`, in every framework, against a real service.

use crate::{
    apps::{App, Framework},
    checks::{Answer, Faults},
    logs::Logs,
    scene::{Claims, Scene, http_client},
    stub::Stub,
    table::{ApiKey, Case, Proof, Server, Service, Table},
};
use countersign_verifier::{LeasedConfig, RemoteConfig, Verifier};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::{Value, json};
use std::{collections::BTreeMap, time::Duration};
use tokio::time::Instant;

#[tokio::test]
async fn axum_answers_every_case() {
    play(Framework::Axum).await;
}

#[tokio::test]
async fn axum_in_layers_answers_every_case() {
    play(Framework::AxumInLayers).await;
}

#[tokio::test]
async fn nested_axum_routers_answer_every_case() {
    play(Framework::AxumNested).await;
}

#[tokio::test]
async fn hyper_answers_every_case() {
    play(Framework::Hyper).await;
}

#[tokio::test]
async fn hyper_in_layers_answers_every_case() {
    play(Framework::HyperInLayers).await;
}

#[tokio::test]
async fn a_verifier_that_answers_from_memory_answers_every_case() {
    play_as(Framework::Axum, Way::Leased).await;
}

/// How the app's verifier judges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Remote,
    Leased,
}

async fn play(framework: Framework) {
    play_as(framework, Way::Remote).await;
}

/// Faults of all cases, so that one run shows them all.
async fn play_as(framework: Framework, way: Way) {
    let stage = Stage::set(framework, way).await;
    let mut faults = Vec::new();
    for case in &stage.table.cases {
        let found = stage.play(case).await;
        faults.extend(
            found
                .into_iter()
                .map(|fault| format!("{}: {fault}", case.name)),
        );
    }
    assert!(stage.table.cases.len() >= 67, "the table has lost cases");
    assert_eq!(faults, [""; 0], "{framework:?}");
}

struct Stage {
    table: Table,
    scene: Scene,
    apps: BTreeMap<String, Guarded>,
    logs: Logs,
}

/// An app, and the service that its middleware asks.
struct Guarded {
    app: App,
    api_key: String,
    _stub: Option<Stub>,
}

impl Stage {
    async fn set(framework: Framework, way: Way) -> Self {
        let table = Table::read();
        let logs = Logs::capture();
        let scene = Scene::set(&table.public_url).await;
        let mut apps = BTreeMap::new();
        for (name, row) in &table.services {
            let guarded = start(framework, way, row, &table, &scene).await;
            apps.insert(name.clone(), guarded);
        }
        // What was said while a memory was filled is nobody's case.
        logs.take();
        Self {
            table,
            scene,
            apps,
            logs,
        }
    }

    async fn play(&self, case: &Case) -> Vec<String> {
        let guarded = &self.apps[&case.service];
        let headers = self.headers(case);
        let mut faults = Faults::default();
        if case.proof.as_ref().is_some_and(|proof| proof.replayed) {
            let first = send(&guarded.app, case, headers.clone()).await;
            faults.compare("status at first", &first.status, &200);
        }
        let answer = send(&guarded.app, case, headers.clone()).await;
        let expected = self.table.expected(case);
        faults.check_headers(&answer, &expected);
        if answer.status == 200 {
            self.check_device(&mut faults, case, &answer.body["device"], &expected.device);
        } else {
            faults.check_problem(&answer, &expected);
        }
        faults.check_logs(&self.logs.take(), &expected, &guarded.api_key, &headers);
        faults.0
    }

    fn headers(&self, case: &Case) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in &case.headers {
            headers.append(
                HeaderName::try_from(name).unwrap(),
                value.try_into().unwrap(),
            );
        }
        let device = case.token.as_deref().map(|name| &self.scene.devices[name]);
        let token = device.map(|device| device.token.as_str());
        let usual = device.map(|device| match device.key {
            Some(_) => vec!["DPoP {token}".to_owned()],
            None => vec!["Bearer {token}".to_owned()],
        });
        for value in case.authorization.clone().or(usual).unwrap_or_default() {
            let value = filled(&value).replace("{token}", token.unwrap_or_default());
            headers.append("authorization", value.try_into().unwrap());
        }
        if let Some(proof) = &case.proof {
            let text = match &proof.text {
                Some(text) => filled(text),
                None => self.proof(case, proof),
            };
            for _ in 0..proof.times.unwrap_or(1) {
                headers.append("dpop", HeaderValue::try_from(&text).unwrap());
            }
        }
        headers
    }

    fn proof(&self, case: &Case, proof: &Proof) -> String {
        let device = case.token.as_deref().map(|name| &self.scene.devices[name]);
        let own = device.and_then(|device| device.key.as_ref());
        let key = match proof.key {
            Some(_) => &self.scene.other_key,
            None => own.unwrap_or(&self.scene.other_key),
        };
        let path = case.request.target.split('?').next().unwrap();
        let url = format!("{}{path}", self.table.public_url);
        let claims = Claims {
            method: proof.method.as_ref().unwrap_or(&case.request.method),
            url: proof.url.as_ref().unwrap_or(&url),
            token: match proof.token {
                Some(_) => Some("another"),
                None => device.map(|device| device.token.as_str()),
            },
            nonce: proof.nonce.then_some(&*self.scene.nonce),
            age: Duration::from_secs(proof.age_seconds),
        };
        self.scene.proof(key, &claims)
    }

    fn check_device(&self, faults: &mut Faults, case: &Case, device: &Value, expected: &Value) {
        let Some(expected) = expected.as_object() else {
            faults.compare("device", device, &Value::Null);
            return;
        };
        let session = &self.scene.devices[case.token.as_deref().unwrap()].session;
        let mut facts = json!({ "app_version": "1.2.3", "amr": ["pwd"], "platform": "web" });
        for name in ["device_id", "session_id", "user_id", "app_id"] {
            facts[name] = session[name].clone();
        }
        facts.as_object_mut().unwrap().extend(expected.clone());
        for (name, fact) in facts.as_object().unwrap() {
            faults.compare(name, &device[name], fact);
        }
        let fields = device.as_object().into_iter().flatten();
        let fields = fields.map(|(name, _)| name.clone()).collect();
        faults.compare("fields", &fields, &self.table.device_fields);
    }
}

/// The app, with a service as the row says.
async fn start(
    framework: Framework,
    way: Way,
    row: &Service,
    table: &Table,
    scene: &Scene,
) -> Guarded {
    let countersign = scene.server.internal_url();
    let api_key = match row.api_key {
        None => scene.server.api_key.clone(),
        Some(ApiKey::Unknown) => "csak_unknown".to_owned(),
        Some(ApiKey::WithoutVerify) => scene.key_without_verify.clone(),
    };
    let stub = match row.server {
        Server::Countersign => None,
        Server::None | Server::Stub => Some(Stub::start(row, &countersign).await),
    };
    let service_url = stub.as_ref().map_or(countersign, |stub| stub.url.clone());
    let verifier = match way {
        Way::Remote => Verifier::remote(RemoteConfig {
            service_url,
            api_key: api_key.clone().into(),
            public_url: table.public_url.clone(),
            ..RemoteConfig::default()
        }),
        Way::Leased => Verifier::leased(LeasedConfig {
            service_url,
            api_key: api_key.clone().into(),
            public_url: table.public_url.clone(),
            clock: scene.server.clock.clone(),
            ..LeasedConfig::default()
        }),
    };
    let verifier = verifier.unwrap();
    while row.server == Server::Countersign && row.api_key.is_none() && !verifier.is_ready() {
        tokio::task::yield_now().await;
    }
    Guarded {
        app: App::start(framework, &verifier, &table.routes).await,
        api_key,
        _stub: stub,
    }
}

async fn send(app: &App, case: &Case, headers: HeaderMap) -> Answer {
    let method = Method::try_from(&*case.request.method).unwrap();
    let url = format!("{}{}", app.url, case.request.target);
    let began = Instant::now();
    let request = http_client().request(method, url).headers(headers);
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = response.text().await.unwrap();
    Answer {
        status,
        headers,
        body: serde_json::from_str(&body).unwrap_or_default(),
        took: began.elapsed(),
    }
}

fn filled(text: &str) -> String {
    text.replace("{8193 bytes}", &"a".repeat(8193))
}
