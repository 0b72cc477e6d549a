//! Addresses: what devices are told, what is listened on, who is believed.

use super::Finding;
use crate::config::Loaded;
use std::{io, net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    time::timeout,
};
use url::{Host, Url};

const PATIENCE: Duration = Duration::from_secs(2);
/// More than the head and the body of `/livez`.
const ANSWER_BYTES: u64 = 4096;

pub(super) fn public_url(loaded: &Loaded) -> Finding {
    const CHECK: &str = "public_url";
    let text = loaded.public_url();
    let Ok(url) = Url::parse(&text) else {
        return Finding::fail(CHECK, text, "must be https://host[:port]");
    };
    let is_loopback = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    if url.scheme() == "https" {
        Finding::ok(CHECK, text)
    } else if is_loopback {
        Finding::ok(CHECK, format!("{text}: reachable from this machine only"))
    } else {
        let hint = "put TLS in front and set server.public_url to the https URL that devices use";
        Finding::fail(
            CHECK,
            format!("{text}: tokens would travel in the clear"),
            hint,
        )
    }
}

pub(super) async fn listeners(loaded: &Loaded) -> Vec<Finding> {
    let server = &loaded.config.server;
    let mut all = vec![("public_listen", server.public_listen)];
    if server.internal_listen != server.public_listen {
        all.push(("internal_listen", server.internal_listen));
    }
    all.extend(
        server
            .metrics_listen
            .map(|address| ("metrics_listen", address)),
    );
    let mut findings = Vec::new();
    for (name, address) in all {
        findings.push(listener(name, address).await);
    }
    findings
}

async fn listener(name: &'static str, address: SocketAddr) -> Finding {
    match TcpListener::bind(address).await {
        Ok(_) => Finding::ok(name, format!("{address} is free")),
        Err(_) if is_ours(address).await => {
            Finding::ok(name, format!("{address}: a Countersign answers there"))
        }
        Err(error) => {
            let hint = format!("end what listens there, or set server.{name}");
            Finding::fail(name, format!("{address}: {error}"), hint)
        }
    }
}

/// Whether what listens there answers `/livez` as we do.
async fn is_ours(address: SocketAddr) -> bool {
    let answer = timeout(PATIENCE, livez(address)).await;
    answer.is_ok_and(|answer| {
        answer.is_ok_and(|text| {
            text.starts_with("HTTP/1.1 200") && text.contains(r#""status":"live""#)
        })
    })
}

async fn livez(address: SocketAddr) -> io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET /livez HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(ANSWER_BYTES).read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

pub(super) fn trusted_proxies(loaded: &Loaded) -> Finding {
    const CHECK: &str = "trusted_proxies";
    let server = &loaded.config.server;
    let everybody = |network: &&String| network.ends_with("/0");
    if let Some(network) = server.trusted_proxies.iter().find(everybody) {
        let hint = "name the proxies' own networks";
        return Finding::fail(
            CHECK,
            format!("{network}: anyone may claim any address"),
            hint,
        );
    }
    let is_behind_proxy =
        server.public_url.starts_with("https://") && server.public_listen.ip().is_loopback();
    if server.trusted_proxies.is_empty() && is_behind_proxy {
        let hint = "add the proxy's address, or all devices share its address and its rate limit";
        return Finding::warn(CHECK, "none, though a proxy seems to be in front", hint);
    }
    match server.trusted_proxies.as_slice() {
        [] => Finding::ok(CHECK, "none: X-Forwarded-For is not believed"),
        networks => Finding::ok(CHECK, networks.join(", ")),
    }
}
