//! The node hears of every commit of its own store before the caller does (invariant I1).

use crate::source::StoreSource;
use countersign_cluster::Node;
use countersign_core::feed::FeedEntry;
use countersign_storage::CommitObserver;
use std::sync::{Arc, OnceLock};

/// Hands committed feed entries to the node. The store is opened before there is a node, and
/// nothing can be in a node's memory before it starts.
#[derive(Debug, Default)]
pub(crate) struct NodeObserver(OnceLock<Arc<Node<StoreSource>>>);

impl NodeObserver {
    pub(crate) fn connect(&self, node: &Arc<Node<StoreSource>>) {
        let _ = self.0.set(Arc::clone(node));
    }
}

impl CommitObserver for NodeObserver {
    fn committed(&self, entries: &[FeedEntry]) {
        if let Some(node) = self.0.get() {
            node.apply(entries);
        }
    }

    fn outcome_unknown(&self, entries: &[FeedEntry]) {
        if let Some(node) = self.0.get() {
            node.forget(entries);
        }
    }
}
