use crate::{
    single_flight::{Answer, ask, is_found},
    store::{Store, client, client_version, entry, session, session_version},
    task::{Task, run_all},
};
use countersign_cluster::{Change, Live, Lookup, ResolveError};
use countersign_core::{
    ApiKeyId, SessionId,
    feed::{FeedEvent, Subject},
};
use std::sync::{Arc, Mutex};

fn found(task: &Task<Answer>) -> Arc<Live> {
    match task.output.as_ref() {
        Some(Ok(Lookup::Found(live))) => Arc::clone(live),
        other => panic!("not found: {other:?}"),
    }
}

#[test]
fn i3_a_change_during_a_load_is_answered_and_the_old_snapshot_never() {
    let store = Store::holding(1);
    let node = store.node();
    let mut task = [ask(&node, session(0))];
    node.apply(&[store.change_session(0)]);
    store.release(0);
    run_all(&mut task);
    assert!(task[0].is_pending() && node.cached(session(0)).is_none());
    store.open();
    run_all(&mut task);
    assert_eq!(session_version(&found(&task[0]).snapshot), 1);
    assert_eq!(store.loads(), 2);
}

#[test]
fn i3_a_client_change_during_a_load_is_answered_and_the_old_snapshot_never() {
    let store = Store::holding(1);
    let node = store.node();
    let mut task = [ask(&node, session(0))];
    node.apply(&[store.change_client(0)]);
    store.release(0);
    run_all(&mut task);
    assert!(task[0].is_pending() && node.resolver().is_empty());
    store.open();
    run_all(&mut task);
    assert_eq!(client_version(&found(&task[0]).snapshot), 1);
}

#[test]
fn i3_a_change_takes_the_snapshot_out_of_memory() {
    let store = Store::with_sessions(2);
    let node = store.node();
    for number in 0..2 {
        assert!(is_found(&ask(&node, session(number))));
    }
    node.apply(&[store.change_session(0)]);
    assert!(node.cached(session(0)).is_none());
    assert!(node.cached(session(1)).is_some());
    assert_eq!(session_version(&found(&ask(&node, session(0))).snapshot), 1);
    node.apply(&[store.change_client(0)]);
    assert!(node.cached(session(0)).is_none() && node.cached(session(1)).is_none());
    assert_eq!(client_version(&found(&ask(&node, session(1))).snapshot), 1);
}

#[test]
fn a_change_of_another_client_costs_nothing() {
    let store = Store::with_sessions(1);
    let node = store.node();
    assert!(is_found(&ask(&node, session(0))));
    node.apply(&[store.change_client(7)]);
    assert!(node.cached(session(0)).is_some());
}

#[test]
fn i3_who_asks_after_a_change_never_joins_an_older_load() {
    for client_wide in [false, true] {
        let store = Store::holding(1);
        let node = store.node();
        let mut before = [ask(&node, session(0))];
        let change = if client_wide {
            store.change_client(0)
        } else {
            store.change_session(0)
        };
        node.apply(&[change]);
        let mut after = [ask(&node, session(0))];
        assert_eq!(store.loads(), 2, "a load of its own");
        assert!(store.release(1));
        run_all(&mut after);
        let snapshot = &found(&after[0]).snapshot;
        assert_eq!(session_version(snapshot) + client_version(snapshot), 1);
        // The older one comes home late and is answered from what is there.
        assert!(store.release(0));
        run_all(&mut before);
        let snapshot = &found(&before[0]).snapshot;
        assert_eq!(session_version(snapshot) + client_version(snapshot), 1);
        assert_eq!(store.loads(), 2);
    }
}

#[test]
fn i15_a_session_that_changes_during_every_load_is_refused() {
    let store = Store::holding(1);
    let node = store.node();
    let mut task = [ask(&node, session(0))];
    for _ in 0..8 {
        node.apply(&[store.change_session(0)]);
        store.release(0);
        run_all(&mut task);
    }
    assert!(matches!(task[0].output, Some(Err(ResolveError::Unsettled))));
    assert!(node.resolver().is_empty());
}

#[test]
fn an_unknown_outcome_forgets_and_denies_nothing() {
    let store = Store::with_sessions(3);
    let node = store.node();
    for number in 0..3 {
        assert!(is_found(&ask(&node, session(number))));
    }
    let entries = [store.end_session(0), store.change_session(1)];
    node.forget(&entries);
    assert!(node.denylist().is_empty());
    assert!(node.cached(session(0)).is_none() && node.cached(session(1)).is_none());
    assert!(node.cached(session(2)).is_some());
    // It is not taken for applied: when the feed brings it, it counts.
    node.apply(&entries);
    assert!(matches!(node.cached(session(0)), Some(Lookup::Denied(_))));
}

#[test]
fn everything_can_be_forgotten_also_what_is_being_loaded() {
    let store = Store::with_sessions(2);
    let node = store.node();
    assert!(is_found(&ask(&node, session(0))));
    store.write(|rows| rows.is_holding = true);
    let mut loading = [ask(&node, session(1))];
    store.change_session(1);
    node.forget_all();
    assert!(node.resolver().is_empty());
    store.open();
    run_all(&mut loading);
    assert_eq!(session_version(&found(&loading[0]).snapshot), 1);
}

#[test]
fn an_entry_read_again_costs_nothing() {
    let store = Store::with_sessions(1);
    let node = store.node();
    let change = store.change_session(0);
    node.apply(std::slice::from_ref(&change));
    assert!(is_found(&ask(&node, session(0))));
    node.apply(&[change]);
    assert!(node.cached(session(0)).is_some());
}

#[test]
fn other_caches_hear_of_a_change_before_it_counts_as_applied() {
    let store = Store::with_sessions(1);
    let node = store.node();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let hook = Arc::clone(&heard);
    node.on_change(move |change| hook.lock().unwrap().push(change));
    let key = ApiKeyId::from_uuid(uuid::Uuid::from_u128(5));
    let subjects = [
        Subject::SigningKeys,
        Subject::ApiKey(key),
        Subject::Client(client(0)),
    ];
    let entries = subjects.map(|subject| entry(FeedEvent::Changed(subject)));
    node.apply(&entries);
    node.apply(&entries);
    node.forget(&entries[..1]);
    node.apply(&[store.change_session(0), store.end_session(0)]);
    node.forget_all();
    let [keys, key, client] = subjects.map(Change::Of);
    assert_eq!(
        *heard.lock().unwrap(),
        [keys, key, client, keys, Change::Everything]
    );
}

#[test]
fn a_session_id_tells_nothing_of_its_neighbours() {
    let store = Store::with_sessions(200);
    let node = store.node();
    // Sessions 0 and 64 share a shard.
    let (one, other): (SessionId, SessionId) = (session(0), session(64));
    assert!(is_found(&ask(&node, one)) && is_found(&ask(&node, other)));
    node.apply(&[store.change_session(64)]);
    assert!(node.cached(one).is_some() && node.cached(other).is_none());
}
