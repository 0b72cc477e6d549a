//! Rows that stand still: nodes that are gone without having said so.

use crate::{Moment, Timing};
use std::{collections::BTreeMap, time::Duration};

/// What one process has seen of the nodes' rows, on its own clock only.
///
/// `N` names a node's process, `T` is what every renewal leaves in its row.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Watch<N, T> {
    seen: BTreeMap<N, (T, Moment)>,
}

impl<N: Ord + Copy, T: PartialEq + Copy> Watch<N, T> {
    /// Nothing seen yet.
    pub const fn new() -> Self {
        Self {
            seen: BTreeMap::new(),
        }
    }

    /// The rows as they were read; `now` must be read after that.
    pub fn observe(&mut self, rows: &[(N, T)], now: Moment) {
        let known = std::mem::take(&mut self.seen);
        self.seen = rows
            .iter()
            .map(|(node, renewal)| {
                let before = known.get(node).filter(|(known, _)| known == renewal);
                let since = before.map_or(now, |(_, since)| *since);
                (*node, (*renewal, since))
            })
            .collect();
    }

    /// For how long a row has stood still; `None` for one that was not there.
    pub fn still_for(&self, node: N, now: Moment) -> Option<Duration> {
        self.seen.get(&node).map(|(_, since)| since.until(now))
    }

    /// The rows that have stood still for so long that no lease can run under them. Each may be
    /// deleted if it still holds this renewal.
    pub fn dead(&self, now: Moment, timing: &Timing) -> Vec<(N, T)> {
        let patience = timing.outlast(timing.lease);
        let rows = self.seen.iter();
        rows.filter(|(_, (_, since))| now >= since.plus(patience))
            .map(|(node, (renewal, _))| (*node, *renewal))
            .collect()
    }
}

impl<N: Ord + Copy, T: PartialEq + Copy> Default for Watch<N, T> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i1_a_row_is_dead_when_it_stood_still_on_the_watchers_clock() {
        let at = |millis: u64| Moment::from_nanos(millis * 1_000_000);
        let timing = Timing::with_lease(Duration::from_secs(2));
        let mut watch = Watch::new();
        watch.observe(&[(1, 'a'), (2, 'a')], at(0));
        watch.observe(&[(1, 'a'), (2, 'b')], at(1_000));
        assert!(watch.dead(at(2_219), &timing).is_empty());
        assert_eq!(watch.dead(at(2_220), &timing), [(1, 'a')]);
        assert_eq!(
            watch.still_for(2, at(2_220)),
            Some(Duration::from_millis(1_220))
        );
        watch.observe(&[(2, 'b')], at(2_500));
        assert_eq!(watch.still_for(1, at(2_500)), None);
        assert!(watch.dead(at(3_219), &timing).is_empty());
        assert_eq!(watch.dead(at(3_220), &timing), [(2, 'b')]);
    }
}
