//! The direct door: devices get their tokens from here by themselves.
//!
//! Owns what the token endpoint takes and how it answers. A login and a refresh are the same use
//! cases as those that a backend relays (`session`); the issuers' keys are `oidc`'s.

mod door;
mod error;
mod http;

pub(crate) use door::DirectDoor;
pub(crate) use http::routes;
