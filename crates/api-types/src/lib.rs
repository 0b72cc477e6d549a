//! What travels over the HTTP API: requests, answers, problems. Shared by server and client.
//!
//! Ids, times and enums are the domain's own types; [`schema`] describes them for `OpenAPI`, since
//! the domain knows nothing of it. Shape errors (a missing member, a wrong type, an id of the
//! wrong kind) are serde's; everything else is found by [`Validate`], all of it at once.
//!
//! To add a resource: one module with its bodies, `deny_unknown_fields` where only admins write
//! it, `Validate` for each request body, and a line in `tests.rs` with an example of each.
#![warn(missing_docs)]

pub mod admission;
pub mod api_key;
pub mod approval;
pub mod assertion;
pub mod attestation_policy;
pub mod ban;
pub mod challenge;
pub mod client;
pub mod compliance;
pub mod device;
pub mod device_record;
pub mod enrollment;
pub mod error_code;
pub mod feed;
pub mod forward_auth;
pub mod jwks;
pub mod limit;
pub mod node;
pub mod oauth;
pub mod object;
pub mod page;
pub mod play_integrity;
pub mod problem;
pub mod receipt;
pub mod schema;
mod seconds;
pub mod secret;
pub mod session;
pub mod text;
pub mod token;
pub mod trust;
pub mod trusted_issuer;
pub mod user;
pub mod validate;
pub mod verify;

pub use error_code::ErrorCode;
pub use object::Object;
pub use problem::Problem;
pub use secret::{Secret, SecretText};
pub use text::Text;
pub use validate::{FieldError, Validate};

#[cfg(test)]
mod tests;
