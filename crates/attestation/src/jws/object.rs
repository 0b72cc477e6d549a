//! Reading JSON objects so that every reader sees the same members.

use countersign_core::Timestamp;
use serde::{
    Deserialize, Deserializer,
    de::{
        DeserializeSeed, Error, IgnoredAny, IntoDeserializer, MapAccess, Visitor,
        value::{BorrowedStrDeserializer, MapAccessDeserializer},
    },
};
use std::{borrow::Cow, fmt, marker::PhantomData, time::Duration};

/// The most members of one object; comparing names is quadratic. Issuers put dozens of claims about
/// a person into an ID token.
const MAX_MEMBERS: usize = 64;

/// Reads one JSON object and nothing after it.
pub(crate) fn read_object<'de, T: Deserialize<'de>>(json: &'de [u8]) -> Option<T> {
    let Object(value) = serde_json::from_slice(json).ok()?;
    Some(value)
}

/// A JSON object whose member names differ (RFC 7515 section 4; RFC 7519 section 4).
///
/// A derived `Deserialize` alone would also take an array, and unknown members twice.
#[derive(Debug)]
pub(crate) struct Object<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor(PhantomData))
    }
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = Object<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Object<T>, A::Error> {
        let seen = Vec::with_capacity(8);
        T::deserialize(MapAccessDeserializer::new(Unique { members, seen })).map(Object)
    }
}

/// Passes members on and refuses a name that was there before.
struct Unique<'de, A> {
    members: A,
    seen: Vec<Text<'de>>,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Unique<'de, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        let Some(name) = self.members.next_key::<Text<'de>>()? else {
            return Ok(None);
        };
        if self.seen.len() >= MAX_MEMBERS || self.seen.contains(&name) {
            return Err(A::Error::custom("too many members, or one twice"));
        }
        let key = match &name.0 {
            Cow::Borrowed(text) => seed.deserialize(BorrowedStrDeserializer::new(text)),
            Cow::Owned(text) => seed.deserialize(text.as_str().into_deserializer()),
        };
        self.seen.push(name);
        key.map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.members.next_value_seed(seed)
    }
}

/// Text borrowed from the JSON where it holds no escapes.
#[derive(Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Text<'a>(#[serde(borrow)] pub(crate) Cow<'a, str>);

/// Notices a member that may not be there, whatever its value, `null` included.
pub(crate) fn is_present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    IgnoredAny::deserialize(deserializer).map(|_| true)
}

/// Seconds since the epoch, possibly with a fraction (RFC 7519 section 2), saturating.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NumericDate(pub(crate) Timestamp);

impl<'de> Deserialize<'de> for NumericDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_f64(NumericDateVisitor)
    }
}

struct NumericDateVisitor;

impl Visitor<'_> for NumericDateVisitor {
    type Value = NumericDate;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number of seconds")
    }

    fn visit_u64<E: Error>(self, secs: u64) -> Result<NumericDate, E> {
        self.visit_i64(i64::try_from(secs).unwrap_or(i64::MAX))
    }

    fn visit_i64<E: Error>(self, secs: i64) -> Result<NumericDate, E> {
        Ok(NumericDate(Timestamp::from_secs(secs)))
    }

    fn visit_f64<E: Error>(self, secs: f64) -> Result<NumericDate, E> {
        let micros = match Duration::try_from_secs_f64(secs) {
            Ok(since) => i64::try_from(since.as_micros()).unwrap_or(i64::MAX),
            Err(_) if secs < 0.0 => i64::MIN,
            Err(_) => i64::MAX,
        };
        Ok(NumericDate(Timestamp::from_micros(micros)))
    }
}
