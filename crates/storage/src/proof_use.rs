//! Proofs that a login or refresh used up.

use crate::{StoreError, Time, Tx, execute, statements};
use countersign_core::Timestamp;

statements! {
    INSERT_PROOF_USE = "INSERT INTO proof_uses (replay_key, expires_at) VALUES ($1, $2) ON CONFLICT (replay_key) DO NOTHING";
}

impl Tx {
    /// Uses a proof up; `false` when it was used before.
    pub async fn use_proof(
        &mut self,
        replay_key: &[u8; 32],
        expires_at: Timestamp,
    ) -> Result<bool, StoreError> {
        let rows = execute!(
            self,
            INSERT_PROOF_USE,
            replay_key.as_slice(),
            Time(expires_at)
        )?;
        Ok(rows == 1)
    }
}
