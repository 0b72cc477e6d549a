//! Names for secrets in memory.

use crate::sharded::ShardKey;
use countersign_core::Rng;
use siphasher::sip128::SipHasher13;
use std::fmt;

/// Turns texts into [`Digest`]s under a key of this process.
///
/// For a look-up per request, SHA-256 of a long token would cost more than all else. Nobody who
/// lacks the key, and no digest ever leaves the process, can find a text with the digest of another.
#[derive(Clone)]
pub struct Digester(SipHasher13);

/// 128 bits that stand for one text, in this process only.
///
/// Two words and not one of 128 bits, whose alignment would cost each cached token 16 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest(u64, u64);

impl Digester {
    /// Draws the key.
    pub fn new(rng: &dyn Rng) -> Self {
        let mut key = [0; 16];
        rng.fill(&mut key);
        Self(SipHasher13::new_with_key(&key))
    }

    /// The digest of a text: SipHash-1-3 with 128 bits.
    pub fn digest(&self, text: &str) -> Digest {
        let hash = self.0.hash(text.as_bytes());
        Digest(hash.h1, hash.h2)
    }
}

impl fmt::Debug for Digester {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Digester").finish_non_exhaustive()
    }
}

impl ShardKey for Digest {
    fn spread(&self) -> u8 {
        self.0.to_le_bytes()[0]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Fixed(u8);

    impl Rng for Fixed {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    #[test]
    fn a_digest_depends_on_the_text_and_on_the_process() {
        let digester = Digester::new(&Fixed(1));
        assert_eq!(digester.digest("token"), digester.digest("token"));
        assert_ne!(digester.digest("token"), digester.digest("token."));
        let other = Digester::new(&Fixed(2));
        assert_ne!(digester.digest("token"), other.digest("token"));
    }
}
