//! Randomness that repeats.

use countersign_core::Rng;
use rand_chacha::ChaCha12Rng;
use rand_core::{Rng as _, SeedableRng};
use std::sync::{Mutex, PoisonError};

/// A generator that gives the same bytes for the same seed.
#[derive(Debug)]
pub struct SeededRng(Mutex<ChaCha12Rng>);

impl SeededRng {
    /// Starts from a seed.
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(ChaCha12Rng::seed_from_u64(seed)))
    }
}

impl Rng for SeededRng {
    fn fill(&self, bytes: &mut [u8]) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .fill_bytes(bytes);
    }
}
