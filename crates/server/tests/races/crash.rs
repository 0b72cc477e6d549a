//! I2: what was acknowledged is there after `kill -9`, however often and whenever it comes.

use crate::{
    account::{Account, check_all, check_news},
    binary,
    child::Process,
    load::Load,
    rows,
    world::World,
};
use countersign_core::{SystemClock, SystemRng};
use countersign_storage::Engine;
use countersign_test_support::{ENGINES, TestDatabase, below, report, rounds};
use serde_json::{Value, json};
use std::sync::Arc;

/// Users at the same time.
const USERS: usize = 8;

/// The most acknowledged changes between two kills.
const MOST_CHANGES: usize = 150;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i2_an_acknowledged_change_survives_kill_9() {
    let kills = rounds(3);
    let mut results = serde_json::Map::new();
    for engine in ENGINES {
        results.insert(format!("{engine:?}"), crash(engine, kills).await);
    }
    results.insert("program".to_owned(), json!(program()));
    report(&json!(results));
}

fn program() -> &'static str {
    match binary::wanted() {
        Some(_) => "countersign serve",
        None => "the service in a process of the tests",
    }
}

async fn crash(engine: Engine, kills: usize) -> Value {
    let database = TestDatabase::create(engine).await;
    let backend = database.backend();
    let (clock, rng) = (Arc::new(SystemClock), Arc::new(SystemRng));
    let mut process = Process::start(&backend).await;
    let mut world = World::on(process.link.clone(), clock, rng).await;
    let mut accounts: Vec<Account> = (0..USERS)
        .map(|number| Account::new(&world, number))
        .collect();
    let load = Arc::new(Load::new());
    for _ in 0..kills {
        let users = load.start(&world, accounts);
        load.after(1 + below(&*world.rng, MOST_CHANGES)).await;
        process.kill().await;
        load.stop();
        accounts = users.join_all().await;
        // On SQLite this also opens the file as it was left.
        rows::assert_consistent(&database).await;
        process = Process::start(&backend).await;
        world.link = process.link.clone();
        check_news(&world, &mut accounts).await;
    }
    check_all(&world, &mut accounts).await;
    rows::assert_consistent(&database).await;
    process.kill().await;
    json!({ "kills": kills, "acknowledged": load.tally.told(), "lost": 0, "corrupt": 0 })
}
