use crate::{
    store::{NOW, Store, session},
    task::{Task, run_all},
};
use countersign_cluster::{Adopted, Lookup, Node, ResolveError};
use countersign_core::{SessionId, token::HashedToken};
use std::sync::Arc;

pub(crate) type Answer = Result<Lookup, ResolveError>;

pub(crate) fn ask(node: &Arc<Node<Store>>, session: SessionId) -> Task<Answer> {
    let node = Arc::clone(node);
    Task::started(async move { node.lookup(session, NOW).await })
}

pub(crate) fn is_found(task: &Task<Answer>) -> bool {
    matches!(task.output, Some(Ok(Lookup::Found(_))))
}

#[test]
fn fifty_callers_share_one_load() {
    let store = Store::holding(1);
    let node = store.node();
    let mut tasks: Vec<_> = (0..50).map(|_| ask(&node, session(0))).collect();
    assert_eq!(store.loads(), 1);
    assert!(store.release(0));
    run_all(&mut tasks);
    assert!(tasks.iter().all(is_found));
    assert_eq!(store.loads(), 1);
    assert!(matches!(node.cached(session(0)), Some(Lookup::Found(_))));
    assert_eq!(node.resolver().loading(), 0);
}

#[test]
fn an_unknown_session_is_not_remembered() {
    let store = Store::with_sessions(0);
    let node = store.node();
    for loads in 1..=2 {
        let task = ask(&node, session(0));
        assert!(matches!(task.output, Some(Ok(Lookup::Unknown))));
        assert_eq!(store.loads(), loads);
    }
    assert!(node.resolver().is_empty());
}

#[test]
fn a_failed_load_refuses_all_who_waited_and_the_next_caller_tries_again() {
    let store = Store::holding(1);
    let node = store.node();
    let mut tasks: Vec<_> = (0..5).map(|_| ask(&node, session(0))).collect();
    assert!(store.fail(0));
    run_all(&mut tasks);
    for task in &tasks {
        let error = task.output.as_ref().unwrap().as_ref().unwrap_err();
        assert!(matches!(error, ResolveError::Source(_)), "{error}");
        let source = std::error::Error::source(error).unwrap();
        assert_eq!(source.to_string(), "the disk is on fire");
    }
    assert_eq!(store.loads(), 1);
    store.open();
    assert!(is_found(&ask(&node, session(0))));
}

#[test]
fn memory_stays_within_its_bound() {
    let store = Store::with_sessions(5_000);
    let node = store.node_of(128);
    for number in 0..5_000 {
        assert!(is_found(&ask(&node, session(number))));
        assert!(node.resolver().len() <= 128);
    }
    // The sessions are spread evenly, so every shard is full.
    assert_eq!(node.resolver().len(), 128);
    node.prune(NOW.plus(std::time::Duration::from_secs(10_000)));
    assert!(node.resolver().is_empty());
}

#[test]
fn an_adopted_token_is_loaded_once_and_kept() {
    let (store, token, adopted) = adopted();
    let node = store.node();
    store.write(|rows| rows.tokens.insert(token, adopted));
    let mut tasks: Vec<_> = (0..5).map(|_| ask_adopted(&node, token)).collect();
    assert_eq!(store.loads(), 1);
    store.release(0);
    run_all(&mut tasks);
    assert!(tasks.iter().all(|task| task.output == Some(Some(adopted))));
    assert_eq!(node.cached_adopted(token), Some(adopted));
    assert_eq!((store.loads(), node.adopted().loading()), (1, 0));
    node.prune(adopted.expires_at);
    assert!(node.adopted().is_empty());
}

#[test]
fn a_token_registered_during_a_load_is_found_by_those_who_ask_after_it() {
    let (store, token, adopted) = adopted();
    let node = store.node();
    let before = ask_adopted(&node, token);
    store.write(|rows| rows.tokens.insert(token, adopted));
    let after = ask_adopted(&node, token);
    assert_eq!(store.loads(), 1);
    store.open();
    let mut tasks = [before, after];
    run_all(&mut tasks);
    assert_eq!(tasks[0].output, Some(None));
    assert_eq!(tasks[1].output, Some(Some(adopted)));
}

fn adopted() -> (Store, HashedToken, Adopted) {
    let expires_at = NOW.plus(std::time::Duration::from_mins(1));
    let adopted = Adopted {
        session: session(0),
        expires_at,
    };
    (Store::holding(1), HashedToken::of("theirs"), adopted)
}

fn ask_adopted(node: &Arc<Node<Store>>, token: HashedToken) -> Task<Option<Adopted>> {
    let node = Arc::clone(node);
    Task::started(async move { node.lookup_adopted(token, NOW).await.unwrap() })
}
