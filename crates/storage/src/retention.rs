//! What is deleted when: one bounded statement per table, run by the server's retention job.

use crate::{StoreError, Time, Tx, execute, statements};
use countersign_core::Timestamp;

statements! {
    PRUNE_PROOF_USES = "DELETE FROM proof_uses WHERE replay_key IN \
        (SELECT replay_key FROM proof_uses WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)";
    PRUNE_CHALLENGES = "DELETE FROM challenges WHERE hash IN \
        (SELECT hash FROM challenges WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)";
    PRUNE_LIMIT_TICKETS = "DELETE FROM limit_tickets WHERE hash IN \
        (SELECT hash FROM limit_tickets WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)";
    PRUNE_TRUST_EVIDENCE = "DELETE FROM trust_evidence WHERE id IN \
        (SELECT id FROM trust_evidence WHERE ended_at IS NOT NULL AND ended_at <= $1 ORDER BY ended_at LIMIT $2)";
    PRUNE_SESSIONS = "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE ended_at IS NOT NULL \
        AND ended_at <= $1 ORDER BY ended_at LIMIT $2)";
    PRUNE_ACTIVITY = "DELETE FROM activity WHERE id IN (SELECT id FROM activity WHERE at <= $1 ORDER BY at LIMIT $2)";
    PRUNE_SIGNING_KEYS = "DELETE FROM signing_keys WHERE id IN (SELECT id FROM signing_keys \
        WHERE verifies_until <= $1 LIMIT $2)";
    PRUNE_OWNERSHIPS = "DELETE FROM ownerships WHERE id IN (SELECT o.id FROM ownerships o WHERE o.ended_at <= $1 \
        AND NOT EXISTS (SELECT 1 FROM sessions s WHERE s.ownership_id = o.id) ORDER BY o.ended_at LIMIT $2)";
    PRUNE_API_KEYS = "DELETE FROM api_keys WHERE id IN (SELECT id FROM api_keys WHERE revoked_at <= $1 OR expires_at <= $1 LIMIT $2)";
}

/// A table whose rows have an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Prunable {
    /// Used proofs, once they would be refused for their age.
    ProofUses,
    /// Challenges that nobody answered in time.
    Challenges,
    /// Tickets that nobody used in time.
    LimitTickets,
    /// Feed entries, once every token they deny has expired and every node has read them.
    Feed,
    /// Ended sessions, with the hashes of their tokens.
    Sessions,
    /// Past ownerships without a session left.
    Ownerships,
    /// What spoke for devices once.
    TrustEvidence,
    /// Activity records.
    Activity,
    /// Signing keys, once none of their tokens verifies.
    SigningKeys,
    /// Revoked and expired API keys.
    ApiKeys,
}

impl Prunable {
    /// Every prunable table, in the order in which rows let go of each other.
    pub const ALL: [Self; 10] = [
        Self::ProofUses,
        Self::Challenges,
        Self::LimitTickets,
        Self::Feed,
        Self::Sessions,
        Self::Ownerships,
        Self::TrustEvidence,
        Self::Activity,
        Self::SigningKeys,
        Self::ApiKeys,
    ];
}

impl Tx {
    /// Deletes at most `limit` rows whose end lies at or before the given time.
    pub async fn prune(
        &mut self,
        table: Prunable,
        before: Timestamp,
        limit: i64,
    ) -> Result<u64, StoreError> {
        let statement = match table {
            Prunable::ProofUses => PRUNE_PROOF_USES,
            Prunable::Challenges => PRUNE_CHALLENGES,
            Prunable::LimitTickets => PRUNE_LIMIT_TICKETS,
            Prunable::Feed => return self.prune_feed(before, limit).await,
            Prunable::Sessions => PRUNE_SESSIONS,
            Prunable::Ownerships => PRUNE_OWNERSHIPS,
            Prunable::TrustEvidence => PRUNE_TRUST_EVIDENCE,
            Prunable::Activity => PRUNE_ACTIVITY,
            Prunable::SigningKeys => PRUNE_SIGNING_KEYS,
            Prunable::ApiKeys => PRUNE_API_KEYS,
        };
        execute!(self, statement, Time(before), limit)
    }
}
