//! Randomness as a dependency.

use std::fmt;

/// Where random bytes come from. Only the composition root makes a [`SystemRng`].
pub trait Rng: Send + Sync + fmt::Debug {
    /// Fills the buffer with random bytes.
    fn fill(&self, bytes: &mut [u8]);
}

/// The process's cryptographically secure generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRng;

impl Rng for SystemRng {
    /// # Panics
    /// When the operating system gives no entropy: nothing secret may be made then.
    fn fill(&self, bytes: &mut [u8]) {
        aws_lc_rs::rand::fill(bytes).expect("the operating system gives entropy");
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU8, Ordering};

    /// Gives 1, 2, 3, … so that outputs can be written down.
    #[derive(Debug, Default)]
    pub(crate) struct CountingRng(AtomicU8);

    impl Rng for CountingRng {
        fn fill(&self, bytes: &mut [u8]) {
            for byte in bytes {
                *byte = self.0.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
            }
        }
    }

    #[test]
    fn system_rng_does_not_repeat() {
        let (mut first, mut second) = ([0; 32], [0; 32]);
        SystemRng.fill(&mut first);
        SystemRng.fill(&mut second);
        assert_ne!(first, second);
    }
}
