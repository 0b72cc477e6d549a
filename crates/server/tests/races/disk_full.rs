//! SQLite on a disk without room: changes are refused, nothing is lost, requests are answered.

use crate::{
    account::{Account, check_all},
    child::Process,
    load::Load,
    rows,
    world::{Tokens, World},
};
use countersign_core::{SystemClock, SystemRng};
use countersign_storage::Engine;
use countersign_test_support::{Kind, report};
use serde_json::{Value, json};
use std::sync::Arc;

/// Lets every change meet `SQLITE_FULL`: each writes an activity record, and SQLite reports a full
/// disk also when a table has used up its row numbers.
const FILL: &str = "CREATE TABLE ballast (number INTEGER PRIMARY KEY AUTOINCREMENT); \
    INSERT INTO ballast VALUES (9223372036854775807); \
    CREATE TRIGGER full BEFORE INSERT ON activity BEGIN INSERT INTO ballast VALUES (NULL); END";

const MAKE_ROOM: &str = "DROP TRIGGER full; DROP TABLE ballast";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_changes_and_answers_requests() {
    let world = World::start(Engine::Sqlite).await;
    let (live_phone, dead_phone) = (world.phone(Kind::Keyed), world.phone(Kind::Keyed));
    let live = world.log_in("live", &live_phone).await;
    let dead = world.log_in("dead", &dead_phone).await;
    let ended = world.log_device_out("dead", &dead.device).await;
    ended.expect("an answer").expect_status(200);
    let disable = "/v1/users/out/disable";
    let disabled = world.link.call("POST", disable, &Value::Null).await;
    disabled.expect("an answer").expect_status(200);

    rows::execute(world.database(), FILL).await;
    for answer in changes(&world, &live).await {
        let answer = answer.expect_status(507);
        assert_eq!(answer.code(), "storage_full");
    }
    for refused in [
        world.login("new", &world.phone(Kind::Keyed)).await,
        world.login("live", &live_phone).await,
        world.refresh("live", &live_phone, &live.refresh).await,
    ] {
        refused.expect("an answer").expect_status(507);
    }
    let logout = world.own(&live_phone, &live.access, "/v1/logout").await;
    logout.expect_status(507);
    assert!(world.is_allowed(&live_phone, &live.access).await);
    assert!(!world.is_allowed(&dead_phone, &dead.access).await);

    rows::execute(world.database(), MAKE_ROOM).await;
    let refreshed = world.refresh("live", &live_phone, &live.refresh).await;
    let new = Tokens::of(&refreshed.expect("an answer").expect_status(200));
    for answer in changes(&world, &live).await {
        answer.expect_no_fault();
    }
    assert!(!world.is_allowed(&live_phone, &new.access).await);
    rows::assert_consistent(world.database()).await;
}

/// Changes by an admin, one of each kind.
async fn changes(world: &World, live: &Tokens) -> Vec<crate::link::Reply> {
    let device = format!("/v1/users/live/devices/{}", live.device);
    let client = json!({ "name": "New", "platform": "web", "audience": "https://new.example" });
    let key = json!({ "name": "new", "scopes": ["verify"] });
    let mut answers = Vec::new();
    for (method, path, body) in [
        ("PATCH", device.clone(), json!({ "name": "Renamed" })),
        ("POST", format!("{device}/logout"), Value::Null),
        ("DELETE", device, Value::Null),
        ("POST", "/v1/users/live/disable".to_owned(), Value::Null),
        ("POST", "/v1/users/out/enable".to_owned(), Value::Null),
        ("POST", "/v1/clients".to_owned(), client),
        ("POST", "/v1/api-keys".to_owned(), key),
    ] {
        let answer = world.link.call(method, &path, &body).await;
        answers.push(answer.expect("an answer"));
    }
    answers
}

const DISK_BYTES: usize = 16 * 1024 * 1024;
const USERS: usize = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "mounts a file system, which not every machine allows; a campaign runs it"]
async fn a_full_disk_loses_nothing_under_load() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut process = Process::start_on_small_disk(folder.path(), DISK_BYTES).await;
    let (clock, rng) = (Arc::new(SystemClock), Arc::new(SystemRng));
    let world = World::on(process.link.clone(), clock, rng).await;
    let accounts = (0..USERS).map(|number| Account::new(&world, number));
    let load = Arc::new(Load::new());
    let users = load.start(&world, accounts.collect());
    let refused = load.full.acquire_many(500).await;
    refused.expect("nobody closes it").forget();
    process.make_room().await;
    // What was acknowledged before does not count.
    let before = load.acknowledged.available_permits();
    load.after(before + 500).await;
    load.stop();
    let mut accounts = users.join_all().await;
    check_all(&world, &mut accounts).await;
    process.kill().await;
    report(&json!({
        "disk_bytes": DISK_BYTES, "acknowledged_before_room": before, "answers": load.tally.told(), "lost": 0,
    }));
}
