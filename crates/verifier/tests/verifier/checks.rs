//! What every answer must be like.

use crate::table::Expected;
use http::HeaderMap;
use serde_json::{Value, json};
use std::{fmt::Debug, time::Duration};

/// What an app answered.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
    pub(crate) took: Duration,
}

/// What is wrong with an answer.
#[derive(Default)]
pub(crate) struct Faults(pub(crate) Vec<String>);

impl Faults {
    pub(crate) fn compare<T: PartialEq + Debug>(&mut self, what: &str, found: &T, expected: &T) {
        if found != expected {
            self.0
                .push(format!("{what} is {found:?}, not {expected:?}"));
        }
    }

    pub(crate) fn check_headers(&mut self, answer: &Answer, expected: &Expected) {
        let has = |name: &str| answer.headers.contains_key(name);
        let code = answer.body["code"].as_str().map(str::to_owned);
        self.compare("status", &answer.status, &expected.status.unwrap_or(200));
        self.compare("code", &code, &expected.code);
        self.compare("DPoP-Nonce", &has("dpop-nonce"), &expected.dpop_nonce);
        self.compare("Retry-After", &has("retry-after"), &expected.retry_after);
        let limit = Duration::from_millis(expected.within_ms.unwrap_or(5000));
        if answer.took >= limit {
            self.0.push(format!("took {:?}", answer.took));
        }
    }

    pub(crate) fn check_problem(&mut self, answer: &Answer, expected: &Expected) {
        let code = expected.code.as_deref().unwrap_or_default();
        let type_uri = format!("https://countersign.dev/problems/{code}");
        self.compare("type", &answer.body["type"], &json!(type_uri));
        self.compare(
            "problem's status",
            &answer.body["status"],
            &json!(answer.status),
        );
        let media_type = "application/problem+json".to_owned();
        self.compare(
            "Content-Type",
            &answer.header("content-type"),
            &Some(media_type),
        );
        self.compare(
            "Cache-Control",
            &answer.header("cache-control"),
            &Some("no-store".to_owned()),
        );
        let challenge = answer.header("www-authenticate");
        self.compare(
            "has a challenge",
            &challenge.is_some(),
            &(answer.status == 401),
        );
        if expected.www_authenticate.is_some() {
            self.compare("challenge", &challenge, &expected.www_authenticate);
        }
        // The service's own title, wherever it says it.
        if let Some(challenge) = challenge {
            let title = format!("error_description={}", answer.body["title"]);
            self.compare(
                "challenge has the title",
                &challenge.contains(&title),
                &true,
            );
        }
    }

    /// The cause is logged where nobody could judge, and holds nothing secret.
    pub(crate) fn check_logs(
        &mut self,
        lines: &[String],
        expected: &Expected,
        key: &str,
        sent: &HeaderMap,
    ) {
        let is_unjudged = expected.code.as_deref() == Some("unavailable");
        self.compare("lines logged", &lines.len(), &usize::from(is_unjudged));
        let values = sent.values().filter_map(|value| value.to_str().ok());
        let long = values.filter(|value| value.len() > 40);
        let secrets = long.map(|value| value.split(' ').next_back().unwrap_or_default());
        for secret in secrets.chain([key]) {
            if lines.iter().any(|line| line.contains(secret)) {
                self.0.push("a secret was logged".to_owned());
            }
        }
    }
}

impl Answer {
    fn header(&self, name: &str) -> Option<String> {
        Some(self.headers.get(name)?.to_str().unwrap().to_owned())
    }
}
