//! The way to the service: connections, time, what is logged.

use crate::{fake::Fake, logs::Logs, stub::Stub, table::Table};
use countersign_verifier::{Demands, RemoteConfig, Verdict, Verifier};
use http::{Request, request::Parts};
use std::time::Duration;
use tokio::time::Instant;

fn request() -> Parts {
    let request = Request::builder().header("authorization", "Bearer token");
    request.body(()).unwrap().into_parts().0
}

async fn is_allowed(verifier: &Verifier) -> bool {
    let verdict = verifier.verify(&request(), Demands::default()).await;
    matches!(verdict, Verdict::Allowed(_))
}

#[tokio::test]
async fn connections_are_kept() {
    let fake = Fake::start().await;
    let verifier = fake.verifier();
    assert!(is_allowed(&verifier).await && is_allowed(&verifier.clone()).await);
    let asked = fake.asked();
    assert_eq!((asked[0].connection, asked[1].connection), (0, 0));
}

#[tokio::test]
async fn a_connection_that_goes_while_it_is_asked_is_replaced_once() {
    let fake = Fake::start().await;
    let verifier = fake.verifier();
    assert!(is_allowed(&verifier).await);
    fake.hang_up_next();
    assert!(is_allowed(&verifier).await);
    let connections: Vec<_> = fake.asked().iter().map(|asked| asked.connection).collect();
    assert_eq!(connections, [0, 0, 1]);
}

#[tokio::test]
async fn a_yes_is_for_one_request_only() {
    let fake = Fake::start().await;
    let verifier = fake.verifier();
    assert!(is_allowed(&verifier).await);
    fake.answer(serde_json::json!({ "allowed": false, "code": "session_ended", "status": 401 }));
    assert!(!is_allowed(&verifier).await);
    assert_eq!(fake.asked().len(), 2);
}

#[tokio::test]
async fn the_service_may_be_a_unix_socket() {
    let folder = tempfile::tempdir().unwrap();
    let fake = Fake::start_at(&folder.path().join("sidecar.sock"));
    assert!(is_allowed(&fake.verifier()).await);
    assert!(fake.asked()[0].head.starts_with("POST /v1/verify "));
}

#[tokio::test]
async fn the_service_may_be_below_a_path() {
    let fake = Fake::start().await;
    for path in ["/countersign", "/countersign/"] {
        let config = fake.config();
        let verifier = Verifier::remote(RemoteConfig {
            service_url: format!("{}{path}", config.service_url),
            ..config
        });
        assert!(is_allowed(&verifier.unwrap()).await);
        let head = fake.asked().pop().unwrap().head;
        assert!(head.starts_with("POST /countersign/v1/verify "), "{head}");
    }
}

#[tokio::test]
async fn why_there_is_no_answer_is_logged() {
    let table = Table::read();
    let logs = Logs::capture();
    for (service, cause) in [
        ("silent", "no answer in time"),
        ("trickles", "no answer in time"),
        ("hangs_up", "the connection broke"),
        ("floods", "the answer is too long"),
        ("down", "no connection: Connection refused (os error 111)"),
        ("bare_yes", "the answer has an unknown shape"),
        ("redirects", "status 307"),
    ] {
        let stub = Stub::start(&table.services[service], "http://127.0.0.1:1").await;
        let verifier = Verifier::remote(RemoteConfig {
            service_url: stub.url.clone(),
            api_key: "csak_x".to_owned().into(),
            public_url: table.public_url.clone(),
            timeout: Duration::from_millis(300),
            ..RemoteConfig::default()
        });
        let began = Instant::now();
        assert!(!is_allowed(&verifier.unwrap()).await);
        assert!(began.elapsed() < Duration::from_secs(2), "{service}");
        let lines = logs.take();
        let end = format!("countersign could not judge a request cause={cause}");
        assert!(
            lines.len() == 1 && lines[0].ends_with(&end),
            "{service}: {lines:?}"
        );
    }
}
