//! Activity that the store does not know of yet.

use crate::{
    live::Live,
    sharded::{SHARDS, Sharded},
};
use countersign_core::{DeviceId, OwnershipId, SessionId, Timestamp};
use std::{collections::HashMap, sync::Arc};

/// A session that was active, to be written to the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// The session.
    pub session: SessionId,
    /// Its ownership.
    pub ownership: OwnershipId,
    /// Its device.
    pub device: DeviceId,
    /// The newest activity.
    pub at: Timestamp,
}

/// The sessions touched since the last drain, each once.
#[derive(Debug)]
pub(crate) struct Activity {
    shards: Sharded<Pending>,
    capacity: usize,
}

#[derive(Debug, Default)]
struct Pending {
    touched: HashMap<SessionId, Arc<Live>, foldhash::fast::RandomState>,
    /// What the last drain took: it may be on its way to the store still.
    drained: HashMap<SessionId, Timestamp, foldhash::fast::RandomState>,
}

impl Activity {
    /// `capacity` bounds the sessions that wait for a drain; the activity of further ones is
    /// noted in their snapshots only.
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            shards: Sharded::new(Pending::default),
            capacity: capacity.div_ceil(SHARDS),
        }
    }

    pub(crate) fn touch(&self, live: &Arc<Live>, now: Timestamp) {
        if !live.touch(now) {
            return;
        }
        let session = live.snapshot.session_id;
        let mut pending = self.shards.write(&session);
        if pending.touched.len() >= self.capacity && !pending.touched.contains_key(&session) {
            live.unqueue();
            return;
        }
        // An older snapshot of the session may wait here already: the newer one takes its place
        // and its time.
        if let Some(older) = pending.touched.insert(session, Arc::clone(live)) {
            live.observe(older.unqueue());
        }
    }

    /// The newest activity of the session that a load from the store may have missed.
    pub(crate) fn newest(&self, session: SessionId) -> Option<Timestamp> {
        let pending = self.shards.read(&session);
        let touched = pending.touched.get(&session);
        let drained = pending.drained.get(&session).copied();
        touched.map(|live| live.last_active_at()).max(drained)
    }

    pub(crate) fn drain(&self) -> Vec<Seen> {
        let mut seen = Vec::new();
        for mut pending in self.shards.each_mut() {
            let touched = std::mem::take(&mut pending.touched);
            pending.drained = HashMap::default();
            for live in touched.into_values() {
                let at = live.unqueue();
                pending.drained.insert(live.snapshot.session_id, at);
                seen.push(seen_at(&live, at));
            }
        }
        seen
    }
}

fn seen_at(live: &Live, at: Timestamp) -> Seen {
    Seen {
        session: live.snapshot.session_id,
        ownership: live.snapshot.ownership_id,
        device: live.snapshot.device_id,
        at,
    }
}
