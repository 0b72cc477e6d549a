//! What `Store::write` promises on both engines.

use crate::{
    harness::{Gate, Harness, NOW, NoJitter, Told, entry, put, wait_until},
    on_both_engines,
};
use countersign_core::{SessionId, feed::FeedEntry, token::HashedToken};
use countersign_storage::{
    AdoptedKind, AdoptedToken, CommitObserver, ConstraintKind, Store, StoreError,
};
use futures_util::future::poll_immediate;
use std::{
    pin::pin,
    sync::{Arc, Mutex},
};
use uuid::Uuid;

/// A use case's own error.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("not wanted")]
    NotWanted,
    #[error(transparent)]
    Store(#[from] StoreError),
}

on_both_engines! {
    async fn a_committed_write_is_read(harness) {
        harness.put("kept").await.unwrap();
        assert!(harness.has("kept").await);
    }

    async fn an_error_of_the_closure_rolls_back_what_it_wrote(harness) {
        let refused = harness.store.write((), |tx, ()| Box::pin(async move {
            tx.insert_or_read_setting("gone", b"value").await?;
            Err::<(), _>(Refused::NotWanted)
        })).await;
        assert!(matches!(refused, Err(Refused::NotWanted)), "{refused:?}");
        assert!(!harness.has("gone").await);
    }

    async fn a_constraint_error_has_its_kind_and_rolls_back(harness) {
        append(&harness.store, 1, "first").await.unwrap();
        let refused = append(&harness.store, 1, "second").await;
        let Err(StoreError::Constraint { kind, .. }) = refused else { panic!("{refused:?}") };
        assert_eq!(kind, ConstraintKind::Unique);
        assert!(harness.has("first").await);
        assert!(!harness.has("second").await);
    }

    async fn a_row_must_refer_to_one_that_exists(harness) {
        let refused = harness.store.write(orphan(), |tx, orphan| Box::pin(async move {
            tx.insert_adopted_token(orphan).await
        })).await;
        let Err(StoreError::Constraint { kind, .. }) = refused else { panic!("{refused:?}") };
        assert_eq!(kind, ConstraintKind::ForeignKey);
    }

    async fn a_swallowed_error_is_not_committed(harness) {
        append(&harness.store, 1, "first").await.unwrap();
        let swallowed = harness.store.write((), |tx, ()| Box::pin(async move {
            tx.insert_or_read_setting("gone", b"value").await?;
            drop(tx.insert_adopted_token(&orphan()).await);
            Ok::<_, StoreError>(())
        })).await;
        assert!(matches!(swallowed, Err(StoreError::Swallowed)), "{swallowed:?}");
        assert!(!harness.has("gone").await);
        assert_eq!(harness.heard.all(), [Told::Committed(vec![entry(1)])]);
        harness.put("after").await.unwrap();
    }

    async fn a_panic_keeps_nothing_and_the_store_goes_on(harness) {
        let panicked = harness.store.write((), |tx, ()| Box::pin(async move {
            tx.insert_or_read_setting("gone", b"value").await?;
            tx.append_feed(entry(1), NOW);
            assert!(NOW.as_secs() == 0, "the test wants a panic");
            Ok::<_, StoreError>(())
        })).await;
        assert!(matches!(panicked, Err(StoreError::Panicked)), "{panicked:?}");
        harness.put("after").await.unwrap();
        assert!(!harness.has("gone").await);
        assert!(harness.heard.all().is_empty());
    }

    async fn a_dropped_caller_does_not_drop_the_write(harness) {
        let gate = Gate::default();
        let write = harness.store.write(gate.clone(), |tx, gate| Box::pin(async move {
            gate.pass().await;
            tx.insert_or_read_setting("kept", b"value").await?;
            Ok::<_, StoreError>(())
        }));
        tokio::select! {
            _ = write => panic!("it waits at the gate"),
            () = gate.reached() => {}
        }
        gate.open();
        wait_until(async || harness.has("kept").await).await;
    }

    async fn the_observer_hears_of_committed_entries_only(harness) {
        append(&harness.store, 1, "first").await.unwrap();
        append(&harness.store, 1, "refused").await.unwrap_err();
        harness.store.write((), |tx, ()| Box::pin(async move {
            tx.append_feed(entry(2), NOW);
            Err::<(), _>(Refused::NotWanted)
        })).await.unwrap_err();
        append(&harness.store, 3, "third").await.unwrap();
        harness.put("without an entry").await.unwrap();
        let told = [Told::Committed(vec![entry(1)]), Told::Committed(vec![entry(3)])];
        assert_eq!(harness.heard.all(), told);
    }

    async fn entries_are_told_in_the_order_written(harness) {
        harness.store.write((), |tx, ()| Box::pin(async move {
            for number in [3, 1, 2] {
                tx.append_feed(entry(number), NOW);
            }
            Ok::<_, StoreError>(())
        })).await.unwrap();
        assert_eq!(harness.heard.all(), [Told::Committed(vec![entry(3), entry(1), entry(2)])]);
    }

    async fn the_observer_is_told_before_the_write_is_acknowledged(harness) {
        let observer = Arc::new(Watching::default());
        let config = harness.database.config(Arc::new(NoJitter));
        let store = Store::open(config, observer.clone()).await.unwrap();
        let gate = Gate::default();
        let input = (gate.clone(), observer.clone());
        let write = store.write(input, |tx, (gate, observer)| Box::pin(async move {
            tx.append_feed(entry(1), NOW);
            gate.pass().await;
            Ok::<_, StoreError>(Answer(observer.clone()))
        }));
        // Nobody waits for the answer, so giving it drops it, and that can be seen.
        tokio::select! {
            _ = write => panic!("it waits at the gate"),
            () = gate.reached() => {}
        }
        gate.open();
        store.close().await;
        assert_eq!(observer.happened(), ["committed", "acknowledged"]);
    }

    async fn a_panicking_observer_leaves_the_outcome_unknown(harness) {
        let config = harness.database.config(Arc::new(NoJitter));
        let store = Store::open(config, Arc::new(Panicking)).await.unwrap();
        let unknown = append(&store, 1, "kept").await;
        assert!(unknown.is_err_and(|error| error.is_outcome_unknown()));
        put(&store, "after").await.unwrap();
        store.close().await;
    }

    async fn closing_finishes_what_was_accepted_and_refuses_the_rest(harness) {
        let gate = Gate::default();
        let accepted = harness.store.write(gate.clone(), |tx, gate| Box::pin(async move {
            gate.pass().await;
            tx.insert_or_read_setting("kept", b"value").await.map(drop)
        }));
        let closing = async {
            gate.reached().await;
            let mut closing = pin!(harness.store.close());
            assert_eq!(poll_immediate(&mut closing).await, None);
            assert!(matches!(harness.put("late").await, Err(StoreError::Closed)));
            gate.open();
            closing.await;
        };
        let (accepted, ()) = tokio::join!(accepted, closing);
        let accepted: Result<(), StoreError> = accepted;
        accepted.unwrap();
        assert!(matches!(harness.put("late").await, Err(StoreError::Closed)));
        let reopened = Harness::open(&harness.database).await;
        assert!(reopened.read().await.unwrap().find_setting("kept").await.unwrap().is_some());
    }

    async fn too_many_waiting_writes_are_refused(harness) {
        let mut config = harness.database.config(Arc::new(NoJitter));
        config.waiting_writes = 1;
        let store = Store::open(config, harness.heard.clone()).await.unwrap();
        let gate = Gate::default();
        let first = store.write(gate.clone(), |_, gate| Box::pin(async move {
            gate.pass().await;
            Ok::<_, StoreError>(())
        }));
        let second = async {
            gate.reached().await;
            let refused = put(&store, "second").await;
            gate.open();
            refused
        };
        let (first, second) = tokio::join!(first, second);
        first.unwrap();
        assert!(matches!(second, Err(StoreError::Overloaded)), "{second:?}");
        put(&store, "third").await.unwrap();
    }
}

/// Notes when it is told of a commit and when the answer of a write is given away.
#[derive(Default)]
struct Watching(Mutex<Vec<&'static str>>);

impl Watching {
    fn note(&self, event: &'static str) {
        self.0.lock().unwrap().push(event);
    }

    fn happened(&self) -> Vec<&'static str> {
        self.0.lock().unwrap().clone()
    }
}

impl CommitObserver for Watching {
    fn committed(&self, _: &[FeedEntry]) {
        self.note("committed");
    }

    fn outcome_unknown(&self, _: &[FeedEntry]) {
        self.note("outcome unknown");
    }
}

/// An answer that notes when it is dropped.
struct Answer(Arc<Watching>);

impl Drop for Answer {
    fn drop(&mut self) {
        self.0.note("acknowledged");
    }
}

struct Panicking;

impl CommitObserver for Panicking {
    fn committed(&self, _: &[FeedEntry]) {
        panic!("the test wants a panic");
    }

    fn outcome_unknown(&self, _: &[FeedEntry]) {}
}

/// A token of a session that there is not.
fn orphan() -> AdoptedToken {
    AdoptedToken {
        hash: HashedToken::from_bytes([1; 32]),
        session_id: SessionId::from_uuid(Uuid::from_u128(1)),
        kind: AdoptedKind::Access,
        expires_at: NOW,
    }
}

/// Writes a feed entry and a setting in one transaction.
async fn append(store: &Store, number: u128, name: &'static str) -> Result<(), StoreError> {
    store
        .write((number, name), |tx, (number, name)| {
            Box::pin(async move {
                tx.insert_or_read_setting(name, b"value").await?;
                tx.append_feed(entry(*number), NOW);
                Ok(())
            })
        })
        .await
}
