//! The header of a text that is signed with a device's or browser's own key.

use super::{
    key::{PublicKey, RawJwk},
    object::{Object, Text, is_present},
};
use serde::Deserialize;

/// A header that may bring the key. Unknown members are ignored.
#[derive(Debug, Deserialize)]
pub(crate) struct KeyHeader<'a> {
    #[serde(borrow)]
    typ: Option<Text<'a>>,
    #[serde(borrow)]
    alg: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) jwk: Option<Object<RawJwk<'a>>>,
    #[serde(default, deserialize_with = "is_present")]
    crit: bool,
    #[serde(default, deserialize_with = "is_present")]
    b64: bool,
}

impl KeyHeader<'_> {
    /// Whether the text says that it is of this type.
    pub(crate) fn is_of_type(&self, typ: &str) -> bool {
        self.typ.as_ref().is_some_and(|Text(text)| text == typ)
    }

    /// Whether it is signed with the one algorithm that is spoken here.
    pub(crate) fn is_es256(&self) -> bool {
        self.alg.as_ref().is_some_and(|Text(text)| text == "ES256")
    }

    /// Whether it demands an extension (RFC 7515 section 4.1.11; RFC 7797).
    pub(crate) const fn is_extended(&self) -> bool {
        self.crit || self.b64
    }

    /// The key that it brings, if that is a usable public one.
    pub(crate) fn key(&self) -> Option<PublicKey> {
        let Object(jwk) = self.jwk.as_ref()?;
        let (_, _, point) = jwk.coordinates().ok()?;
        PublicKey::from_point(&point.0).ok()
    }
}
