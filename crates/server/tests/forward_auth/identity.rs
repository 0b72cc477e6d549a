//! What the app may have been told, and nothing else.

use crate::{app::Seen, device::Device, requests::Signed, service::Service};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_attestation::jws::PublicKey;
use countersign_core::{Clock, SystemClock};
use serde_json::Value;

/// What the app checks the headers with.
#[derive(Debug)]
pub(crate) struct Checker {
    pub(crate) client: String,
    /// Where the app is reached.
    origin: String,
    keys: Value,
}

impl Checker {
    pub(crate) fn new(service: &Service, client: &str, origin: &str) -> Self {
        let keys = service.get("/.well-known/jwks.json");
        assert_eq!(keys.status, 200, "{}", keys.body);
        Self {
            client: client.to_owned(),
            origin: origin.to_owned(),
            keys: keys.body["keys"].clone(),
        }
    }

    /// The id of the key that signs.
    pub(crate) fn key_id(&self) -> &str {
        self.keys[0]["kid"].as_str().expect("a key")
    }

    /// How this differs from the request that the device signed, with its true identity, once.
    pub(crate) fn faults(&self, seen: &Seen, device: &Device, signed: &Signed) -> Vec<String> {
        let mut faults = Vec::new();
        let mut compare = |what: &str, found: &str, wanted: &str| {
            let is_host = what == "host" && found.eq_ignore_ascii_case(wanted);
            if found != wanted && !is_host {
                faults.push(format!("{what} is {found:?}, not {wanted:?}"));
            }
        };
        compare("the method", &seen.method, signed.method);
        compare("the target", &seen.target, signed.target);
        let host = self.origin.trim_start_matches("http://");
        for (name, wanted) in [
            ("host", host),
            ("x-device-id", device.told("device_id")),
            ("x-device-session", device.told("session_id")),
            ("x-device-user", device.user),
            ("x-device-tenant", self.client.as_str()),
            ("x-device-trust", "unknown"),
            // Nothing is known of it, so it is empty or not there.
            ("x-device-compliant", ""),
        ] {
            let values = seen.headers.get(name).cloned().unwrap_or_default();
            compare(name, &values.join(" and "), wanted);
        }
        let assertions = seen.headers.get("x-device-assertion").cloned();
        faults.extend(match assertions.unwrap_or_default().as_slice() {
            [assertion] => self.assertion_faults(assertion, device, signed),
            several => vec![format!("{} assertions", several.len())],
        });
        faults
    }

    fn assertion_faults(&self, text: &str, device: &Device, signed: &Signed) -> Vec<String> {
        let Some(claims) = self.opened(text) else {
            return vec!["a forged assertion".to_owned()];
        };
        let url = format!("{}{}", self.origin, signed.target);
        let wanted = [
            ("iss", "https://auth.example"),
            ("aud", self.origin.as_str()),
            ("sub", device.user),
            ("device_id", device.told("device_id")),
            ("sid", device.told("session_id")),
            ("client_id", self.client.as_str()),
            ("trust", "unknown"),
            ("method", signed.method),
            ("url", url.as_str()),
        ];
        let wrong = wanted
            .iter()
            .filter(|(claim, value)| claims[claim] != *value);
        let mut faults: Vec<_> = wrong
            .map(|(claim, _)| format!("{claim}: {claims}"))
            .collect();
        let left = claims["exp"].as_i64().unwrap_or(0) - SystemClock.now().as_secs();
        if !(1..=60).contains(&left) {
            faults.push(format!("{left} s left"));
        }
        faults
    }

    /// The claims, if a published key signed them and they are a device assertion's.
    fn opened(&self, text: &str) -> Option<Value> {
        let (input, signature) = text.rsplit_once('.')?;
        let (header, claims) = input.split_once('.')?;
        let part = |text: &str| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok();
        let header: Value = part(header)?;
        let is_ours = header["typ"] == "device-assertion+jwt" && header["alg"] == "ES256";
        let mut keys = self.keys.as_array()?.iter();
        let key = keys.find(|key| is_ours && key["kid"] == header["kid"])?;
        let (x, y) = (key["x"].as_str()?, key["y"].as_str()?);
        let key = PublicKey::from_coordinates(x, y).ok()?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?.try_into().ok()?;
        if key.is_signed(input.as_bytes(), &signature) {
            part(claims)
        } else {
            None
        }
    }
}
