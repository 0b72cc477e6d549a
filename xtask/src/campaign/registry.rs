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
        name: "model",
        about: "I1, I3: the barrier's model, further than a test run explores it",
        work: Work::Cargo(CargoRun {
            program: Program::Test {
                package: "countersign-barrier",
                file: "model",
                function: "i1_holds_further",
            },
            is_release: true,
            needs_services: false,
            arguments: &["--ignored"],
            settings: &[],
        }),
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
        name: "sidecar",
        about: "a sidecar's answers on one core, with and without a fresh proof each, beside a bare handler",
        work: bench(&["sidecar"], false),
    },
    Campaign {
        name: "writes",
        about: "logins and refreshes per second beside bare commits, on both engines",
        work: bench(&["writes"], true),
    },
    Campaign {
        name: "appraise",
        about: "appraisals per second on one core beside the bare signature checks, per platform",
        work: bench(&["appraise"], false),
    },
    Campaign {
        name: "enrollments",
        about: "enrollments per second beside bare commits, on both engines",
        work: bench(&["enrollments"], true),
    },
    Campaign {
        name: "barrier",
        about: "endings that wait for every node beside bare commits; a verifier's memory beside Redis and the store",
        work: bench(&["barrier"], true),
    },
    Campaign {
        name: "size",
        about: "1,000,000 devices and sessions: latency beside an empty store, memory a session, on both engines",
        work: bench(&["size"], true),
    },
    Campaign {
        name: "footprint",
        about: "memory at rest, size of the binary, number of crates, time of a cold build",
        work: bench(&["footprint"], false),
    },
    Campaign {
        name: "cut-off",
        about: "I1: 10,000 endings on three nodes of one PostgreSQL, each asked of these and three verifiers",
        work: Work::Cargo(cluster(
            "cut_off::i1_an_ending_that_returned_is_over_for_everybody",
            &[("COUNTERSIGN_ROUNDS", "10000")],
        )),
    },
    Campaign {
        name: "faults",
        about: "I1: 300 loops of cutting off and calling again under each of many faults: none is let in",
        work: Work::Cargo(CargoRun {
            arguments: &["--ignored"],
            ..cluster("faults::i1_holds_under_every_fault", &[])
        }),
    },
    Campaign {
        name: "silent",
        about: "I1: how long an ending takes while a node, a sidecar or a backend stands still",
        work: Work::Cargo(CargoRun {
            arguments: &["--ignored"],
            ..cluster(
                "silent::i1_an_ending_waits_for_a_silent_process_no_longer_than_its_lease",
                &[("COUNTERSIGN_ROUNDS", "20")],
            )
        }),
    },
    Campaign {
        name: "failover",
        about: "I1, I2: kill -9 of PostgreSQL's primary under load, three times: no acknowledged ending is lost",
        work: Work::Cargo(CargoRun {
            arguments: &["--ignored"],
            ..cluster(
                "failover::i1_i2_a_failover_to_a_synchronous_standby_loses_no_ending",
                &[("COUNTERSIGN_ROUNDS", "3")],
            )
        }),
    },
    Campaign {
        name: "database-crash",
        about: "I1, I2: kill -9 of a PostgreSQL under load, which starts again: no acknowledged ending is lost",
        work: Work::Cargo(CargoRun {
            arguments: &["--ignored"],
            ..cluster(
                "failover::i1_i2_a_crash_of_the_database_loses_no_ending",
                &[("COUNTERSIGN_ROUNDS", "10")],
            )
        }),
    },
    Campaign {
        name: "reused-positions",
        about: "I1: PostgreSQL crashes and gives numbers of transactions out again: no ending is missed",
        work: Work::Cargo(CargoRun {
            arguments: &["--ignored"],
            ..cluster(
                "reused::i1_holds_though_a_crash_gives_numbers_out_again",
                &[("COUNTERSIGN_ROUNDS", "20")],
            )
        }),
    },
    Campaign {
        name: "revoke-refresh",
        about: "I4: 1,000 races of refreshes against each kind of ending, on both engines",
        work: Work::Cargo(race(
            "endings::i4_an_ending_beats_every_refresh_that_it_meets",
            &[("COUNTERSIGN_ROUNDS", "1000")],
        )),
    },
    Campaign {
        name: "parallel-logins",
        about: "I5: 50 logins at once leave one session, also beside an expired one",
        work: Work::Cargo(race(
            "logins::i5_fifty_logins_at_once_leave_one_session",
            &[("COUNTERSIGN_ROUNDS", "20")],
        )),
    },
    Campaign {
        name: "lock-order",
        about: "every write meets every other 60 times on PostgreSQL: no deadlock, no fault",
        work: Work::Cargo(race(
            "lock_order::no_two_writes_wait_for_each_other",
            &[("COUNTERSIGN_ROUNDS", "60")],
        )),
    },
    Campaign {
        name: "lost-responses",
        about: "I7: 1,000 refreshes whose answers are lost: nobody is signed out",
        work: Work::Cargo(race(
            "lost_responses::i7_a_lost_response_signs_nobody_out",
            &[("COUNTERSIGN_ROUNDS", "1000")],
        )),
    },
    Campaign {
        name: "thief",
        about: "I6, I7: 10,000 tries with every token and used proof, but not the key: no token",
        work: Work::Cargo(race(
            "thief::i6_a_thief_without_the_key_gets_no_token",
            &[("COUNTERSIGN_ROUNDS", "10000")],
        )),
    },
    Campaign {
        name: "crash",
        about: "I2: 50 times kill -9 under load on each engine: nothing acknowledged is lost",
        work: Work::Cargo(race(
            "crash::i2_an_acknowledged_change_survives_kill_9",
            &[
                ("COUNTERSIGN_ROUNDS", "50"),
                ("COUNTERSIGN_REAL_BINARY", "yes"),
            ],
        )),
    },
    Campaign {
        name: "outages",
        about: "PostgreSQL ends every connection 200 times under load: no wrong success",
        work: Work::Cargo(race(
            "outages::i2_terminated_connections_make_no_wrong_success",
            &[("COUNTERSIGN_ROUNDS", "200")],
        )),
    },
    Campaign {
        name: "disk-full",
        about: "SQLite on a disk that is full, under load: nothing acknowledged is lost",
        work: Work::Cargo(CargoRun {
            arguments: &["--ignored"],
            ..race("disk_full::a_full_disk_loses_nothing_under_load", &[])
        }),
    },
];

/// A test of the service's races and faults, with the variables that say how often.
const fn race(
    function: &'static str,
    settings: &'static [(&'static str, &'static str)],
) -> CargoRun {
    CargoRun {
        program: Program::Test {
            package: "countersign-server",
            file: "races",
            function,
        },
        is_release: false,
        needs_services: true,
        arguments: &[],
        settings,
    }
}

/// A test of several processes of the program that operators run.
const fn cluster(
    function: &'static str,
    settings: &'static [(&'static str, &'static str)],
) -> CargoRun {
    CargoRun {
        program: Program::Test {
            package: "countersign-cli",
            file: "cluster",
            function,
        },
        ..race(function, settings)
    }
}

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
