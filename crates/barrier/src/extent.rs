//! Positions in the feed, and what a read of it included.

use std::{fmt, str::FromStr};

/// Where an entry stands: its row number on SQLite, its transaction's id on PostgreSQL.
///
/// Positions are handed out in order and become readable in any order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(u64);

impl Position {
    /// Takes the number.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number.
    pub const fn get(self) -> u64 {
        self.0
    }
}

/// What a read of the feed included: every position below one, except those that were still open.
///
/// It is exact. An unrelated transaction that runs for hours is one exception and holds up
/// nothing, and what a read did not include is all that the next one has to read.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Extent {
    below: u64,
    /// Ascending, each less than `below`.
    open: Box<[u64]>,
}

/// Text that is no extent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an extent of the feed")]
pub struct InvalidExtent;

impl Extent {
    /// Everything below `below` but what is in `open`.
    pub fn new(below: u64, open: impl IntoIterator<Item = u64>) -> Self {
        let mut open: Vec<u64> = open.into_iter().filter(|open| *open < below).collect();
        open.sort_unstable();
        open.dedup();
        let open = open.into_boxed_slice();
        Self { below, open }
    }

    /// The first position above all that it included.
    pub const fn below(&self) -> u64 {
        self.below
    }

    /// The positions below that it did not include.
    pub const fn open(&self) -> &[u64] {
        &self.open
    }

    /// Whether it included an entry committed at this position.
    pub fn includes(&self, position: Position) -> bool {
        position.0 < self.below && self.open.binary_search(&position.0).is_err()
    }

    /// Whether it included everything that `other` did.
    pub fn covers(&self, other: &Self) -> bool {
        let mut missing = self.open.iter().take_while(|open| **open < other.below);
        self.below >= other.below && missing.all(|open| other.open.binary_search(open).is_ok())
    }
}

/// As PostgreSQL writes a `pg_snapshot`: lowest open or `below`, `below`, the open ones.
impl fmt::Display for Extent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lowest = self.open.first().unwrap_or(&self.below);
        write!(f, "{lowest}:{}:", self.below)?;
        for (index, open) in self.open.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma}{open}")?;
        }
        Ok(())
    }
}

impl FromStr for Extent {
    type Err = InvalidExtent;

    fn from_str(text: &str) -> Result<Self, InvalidExtent> {
        let mut parts = text.splitn(3, ':');
        let mut next = || parts.next().ok_or(InvalidExtent);
        let (_lowest, below, open) = (number(next()?)?, number(next()?)?, next()?);
        if open.is_empty() {
            return Ok(Self::new(below, []));
        }
        let open: Result<Vec<u64>, _> = open.split(',').map(number).collect();
        Ok(Self::new(below, open?))
    }
}

fn number(text: &str) -> Result<u64, InvalidExtent> {
    text.parse().map_err(|_| InvalidExtent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn extents() -> impl Strategy<Value = Extent> {
        let open = proptest::collection::vec(0..40u64, 0..6);
        (0..40u64, open).prop_map(|(below, open)| Extent::new(below, open))
    }

    #[test]
    fn a_postgres_snapshot_is_read() {
        let extent: Extent = "750:760:750,755".parse().unwrap();
        let includes = |position| extent.includes(Position::new(position));
        assert!(includes(749) && includes(751) && includes(759));
        assert!(!includes(750) && !includes(755) && !includes(760));
        for wrong in ["", "1", "1:2", "a:b:", "1:2:3,", "1:-2:", "1:2:3 "] {
            assert_eq!(wrong.parse::<Extent>(), Err(InvalidExtent), "{wrong:?}");
        }
    }

    proptest! {
        #[test]
        fn text_and_back(extent in extents()) {
            prop_assert_eq!(extent.to_string().parse::<Extent>(), Ok(extent));
        }

        #[test]
        fn covering_is_including_all_of_the_other(one in extents(), other in extents()) {
            let all = (0..50).map(Position::new);
            let mut included = all.filter(|position| other.includes(*position));
            let has_all = included.all(|position| one.includes(position));
            // An extent may reach higher than its last included position, so covering may also
            // be denied, but never wrongly granted.
            if one.covers(&other) {
                prop_assert!(has_all);
            } else if other.below() == 0 || other.includes(Position::new(other.below() - 1)) {
                prop_assert!(!has_all);
            }
        }
    }
}
