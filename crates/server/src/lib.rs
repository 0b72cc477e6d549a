//! The service: use cases, the HTTP they are reached by, and the jobs behind them.
//!
//! Each domain is a folder: `mod.rs` says what it owns and holds its use cases, `http.rs` decodes,
//! calls and encodes, `error.rs` maps every refusal to a closed code. [`App`] puts them together,
//! `router` puts them on their listeners, [`Server`] runs them.
//!
//! To add a route: a function with `#[utoipa::path]` in its domain's `http.rs`, a line in that
//! file's `routes()`, and `UPDATE_OPENAPI=1` once to renew `docs/openapi.json`.

mod api_key;
mod app;
mod approval;
mod ban;
mod caller;
mod client;
pub mod compliance;
mod config;
mod cors;
mod device;
mod enrollment;
mod error;
mod feed;
mod forward_auth;
mod geo;
pub mod http;
mod jobs;
mod journal;
mod key_check;
mod limit;
mod membership;
mod oauth;
mod observer;
mod oidc;
mod outside;
mod redis;
mod router;
mod seal;
mod serve;
mod session;
mod signing;
mod source;
pub mod telemetry;
mod user;
mod verify;
mod well_known;

pub use api_key::{ApiKeyError, ApiKeys, NewApiKey};
pub use app::{App, OpenAppError};
pub use approval::{ApprovalError, Approvals};
pub use ban::{BanError, Bans};
pub use client::{ClientChange, ClientError, Clients, InvalidCredentials};
pub use config::{
    Cluster, GoogleApi, KeyEncryptionKey, Listeners, Memory, Retention, ServerConfig,
};
pub use countersign_attestation::{ending_receipt::Ending, evidence::Anchors};
pub use device::{DeviceEnding, DeviceError, Devices, Step, Stepped};
pub use enrollment::{EnrollmentError, Enrollments, StatusListError};
pub use geo::{GeoIp, GeoIpError};
pub use jobs::Job;
pub use journal::Journal;
pub use key_check::check_key_encryption_key;
pub use membership::{Receipt, Roster, SeenNode};
pub use redis::{InvalidRedisUrl, RedisUrl};
pub use router::{AppState, internal, openapi, public};
pub use serve::{Addresses, Server, StartError};
pub use session::{SessionError, Sessions};
pub use signing::KeyError;
pub use user::{UserChanged, Users};
pub use verify::{Admitted, Gate, Judged, Refused, Request};

#[cfg(test)]
mod tests {
    #[test]
    fn the_committed_openapi_document_is_current() {
        crate::http::assert_committed(&crate::openapi());
    }
}
