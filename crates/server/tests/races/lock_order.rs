//! Every write meets every other one on shared rows: no deadlock, no fault.

use crate::{
    acts::{ACTS, Act, Place},
    rows,
    world::World,
};
use countersign_storage::Engine;
use countersign_test_support::{report, rounds};
use serde_json::json;
use std::sync::{Arc, Mutex};
use tokio::{sync::Barrier, task::JoinSet};

/// Pairs that run at the same time, each on rows of its own but for the client.
const LANES: usize = 6;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_two_writes_wait_for_each_other() {
    let rounds = rounds(2);
    let world = World::start(Engine::Postgres).await;
    let pairs: Vec<(Act, Act)> = ACTS
        .iter()
        .enumerate()
        .flat_map(|(from, first)| ACTS[from..].iter().map(move |second| (*first, *second)))
        .collect();
    let (count, queue) = (pairs.len(), Arc::new(Mutex::new(pairs)));
    let mut lanes = JoinSet::new();
    for _ in 0..LANES {
        let (world, queue) = (world.clone(), Arc::clone(&queue));
        lanes.spawn(async move {
            loop {
                let Some((first, second)) = queue.lock().expect("no panic").pop() else {
                    return;
                };
                meet(&world, first, second, rounds).await;
            }
        });
    }
    while let Some(lane) = lanes.join_next().await {
        lane.expect("no panic");
    }
    let totals = world.app().app.store().totals();
    rows::assert_consistent(world.database()).await;
    report(&json!({
        "engine": "postgres", "writes": ACTS.map(|act| format!("{act:?}")), "pairs": count,
        "meetings_per_pair": rounds, "committed": totals.writes, "deadlocks": totals.reruns, "faults": 0,
    }));
    // Every re-run is a deadlock here: READ COMMITTED fails no serialisation.
    assert_eq!(totals.reruns, 0, "transactions waited for each other");
}

async fn meet(world: &World, first: Act, second: Act, rounds: usize) {
    let place = Arc::new(Place::make(world, &format!("{first:?}-{second:?}")).await);
    for _ in 0..rounds {
        place.revive().await;
        let start = Arc::new(Barrier::new(2));
        let mut both = JoinSet::new();
        for act in [first, second] {
            let (place, start) = (Arc::clone(&place), Arc::clone(&start));
            both.spawn(async move {
                start.wait().await;
                if let Some(answer) = place.play(act).await {
                    assert!(
                        answer.status < 500,
                        "{first:?} and {second:?}: {act:?} got {} {}",
                        answer.status,
                        answer.body
                    );
                }
            });
        }
        while let Some(one) = both.join_next().await {
            one.expect("no panic");
        }
    }
}
