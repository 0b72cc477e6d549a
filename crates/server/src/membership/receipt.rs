//! What an ending says about where it has arrived.

use countersign_barrier::Outcome;
use countersign_core::{NodeId, Timestamp};
use std::time::Duration;

/// Who acknowledged an ending, and whose leases ended instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// From when on nobody accepts what ended.
    pub at: Timestamp,
    /// The nodes that have it, each with all of its verifiers.
    pub acknowledged: Vec<NodeId>,
    /// The nodes whose leases from before the ending have ended without a word.
    pub lapsed: Vec<NodeId>,
    /// Whether the list of nodes could be read; if not, every lease was waited for.
    pub is_complete: bool,
    /// How long that took after the commit.
    pub waited: Duration,
}

impl Receipt {
    pub(super) fn new(outcome: Outcome<NodeId>, waited: Duration, at: Timestamp) -> Self {
        Self {
            at,
            acknowledged: outcome.acknowledged.into_iter().collect(),
            lapsed: outcome.lapsed.into_iter().collect(),
            is_complete: outcome.is_complete,
            waited,
        }
    }
}
