//! JSON Web Signatures in compact form with ES256 (RFC 7515; RFC 7518 section 3.4).
//!
//! One algorithm, one curve, one serialisation: a token cannot choose how it is checked.

mod compact;
mod header;
mod key;
mod object;

pub(crate) use compact::{Compact, CompactError, Parts, sign};
pub(crate) use header::KeyHeader;
pub use key::{InvalidKey, InvalidPkcs8, Jwk, PublicKey, SigningFailed, SigningKey};
pub(crate) use key::{RawJwk, RawJwkError};
pub(crate) use object::{NumericDate, Object, Text, is_present, read_object};
