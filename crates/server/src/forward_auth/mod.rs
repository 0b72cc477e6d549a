//! Requests that a reverse proxy holds back while it asks whether they may go on.
//!
//! Each family of proxies has an endpoint of its own, which reads only what that family sets. An
//! endpoint for all of them could be told another request by the headers of a family that is not
//! in front of it. `docs/FORWARD_AUTH.md` has the configuration of each, and the tests start the
//! real proxies with it.
//!
//! To add a family: a variant of [`Family`], what it reads in `held.rs`, a handler, a
//! configuration in the document, and a row in `tests/forward_auth`.

mod description;
mod error;
mod held;
mod http;
mod identity;
mod rule;
mod service;

pub(crate) use self::http::routes;
pub(crate) use error::ForwardAuthError;
pub(crate) use held::{Family, Held};
pub(crate) use rule::Rule;
pub(crate) use service::{ForwardAuth, Passed};
