//! Who hears of commits before the writers do.

use countersign_core::feed::FeedEntry;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Hears of every commit of this process, so that its memory is current when a write is
/// acknowledged. Called on the writing task: it must not block.
pub trait CommitObserver: Send + Sync {
    /// The entries were committed; their writes are acknowledged when this returns.
    fn committed(&self, entries: &[FeedEntry]);

    /// The entries may or may not have been committed: what is known of their subjects is stale.
    fn outcome_unknown(&self, entries: &[FeedEntry]);
}

/// Tells the observer; `false` when it panicked, so that its memory cannot be relied on.
pub(crate) fn tell_committed(observer: &dyn CommitObserver, entries: &[FeedEntry]) -> bool {
    entries.is_empty() || tell(|| observer.committed(entries))
}

pub(crate) fn tell_outcome_unknown(observer: &dyn CommitObserver, entries: &[FeedEntry]) {
    if !entries.is_empty() {
        tell(|| observer.outcome_unknown(entries));
    }
}

fn tell(call: impl FnOnce()) -> bool {
    let told = catch_unwind(AssertUnwindSafe(call)).is_ok();
    if !told {
        tracing::error!("commit observer panicked");
    }
    told
}
