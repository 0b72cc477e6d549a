//! Answers `/v1/verify` a given number of times over a few connections, and nothing else after that.
//!
//! `cargo xtask instructions` runs it under callgrind with two different numbers: the difference
//! is what one verification costs, HTTP and JSON included.
//!
//! `verify_load REQUESTS`

use countersign_core::{Clock, Rng, SystemClock, SystemRng, activity::Actor, api_key::Scope};
use countersign_server::{
    Cluster, GoogleApi, KeyEncryptionKey, Listeners, Memory, NewApiKey, Retention, Server,
    ServerConfig, http::TrustedProxies, telemetry::Metrics,
};
use countersign_storage::{Backend, StoreConfig};
use serde_json::{Value, json};
use std::{
    error::Error,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    sync::Arc,
};
use zeroize::Zeroizing;

/// As in the binary, whose work is counted here.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Requests under way at a time.
const CONNECTIONS: usize = 32;

type Fallible<T> = Result<T, Box<dyn Error + Send + Sync>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Fallible<()> {
    let requests: usize = std::env::args()
        .nth(1)
        .ok_or("how many requests?")?
        .parse()?;
    let folder = tempfile::tempdir()?;
    let (clock, rng): (Arc<dyn Clock>, Arc<dyn Rng>) = (Arc::new(SystemClock), Arc::new(SystemRng));
    let any_port = SocketAddr::from(([127, 0, 0, 1], 0));
    let backend = Backend::Sqlite {
        path: folder.path().join("load.db"),
    };
    let config = ServerConfig {
        public_url: "http://localhost".to_owned(),
        listeners: Listeners {
            public: any_port,
            internal: any_port,
            metrics: None,
        },
        store: StoreConfig::new(backend, Arc::clone(&rng)),
        key_encryption_key: KeyEncryptionKey(Zeroizing::new([7; 32])),
        trusted_proxies: TrustedProxies::default(),
        forward_auth_origins: Vec::new(),
        geoip: None,
        anchors: countersign_server::Anchors::shipped(),
        android_status_url: None,
        google: GoogleApi::default(),
        cluster: Cluster::default(),
        memory: Memory::default(),
        retention: Retention::default(),
    };
    let server = Server::start(config, clock, rng, Metrics::new()).await?;
    let key = NewApiKey {
        name: "load".to_owned(),
        scopes: Scope::ALL.to_vec(),
        expires_at: None,
    };
    let (_, secret) = server.app().api_keys.create(key, Actor::Operator).await?;
    let address = server.addresses().internal;
    let key = secret.reveal().to_owned();
    let caller = tokio::task::spawn_blocking(move || call(address, &key, requests));
    caller.await??;
    server.shut_down().await;
    Ok(())
}

/// Logs a device without a key in, then has its token judged again and again.
fn call(address: SocketAddr, key: &str, requests: usize) -> Fallible<()> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let client = json!({
        "name": "Load", "platform": "web", "audience": "load", "proof_of_possession": "optional",
    });
    let client = ask(&mut stream, &request(key, "/v1/clients", &client))?;
    let login = json!({
        "event": "login", "client_id": client["client_id"], "user_id": "42",
        "device": { "installation_id": "6f1c0d1e-8c0b-4f7a-9a3e-2b8f4d5c6a70" },
    });
    let login = ask(&mut stream, &request(key, "/v1/sessions", &login))?;
    let verify = request(
        key,
        "/v1/verify",
        &json!({ "token": login["access_token"] }),
    );
    let judged = ask(&mut stream, &verify)?;
    if judged["allowed"] != true {
        return Err(format!("not allowed: {judged}").into());
    }
    // The same bytes each time, so that what is counted is the server's work and not this one's.
    let expected = exchange(&mut stream, &verify, &mut [0; 4096], <[u8]>::to_vec)?;
    let expected = body(&expected)?.to_vec();
    let mut streams = vec![stream];
    while streams.len() < CONNECTIONS {
        streams.push(TcpStream::connect(address)?);
    }
    let mut answer = [0; 4096];
    for _ in 0..requests / CONNECTIONS {
        for stream in &mut streams {
            stream.write_all(&verify)?;
        }
        for stream in &mut streams {
            let length = stream.read(&mut answer)?;
            if !answer[..length].ends_with(&expected) {
                return Err("another answer than before".into());
            }
        }
    }
    Ok(())
}

fn request(key: &str, path: &str, body: &Value) -> Vec<u8> {
    let body = body.to_string();
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {key}\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

fn ask(stream: &mut TcpStream, request: &[u8]) -> Fallible<Value> {
    exchange(stream, request, &mut [0; 4096], |answer| {
        Ok(serde_json::from_slice(body(answer)?)?)
    })?
}

/// Sends a request and hands on its answer, which is small enough to arrive whole.
fn exchange<T>(
    stream: &mut TcpStream,
    request: &[u8],
    buffer: &mut [u8],
    take: impl FnOnce(&[u8]) -> T,
) -> Fallible<T> {
    stream.write_all(request)?;
    let length = stream.read(buffer)?;
    Ok(take(&buffer[..length]))
}

fn body(answer: &[u8]) -> Fallible<&[u8]> {
    let end = answer
        .windows(4)
        .position(|end| end == b"\r\n\r\n")
        .ok_or("no body")?;
    Ok(&answer[end + 4..])
}
