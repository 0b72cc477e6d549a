//! What the store says of the settings that an acknowledged write rests on.

use crate::harness::Harness;
use countersign_storage::{DurabilityWarning, Engine};

#[tokio::test]
async fn sqlite_is_opened_durably() {
    let harness = Harness::on(Engine::Sqlite).await;
    assert_eq!(harness.store.durability().await.unwrap(), []);
}

#[tokio::test]
async fn postgres_is_asked() {
    let harness = Harness::on(Engine::Postgres).await;
    let fsync: String = sqlx::query_scalar("SHOW fsync")
        .fetch_one(&mut harness.side().await)
        .await
        .unwrap();
    let found = harness.store.durability().await.unwrap();
    assert_eq!(found.contains(&DurabilityWarning::FsyncOff), fsync == "off");
    assert!(!found.contains(&DurabilityWarning::SynchronousCommitOff));

    harness
        .outside(
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off', current_database()); END $$",
        )
        .await;
    let store = Harness::open(&harness.database).await;
    let found = store.durability().await.unwrap();
    assert!(found.contains(&DurabilityWarning::SynchronousCommitOff));
    store.close().await;
}
