//! A transaction as the aggregates see it: a connection that may also write.

use crate::Conn;
use countersign_barrier::Position;
use countersign_core::feed::FeedEntry;
use std::ops::{Deref, DerefMut};

/// An open transaction inside [`Store::write`](crate::Store::write), with the writes of every
/// aggregate.
#[derive(Debug)]
pub struct Tx {
    conn: Conn,
    feed: Vec<FeedEntry>,
    position: Option<Position>,
}

impl Tx {
    pub(crate) const fn new(conn: Conn) -> Self {
        Self {
            conn,
            feed: Vec::new(),
            position: None,
        }
    }

    /// Notes a feed entry that was inserted, for the observer of the commit.
    pub(crate) fn push_feed(&mut self, entry: FeedEntry, position: Position) {
        self.feed.push(entry);
        self.position = self.position.max(Some(position));
    }

    /// Where the closure's last entry stands in the feed.
    pub(crate) const fn position(&self) -> Option<Position> {
        self.position
    }

    /// Takes the entries noted since the last call.
    pub(crate) fn take_feed(&mut self) -> Vec<FeedEntry> {
        std::mem::take(&mut self.feed)
    }

    /// Forgets what an earlier closure left.
    pub(crate) fn start(&mut self) {
        self.conn.forget_harm();
        self.feed.clear();
        self.position = None;
    }

    pub(crate) fn into_conn(self) -> Conn {
        self.conn
    }
}

impl Deref for Tx {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        &self.conn
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.conn
    }
}
