//! Writes that share a commit.

use crate::harness::{Gate, Harness, NOW, Told, entry};
use countersign_storage::{Engine, StoreError};
use futures_util::future::{join, join_all};

/// Holds the writer at a gate while `crowd` is queued, so that all of it is one group.
pub(super) async fn behind_a_gate<T>(
    harness: &Harness,
    crowd: impl IntoIterator<Item = impl Future<Output = T>>,
) -> Vec<T> {
    let gate = Gate::default();
    let holding = harness.store.write(gate.clone(), |_, gate| {
        Box::pin(async move {
            gate.pass().await;
            Ok::<_, StoreError>(())
        })
    });
    let crowd = async {
        gate.reached().await;
        let opening = async { gate.open() };
        // Every write is polled, and so queued, before the gate opens.
        join(join_all(crowd), opening).await.0
    };
    let (held, answers) = join(holding, crowd).await;
    held.unwrap();
    answers
}

async fn append(harness: &Harness, number: u128) -> Result<(), StoreError> {
    harness
        .store
        .write(number, |tx, number| {
            Box::pin(async move {
                tx.append_feed(entry(*number), NOW);
                Ok(())
            })
        })
        .await
}

#[tokio::test]
async fn waiting_writes_share_one_commit() {
    let harness = Harness::on(Engine::Sqlite).await;
    let answers = behind_a_gate(&harness, (1..=100).map(|number| append(&harness, number))).await;
    assert!(answers.iter().all(Result::is_ok));
    let totals = harness.store.totals();
    assert_eq!((totals.writes, totals.commits), (101, 2));
    let all = (1..=100).map(entry).collect();
    assert_eq!(harness.heard.all(), [Told::Committed(all)]);
}

#[tokio::test]
async fn a_group_has_a_limit() {
    let harness = Harness::on(Engine::Sqlite).await;
    let answers = behind_a_gate(&harness, (1..=257).map(|number| append(&harness, number))).await;
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(harness.store.totals().commits, 3);
}

#[tokio::test]
async fn a_refused_write_leaves_the_others_of_its_group() {
    let harness = Harness::on(Engine::Sqlite).await;
    append(&harness, 2).await.unwrap();
    let answers = behind_a_gate(&harness, (1..=3).map(|number| append(&harness, number))).await;
    assert!(matches!(
        answers.as_slice(),
        [Ok(()), Err(StoreError::Constraint { .. }), Ok(())]
    ));
    let told = [
        Told::Committed(vec![entry(2)]),
        Told::Committed(vec![entry(1), entry(3)]),
    ];
    assert_eq!(harness.heard.all(), told);
}

#[tokio::test]
async fn a_write_sees_what_its_group_wrote_before_it() {
    let harness = Harness::on(Engine::Sqlite).await;
    let answers = behind_a_gate(&harness, (0..3).map(|_| append(&harness, 1))).await;
    assert!(matches!(answers.as_slice(), [Ok(()), Err(_), Err(_)]));
}
