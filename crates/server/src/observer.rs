//! This process hears of every commit of its own store before the caller does (invariant I1).

use crate::membership::Membership;
use countersign_core::feed::FeedEntry;
use countersign_storage::CommitObserver;
use std::sync::{Arc, OnceLock};

/// Hands committed feed entries on. The store is opened before there is a membership, and nothing
/// can be in memory before there is one.
#[derive(Debug, Default)]
pub(crate) struct MembershipObserver(OnceLock<Arc<Membership>>);

impl MembershipObserver {
    pub(crate) fn connect(&self, membership: &Arc<Membership>) {
        let _ = self.0.set(Arc::clone(membership));
    }
}

impl CommitObserver for MembershipObserver {
    fn committed(&self, entries: &[FeedEntry]) {
        if let Some(membership) = self.0.get() {
            membership.committed(entries);
        }
    }

    fn outcome_unknown(&self, entries: &[FeedEntry]) {
        if let Some(membership) = self.0.get() {
            membership.outcome_unknown(entries);
        }
    }
}
