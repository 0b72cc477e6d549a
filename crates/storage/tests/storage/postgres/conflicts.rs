//! Writes that lose against others are run again, a limited number of times.

use crate::harness::{Harness, wait_until};
use countersign_storage::{Engine, StoreError};
use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU32, Ordering},
};
use tokio::sync::Barrier;

/// Refuses the first inserts into `settings` with a state that a trigger's argument names. A
/// sequence counts them: rolling back does not.
async fn refuse_first(harness: &Harness, inserts: u32, sqlstate: &str) {
    let sql = format!(
        "CREATE SEQUENCE attempts;
        CREATE FUNCTION refuse_first() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF nextval('attempts') <= {inserts} THEN
                RAISE EXCEPTION 'the test wants a conflict' USING ERRCODE = '{sqlstate}';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER refuse_first BEFORE INSERT ON settings
            FOR EACH ROW EXECUTE FUNCTION refuse_first()"
    );
    harness.outside(&sql).await;
}

#[tokio::test]
async fn a_serialisation_failure_is_run_again() {
    let harness = Harness::on(Engine::Postgres).await;
    refuse_first(&harness, 2, "40001").await;
    harness.put("kept").await.unwrap();
    assert!(harness.has("kept").await);
    assert_eq!(harness.store.totals().reruns, 2);
}

#[tokio::test]
async fn a_write_that_keeps_losing_gives_up() {
    let harness = Harness::on(Engine::Postgres).await;
    refuse_first(&harness, 8, "40001").await;
    let refused = harness.put("kept").await;
    assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    assert_eq!(harness.store.totals().reruns, 7);
    harness.put("kept").await.unwrap();
}

#[tokio::test]
async fn a_conflict_found_at_commit_is_run_again() {
    let harness = Harness::on(Engine::Postgres).await;
    refuse_first(&harness, 1, "40001").await;
    harness
        .outside(
            "DROP TRIGGER refuse_first ON settings;
            CREATE CONSTRAINT TRIGGER refuse_first AFTER INSERT ON settings DEFERRABLE
                INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_first()",
        )
        .await;
    harness.put("kept").await.unwrap();
    assert!(harness.has("kept").await);
    assert_eq!(harness.store.totals().reruns, 1);
}

#[tokio::test]
async fn other_refusals_are_not_run_again() {
    let harness = Harness::on(Engine::Postgres).await;
    refuse_first(&harness, 1, "22012").await;
    let refused = harness.put("kept").await;
    assert!(
        matches!(refused, Err(StoreError::Database(_))),
        "{refused:?}"
    );
    assert_eq!(harness.store.totals().reruns, 0);
}

/// Two rows to lock, in an order, and a place to meet between them.
struct Crossing {
    first: &'static str,
    second: &'static str,
    met: Arc<Barrier>,
    is_rerun: AtomicBool,
    runs: Arc<AtomicU32>,
}

async fn cross(harness: &Harness, crossing: Crossing) -> Result<(), StoreError> {
    harness
        .store
        .write(crossing, |tx, crossing| {
            Box::pin(async move {
                crossing.runs.fetch_add(1, Ordering::SeqCst);
                tx.lock_setting(crossing.first).await?;
                if !crossing.is_rerun.swap(true, Ordering::SeqCst) {
                    crossing.met.wait().await;
                }
                tx.lock_setting(crossing.second).await
            })
        })
        .await
}

#[tokio::test]
async fn a_deadlock_is_resolved_by_running_its_victim_again() {
    let harness = Harness::on(Engine::Postgres).await;
    harness.put("left").await.unwrap();
    harness.put("right").await.unwrap();
    let met = Arc::new(Barrier::new(2));
    let runs = Arc::new(AtomicU32::new(0));
    let crossing = |first, second| Crossing {
        first,
        second,
        met: met.clone(),
        is_rerun: AtomicBool::new(false),
        runs: runs.clone(),
    };
    let (up, down) = tokio::join!(
        cross(&harness, crossing("left", "right")),
        cross(&harness, crossing("right", "left")),
    );
    up.unwrap();
    down.unwrap();
    // The victim may come back before the other has noticed, and so lose again.
    let reruns = harness.store.totals().reruns;
    assert!(reruns >= 1);
    assert_eq!(u64::from(runs.load(Ordering::SeqCst)), 2 + reruns);
}

#[tokio::test]
async fn a_write_waits_for_a_row_lock_no_longer_than_its_limit() {
    let harness = Harness::with(Engine::Postgres, |config| {
        config.write_limit = std::time::Duration::from_secs(2);
    })
    .await;
    harness.put("locked").await.unwrap();
    let mut side = harness.side().await;
    let lock = "BEGIN; SELECT * FROM settings WHERE name = 'locked' FOR UPDATE";
    sqlx::raw_sql(lock).execute(&mut side).await.unwrap();
    let write = || {
        harness.store.write((), |tx, ()| {
            Box::pin(async move { tx.lock_setting("locked").await })
        })
    };
    let refused: Result<(), StoreError> = write().await;
    assert!(
        matches!(refused, Err(StoreError::Unavailable(_))),
        "{refused:?}"
    );
    sqlx::raw_sql("ROLLBACK").execute(&mut side).await.unwrap();
    // The abandoned session may still get the lock for a moment before it notices.
    wait_until(async || write().await.is_ok()).await;
}
