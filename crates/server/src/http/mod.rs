//! The shell around every route: connections, request ids, addresses, bodies, problems, limits.
//!
//! It knows no use case. A route of any module takes its input through [`Json`], [`JsonBytes`],
//! [`Form`], [`Query`] and [`Path`], answers errors as [`Problem`], and is wrapped, with all
//! others, by [`Shell`] as the outermost layer: `router.layer(shell)`.

mod body;
mod client_ip;
mod context;
mod etag;
mod extract;
mod health;
mod listeners;
mod network;
mod oauth_form;
mod openapi;
mod problem;
mod rate_limit;
mod request_id;
mod shell;
mod streams;

pub use body::{Form, Json, JsonBytes, MAX_BODY_BYTES};
pub use client_ip::TrustedProxies;
pub use context::RequestContext;
pub(crate) use etag::{etag, if_match};
pub use extract::{Path, Query};
pub use health::{Check, Checks, metrics_router, probes_router};
pub use listeners::{Limits, serve};
pub use network::{InvalidNetwork, Network};
pub use oauth_form::OAuthForm;
pub use openapi::assemble;
pub use problem::Problem;
pub use rate_limit::{RateLimit, RateLimiter, RetryAfter, Throttled};
pub use request_id::{RequestId, RequestIds};
pub use shell::{Shell, ShellSettings, Shelled};

#[cfg(test)]
pub(crate) use openapi::assert_committed;

#[cfg(test)]
mod tests;
