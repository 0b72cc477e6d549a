//! PostgreSQL ends the service's connections while it writes.

use crate::{
    account::{Account, check_all},
    load::Load,
    rows,
    side::Side,
    world::World,
};
use countersign_storage::Engine;
use countersign_test_support::{below, report, rounds};
use serde_json::json;
use std::sync::{Arc, atomic::Ordering};

const USERS: usize = 12;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i2_terminated_connections_make_no_wrong_success() {
    let terminations = rounds(15);
    let world = World::start(Engine::Postgres).await;
    let mut side = Side::of(world.database()).await;
    let accounts = (0..USERS).map(|number| Account::new(&world, number));
    let load = Arc::new(Load::new());
    let users = load.start(&world, accounts.collect());
    let mut ended = 0;
    for _ in 0..terminations {
        load.after(1 + below(&*world.rng, 60)).await;
        ended += side.terminate().await;
    }
    // It goes on by itself.
    load.after(200).await;
    load.stop();
    let mut accounts = users.join_all().await;
    check_all(&world, &mut accounts).await;
    rows::assert_consistent(world.database()).await;
    let tally = &load.tally;
    let noticed = tally.refused.load(Ordering::Relaxed) + tally.unknown.load(Ordering::Relaxed);
    assert!(noticed > 0, "no write was under way when it was ended");
    report(&json!({
        "terminations": terminations, "connections_ended": ended, "answers": tally.told(), "wrong": 0,
    }));
}
