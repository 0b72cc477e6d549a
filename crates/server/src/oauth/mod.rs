//! Tokens as OAuth has them: issued to devices (RFC 8693, RFC 6749 section 6), judged for backends
//! (RFC 7662), given back by both (RFC 7009).

mod introspect;
mod revoke;
mod token;

pub(crate) use introspect::routes as introspect_routes;
pub(crate) use revoke::routes as revoke_routes;
pub(crate) use token::{DirectDoor, routes as token_routes};
