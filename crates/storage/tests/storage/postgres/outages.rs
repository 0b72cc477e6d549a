//! Sessions that are terminated, answers that are lost.

use super::proxy::Proxy;
use crate::harness::{Gate, Harness, Heard, NOW, NoJitter, Told, entry, put, wait_until};
use countersign_storage::{Backend, Engine, Store, StoreError};
use futures_util::future::join_all;
use sqlx::PgConnection;
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;

/// Ends the store's sessions on this database.
async fn terminate(side: &mut PgConnection) -> u64 {
    let ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
        WHERE datname = current_database() AND application_name = 'countersign'";
    sqlx::query(ended).fetch_all(side).await.unwrap().len() as u64
}

async fn append(store: &Store, number: u128) -> Result<(), StoreError> {
    store
        .write(number, |tx, number| {
            Box::pin(async move {
                tx.append_feed(entry(*number), NOW);
                Ok(())
            })
        })
        .await
}

#[tokio::test]
async fn a_session_lost_in_the_closure_keeps_nothing() {
    let harness = Harness::on(Engine::Postgres).await;
    let gate = Gate::default();
    let write = harness.store.write(gate.clone(), |tx, gate| {
        Box::pin(async move {
            tx.append_feed(entry(1), NOW);
            gate.pass().await;
            tx.append_feed(entry(2), NOW);
            Ok(())
        })
    });
    let killing = async {
        gate.reached().await;
        assert!(terminate(&mut harness.side().await).await >= 1);
        gate.open();
    };
    let (lost, ()): (Result<(), StoreError>, ()) = tokio::join!(write, killing);
    assert!(matches!(lost, Err(StoreError::Unavailable(_))), "{lost:?}");
    assert!(harness.heard.all().is_empty());
    append(&harness.store, 1).await.unwrap();
}

/// With one connection the next write would be given the one that the failed write used.
#[tokio::test]
async fn an_abandoned_transaction_is_not_handed_to_the_next_write() {
    let harness = Harness::with(Engine::Postgres, |config| {
        config.writers = 1;
        config.write_limit = Duration::from_secs(2);
    })
    .await;
    let panicked: Result<(), StoreError> = harness
        .store
        .write((), |tx, ()| {
            Box::pin(async move {
                tx.insert_or_read_setting("panicked", b"value").await?;
                panic!("the test wants a panic")
            })
        })
        .await;
    assert!(
        matches!(panicked, Err(StoreError::Panicked)),
        "{panicked:?}"
    );
    put(&harness.store, "next").await.unwrap();
    let stuck: Result<(), StoreError> = harness
        .store
        .write((), |tx, ()| {
            Box::pin(async move {
                tx.insert_or_read_setting("stuck", b"value").await?;
                std::future::pending().await
            })
        })
        .await;
    assert!(
        matches!(stuck, Err(StoreError::Unavailable(_))),
        "{stuck:?}"
    );
    put(&harness.store, "last").await.unwrap();
    assert!(!harness.has("panicked").await);
    assert!(!harness.has("stuck").await);
    assert!(harness.has("last").await);
}

/// The deferred trigger makes every commit wait for a lock that the test holds.
#[tokio::test]
async fn a_session_terminated_in_its_commit_leaves_the_outcome_unknown() {
    let harness = Harness::on(Engine::Postgres).await;
    harness
        .outside(
            "CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                PERFORM pg_advisory_xact_lock(1); RETURN NEW; END $$;
            CREATE CONSTRAINT TRIGGER hold AFTER INSERT ON feed DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION hold()",
        )
        .await;
    let mut side = harness.side().await;
    sqlx::raw_sql("SELECT pg_advisory_lock(1)")
        .execute(&mut side)
        .await
        .unwrap();
    let killing = async {
        let committing = "SELECT COUNT(*) FROM pg_stat_activity WHERE query = 'COMMIT' \
            AND wait_event = 'advisory' AND datname = current_database()";
        wait_until(async || {
            let count: i64 = sqlx::query_scalar(committing)
                .fetch_one(&mut side)
                .await
                .unwrap();
            count == 1
        })
        .await;
        terminate(&mut side).await;
        sqlx::raw_sql("SELECT pg_advisory_unlock(1)")
            .execute(&mut side)
            .await
            .unwrap();
    };
    let (unknown, ()) = tokio::join!(append(&harness.store, 1), killing);
    assert!(
        matches!(unknown, Err(StoreError::OutcomeUnknown)),
        "{unknown:?}"
    );
    assert_eq!(harness.heard.all(), [Told::OutcomeUnknown(vec![entry(1)])]);
    append(&harness.store, 1).await.unwrap();
}

#[tokio::test]
async fn a_lost_answer_leaves_the_outcome_unknown_though_it_was_committed() {
    let harness = Harness::on(Engine::Postgres).await;
    let Backend::Postgres { url, .. } = harness.database.backend() else {
        panic!()
    };
    let proxy = Proxy::before(&url).await;
    let mut config = harness.database.config(Arc::new(NoJitter));
    config.backend = Backend::Postgres {
        url: proxy.url().to_owned(),
        direct_url: None,
    };
    let store = Store::open(config, harness.heard.clone()).await.unwrap();
    append(&store, 1).await.unwrap();
    proxy.lose_answers_to("COMMIT\0");
    let unknown = append(&store, 2).await;
    assert!(
        matches!(unknown, Err(StoreError::OutcomeUnknown)),
        "{unknown:?}"
    );
    let told = [
        Told::Committed(vec![entry(1)]),
        Told::OutcomeUnknown(vec![entry(2)]),
    ];
    assert_eq!(harness.heard.all(), told);
    wait_until(async || {
        let mut read = harness.store.read().await.unwrap();
        let start = countersign_barrier::Extent::default();
        read.read_feed(&start, &[])
            .await
            .unwrap()
            .entries
            .contains(&entry(2))
    })
    .await;
}

#[tokio::test]
async fn connections_that_died_in_the_pool_fail_no_write() {
    let harness = Harness::on(Engine::Postgres).await;
    join_all((0..8).map(|number| append(&harness.store, number))).await;
    assert!(terminate(&mut harness.side().await).await >= 2);
    // The pool holds dead connections, and every write must find or make a live one.
    for number in 8..24 {
        append(&harness.store, number).await.unwrap();
    }
}

#[tokio::test]
async fn connections_that_died_in_the_pool_fail_one_read_at_most() {
    let harness = Harness::on(Engine::Postgres).await;
    let held = join_all((0..8).map(|_| harness.store.read())).await;
    for read in held {
        read.unwrap().find_setting("none").await.unwrap();
    }
    assert!(terminate(&mut harness.side().await).await >= 8);
    let mut failed = 0;
    for _ in 0..16 {
        let mut read = harness.store.read().await.unwrap();
        failed += u32::from(read.find_setting("none").await.is_err());
    }
    assert!(failed <= 1, "{failed} reads failed");
}

/// Half-open connections: nobody tells this side, and nothing ever comes.
#[tokio::test]
async fn reads_on_connections_that_died_in_silence_give_up_and_make_room() {
    let harness = Harness::on(Engine::Postgres).await;
    let Backend::Postgres { url, .. } = harness.database.backend() else {
        panic!()
    };
    let proxy = Proxy::before(&url).await;
    let mut config = harness.database.config(Arc::new(NoJitter));
    config.backend = Backend::Postgres {
        url: proxy.url().to_owned(),
        direct_url: None,
    };
    config.readers = 2;
    config.acquire_limit = Duration::from_secs(2);
    config.read_limit = Duration::from_millis(300);
    let store = Store::open(config, harness.heard.clone()).await.unwrap();
    let mut first = store.read().await.unwrap();
    let mut second = store.read().await.unwrap();
    first.find_setting("none").await.unwrap();
    second.find_setting("none").await.unwrap();
    proxy.swallow();
    let given_up = first.find_setting("none");
    assert!(timeout(Duration::from_millis(30), given_up).await.is_err());
    drop(first);
    let late = second.find_setting("none").await;
    assert!(matches!(late, Err(StoreError::Unavailable(_))), "{late:?}");
    drop(second);
    // Neither takes up room in the pool.
    let both = join_all((0..2).map(|_| store.read())).await;
    for read in both {
        read.unwrap().find_setting("none").await.unwrap();
    }
}

#[tokio::test]
async fn a_server_that_is_away_is_unavailable() {
    let harness = Harness::on(Engine::Postgres).await;
    let mut config = harness.database.config(Arc::new(NoJitter));
    let url = "postgres://nobody@127.0.0.1:1/none".to_owned();
    config.backend = Backend::Postgres {
        url,
        direct_url: None,
    };
    config.acquire_limit = Duration::from_millis(100);
    let away = Store::open(config, Arc::new(Heard::default())).await;
    assert!(matches!(away, Err(StoreError::Unavailable(_))), "{away:?}");
    put(&harness.store, "kept").await.unwrap();
}
