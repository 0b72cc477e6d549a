use crate::{
    single_flight::{ask, is_found},
    store::{NOW, Store, entry, session},
    task::run_all,
};
use countersign_cluster::{Lookup, Node, Settings};
use countersign_core::{
    feed::{FeedEvent, Subject},
    session::EndingCause,
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

#[test]
fn i3_the_denylist_is_read_before_any_cache() {
    let store = Store::with_sessions(1);
    let node = store.node();
    assert!(is_found(&ask(&node, session(0))));
    // Denied behind the node's back, so that the snapshot is still there and live.
    let until = NOW.plus(Duration::from_mins(1));
    node.denylist().deny(session(0), EndingCause::Logout, until);
    assert!(node.resolver().cached(session(0)).is_some());
    let denied = node.cached(session(0));
    assert!(matches!(denied, Some(Lookup::Denied(EndingCause::Logout))));
    let denied = ask(&node, session(0)).output;
    assert!(matches!(
        denied,
        Some(Ok(Lookup::Denied(EndingCause::Logout)))
    ));
    assert_eq!(store.loads(), 1);
}

#[test]
fn i3_a_session_ended_during_its_load_is_denied() {
    let store = Store::holding(1);
    let node = store.node();
    let mut task = [ask(&node, session(0))];
    node.apply(&[store.end_session(0)]);
    store.open();
    run_all(&mut task);
    let answer = task[0].output.as_ref();
    assert!(matches!(
        answer,
        Some(Ok(Lookup::Denied(EndingCause::RemoteLogout)))
    ));
}

#[test]
fn i3_a_session_denied_while_its_load_is_answered_is_denied() {
    let store = Store::holding(1);
    let node = store.node();
    let mut task = [ask(&node, session(0))];
    let until = NOW.plus(Duration::from_mins(1));
    node.denylist().deny(session(0), EndingCause::Logout, until);
    store.open();
    run_all(&mut task);
    let answer = task[0].output.as_ref();
    assert!(matches!(
        answer,
        Some(Ok(Lookup::Denied(EndingCause::Logout)))
    ));
}

#[test]
fn i2_a_start_denies_what_ended_before_it() {
    let store = Store::with_sessions(2);
    let until = NOW.plus(Duration::from_mins(1));
    let ended = [(session(1), EndingCause::Removed, until)];
    let node = Node::start(store.clone(), Settings::default(), ended.into_iter());
    assert!(matches!(
        node.cached(session(1)),
        Some(Lookup::Denied(EndingCause::Removed))
    ));
    assert!(node.cached(session(0)).is_none());
    assert_eq!(store.loads(), 0);
}

#[test]
fn a_denial_ends_when_no_token_can_be_valid_and_the_store_answers_then() {
    let store = Store::with_sessions(1);
    let node = store.node();
    node.apply(&[store.end_session(0)]);
    node.prune(NOW.plus(Duration::from_millis(599_999)));
    assert_eq!(node.denylist().len(), 1);
    node.prune(NOW.plus(Duration::from_mins(10)));
    assert!(node.denylist().is_empty());
    match ask(&node, session(0)).output {
        Some(Ok(Lookup::Found(live))) => assert!(live.snapshot.ended.is_some()),
        other => panic!("not found: {other:?}"),
    }
}

#[test]
fn i3_a_batch_denies_before_it_does_anything_else() {
    let store = Store::with_sessions(1);
    let node = store.node();
    let (seen, inner) = (Arc::new(AtomicBool::new(false)), Arc::clone(&node));
    let is_denied = Arc::clone(&seen);
    node.on_change(move |_| {
        let denied = inner.denylist().denied(session(0)).is_some();
        is_denied.store(denied, Ordering::SeqCst);
    });
    let keys = entry(FeedEvent::Changed(Subject::SigningKeys));
    node.apply(&[keys, store.end_session(0)]);
    assert!(seen.load(Ordering::SeqCst));
}
