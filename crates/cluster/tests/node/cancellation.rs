use crate::{
    single_flight::{ask, is_found},
    store::{Store, session},
    task::{Task, run_all},
};

#[test]
fn a_cancelled_leader_hands_its_load_over() {
    let store = Store::holding(1);
    let node = store.node();
    let mut tasks: Vec<_> = (0..10).map(|_| ask(&node, session(0))).collect();
    tasks[0].cancel();
    run_all(&mut tasks);
    assert_eq!(store.loads(), 2, "one who waits begins again");
    store.open();
    run_all(&mut tasks);
    assert!(tasks[1..].iter().all(is_found));
    assert_eq!(store.loads(), 2);
}

#[test]
fn a_cancelled_follower_leaves_the_load_alone() {
    let store = Store::holding(1);
    let node = store.node();
    let mut tasks: Vec<_> = (0..3).map(|_| ask(&node, session(0))).collect();
    tasks[1].cancel();
    store.release(0);
    run_all(&mut tasks);
    assert!(is_found(&tasks[0]) && is_found(&tasks[2]));
    assert_eq!(store.loads(), 1);
}

#[test]
fn cancelled_one_after_another_the_last_one_is_answered() {
    let store = Store::holding(1);
    let node = store.node();
    let mut tasks: Vec<_> = (0..10).map(|_| ask(&node, session(0))).collect();
    for at in 0..9 {
        tasks[at].cancel();
        run_all(&mut tasks);
    }
    assert_eq!(node.resolver().loading(), 1);
    store.open();
    run_all(&mut tasks);
    assert!(is_found(&tasks[9]));
}

#[test]
fn a_load_that_nobody_waits_for_is_forgotten() {
    let store = Store::holding(100);
    let node = store.node();
    for number in 0..100 {
        let mut tasks = [ask(&node, session(number)), ask(&node, session(number))];
        tasks.iter_mut().for_each(Task::cancel);
    }
    assert_eq!(node.resolver().loading(), 0);
}

#[test]
fn a_load_that_panics_strands_nobody() {
    let store = Store::with_sessions(1);
    let node = store.node();
    // Poisons the fake store's lock, so that the load panics.
    let poison = std::panic::catch_unwind(|| store.write(|_| panic!("on purpose")));
    assert!(poison.is_err());
    let asked = std::panic::catch_unwind(|| ask(&node, session(0)));
    assert!(asked.is_err());
    assert_eq!(node.resolver().loading(), 0);
}
