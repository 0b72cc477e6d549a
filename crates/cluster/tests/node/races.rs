//! Real threads: a change races loads and inserts.

use crate::store::{
    NOW, Store, client_version, entry, expiry, loaded, of_client_version, session, session_version,
    snapshot,
};
use countersign_cluster::{Adopted, Lookup, Node, Settings, SnapshotSource, SourceError};
use countersign_core::{
    SessionId, Timestamp,
    feed::{FeedEvent, Subject},
    session::EndingCause,
    snapshot::{Loaded, Snapshot},
    token::HashedToken,
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    thread,
};

const CHANGES: i64 = 1_000;
const SESSIONS: i64 = 8;

/// A store whose versions are one number, and whose loads dawdle between reading and answering.
#[derive(Debug, Clone, Default)]
struct Dawdler(Arc<AtomicI64>);

impl SnapshotSource for Dawdler {
    async fn load(&self, session: SessionId) -> Result<Option<Loaded>, SourceError> {
        let version = self.0.load(Ordering::SeqCst);
        for _ in 0..version % 4 {
            tokio::task::yield_now().await;
            thread::yield_now();
        }
        let snapshot = Snapshot {
            session_id: session,
            absolute_expiry: expiry(version),
            ..of_client_version(snapshot(0), version)
        };
        Ok(Some(loaded(snapshot)))
    }

    async fn load_adopted(&self, _: HashedToken) -> Result<Option<Adopted>, SourceError> {
        Ok(None)
    }
}

fn number_of(version: i64) -> SessionId {
    session(u128::try_from(version % SESSIONS).unwrap())
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.unwrap().block_on(future)
}

/// One thread commits, applies and publishes versions; others must never see less than published.
fn race(sessions: usize, subject_of: impl Fn(i64) -> Vec<Subject> + Sync) {
    let store = Dawdler::default();
    let settings = Settings {
        sessions,
        ..Settings::default()
    };
    let node = Node::start(store.clone(), settings, std::iter::empty());
    let published = AtomicI64::new(0);
    thread::scope(|scope| {
        for reader in 0..3 {
            let (node, published) = (&node, &published);
            scope.spawn(move || block_on(read(node, published, reader)));
        }
        for version in 1..=CHANGES {
            store.0.store(version, Ordering::SeqCst);
            let subjects = subject_of(version).into_iter();
            let entries: Vec<_> = subjects.map(|it| entry(FeedEvent::Changed(it))).collect();
            node.apply(&entries);
            published.store(version, Ordering::SeqCst);
            thread::yield_now();
        }
    });
    assert_eq!(node.resolver().loading(), 0);
}

async fn read(node: &Node<Dawdler>, published: &AtomicI64, reader: i64) {
    let mut asked = reader;
    loop {
        let floor = published.load(Ordering::SeqCst);
        match node.lookup(number_of(asked), NOW).await {
            Ok(Lookup::Found(live)) => {
                assert!(session_version(&live.snapshot) >= floor, "an old snapshot");
                assert_eq!(
                    session_version(&live.snapshot),
                    client_version(&live.snapshot)
                );
            }
            Ok(other) => panic!("not found: {other:?}"),
            // The writer was quicker eight times: refusing is right.
            Err(_) => {}
        }
        if floor == CHANGES {
            return;
        }
        asked += 1;
    }
}

#[test]
fn i3_client_changes_race_loads_and_inserts() {
    race(1_000, |_| vec![Subject::Client(snapshot(0).kind.client_id)]);
}

#[test]
fn i3_session_changes_race_loads_and_inserts() {
    race(1_000, |_| {
        (0..SESSIONS)
            .map(|it| Subject::Session(number_of(it)))
            .collect()
    });
}

#[test]
fn i3_changes_race_loads_in_a_memory_that_is_too_small() {
    race(1, |version| match version % 2 {
        0 => vec![Subject::Client(snapshot(0).kind.client_id)],
        _ => (0..SESSIONS)
            .map(|it| Subject::Session(number_of(it)))
            .collect(),
    });
}

#[test]
fn i3_endings_race_lookups() {
    const SESSIONS: u128 = 2_000;
    let store = Store::with_sessions(SESSIONS);
    let node = store.node();
    let ended = AtomicI64::new(-1);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                block_on(async {
                    for number in (0..SESSIONS).cycle() {
                        let floor = ended.load(Ordering::SeqCst);
                        let answer = node.lookup(session(number), NOW).await.unwrap();
                        let denied = matches!(answer, Lookup::Denied(EndingCause::RemoteLogout));
                        assert!(denied || i64::try_from(number).unwrap() > floor);
                        if floor + 1 == i64::try_from(SESSIONS).unwrap() {
                            return;
                        }
                    }
                });
            });
        }
        for number in 0..SESSIONS {
            node.apply(&[store.end_session(number)]);
            ended.store(i64::try_from(number).unwrap(), Ordering::SeqCst);
        }
    });
    assert_eq!(node.denylist().len(), usize::try_from(SESSIONS).unwrap());
}

#[test]
fn activity_noted_while_it_is_drained_is_not_lost() {
    let store = Store::with_sessions(1);
    let node = store.node();
    let live = match block_on(node.lookup(session(0), NOW)) {
        Ok(Lookup::Found(live)) => live,
        other => panic!("not found: {other:?}"),
    };
    let (drained, drains) = (AtomicI64::new(0), AtomicI64::new(0));
    let touch = |micros| node.touch(&live, Timestamp::from_micros(micros));
    thread::scope(|scope| {
        let toucher = scope.spawn(|| {
            for micros in (1..CHANGES * 2).map(|step| NOW.as_micros() + step * 2) {
                touch(micros);
                // The second one meets the drain of the first one, now and then.
                touch(micros + 1);
                let begun = drains.load(Ordering::SeqCst);
                while drained.load(Ordering::SeqCst) < micros + 1 {
                    let is_late = drains.load(Ordering::SeqCst) > begun + 2;
                    assert!(!is_late || drained.load(Ordering::SeqCst) > micros, "lost");
                    thread::yield_now();
                }
            }
        });
        while !toucher.is_finished() {
            for seen in node.drain_activity() {
                drained.fetch_max(seen.at.as_micros(), Ordering::SeqCst);
            }
            drains.fetch_add(1, Ordering::SeqCst);
        }
    });
}
