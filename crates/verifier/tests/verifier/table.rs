//! `middleware/conformance/cases.json`: a field that is not known here fails the run.

use countersign_verifier::{DeviceLayer, Verifier};
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Table {
    #[serde(rename = "about")]
    _about: String,
    pub(crate) public_url: String,
    pub(crate) routes: BTreeMap<String, Route>,
    pub(crate) device_fields: BTreeSet<String>,
    pub(crate) services: BTreeMap<String, Service>,
    pub(crate) refusals: BTreeMap<String, Expected>,
    pub(crate) cases: Vec<Case>,
}

/// What a route demands.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Route {
    #[serde(default = "yes")]
    required: bool,
    min_trust: Option<String>,
    #[serde(default)]
    require_compliant: bool,
    #[serde(default)]
    require_key: bool,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Service {
    pub(crate) server: Server,
    pub(crate) api_key: Option<ApiKey>,
    pub(crate) sends: Option<String>,
    pub(crate) status: Option<String>,
    pub(crate) body: Option<Value>,
    pub(crate) then: Option<Then>,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Server {
    Countersign,
    None,
    Stub,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ApiKey {
    Unknown,
    WithoutVerify,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Then {
    Close,
    Hang,
    Trickle,
    Flood,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) request: Target,
    pub(crate) token: Option<String>,
    pub(crate) authorization: Option<Vec<String>>,
    pub(crate) proof: Option<Proof>,
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    #[serde(default = "up")]
    pub(crate) service: String,
    pub(crate) expect: Expected,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Target {
    pub(crate) method: String,
    pub(crate) target: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Proof {
    pub(crate) method: Option<String>,
    pub(crate) url: Option<String>,
    #[serde(default)]
    pub(crate) age_seconds: u64,
    pub(crate) key: Option<Other>,
    pub(crate) token: Option<Other>,
    #[serde(default = "yes")]
    pub(crate) nonce: bool,
    pub(crate) text: Option<String>,
    pub(crate) times: Option<usize>,
    #[serde(default)]
    pub(crate) replayed: bool,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Other {
    Other,
}

#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Expected {
    pub(crate) refusal: Option<String>,
    /// Null for nobody.
    pub(crate) device: Value,
    pub(crate) status: Option<u16>,
    pub(crate) code: Option<String>,
    pub(crate) www_authenticate: Option<String>,
    pub(crate) dpop_nonce: bool,
    pub(crate) retry_after: bool,
    pub(crate) within_ms: Option<u64>,
}

impl Table {
    pub(crate) fn read() -> Self {
        let text = include_str!("../../../../middleware/conformance/cases.json");
        serde_json::from_str(text).unwrap()
    }

    /// What a case expects, with the row of `refusals` that it names.
    pub(crate) fn expected(&self, case: &Case) -> Expected {
        match &case.expect.refusal {
            Some(name) => self.refusals[name].clone(),
            None => case.expect.clone(),
        }
    }
}

impl Route {
    /// The layer that demands it.
    pub(crate) fn layer(&self, verifier: &Verifier) -> DeviceLayer {
        let mut layer = DeviceLayer::new(verifier.clone());
        if !self.required {
            layer = layer.optional();
        }
        if let Some(level) = &self.min_trust {
            layer = layer.min_trust(level.parse().unwrap());
        }
        if self.require_compliant {
            layer = layer.require_compliant();
        }
        if self.require_key {
            layer = layer.require_key();
        }
        layer
    }
}

impl Default for Target {
    fn default() -> Self {
        Self {
            method: "GET".to_owned(),
            target: "/device".to_owned(),
        }
    }
}

fn yes() -> bool {
    true
}

fn up() -> String {
    "up".to_owned()
}
