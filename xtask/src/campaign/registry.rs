//! The campaigns, by name.

use super::{
    Campaign, Work,
    cargo_run::{CargoRun, Program},
};

/// All of them.
pub(super) const CAMPAIGNS: &[Campaign] = &[
    Campaign {
        name: "fuzz",
        about: "every parser of untrusted bytes under libFuzzer: no crash, no hang, no runaway memory",
        work: Work::Fuzz,
    },
    Campaign {
        name: "verify",
        about: "judgements per second on one core, beside the bare P-256 check",
        work: bench(&["verify"], false),
    },
    Campaign {
        name: "http",
        about: "/v1/verify on one core beside a bare handler, nginx and another project's answer",
        work: bench(&["http"], true),
    },
    Campaign {
        name: "writes",
        about: "logins and refreshes per second beside bare commits, on both engines",
        work: bench(&["writes"], true),
    },
    Campaign {
        name: "footprint",
        about: "memory at rest, size of the binary, number of crates, time of a cold build",
        work: bench(&["footprint"], false),
    },
];

/// A measurement in `bench/`.
const fn bench(name: &'static [&'static str], needs_services: bool) -> Work {
    Work::Cargo(CargoRun {
        program: Program::Script { path: "bench/run" },
        is_release: true,
        needs_services,
        arguments: name,
        settings: &[],
    })
}

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
