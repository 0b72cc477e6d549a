//! Which browsers' pages may read the answers of the public listener: those at the clients' origins
//! (Fetch Standard, section 3.3).
//!
//! Owns the origins in memory and the headers. Credentials in cookies do not exist here, so they
//! are never allowed; what anyone may read, any page may.

mod layer;
mod origins;

pub(crate) use layer::{CallOf, apply};
pub(crate) use origins::AllowedOrigins;
