//! The model of the revocation barrier, explored state by state (invariants I1 and I3).
//!
//! Two nodes, a third that joins, a verifier and an ending, over a store with transactions that
//! commit out of order and a primary that can be lost. Everybody may stand still at any step,
//! every message may be lost, repeated and late, clocks run at different rates from different
//! beginnings. Each wrong variant must be caught: that shows what the checker can see.
//!
//! The ignored test explores further than a run of all tests has time for: `cargo xtask campaign
//! model`.

#![expect(
    clippy::print_stdout,
    reason = "how much was explored is what this shows"
)]

mod actions;
mod process;
mod rules;
mod steps;
mod store;
mod world;

use rules::{Bug, Rules, Scenario};
use stateright::{Checker, HasDiscoveries, Model};

const PROPERTY: &str = "I1, I3: what was ended is not accepted";

/// How much was explored.
struct Explored {
    states: usize,
    depth: usize,
}

/// Explores everything that can happen and says how much that was.
fn holds(name: &str, scenario: Scenario) -> Explored {
    let checker = Rules::right(scenario)
        .checker()
        .threads(2)
        .spawn_bfs()
        .join();
    let explored = Explored {
        states: checker.unique_state_count(),
        depth: checker.max_depth(),
    };
    let Explored { states, depth } = explored;
    println!("{name}: {states} states, depth {depth}");
    checker.assert_properties();
    explored
}

type Setting = fn() -> Scenario;

/// The scenarios, by name.
const SCENARIOS: &[(&str, Setting)] = &[
    ("two nodes", Scenario::default),
    ("a lowering", || Scenario::default().lowering()),
    ("late commit", || Scenario::default().other_writer()),
    ("a verifier", || Scenario::default().verifier()),
    ("death and join", || Scenario::default().successor()),
    ("join", || Scenario::default().joining()),
    ("leave", || Scenario::default().verifier().leaving()),
    ("failover", || Scenario::default().failover()),
    ("asynchronous", || Scenario::default().asynchronous()),
    ("watch", || Scenario::default().watching()),
    ("pruning", || Scenario::default().pruning()),
];

/// Finds the history in which the wrong variant accepts what was ended.
fn catches(bug: Bug, scenario: Scenario) {
    let rules = Rules {
        scenario,
        bug: Some(bug),
    };
    let checker = rules
        .checker()
        .threads(2)
        .finish_when(HasDiscoveries::AnyOf([PROPERTY].into()))
        .spawn_bfs()
        .join();
    let states = checker.unique_state_count();
    let history = checker
        .discovery(PROPERTY)
        .map(stateright::Path::into_actions);
    let steps = history.as_ref().map(Vec::len);
    println!("{bug:?}: {states} states, caught by {steps:?} steps: {history:?}");
    assert!(
        history.is_some(),
        "{bug:?} was not caught in {states} states"
    );
}

#[test]
fn i1_holds_between_two_nodes() {
    holds("two nodes", Scenario::default());
}

#[test]
fn i3_holds_for_a_lowering() {
    holds("a lowering", Scenario::default().lowering());
}

#[test]
fn i1_holds_when_transactions_commit_out_of_order() {
    holds("late commit", Scenario::default().other_writer());
}

#[test]
fn i1_holds_with_a_verifier() {
    holds("a verifier", Scenario::default().verifier());
}

#[test]
fn i1_holds_when_a_node_dies_and_another_joins() {
    holds("death and join", Scenario::default().successor());
}

#[test]
fn i1_holds_when_a_node_joins_during_an_ending() {
    holds("join", Scenario::default().joining());
}

#[test]
fn i1_holds_when_a_node_leaves() {
    holds("leave", Scenario::default().verifier().leaving());
}

#[test]
fn i1_holds_when_a_synchronous_primary_is_lost() {
    holds("failover", Scenario::default().failover());
}

#[test]
fn i1_holds_after_the_loss_of_a_primary_that_did_not_wait() {
    holds("asynchronous", Scenario::default().asynchronous());
}

#[test]
fn i1_holds_when_rows_that_stand_still_are_deleted() {
    holds("watch", Scenario::default().watching());
}

#[test]
fn i1_holds_when_denials_are_pruned_after_the_last_token() {
    holds("pruning", Scenario::default().pruning());
}

#[test]
fn a_clock_noted_after_the_read_is_caught() {
    catches(Bug::ClockNotedAfterRead, Scenario::default());
}

#[test]
fn an_acknowledgement_before_the_application_is_caught() {
    catches(Bug::AcknowledgedBeforeApplied, Scenario::default());
}

#[test]
fn a_plain_sequence_is_caught() {
    catches(Bug::PlainSequence, Scenario::default().other_writer());
}

#[test]
fn a_verifier_lease_longer_than_the_nodes_is_caught() {
    catches(Bug::LongerVerifierLease, Scenario::default().verifier());
}

#[test]
fn an_entry_pruned_early_is_caught() {
    catches(Bug::PrunedEarly, Scenario::default().pruning());
}

#[test]
fn a_cache_read_before_the_denylist_is_caught() {
    catches(Bug::CacheFirst, Scenario::default());
}

#[test]
fn a_row_committed_with_the_first_renewal_is_caught() {
    catches(Bug::JoinedWithRenewal, Scenario::default().joining());
}

#[test]
fn a_node_judged_dead_by_timestamp_is_caught() {
    catches(Bug::DeadByTimestamp, Scenario::default().watching());
}

#[test]
fn a_resumed_process_trusting_an_old_check_is_caught() {
    catches(Bug::OldCheck, Scenario::default());
}

#[test]
fn a_load_cached_after_a_change_is_caught() {
    catches(Bug::LateLoadCached, Scenario::default().lowering());
}

#[test]
fn a_restart_under_the_same_id_is_caught() {
    catches(Bug::SameId, Scenario::default().verifier().successor());
}

#[test]
fn clocks_taken_for_equal_are_caught() {
    catches(Bug::NoDriftMargin, Scenario::default());
}

#[test]
fn a_lost_history_that_is_not_noticed_is_caught() {
    catches(Bug::HistoryNotChecked, Scenario::default().asynchronous());
}

/// A tick more in each scenario, and a renewal where there is no verifier.
#[test]
#[ignore = "takes minutes and gigabytes: `cargo xtask campaign model`"]
fn i1_holds_further() {
    let explored: Vec<String> = SCENARIOS
        .iter()
        .map(|(name, scenario)| {
            let Explored { states, depth } = holds(name, scenario().larger());
            format!(r#"{{"scenario": "{name}", "states": {states}, "depth": {depth}}}"#)
        })
        .collect();
    println!(r#"{{"result": [{}]}}"#, explored.join(", "));
}
