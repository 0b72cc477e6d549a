//! An app's backend: axum, the tower layer, a verifier that answers from memory.
//!
//! This test program starts itself again with the one test below, which then answers.

use axum::{Router, routing::get};
use countersign_test_support::variable;
use countersign_verifier::{DeviceLayer, LeasedConfig, Verifier};
use std::fs;
use tokio::net::TcpListener;

pub(crate) const SERVICE: &str = "COUNTERSIGN_CHILD_SERVICE";
pub(crate) const API_KEY_FILE: &str = "COUNTERSIGN_CHILD_API_KEY_FILE";

/// What devices call.
pub(crate) const PUBLIC_URL: &str = "https://api.example";
pub(crate) const PATH: &str = "/orders";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "no test, but the backend that the others start"]
async fn answers_when_started_by_another_test() {
    let (Some(service_url), Some(file)) = (variable(SERVICE), variable(API_KEY_FILE)) else {
        return;
    };
    let api_key = fs::read_to_string(file).expect("an API key");
    let verifier = Verifier::leased(LeasedConfig {
        service_url,
        api_key: api_key.into(),
        public_url: PUBLIC_URL.to_owned(),
        ..LeasedConfig::default()
    });
    let layer = DeviceLayer::new(verifier.expect("a configuration"));
    let app = Router::new()
        .route(PATH, get(async || "here they are"))
        .layer(layer);
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let address = listener.local_addr().expect("an address");
    println!("\nlistening backend=http://{address}");
    axum::serve(listener, app).await.expect("no fault");
}
