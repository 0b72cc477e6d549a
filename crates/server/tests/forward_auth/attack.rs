//! The attacks, and what came of them.

mod credentials;
mod framing;
mod headers;
mod paths;

use crate::{
    app::Seen,
    proxy::Kind,
    requests::{Fate, Sent, Writer},
    stage::Stage,
};
use serde_json::Value;

/// Attacks a proxy in front of a running service, of a user who is cut off, and of nothing.
pub(crate) async fn run(kind: Kind) {
    let mut stage = Stage::set(kind).await;
    assert!(
        stage.app.take().is_empty(),
        "{kind:?}: before anything was proved"
    );
    let mut report = Report::default();
    let seen = report.note(&stage, &honest(&stage, "the device's own", Fate::Passes));
    let seen = seen.unwrap_or_else(|| panic!("{:?}", report.faults));
    let attacks = attacks(&stage, &seen.headers["x-device-assertion"].concat());
    for sent in &attacks {
        report.note(&stage, sent);
    }
    report.note(&stage, &honest(&stage, "afterwards", Fate::Passes));
    assert_words(&stage);
    let path = format!("/v1/users/{}/disable", stage.keyed.user);
    let ended = stage.service().post(&path, &Value::Null);
    assert_eq!(ended.status, 200, "{}", ended.body);
    report.note(
        &stage,
        &honest(&stage, "of a user who is cut off", Fate::Refused),
    );
    stage.stop_service().await;
    report.note(
        &stage,
        &honest(&stage, "with the service down", Fate::Refused),
    );
    let mut stranger = Writer::new(&stage);
    stranger.without("a stranger's, with the service down", "GET /", "");
    for sent in &stranger.sent {
        report.note(&stage, sent);
    }
    let down = stage.send(&stranger.sent[0].bytes).statuses();
    assert_eq!(
        down,
        [kind.status_without_service()],
        "as the document says"
    );
    let (faults, passed) = (&report.faults, report.passed);
    assert!(
        faults.is_empty(),
        "{} faults:\n{}",
        faults.len(),
        faults.join("\n")
    );
    println!(
        "{kind:?}: {} requests, 0 bypasses ({passed} reached the app, as they were proved); service down: closed",
        attacks.len()
    );
}

/// A refused device hears why, and gets the nonce to do better with.
fn assert_words(stage: &Stage) {
    let url = stage.url("/orders");
    let headers = stage.keyed.with_an_unknown_nonce("GET", &url);
    let bytes = Writer::new(stage).head("GET /orders", &headers);
    let heard = stage.send(&bytes);
    assert_eq!(heard.statuses(), [401], "{}", heard.text());
    let (challenge, nonce) = (heard.header("www-authenticate"), heard.header("dpop-nonce"));
    assert!(
        challenge.starts_with("DPoP error=\"use_dpop_nonce\""),
        "{}",
        heard.text()
    );
    assert!(!nonce.is_empty(), "{}", heard.text());
    assert_eq!(heard.header("x-device-refusal"), "use_dpop_nonce");
}

fn attacks(stage: &Stage, assertion: &str) -> Vec<Sent> {
    let mut writer = Writer::new(stage);
    headers::write(&mut writer);
    credentials::write(&mut writer, assertion);
    paths::write(&mut writer);
    framing::write(&mut writer);
    writer.sent
}

fn honest(stage: &Stage, name: &'static str, fate: Fate) -> Sent {
    let mut writer = Writer::new(stage);
    writer.with(name, fate, "");
    writer.sent.remove(0)
}

/// What was found.
#[derive(Debug, Default)]
struct Report {
    /// Bypasses, and requests that should have passed and did not.
    faults: Vec<String>,
    passed: usize,
}

impl Report {
    /// Sends it, and notes what is wrong with what came of it.
    fn note(&mut self, stage: &Stage, sent: &Sent) -> Option<Seen> {
        let heard = stage.send(&sent.bytes);
        let seen = stage.app.take();
        let mut wrong = Vec::new();
        let yes = |status: &&u16| matches!(status, 101 | 200..300);
        let yeses = heard.statuses().iter().filter(yes).count();
        if yeses != seen.len() && sent.fate != Fate::Unasked {
            wrong.push(format!("{yeses} times yes, and {} at the app", seen.len()));
        }
        let fits = match sent.fate {
            Fate::Passes => seen.len() == 1,
            Fate::Refused | Fate::Unasked => seen.is_empty(),
            Fate::Either => seen.len() <= 1,
        };
        if !fits {
            wrong.push(format!("{} at the app, but {:?}", seen.len(), sent.fate));
        }
        for seen in &seen {
            wrong.extend(stage.checker.faults(seen, &stage.keyed, &sent.signed));
        }
        if !wrong.is_empty() {
            let (sent, bytes) = (sent.name, &sent.bytes);
            let heard = heard.text();
            self.faults.push(format!(
                "== {sent}: {}\n{bytes}\n-- heard\n{heard}\n-- at the app\n{seen:?}",
                wrong.join("; ")
            ));
        }
        self.passed += seen.len();
        seen.into_iter().next()
    }
}
