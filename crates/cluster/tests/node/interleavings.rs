//! Random interleavings on one thread: requests, commits, feed, cancellations, failures.

use crate::{
    single_flight::Answer,
    store::{NOW, Store, client, client_version, session, session_version},
    task::{Task, run_all},
};
use countersign_cluster::{Lookup, Node, ResolveError};
use countersign_core::feed::FeedEntry;
use proptest::prelude::*;
use std::sync::Arc;

const SESSIONS: u128 = 3;

#[derive(Debug, Clone, Copy)]
enum Step {
    Ask(u128),
    Run(usize),
    Release(usize),
    Fail(usize),
    Cancel(usize),
    ChangeSession(u128),
    ChangeClient(u128),
    End(u128),
    Apply,
    ForgetAll,
    Prune,
}

/// What a request that begins now may rely on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Default)]
struct Known {
    session: i64,
    client: i64,
    is_ended: bool,
}

struct Request {
    number: u128,
    known: Known,
    task: Task<Answer>,
}

struct World {
    store: Store,
    node: Arc<Node<Store>>,
    /// Committed and not applied yet, with what is known once it is.
    pending: Vec<(FeedEntry, [Known; SESSIONS as usize])>,
    known: [Known; SESSIONS as usize],
    requests: Vec<Request>,
    changes: usize,
    failures: usize,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..SESSIONS).prop_map(Step::Ask),
        8 => any::<usize>().prop_map(Step::Run),
        5 => any::<usize>().prop_map(Step::Release),
        1 => any::<usize>().prop_map(Step::Fail),
        3 => any::<usize>().prop_map(Step::Cancel),
        3 => (0..SESSIONS).prop_map(Step::ChangeSession),
        2 => (0..2u128).prop_map(Step::ChangeClient),
        1 => (0..SESSIONS).prop_map(Step::End),
        5 => Just(Step::Apply),
        1 => Just(Step::ForgetAll),
        1 => Just(Step::Prune),
    ]
}

impl World {
    fn new() -> Self {
        let store = Store::holding(SESSIONS);
        store.write(|rows| {
            let row = rows.sessions.get_mut(&session(2)).unwrap();
            Arc::make_mut(&mut row.kind).client_id = client(1);
        });
        Self {
            node: store.node_of(2),
            store,
            pending: Vec::new(),
            known: Default::default(),
            requests: Vec::new(),
            changes: 0,
            failures: 0,
        }
    }

    fn take(&mut self, step: Step) {
        let requests = self.requests.len().max(1);
        match step {
            Step::Ask(number) => {
                let node = Arc::clone(&self.node);
                self.requests.push(Request {
                    number,
                    known: self.known[number as usize],
                    task: Task::new(async move { node.lookup(session(number), NOW).await }),
                });
            }
            Step::Run(at) => {
                if let Some(request) = self.requests.get_mut(at % requests) {
                    request.task.run();
                }
            }
            Step::Cancel(at) => {
                if let Some(request) = self.requests.get_mut(at % requests) {
                    request.task.cancel();
                }
            }
            Step::Release(nth) => {
                self.store.release(nth % 4);
            }
            Step::Fail(nth) => self.failures += usize::from(self.store.fail(nth % 4)),
            Step::ForgetAll => {
                self.changes += 1;
                self.node.forget_all();
            }
            Step::Prune => self.node.prune(NOW),
            Step::Apply => self.apply(),
            Step::ChangeSession(number) => self.commit(self.store.change_session(number)),
            Step::ChangeClient(number) => self.commit(self.store.change_client(number)),
            Step::End(number) => self.commit(self.store.end_session(number)),
        }
    }

    fn commit(&mut self, entry: FeedEntry) {
        let committed = std::array::from_fn(|at| {
            self.store.write(|rows| {
                let row = &rows.sessions[&session(at as u128)];
                Known {
                    session: session_version(row),
                    client: rows.clients.get(&row.kind.client_id).copied().unwrap_or(0),
                    is_ended: row.ended.is_some(),
                }
            })
        });
        self.pending.push((entry, committed));
    }

    fn apply(&mut self) {
        if self.pending.is_empty() {
            return;
        }
        let (entry, known) = self.pending.remove(0);
        self.changes += 1;
        self.node.apply(&[entry]);
        self.known = known;
    }

    fn check(&self) {
        for (number, known) in (0..).zip(&self.known) {
            let cached = self.node.cached(session(number));
            self.judge(cached.map(Ok).as_ref(), *known);
        }
        for request in &self.requests {
            self.judge(request.task.output.as_ref(), request.known);
        }
    }

    fn judge(&self, answer: Option<&Answer>, known: Known) {
        match answer {
            Some(Ok(Lookup::Found(live))) => {
                let snapshot = &live.snapshot;
                assert!(!known.is_ended, "ended, and answered");
                assert!(session_version(snapshot) >= known.session, "old session");
                assert!(client_version(snapshot) >= known.client, "old client");
            }
            Some(Ok(Lookup::Unknown)) => panic!("every session exists"),
            Some(Err(ResolveError::Source(_))) => assert!(self.failures > 0),
            Some(Err(ResolveError::Unsettled)) => assert!(self.changes >= 8),
            Some(Ok(Lookup::Denied(_))) | None => {}
        }
    }

    fn finish(mut self) {
        self.store.open();
        let requests = self.requests.iter_mut();
        let (knowns, mut tasks): (Vec<_>, Vec<_>) = requests
            .map(|request| {
                let unused = Task::new(std::future::pending());
                let task = std::mem::replace(&mut request.task, unused);
                ((request.number, request.known), task)
            })
            .unzip();
        run_all(&mut tasks);
        for ((number, known), task) in knowns.iter().zip(&tasks) {
            assert!(
                !task.is_pending(),
                "a request for session {number} is stranded"
            );
            self.judge(task.output.as_ref(), *known);
        }
        assert_eq!(self.node.resolver().loading(), 0, "a load nobody waits for");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1_500) })]

    #[test]
    fn i3_no_interleaving_answers_with_what_is_known_to_be_old(
        steps in proptest::collection::vec(step(), 0..80)
    ) {
        let mut world = World::new();
        for step in steps {
            world.take(step);
            world.check();
        }
        world.finish();
    }
}
