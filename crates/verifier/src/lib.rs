#![doc = include_str!("../README.md")]
//!
//! # How to add a way of judging
//!
//! A variant of `Judge` with a constructor of [`Verifier`] beside [`Verifier::remote`]. It gets what
//! was presented as the body of `POST /v1/verify`, and says yes, no or that it cannot say.
#![warn(missing_docs)]

mod address;
mod answer;
mod config;
mod earlier;
#[cfg(feature = "axum")]
mod extract;
mod judge;
mod layer;
mod leased;
mod presented;
mod public_url;
mod refused;
mod service;
mod session;
mod verifier;

pub use address::Peer;
pub use config::{ConfigError, RemoteConfig};
pub use countersign_api_types::{ErrorCode, Secret};
pub use countersign_cluster::{BootClock, SystemBootClock};
pub use countersign_core::{
    AppId, ClientId, Clock, DeviceId, SessionId, SystemClock, Timestamp, decision::Demands,
    device::Platform, snapshot::Compliance, trust::TrustLevel,
};
pub use layer::{DeviceLayer, DeviceService, GuardedBody};
pub use leased::LeasedConfig;
pub use refused::Refused;
pub use session::DeviceSession;
pub use verifier::{Admitted, Unjudged, Verdict, Verifier};
