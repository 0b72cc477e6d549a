//! Options that cannot be right, and what is printed of those that are.

use crate::fake::{API_KEY, Fake};
use countersign_verifier::{ConfigError, DeviceLayer, RemoteConfig, Verifier};
use std::{error::Error, time::Duration};

fn config() -> RemoteConfig {
    RemoteConfig {
        service_url: "http://127.0.0.1:1".to_owned(),
        api_key: API_KEY.to_owned().into(),
        public_url: "https://api.example".to_owned(),
        ..RemoteConfig::default()
    }
}

#[tokio::test]
async fn options_that_cannot_be_right_are_refused_without_showing_them() {
    let url = |text: &str| RemoteConfig {
        service_url: text.to_owned(),
        ..config()
    };
    let public = |text: &str| RemoteConfig {
        public_url: text.to_owned(),
        ..config()
    };
    let key = |text: &str| RemoteConfig {
        api_key: text.to_owned().into(),
        ..config()
    };
    let at_once = RemoteConfig {
        timeout: Duration::ZERO,
        ..config()
    };
    for (name, config) in [
        ("service_url", url("ftp://secret")),
        ("service_url", url("https://user:secret@host")),
        ("service_url", url("unix:secret.sock")),
        ("service_url", url("")),
        ("api_key", key("secret with space")),
        ("api_key", key("secret\r\nX: y")),
        ("api_key", key("")),
        ("public_url", public("https://x?secret")),
        ("public_url", public("https://x#secret")),
        ("public_url", public("https://secret@x")),
        ("public_url", public("secret.example")),
        ("public_url", public("")),
        ("timeout", at_once),
    ] {
        let error = Verifier::remote(config).unwrap_err();
        let shown = format!("{error} {error:?} {:?}", error.source());
        assert!(error.to_string().starts_with(name), "{name}: {shown}");
        assert!(!shown.contains("secret"), "{shown}");
    }
    assert!(matches!(
        Verifier::remote(RemoteConfig::default()),
        Err(ConfigError::PublicUrl)
    ));
    Verifier::remote(config()).unwrap();
}

#[tokio::test]
async fn no_secret_is_printed() {
    let fake = Fake::start().await;
    let verifier = fake.verifier();
    let layer = DeviceLayer::new(verifier.clone());
    let printed = format!("{:?} {verifier:#?} {layer:?}", fake.config());
    assert!(printed.contains("https://api.example/v2"), "{printed}");
    assert!(!printed.contains(API_KEY), "{printed}");
}
