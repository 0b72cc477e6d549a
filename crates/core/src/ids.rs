//! Prefixed ids over UUID version 7.
//!
//! The text form is the prefix, `_`, and the 128 bits as 26 lower-case Crockford base32 digits:
//! `dev_01jd3x…`. It sorts like the id's creation time. An id names something and is never a
//! secret.

use crate::{Rng, Timestamp};
use std::{fmt, str::FromStr};
use uuid::Uuid;

/// The text is not an id of the expected kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {prefix}_ id")]
pub struct InvalidId {
    /// The prefix that was expected, without the underscore.
    pub prefix: &'static str,
}

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// The prefix of the text form, without the underscore.
            pub const PREFIX: &'static str = $prefix;

            /// Makes a new id (RFC 9562 section 5.7): 48 bits of milliseconds, 74 random bits.
            pub fn generate(now: Timestamp, rng: &dyn Rng) -> Self {
                Self(uuid_v7(now, rng))
            }

            /// Wraps a UUID read from the store.
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID, to be bound to a statement.
            pub const fn as_uuid(self) -> Uuid {
                self.0
            }

            /// Appends the text form, without the detour over formatting.
            pub fn push_to(self, text: &mut Vec<u8>) {
                text.extend_from_slice(concat!($prefix, "_").as_bytes());
                text.extend_from_slice(&encode(self.0.as_u128()));
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!($prefix, "_"))?;
                let digits = encode(self.0.as_u128());
                f.write_str(std::str::from_utf8(&digits).unwrap_or_default())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                text.strip_prefix(concat!($prefix, "_"))
                    .and_then(decode)
                    .map(|bits| Self(Uuid::from_u128(bits)))
                    .ok_or(InvalidId { prefix: $prefix })
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

id! {
    /// A client application.
    ClientId = "cli";
    /// A user, as Countersign's own row. The app's id for that user is an
    /// [`ExternalUserId`](crate::user::ExternalUserId).
    UserId = "usr";
    /// One installation of a client on one machine.
    DeviceId = "dev";
    /// One generation of a device: each enrollment issues a new one.
    AppId = "app";
    /// A user on a device.
    OwnershipId = "own";
    /// One login of one ownership.
    SessionId = "ses";
    /// A backend's or admin's API key.
    ApiKeyId = "key";
    /// A key that signs access tokens; its text form is the JWS `kid`.
    SigningKeyId = "sig";
    /// What a device showed of itself.
    EvidenceId = "evi";
    /// What stays refused.
    BanId = "ban";
    /// A rule file as it was applied.
    RuleFileId = "rul";
    /// A reason to trust a device.
    TrustEvidenceId = "tev";
    /// A device, or a user on one, that an admin has to look at.
    ApprovalId = "apr";
    /// One record of the activity log.
    ActivityId = "act";
    /// One entry of the revocation feed.
    FeedEntryId = "fed";
    /// One process that may answer requests; a restart is another.
    NodeId = "node";
    /// One renewal of a node's lease.
    RenewalId = "ren";
    /// One process that answers under what remains of a node's lease.
    VerifierId = "vrf";
}

/// Digits of an id's text form after the prefix.
pub const DIGITS: usize = 26;
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
static PAIRS: [[u8; 2]; 1024] = pairs();

fn uuid_v7(now: Timestamp, rng: &dyn Rng) -> Uuid {
    let mut random = [0; 10];
    rng.fill(&mut random);
    let millis = u64::try_from(now.as_micros() / 1000).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

/// 128 bits as 26 lower-case Crockford base32 digits, the first of them at most `7`.
pub fn encode(bits: u128) -> [u8; DIGITS] {
    let mut text = [0; DIGITS];
    // In machine words, and two digits at a time: 12 digits hold 60 bits.
    let mut rest = bits;
    for digits in text.rchunks_mut(12) {
        let mut word = (rest & ((1 << 60) - 1)) as u64;
        rest >>= 60;
        for pair in digits.rchunks_exact_mut(2) {
            pair.copy_from_slice(&PAIRS[(word & 1023) as usize]);
            word >>= 10;
        }
    }
    text
}

const fn pairs() -> [[u8; 2]; 1024] {
    let mut pairs = [[0; 2]; 1024];
    let mut number = 0;
    while number < 1024 {
        pairs[number] = [ALPHABET[number >> 5], ALPHABET[number & 31]];
        number += 1;
    }
    pairs
}

fn decode(text: &str) -> Option<u128> {
    let digits = text.as_bytes();
    // 26 digits hold 130 bits, so the first one may not exceed 7.
    if digits.len() != DIGITS || digits[0] > b'7' {
        return None;
    }
    digits.iter().try_fold(0u128, |bits, digit| {
        let value = ALPHABET.iter().position(|known| known == digit)?;
        Some(bits << 5 | value as u128)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::tests::CountingRng;
    use proptest::prelude::*;

    #[test]
    fn text_form_is_prefixed_and_sorts_by_time() {
        let rng = CountingRng::default();
        let older = DeviceId::generate(Timestamp::from_micros(1_000_000), &rng).to_string();
        let newer = DeviceId::generate(Timestamp::from_micros(2_000_000), &rng).to_string();
        assert!(older.starts_with("dev_") && older.len() == 30, "{older}");
        assert!(older < newer);
    }

    #[test]
    fn another_kind_of_id_is_refused() {
        let rng = CountingRng::default();
        let user = UserId::generate(Timestamp::from_micros(0), &rng).to_string();
        assert_eq!(user.parse::<DeviceId>(), Err(InvalidId { prefix: "dev" }));
        assert!(
            "dev_8zzzzzzzzzzzzzzzzzzzzzzzzz"
                .parse::<DeviceId>()
                .is_err()
        );
        assert!("dev_".parse::<DeviceId>().is_err());
    }

    proptest! {
        #[test]
        fn text_form_round_trips(bits: u128) {
            let id = SessionId::from_uuid(Uuid::from_u128(bits));
            prop_assert_eq!(id.to_string().parse::<SessionId>(), Ok(id));
        }

        #[test]
        fn any_text_parses_or_is_refused(text in ".{0,40}") {
            let _ = text.parse::<SessionId>();
        }
    }
}
