//! The denylist: ended sessions whose tokens could still be unexpired.

use crate::sharded::Sharded;
use countersign_core::{SessionId, Timestamp, session::EndingCause};
use std::{
    collections::{HashMap, hash_map::Entry},
    fmt,
};

/// Ended sessions, exactly: no false accept, no false refusal.
///
/// An entry takes 24 bytes and a control byte in a table that is between 7/16 and 7/8 full. It
/// is bounded by what ends within the longest token lifetime, and never by eviction.
pub struct Denylist {
    shards: Sharded<Denials>,
}

type Denials = HashMap<SessionId, Denial, foldhash::fast::RandomState>;

/// Whole seconds keep an entry at 24 bytes instead of 32.
#[derive(Clone, Copy)]
struct Denial {
    until_secs: u32,
    cause: EndingCause,
}

impl Denylist {
    /// An empty one.
    pub fn new() -> Self {
        Self {
            shards: Sharded::new(Denials::default),
        }
    }

    /// Refuses the session until `until`, when the last token of it has expired.
    ///
    /// Repeatable in any order: the first cause stands, the latest `until` counts.
    pub fn deny(&self, session: SessionId, cause: EndingCause, until: Timestamp) {
        let until_secs = round_up(until);
        match self.shards.write(&session).entry(session) {
            Entry::Occupied(mut entry) => {
                let denial = entry.get_mut();
                denial.until_secs = denial.until_secs.max(until_secs);
            }
            Entry::Vacant(entry) => {
                entry.insert(Denial { until_secs, cause });
            }
        }
    }

    /// Why the session is refused, if it is.
    pub fn denied(&self, session: SessionId) -> Option<EndingCause> {
        let denials = self.shards.read(&session);
        denials.get(&session).map(|denial| denial.cause)
    }

    /// Forgets the sessions none of whose tokens can be unexpired at `now`.
    pub fn prune(&self, now: Timestamp) {
        for mut denials in self.shards.each_mut() {
            denials.retain(|_, denial| now < Timestamp::from_secs(i64::from(denial.until_secs)));
            if denials.capacity() / 4 > denials.len() {
                let room = denials.len() * 2;
                denials.shrink_to(room);
            }
        }
    }

    /// Every refused session with its cause and until when.
    pub fn all(&self) -> Vec<(SessionId, EndingCause, Timestamp)> {
        let mut all = Vec::new();
        for denials in self.shards.each() {
            all.extend(denials.iter().map(|(session, denial)| {
                let until = Timestamp::from_secs(i64::from(denial.until_secs));
                (*session, denial.cause, until)
            }));
        }
        all
    }

    /// How many sessions are refused.
    pub fn len(&self) -> usize {
        self.shards.each().map(|denials| denials.len()).sum()
    }

    /// Whether no session is refused.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Default for Denylist {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Denylist {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Denylist");
        debug.field("len", &self.len()).finish()
    }
}

/// Rounds up, so that a denial never ends before the last token does. Good until the year 2106;
/// what lies beyond is kept until then.
fn round_up(until: Timestamp) -> u32 {
    let secs = until
        .as_micros()
        .saturating_add(999_999)
        .div_euclid(1_000_000);
    u32::try_from(secs.max(0)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    const MAX_MICROS: i64 = u32::MAX as i64 * 1_000_000;

    fn session(number: u128) -> SessionId {
        SessionId::from_uuid(Uuid::from_u128(number))
    }

    #[test]
    fn an_entry_is_24_bytes() {
        assert_eq!(size_of::<(SessionId, Denial)>(), 24);
    }

    #[test]
    fn the_first_cause_stands_and_the_latest_time_counts() {
        let denylist = Denylist::new();
        for (cause, until) in [
            (EndingCause::Logout, 50),
            (EndingCause::Removed, 90),
            (EndingCause::Expired, 20),
        ] {
            denylist.deny(session(1), cause, Timestamp::from_secs(until));
        }
        denylist.prune(Timestamp::from_secs(89));
        assert_eq!(denylist.denied(session(1)), Some(EndingCause::Logout));
        denylist.prune(Timestamp::from_secs(90));
        assert!(denylist.is_empty());
    }

    #[test]
    fn a_mass_of_pruned_denials_gives_its_memory_back() {
        let denylist = Denylist::new();
        for number in 0..100_000 {
            let until = Timestamp::from_secs(if number % 1_000 == 0 { 20 } else { 10 });
            denylist.deny(session(number), EndingCause::UserDisabled, until);
        }
        denylist.prune(Timestamp::from_secs(10));
        assert_eq!(denylist.len(), 100);
        let room: usize = denylist.shards.each().map(|shard| shard.capacity()).sum();
        assert!(room < 2_000, "{room}");
    }

    proptest! {
        #[test]
        fn i3_a_prune_never_forgets_a_session_too_early(
            until in 0..MAX_MICROS,
            early in 1..2_000_000i64,
        ) {
            let denylist = Denylist::new();
            let until = Timestamp::from_micros(until);
            denylist.deny(session(1), EndingCause::Logout, until);
            denylist.prune(Timestamp::from_micros(until.as_micros() - early));
            prop_assert!(denylist.denied(session(1)).is_some());
            denylist.prune(until.plus(std::time::Duration::from_secs(1)));
            prop_assert!(denylist.is_empty());
        }

        #[test]
        fn i3_a_time_out_of_range_denies_as_long_as_it_can(until: i64) {
            let denylist = Denylist::new();
            denylist.deny(session(1), EndingCause::Logout, Timestamp::from_micros(until));
            denylist.prune(Timestamp::from_micros(until.min(MAX_MICROS) - 1));
            prop_assert!(denylist.denied(session(1)).is_some());
        }

        #[test]
        fn exactly_the_denied_are_denied(denied in proptest::collection::hash_set(0u128..500, 0..200)) {
            let denylist = Denylist::new();
            for number in &denied {
                denylist.deny(session(*number), EndingCause::Logout, Timestamp::from_secs(1));
            }
            prop_assert_eq!(denylist.len(), denied.len());
            for number in 0..500 {
                let is_denied = denylist.denied(session(number)).is_some();
                prop_assert_eq!(is_denied, denied.contains(&number));
            }
        }
    }
}
