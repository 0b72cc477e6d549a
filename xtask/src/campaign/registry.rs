//! The campaigns, by name.

use super::{Campaign, Work};

/// All of them.
pub(super) const CAMPAIGNS: &[Campaign] = &[Campaign {
    name: "fuzz",
    about: "every parser of untrusted bytes under libFuzzer: no crash, no hang, no runaway memory",
    work: Work::Fuzz,
}];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_distinct_and_make_file_names() {
        let names: BTreeSet<_> = CAMPAIGNS.iter().map(|campaign| campaign.name).collect();
        assert_eq!(names.len(), CAMPAIGNS.len());
        let plain = |name: &str| name.chars().all(|c| c.is_ascii_lowercase() || c == '-');
        assert!(names.iter().all(|name| plain(name)), "{names:?}");
    }
}
