use crate::{
    single_flight::{ask, is_found},
    store::{NOW, Store, session},
};
use countersign_cluster::{Live, Lookup, Node};
use countersign_core::Timestamp;
use std::{sync::Arc, time::Duration};

fn live(node: &Arc<Node<Store>>, number: u128) -> Arc<Live> {
    assert!(is_found(&ask(node, session(number))));
    match node.cached(session(number)) {
        Some(Lookup::Found(live)) => live,
        other => panic!("not found: {other:?}"),
    }
}

fn at(secs: u64) -> Timestamp {
    NOW.plus(Duration::from_secs(secs))
}

#[test]
fn activity_is_drained_once_for_each_session_with_the_newest_time() {
    let store = Store::with_sessions(100);
    let node = store.node();
    for number in 0..100 {
        let live = live(&node, number);
        for secs in [3, 9, 5] {
            node.touch(&live, at(secs));
        }
    }
    let mut seen = node.drain_activity();
    seen.sort_by_key(|seen| seen.session);
    assert_eq!(seen.len(), 100);
    for (number, seen) in (0..).zip(&seen) {
        let snapshot = crate::store::snapshot(number);
        assert_eq!((seen.session, seen.at), (session(number), at(9)));
        assert_eq!(seen.ownership, snapshot.ownership_id);
        assert_eq!(seen.device, snapshot.device_id);
    }
    assert!(node.drain_activity().is_empty());
}

#[test]
fn only_newer_activity_is_drained_again() {
    let store = Store::with_sessions(1);
    let node = store.node();
    let live = live(&node, 0);
    node.touch(&live, NOW);
    assert!(node.drain_activity().is_empty(), "the store knows it");
    node.touch(&live, at(2));
    assert_eq!(node.drain_activity().len(), 1);
    node.touch(&live, at(1));
    node.touch(&live, at(2));
    assert!(node.drain_activity().is_empty());
    node.touch(&live, at(3));
    assert_eq!(node.drain_activity()[0].at, at(3));
    assert_eq!(live.last_active_at(), at(3));
}

#[test]
fn a_snapshot_loaded_anew_knows_activity_that_the_store_does_not() {
    let store = Store::with_sessions(1);
    let node = store.node();
    node.touch(&live(&node, 0), at(5));
    node.apply(&[store.change_session(0)]);
    assert_eq!(live(&node, 0).last_active_at(), at(5), "not drained yet");
    assert_eq!(node.drain_activity().len(), 1);
    node.apply(&[store.change_session(0)]);
    assert_eq!(
        live(&node, 0).last_active_at(),
        at(5),
        "drained, perhaps not written"
    );
    assert!(node.drain_activity().is_empty());
    node.apply(&[store.change_session(0)]);
    assert_eq!(live(&node, 0).last_active_at(), NOW, "the store's to know");
}

#[test]
fn old_and_new_snapshot_of_a_session_are_drained_as_one() {
    let store = Store::with_sessions(1);
    let node = store.node();
    let old = live(&node, 0);
    node.touch(&old, at(7));
    node.apply(&[store.change_session(0)]);
    let new = live(&node, 0);
    node.touch(&new, at(8));
    node.touch(&old, at(9));
    let seen = node.drain_activity();
    assert_eq!((seen.len(), seen[0].at), (1, at(9)));
    // The old one last used waits for the drain first.
    node.touch(&old, at(12));
    node.touch(&new, at(11));
    let seen = node.drain_activity();
    assert_eq!((seen.len(), seen[0].at), (1, at(12)));
}

#[test]
fn what_waits_for_a_drain_is_bounded() {
    let store = Store::with_sessions(1_000);
    let node = store.node_of(64);
    for number in 0..1_000 {
        node.touch(&live(&node, number), at(1));
    }
    assert_eq!(node.drain_activity().len(), 64);
    // There is room again, also for one that found none.
    node.touch(&live(&node, 999), at(2));
    assert_eq!(node.drain_activity().len(), 1);
}

#[test]
fn a_session_in_use_does_not_go_idle_in_memory() {
    let store = Store::with_sessions(2);
    let node = store.node();
    node.touch(&live(&node, 0), at(900));
    assert!(is_found(&ask(&node, session(1))));
    node.prune(at(1_000));
    assert!(node.cached(session(0)).is_some() && node.cached(session(1)).is_none());
}
