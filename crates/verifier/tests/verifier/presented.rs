//! What the service is asked.

use crate::fake::{API_KEY, Fake, PUBLIC_URL};
use axum::extract::ConnectInfo;
use countersign_verifier::{Demands, Peer, RemoteConfig, TrustLevel, Verdict, Verifier};
use http::{Request, request::Parts};
use std::net::SocketAddr;

/// A request with a token and a proof.
fn request(method: &str, uri: &str) -> Parts {
    let request = Request::builder().method(method).uri(uri);
    let request = request
        .header("authorization", "DPoP token")
        .header("dpop", "proof");
    request.body(()).unwrap().into_parts().0
}

fn is_allowed(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Allowed(_))
}

#[tokio::test]
async fn the_url_is_the_public_one_with_the_path_as_it_was_sent() {
    let fake = Fake::start().await;
    let verifier = fake.verifier();
    for (method, sent, path) in [
        ("GET", "/a/b?c=d", "/a/b"),
        ("GET", "http://evil.example/a?b", "/a"),
        ("GET", "http://evil.example", "/"),
        ("GET", "//evil.example/a", "//evil.example/a"),
        ("OPTIONS", "*", "/"),
        ("CONNECT", "evil.example:443", "/"),
        ("DELETE", "/a%2Fb/%C3%BC", "/a%2Fb/%C3%BC"),
    ] {
        let verdict = verifier
            .verify(&request(method, sent), Demands::default())
            .await;
        assert!(is_allowed(&verdict), "{sent}: {verdict:?}");
        let asked = fake.last_body();
        assert_eq!(
            asked["url"],
            format!("https://api.example/v2{path}"),
            "{sent}"
        );
        assert_eq!(asked["method"], method);
        assert_eq!(asked["token"], "token");
        assert_eq!(asked["scheme"], "DPoP");
        assert_eq!(asked["proof"], "proof");
    }
    let head = fake.asked()[0].head.clone();
    assert!(head.starts_with("POST /v1/verify HTTP/1.1\r\n"), "{head}");
    assert!(
        head.contains(&format!("authorization: Bearer {API_KEY}\r\n")),
        "{head}"
    );
}

#[tokio::test]
async fn a_path_too_long_to_be_judged_is_refused_unasked() {
    let fake = Fake::start().await;
    let path = format!("/{}", "a".repeat(8192));
    let verdict = fake
        .verifier()
        .verify(&request("GET", &path), Demands::default())
        .await;
    let Verdict::Refused(refused) = verdict else {
        panic!("{verdict:?}");
    };
    assert_eq!(
        (refused.status().as_u16(), refused.code()),
        (401, "proof_mismatch")
    );
    assert!(fake.asked().is_empty());
}

#[tokio::test]
async fn the_address_is_the_connections_or_what_the_first_of_so_many_proxies_saw() {
    const CHAIN: &str = "198.51.100.1, 203.0.113.5, 10.0.0.2";
    let fake = Fake::start().await;
    for (trust_proxy, peer, forwarded, address) in [
        (0, Some("192.0.2.7"), "198.51.100.1", Some("192.0.2.7")),
        (0, Some("::ffff:192.0.2.7"), "", Some("192.0.2.7")),
        (0, None, "198.51.100.1", None),
        (1, Some("10.0.0.1"), CHAIN, Some("10.0.0.2")),
        (2, Some("10.0.0.1"), CHAIN, Some("203.0.113.5")),
        (9, Some("10.0.0.1"), CHAIN, Some("198.51.100.1")),
        (
            1,
            Some("10.0.0.1"),
            "::ffff:203.0.113.9",
            Some("203.0.113.9"),
        ),
        (1, Some("10.0.0.1"), "fe80::1%eth0", Some("fe80::1")),
        (1, Some("10.0.0.1"), "nonsense", Some("10.0.0.1")),
        (1, Some("10.0.0.1"), "", Some("10.0.0.1")),
        (1, None, "203.0.113.5", Some("203.0.113.5")),
    ] {
        let verifier = Verifier::remote(RemoteConfig {
            trust_proxy,
            ..fake.config()
        });
        let mut request = request("GET", "/");
        if let Some(peer) = peer {
            request.extensions.insert(Peer(peer.parse().unwrap()));
        }
        if !forwarded.is_empty() {
            request
                .headers
                .insert("x-forwarded-for", forwarded.try_into().unwrap());
        }
        verifier.unwrap().verify(&request, Demands::default()).await;
        let asked = fake.last_body();
        assert_eq!(
            asked["client_ip"].as_str(),
            address,
            "{trust_proxy} {peer:?} {forwarded}"
        );
    }
}

#[tokio::test]
async fn the_address_of_axums_connection_is_found() {
    let fake = Fake::start().await;
    let mut request = request("GET", "/");
    let peer = SocketAddr::from(([192, 0, 2, 9], 4000));
    request.extensions.insert(ConnectInfo(peer));
    fake.verifier().verify(&request, Demands::default()).await;
    assert_eq!(fake.last_body()["client_ip"], "192.0.2.9");
}

#[tokio::test]
async fn demands_are_sent() {
    let fake = Fake::start().await;
    let demands = Demands {
        min_trust: Some(TrustLevel::Corporate),
        require_compliant: true,
        require_key: true,
        strict: false,
    };
    fake.verifier().verify(&request("GET", "/"), demands).await;
    let asked = fake.last_body();
    assert_eq!(asked["min_trust"], "corporate");
    assert_eq!(
        (&asked["require_compliant"], &asked["require_key"]),
        (&true.into(), &true.into())
    );
}

#[tokio::test]
async fn a_header_that_is_no_text_is_no_token() {
    let fake = Fake::start().await;
    let mut request = request("GET", "/");
    let bytes = http::HeaderValue::from_bytes(b"DPoP \xfftoken").unwrap();
    request.headers.insert("authorization", bytes);
    let verdict = fake.verifier().verify(&request, Demands::default()).await;
    assert!(matches!(verdict, Verdict::Refused(refused) if refused.code() == "token_invalid"));
    assert!(fake.asked().is_empty());
}

#[tokio::test]
async fn the_public_url_is_written_as_urls_are() {
    let fake = Fake::start().await;
    for (configured, url) in [
        (PUBLIC_URL, "https://api.example/v2/x"),
        ("HTTPS://API.example:443", "https://api.example/x"),
        ("http://[::1]:3000/", "http://[::1]:3000/x"),
    ] {
        let verifier = Verifier::remote(RemoteConfig {
            public_url: configured.to_owned(),
            ..fake.config()
        });
        verifier
            .unwrap()
            .verify(&request("GET", "/x"), Demands::default())
            .await;
        assert_eq!(fake.last_body()["url"], url, "{configured}");
    }
}
