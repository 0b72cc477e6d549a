//! Request ids: one name for a request in the answer, the problem and the log.

use countersign_core::{Rng, ids};
use http::{HeaderName, HeaderValue};
use std::{
    fmt,
    sync::atomic::{AtomicU64, Ordering},
};

const PREFIX: &str = "req_";

/// Names one request.
#[derive(Clone, PartialEq, Eq)]
pub struct RequestId(Text);

#[derive(Clone, PartialEq, Eq)]
enum Text {
    Made([u8; PREFIX.len() + ids::DIGITS]),
    Given(HeaderValue),
}

impl RequestId {
    /// The header it travels in.
    pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");
    /// The longest that is taken over from a proxy.
    pub const MAX_BYTES: usize = 128;

    /// Takes over what a proxy calls the request: letters, digits and `-_.:/+=@`.
    pub fn accept(value: &HeaderValue) -> Option<Self> {
        let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:/+=@".contains(byte);
        let bytes = value.as_bytes();
        let good = (1..=Self::MAX_BYTES).contains(&bytes.len()) && bytes.iter().all(plain);
        good.then(|| Self(Text::Given(value.clone())))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        let bytes = match &self.0 {
            Text::Made(text) => text.as_slice(),
            Text::Given(value) => value.as_bytes(),
        };
        // Only visible ASCII is ever accepted or made.
        std::str::from_utf8(bytes).unwrap_or_default()
    }

    /// The id as a header's value.
    pub fn to_header(&self) -> HeaderValue {
        match &self.0 {
            // Letters, digits and an underscore always make a header's value.
            Text::Made(text) => {
                HeaderValue::from_bytes(text).unwrap_or_else(|_| HeaderValue::from_static(PREFIX))
            }
            Text::Given(value) => value.clone(),
        }
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Makes request ids: 64 random bits of this process, 64 of a scrambled counter.
///
/// Unique, but no secret: drawing 128 random bits would cost more than all else that is done
/// around a request.
#[derive(Debug)]
pub struct RequestIds {
    process: u64,
    next: AtomicU64,
}

impl RequestIds {
    /// Draws the process's part.
    pub fn new(rng: &dyn Rng) -> Self {
        let (mut process, mut next) = ([0; 8], [0; 8]);
        rng.fill(&mut process);
        rng.fill(&mut next);
        Self {
            process: u64::from_ne_bytes(process),
            next: AtomicU64::new(u64::from_ne_bytes(next)),
        }
    }

    /// The next id.
    pub fn make(&self) -> RequestId {
        let count = self.next.fetch_add(1, Ordering::Relaxed);
        let bits = u128::from(self.process) << 64 | u128::from(scramble(count));
        let mut text = [0; PREFIX.len() + ids::DIGITS];
        let (prefix, digits) = text.split_at_mut(PREFIX.len());
        prefix.copy_from_slice(PREFIX.as_bytes());
        digits.copy_from_slice(&ids::encode(bits));
        RequestId(Text::Made(text))
    }
}

/// A bijection (the finaliser of `SplitMix64`), so that neighbours differ at a glance and none repeats.
fn scramble(count: u64) -> u64 {
    let mixed = (count ^ count >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ mixed >> 31
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_core::SystemRng;
    use std::collections::HashSet;

    #[test]
    fn ids_are_unique_and_well_formed() {
        let ids = RequestIds::new(&SystemRng);
        let made: HashSet<String> = (0..10_000).map(|_| ids.make().to_string()).collect();
        assert_eq!(made.len(), 10_000);
        let ours = |id: &String| id.len() == 30 && id.starts_with("req_");
        assert!(made.iter().all(ours));
        let other = RequestIds::new(&SystemRng).make();
        assert_ne!(other.as_str()[..12], ids.make().as_str()[..12]);
        assert!(RequestId::accept(&other.to_header()).is_some());
    }

    #[test]
    fn only_a_plain_short_id_is_taken_over() {
        let accepts = |text: &[u8]| {
            let value = HeaderValue::from_bytes(text).unwrap();
            RequestId::accept(&value).is_some()
        };
        assert!(accepts(b"4bf92f3577b34da6a3ce929d0e0e4736"));
        assert!(accepts(&[b'a'; 128]));
        assert!(!accepts(&[b'a'; 129]));
        assert!(!accepts(b""));
        assert!(!accepts(b"a b"));
        assert!(!accepts(b"a\"b"));
        assert!(!accepts("ä".as_bytes()));
    }
}
