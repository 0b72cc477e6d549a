//! What ends a group, and what its writers are told.

use super::groups::behind_a_gate;
use crate::harness::{Harness, NOW, Told, entry};
use countersign_storage::{Backend, Engine, StoreError};
use futures_util::future::BoxFuture;
use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// What one writer of a group does.
#[derive(Debug, Clone, Copy)]
enum Part {
    Append(u128),
    Keep(&'static str),
    Panic,
    UseMissingTable,
}

fn play(harness: &Harness, part: Part) -> BoxFuture<'_, Result<(), StoreError>> {
    Box::pin(harness.store.write(part, |tx, part| {
        Box::pin(async move {
            match *part {
                Part::Append(number) => {
                    tx.append_feed(entry(number), NOW);
                    Ok(())
                }
                Part::Keep(name) => tx.insert_or_read_setting(name, b"value").await.map(drop),
                Part::Panic => panic!("the test wants a panic"),
                Part::UseMissingTable => tx.lock_setting("missing").await,
            }
        })
    }))
}

async fn play_all<const N: usize>(
    harness: &Harness,
    parts: [Part; N],
) -> Vec<Result<(), StoreError>> {
    behind_a_gate(harness, parts.map(|part| play(harness, part))).await
}

#[tokio::test]
async fn a_panic_ends_the_group_and_the_rest_runs_in_the_next() {
    let harness = Harness::on(Engine::Sqlite).await;
    let parts = [Part::Append(1), Part::Panic, Part::Append(2)];
    let answers = play_all(&harness, parts).await;
    assert!(
        matches!(
            answers.as_slice(),
            [
                Err(StoreError::Unavailable(_)),
                Err(StoreError::Panicked),
                Ok(())
            ]
        ),
        "{answers:?}"
    );
    assert_eq!(harness.heard.all(), [Told::Committed(vec![entry(2)])]);
}

#[tokio::test]
async fn an_unexpected_database_error_ends_the_group() {
    let harness = Harness::on(Engine::Sqlite).await;
    harness.outside("DROP TABLE settings").await;
    let parts = [Part::Append(1), Part::UseMissingTable, Part::Append(2)];
    let answers = play_all(&harness, parts).await;
    assert!(
        matches!(
            answers.as_slice(),
            [
                Err(StoreError::Unavailable(_)),
                Err(StoreError::Database(_)),
                Ok(())
            ]
        ),
        "{answers:?}"
    );
    assert_eq!(harness.heard.all(), [Told::Committed(vec![entry(2)])]);
}

#[tokio::test]
async fn a_locked_file_refuses_the_group_and_the_next_write_works() {
    let harness = Harness::with(Engine::Sqlite, |config| {
        config.acquire_limit = std::time::Duration::from_secs(1);
    })
    .await;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path(&harness));
    let mut side = sqlx::ConnectOptions::connect(&options).await.unwrap();
    sqlx::raw_sql("BEGIN IMMEDIATE")
        .execute(&mut side)
        .await
        .unwrap();
    let refused = play(&harness, Part::Append(1)).await;
    assert!(
        matches!(refused, Err(StoreError::Unavailable(_))),
        "{refused:?}"
    );
    sqlx::raw_sql("ROLLBACK").execute(&mut side).await.unwrap();
    play(&harness, Part::Append(1)).await.unwrap();
}

/// SQLite reports a full disk also when a table has used up its row numbers.
#[tokio::test]
async fn a_full_disk_ends_the_group_and_is_told_apart() {
    let harness = Harness::on(Engine::Sqlite).await;
    harness
        .outside(
            "INSERT INTO feed (position, id, kind, subject, written_at)
            VALUES (9223372036854775807, x'00', 'changed', 'session', 0)",
        )
        .await;
    let parts = [Part::Keep("gone"), Part::Append(1), Part::Keep("kept")];
    let answers = play_all(&harness, parts).await;
    assert!(
        matches!(
            answers.as_slice(),
            [Err(StoreError::Full), Err(StoreError::Full), Ok(())]
        ),
        "{answers:?}"
    );
    assert!(!harness.has("gone").await);
    assert!(harness.has("kept").await);
}

#[tokio::test]
async fn a_commit_that_fails_leaves_the_outcome_unknown() {
    let harness = Harness::on(Engine::Sqlite).await;
    let log = closed_log(&harness).await;
    // A pipe cannot be written at an offset, so the commit meets an I/O error.
    assert!(Command::new("mkfifo").arg(&log).status().unwrap().success());
    let config = harness
        .database
        .config(std::sync::Arc::new(crate::harness::NoJitter));
    let store = countersign_storage::Store::open(config, harness.heard.clone())
        .await
        .unwrap();
    let broken = Harness { store, ..harness };
    let answers = play_all(&broken, [Part::Append(1), Part::Append(2)]).await;
    assert!(
        answers
            .iter()
            .all(|answer| matches!(answer, Err(StoreError::OutcomeUnknown))),
        "{answers:?}"
    );
    assert_eq!(
        broken.heard.all(),
        [Told::OutcomeUnknown(vec![entry(1), entry(2)])]
    );
}

fn path(harness: &Harness) -> PathBuf {
    let Backend::Sqlite { path } = harness.database.backend() else {
        panic!("not on SQLite")
    };
    path
}

/// Closes the store, so that the log is merged and gone; answers the log's path.
async fn closed_log(harness: &Harness) -> PathBuf {
    harness.store.close().await;
    let mut log = path(harness).into_os_string();
    log.push("-wal");
    assert!(!Path::new(&log).exists());
    log.into()
}
