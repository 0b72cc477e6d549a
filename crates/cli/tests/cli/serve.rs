use crate::process::{
    Addresses, Finished, Running, address, countersign, get, run, serve, serve_command,
};
use countersign_client::{
    Endpoint, ServiceClient,
    api_types::{
        Secret, SecretText,
        session::{DeviceReport, RegisterSession, RegisteredSession, SessionEvent},
        verify::{VerifyRequest, VerifyResponse},
    },
};
use countersign_core::ClientId;
use serde_json::Value;
use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    path::Path,
};
use tempfile::tempdir;
use uuid::Uuid;

/// How often a state is asked for; each try is a request, so this is some seconds.
const TRIES: usize = 2_000;

/// A client for keyless devices and an API key, made by the operator.
pub(crate) fn prepare(data_dir: &Path) -> (ClientId, String) {
    let client = [
        "admin",
        "create-client",
        "--name=Web",
        "--platform=web",
        "--audience=https://api.example",
        "--proof-of-possession=optional",
        "--output=json",
    ];
    let client = run(data_dir, &client).json();
    let key = [
        "admin",
        "create-api-key",
        "--name=backend",
        "--scope=sessions:write,verify",
        "--output=json",
    ];
    let key = run(data_dir, &key).json();
    (
        client["client_id"].as_str().unwrap().parse().unwrap(),
        key["secret"].as_str().unwrap().to_owned(),
    )
}

pub(crate) fn service(addresses: &Addresses, api_key: &str) -> ServiceClient {
    let endpoint = Endpoint::new(addresses.internal.parse().unwrap()).unwrap();
    ServiceClient::new(endpoint, &Secret::from(api_key.to_owned())).unwrap()
}

pub(crate) async fn log_in(service: &ServiceClient, client_id: ClientId) -> RegisteredSession {
    let request = RegisterSession {
        event: SessionEvent::Login,
        client_id,
        user_id: "42".parse().unwrap(),
        amr: vec!["pwd".to_owned()],
        roles: None,
        device: DeviceReport {
            installation_id: Uuid::from_u128(7),
            name: None,
            model: None,
            os_version: None,
            app_version: None,
            encryption: None,
            fingerprint: None,
            device_secret: None,
            push: None,
        },
        proof: None,
        refresh_token: None,
        tokens: None,
        client_ip: None,
        user_agent: None,
    };
    service.register_session(&request).await.unwrap()
}

pub(crate) async fn is_allowed(service: &ServiceClient, session: &RegisteredSession) -> bool {
    let token = session.access_token.as_ref().unwrap().reveal();
    let request = VerifyRequest {
        token: SecretText::from(token),
        scheme: None,
        proof: None,
        method: None,
        url: None,
        min_trust: None,
        require_compliant: false,
        require_key: false,
        strict: false,
        client_ip: None,
    };
    matches!(
        service.verify(&request).await.unwrap(),
        VerifyResponse::Allowed(_)
    )
}

fn await_ready(url: &str) {
    let is_ready = (0..TRIES).any(|_| get(url, "/readyz").starts_with("HTTP/1.1 200"));
    assert!(is_ready);
}

#[tokio::test]
async fn a_session_outlives_the_process() {
    let folder = tempdir().unwrap();
    // Tokens name it, and the ports differ.
    let url = ["--public-url=https://auth.example"];
    let first = serve(folder.path(), &url);
    await_ready(&first.addresses.metrics);
    let (client_id, api_key) = prepare(folder.path());
    let backend = service(&first.addresses, &api_key);
    let session = log_in(&backend, client_id).await;
    assert!(is_allowed(&backend, &session).await);
    first.stop();

    let second = serve(folder.path(), &url);
    let backend = service(&second.addresses, &api_key);
    assert!(is_allowed(&backend, &session).await);
    second.stop();
}

#[test]
fn each_listener_has_its_own_routes() {
    let folder = tempdir().unwrap();
    let server = serve(folder.path(), &[]);
    let Addresses {
        public,
        internal,
        metrics,
    } = &server.addresses;
    for (url, path, status) in [
        (public, "/.well-known/jwks.json", 200),
        (public, "/v1/clients", 404),
        (public, "/metrics", 404),
        (internal, "/v1/clients", 401),
        (internal, "/metrics", 404),
        (metrics, "/metrics", 200),
        (metrics, "/livez", 200),
    ] {
        let answer = get(url, path);
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{path}: {answer}"
        );
    }
    server.stop();
}

#[test]
fn json_logs_say_where_it_listens() {
    let folder = tempdir().unwrap();
    let mut server = Running::start(serve_command(folder.path(), &["--log-format=json"]));
    let line = server.read_log_until(|line| line.contains(r#""message":"listening""#));
    let line: Value = serde_json::from_str(&line).unwrap();
    for name in ["public", "internal", "metrics"] {
        let url = line[name].as_str().unwrap();
        assert!(get(url, "/livez").starts_with("HTTP/1.1 200"), "{name}");
    }
    server.stop();
}

#[test]
fn a_request_under_way_is_answered_and_a_second_signal_does_not_wait_for_it() {
    let folder = tempdir().unwrap();
    let mut server = serve(folder.path(), &[]);
    let (_, api_key) = prepare(folder.path());
    let address = address(&server.addresses.internal);
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "POST /v1/verify HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {api_key}\r\n\
         Content-Type: application/json\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n"
    )
    .unwrap();
    // The handler asks for the body, so the request is under way.
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 100");
    server.signal("TERM");
    server.read_log_until(|line| line.contains("stopping"));
    server.signal("TERM");
    assert_eq!(server.wait(), Some(1));
}

#[test]
fn a_taken_port_is_named() {
    let folder = tempdir().unwrap();
    let server = serve(folder.path(), &[]);
    let taken = server
        .addresses
        .public
        .trim_start_matches("http://")
        .to_owned();
    let other = tempdir().unwrap();
    let args = [
        "serve",
        "--public-listen",
        &taken,
        "--internal-listen=127.0.0.1:0",
    ];
    let refused = Finished::of(countersign(other.path(), &args));
    refused.failed(1, &["cannot listen", &taken]);
    server.stop();
}
