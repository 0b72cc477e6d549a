//! The device side of Countersign in Rust, and the backend's calls.
//!
//! A [`Device`] holds what an installation of an app is: its key, its installation id, its facts,
//! and what it learned from the server (nonce, time). A [`Session`] is one login on it: it keeps
//! the tokens, refreshes them, signs requests, and makes the user's own calls. How a device reaches
//! its app's backend is the app's: it implements [`Backend`]; [`DirectRelay`] is a backend that
//! lets everybody in, for demonstrations and tests. A real backend uses [`ServiceClient`]. An app
//! without one logs in by [`TokenEndpoint`], with the ID token of an issuer that its client trusts.
//! [`Enrollment`] has a device show what it is before anybody logs in on it.
//!
//! Time and randomness come in through [`Clock`](countersign_core::Clock) and
//! [`Rng`](countersign_core::Rng).
//!
//! To add a call of the user: a method in `session/own.rs`. To add a call of a backend or admin: a
//! method in `service/`, with its bodies from `api-types`.
#![warn(missing_docs)]

mod answer;
mod device;
mod endpoint;
mod enrollment;
mod error;
mod key;
mod relay;
mod retry;
mod service;
mod session;
mod skew;

pub use countersign_api_types as api_types;
pub use countersign_attestation::jws::SigningFailed;
pub use device::{Device, SavedDevice};
pub use endpoint::{ApiAnswer, Endpoint, EndpointError};
pub use enrollment::Enrollment;
pub use error::{ClientError, SessionError};
pub use key::{DeviceKey, InvalidPkcs8};
pub use relay::{
    Backend, BackendAnswer, RelayedLogin, RelayedRefresh,
    direct::{AssertedUser, DirectRelay},
    token_endpoint::{IdToken, TokenEndpoint},
};
pub use reqwest::{Url, header::HeaderMap};
pub use service::{InvalidApiKey, ServiceClient, Versioned};
pub use session::{SavedSession, Session};
