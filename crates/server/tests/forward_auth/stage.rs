//! Everything that one attack needs, running.

use crate::{
    app::App,
    device::Device,
    document::Ports,
    identity::Checker,
    proxy::{Kind, Proxy},
    service::Service,
    wire::{self, Heard},
};
use countersign_core::{Rng, SystemRng};
use serde_json::json;
use std::{net::SocketAddr, time::Duration};

/// A proxy between its clients and an app, asking a service.
#[derive(Debug)]
pub(crate) struct Stage {
    /// Until it is stopped.
    service: Option<Service>,
    pub(crate) app: App,
    pub(crate) keyed: Device,
    pub(crate) keyless: Device,
    pub(crate) checker: Checker,
    /// What clients call the app: the host with the port.
    pub(crate) host: String,
    address: SocketAddr,
    _proxy: Proxy,
}

/// Some may be taken.
const PORTS: usize = 5;

impl Stage {
    pub(crate) async fn set(kind: Kind) -> Self {
        let app = App::start();
        let ports: Vec<u16> = (0..PORTS).map(|_| any_port()).collect();
        let origin = |port: &u16| format!("http://api.example:{port}");
        let service = Service::start(ports.iter().map(origin).collect()).await;
        let client = json!({
            "name": "App", "platform": "desktop", "audience": "https://api.example",
            "origins": ["https://app.example"], "proof_of_possession": "optional",
            // Devices here try more bad proofs than one may.
            "admission": { "bad_proofs": { "limit": 0 } },
        });
        let client = service.post("/v1/clients", &client);
        let client = client.body["client_id"]
            .as_str()
            .expect("a client")
            .to_owned();
        for port in ports {
            let ports = Ports {
                proxy: port,
                service: service.internal().port(),
                app: app.address.port(),
            };
            let Some(proxy) = up(kind, ports).await else {
                continue;
            };
            return Self {
                keyed: Device::keyed(&service, &client, "ann"),
                keyless: Device::keyless(&service, &client, "bob"),
                checker: Checker::new(&service, &client, &origin(&port)),
                host: format!("api.example:{port}"),
                address: at(port),
                _proxy: proxy,
                service: Some(service),
                app,
            };
        }
        panic!("no port of {PORTS} was free");
    }

    /// The service while it runs.
    pub(crate) fn service(&self) -> &Service {
        self.service.as_ref().expect("the service runs")
    }

    /// Stops the service; proxy and app stay.
    pub(crate) async fn stop_service(&mut self) {
        self.service.take().expect("the service runs").stop().await;
    }

    /// The URL of a request target.
    pub(crate) fn url(&self, target: &str) -> String {
        format!("http://{}{target}", self.host)
    }

    /// Sends bytes to the proxy, and hears it out.
    pub(crate) fn send(&self, bytes: &str) -> Heard {
        wire::exchange(self.address, bytes).expect("the proxy listens")
    }
}

fn at(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

/// A port below those that the kernel hands out by itself.
fn any_port() -> u16 {
    let mut bytes = [0; 2];
    SystemRng.fill(&mut bytes);
    20_000 + u16::from_le_bytes(bytes) % 12_000
}

/// Starts the proxy and waits until it asks the service and hands on what that says.
async fn up(kind: Kind, ports: Ports) -> Option<Proxy> {
    let mut proxy = Proxy::start(kind, ports);
    let ask = format!(
        "GET / HTTP/1.1\r\nHost: api.example:{}\r\nConnection: close\r\n\r\n",
        ports.proxy
    );
    for _ in 0..600 {
        let ended = proxy.has_ended();
        assert!(
            !ended || proxy.log().contains("in use"),
            "{kind:?} does not start:\n{}",
            proxy.log()
        );
        if ended {
            return None;
        }
        let heard = wire::exchange(at(ports.proxy), &ask);
        if heard.is_ok_and(|heard| heard.header("www-authenticate").starts_with("DPoP ")) {
            return Some(proxy);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{kind:?} does not ask the service:\n{}", proxy.log());
}
