//! A transaction as the aggregates see it: a connection that may also write.

use crate::{Conn, appended::Appended};
use countersign_barrier::Position;
use countersign_core::feed::FeedEntry;
use std::ops::{Deref, DerefMut};

/// An open transaction inside [`Store::write`](crate::Store::write), with the writes of every
/// aggregate.
#[derive(Debug)]
pub struct Tx {
    conn: Conn,
    appended: Appended,
    feed: Vec<FeedEntry>,
    position: Option<Position>,
}

impl Tx {
    pub(crate) fn new(conn: Conn) -> Self {
        Self {
            conn,
            appended: Appended::default(),
            feed: Vec::new(),
            position: None,
        }
    }

    /// What the closure appended so far.
    pub(crate) const fn appended(&mut self) -> &mut Appended {
        &mut self.appended
    }

    /// Notes entries that were inserted, for the observer of the commit.
    pub(crate) fn note_feed(
        &mut self,
        entries: impl IntoIterator<Item = FeedEntry>,
        position: Option<Position>,
    ) {
        self.feed.extend(entries);
        self.position = self.position.max(position);
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
        self.appended = Appended::default();
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
