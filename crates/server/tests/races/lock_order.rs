//! Every write meets every other one on shared rows: no deadlock, no fault.

use crate::{
    acts::{ACTS, Act},
    place::Place,
    prepare::Ready,
    rows,
    world::World,
};
use countersign_storage::Engine;
use countersign_test_support::{Platforms, report, rounds};
use serde_json::json;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};
use tokio::{sync::Barrier, task::JoinSet};

/// Services with a database each, on which one pair meets at a time.
const LANES: usize = 6;

/// What came of a lane's meetings.
#[derive(Debug, Default)]
struct Tally {
    /// Meetings in which the act was committed.
    committed: BTreeMap<Act, usize>,
    reruns: u64,
}

/// A pair, by its place in the order.
type Pair = (u64, Act, Act);

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_two_writes_wait_for_each_other() {
    // Without a campaign some of the pairs meet, once.
    let (rounds, step) = match rounds(0) {
        0 => (1, 5),
        rounds => (rounds, 1),
    };
    let queue: Vec<Pair> = (0..)
        .zip(pairs(step))
        .map(|(number, (first, second))| (number, first, second))
        .collect();
    let count = queue.len();
    let queue = Arc::new(Mutex::new(queue));
    let mut lanes = JoinSet::new();
    for _ in 0..LANES {
        let queue = Arc::clone(&queue);
        lanes.spawn(async move { Box::pin(lane(&queue, rounds)).await });
    }
    let mut all = Tally::default();
    for lane in lanes.join_all().await {
        all.reruns += lane.reruns;
        for (act, times) in lane.committed {
            *all.committed.entry(act).or_default() += times;
        }
    }
    let named = |act: &Act| format!("{act:?}");
    let committed: BTreeMap<String, usize> = ACTS
        .iter()
        .map(|act| (named(act), all.committed.get(act).copied().unwrap_or(0)))
        .collect();
    report(&json!({
        "engine": "postgres", "writes": ACTS.len(), "pairs": count, "meetings_per_pair": rounds,
        "meetings_in_which_it_was_committed": committed,
        "deadlocks": all.reruns, "faults": 0,
    }));
    // Every re-run is a deadlock here: READ COMMITTED fails no serialisation.
    assert_eq!(all.reruns, 0, "transactions waited for each other");
    for (act, times) in committed {
        assert!(times > 0, "{act} wrote nothing in any of its meetings");
    }
}

/// Every act with every other one and itself; of a larger step, each act with one in so many.
fn pairs(step: usize) -> Vec<(Act, Act)> {
    let mut pairs = Vec::new();
    for (from, first) in ACTS.iter().enumerate() {
        for (to, second) in ACTS.iter().enumerate().skip(from) {
            if (from + to).is_multiple_of(step) {
                pairs.push((*first, *second));
            }
        }
    }
    pairs
}

async fn lane(queue: &Mutex<Vec<Pair>>, rounds: usize) -> Tally {
    let (world, platforms) = World::with_platforms(Engine::Postgres).await;
    let platforms = Arc::new(platforms);
    let mut tally = Tally::default();
    loop {
        let next = queue.lock().expect("no panic").pop();
        let Some(pair) = next else { break };
        meet(&world, &platforms, pair, rounds, &mut tally).await;
    }
    rows::assert_consistent(world.database()).await;
    tally.reruns = world.app().app.store().totals().reruns;
    tally
}

async fn meet(
    world: &World,
    platforms: &Arc<Platforms>,
    (number, first, second): Pair,
    rounds: usize,
    tally: &mut Tally,
) {
    let name = format!("{first:?}-{second:?}");
    let place = Arc::new(Place::make(world, platforms, &name, number).await);
    for _ in 0..rounds {
        place.revive().await;
        let both = [place.prepare(first).await, place.prepare(second).await];
        let reruns = || world.app().app.store().totals().reruns;
        let before = reruns();
        for act in at_once(&place, both, &name).await {
            *tally.committed.entry(act).or_default() += 1;
        }
        assert_eq!(reruns(), before, "{name}: one waited for the other");
    }
}

/// Plays both at once; answers which were committed.
async fn at_once(place: &Arc<Place>, both: [Ready; 2], name: &str) -> Vec<Act> {
    let start = Arc::new(Barrier::new(2));
    let mut playing = JoinSet::new();
    for ready in both {
        let (place, start) = (Arc::clone(place), Arc::clone(&start));
        playing.spawn(async move {
            start.wait().await;
            let answer = place.play(&ready).await;
            (ready, answer)
        });
    }
    let mut committed = Vec::new();
    for (ready, answer) in playing.join_all().await {
        if let Some(answer) = &answer {
            let (act, status) = (ready.act, answer.status);
            assert!(status < 500, "{name}: {act:?} got {status} {}", answer.body);
        }
        let is_counted = answer.is_none() && committed.contains(&ready.act);
        if !is_counted && place.was_committed(&ready, answer.as_ref()).await {
            committed.push(ready.act);
        }
    }
    committed
}
