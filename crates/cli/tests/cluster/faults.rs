//! I1 while something breaks: many are cut off and call again meanwhile.

use crate::{
    cut_off::address,
    load::Load,
    scene::{CAST, Role, Scene, Setting, millis},
    vandal,
    wire::Weather,
};
use countersign_storage::Engine;
use countersign_test_support::{TestDatabase, TestRedis, report, variable};
use serde_json::{Map, Value, json};
use sqlx::{Connection as _, PgConnection};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::task::JoinSet;

/// What breaks, or who is in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// The process stands still, and goes on later as if nothing had been.
    Stopped(usize),
    /// The process is gone from one moment to the next, and started again.
    Killed(usize),
    /// The network between the process and what it needs: the database, or the node it follows.
    Network(usize, Weather),
    /// The first node's wall clock jumps by so many seconds.
    Clock(i32),
    /// A transaction that has written stays open.
    LongTransaction,
    /// The nodes have a Redis, and this happens to it.
    Redis(Mishap),
}

/// What may happen to a Redis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mishap {
    /// It is emptied all the time.
    Flushed,
    /// It is killed, and starts empty.
    Restarted,
    /// Somebody writes old, strange and foreign things all the time.
    Forged,
    /// The network between all nodes and it.
    Network(Weather),
}

/// A fault, and how long it lasts.
struct Row {
    name: &'static str,
    fault: Fault,
    lasts: Duration,
}

const NODE: usize = 0;
const SIDECAR: usize = 3;
const BACKEND: usize = 5;

const SLOW: Weather = Weather::Slow(Duration::from_millis(200));
const VERY_SLOW: Weather = Weather::Slow(Duration::from_secs(3));

/// All last longer than a lease, and than it takes to delete the row of a node that stands still.
const FAULTS: &[Row] = &[
    row("node_stopped", Fault::Stopped(NODE), 6),
    row("sidecar_stopped", Fault::Stopped(SIDECAR), 6),
    row("backend_stopped", Fault::Stopped(BACKEND), 6),
    row("node_killed", Fault::Killed(NODE), 4),
    row("sidecar_killed", Fault::Killed(SIDECAR), 4),
    row("backend_killed", Fault::Killed(BACKEND), 4),
    row("database_cut", Fault::Network(NODE, Weather::Cut), 6),
    row("database_slow", Fault::Network(NODE, SLOW), 8),
    row("database_very_slow", Fault::Network(NODE, VERY_SLOW), 20),
    row("database_held", Fault::Network(NODE, Weather::Held), 8),
    row(
        "database_swallowed",
        Fault::Network(NODE, Weather::Swallowed),
        8,
    ),
    row("feed_cut", Fault::Network(SIDECAR, Weather::Cut), 6),
    row("feed_slow", Fault::Network(SIDECAR, SLOW), 8),
    row("feed_very_slow", Fault::Network(SIDECAR, VERY_SLOW), 10),
    row("feed_held", Fault::Network(SIDECAR, Weather::Held), 8),
    row(
        "feed_swallowed",
        Fault::Network(SIDECAR, Weather::Swallowed),
        8,
    ),
    row("clock_an_hour_ahead", Fault::Clock(3600), 8),
    row("clock_an_hour_behind", Fault::Clock(-3600), 8),
    row("long_transaction", Fault::LongTransaction, 10),
    row("redis_flushed", Fault::Redis(Mishap::Flushed), 8),
    row("redis_restarted", Fault::Redis(Mishap::Restarted), 8),
    row("redis_forged", Fault::Redis(Mishap::Forged), 10),
    row("redis_cut", Fault::Redis(Mishap::Network(Weather::Cut)), 8),
    row("redis_slow", Fault::Redis(Mishap::Network(SLOW)), 8),
    row(
        "redis_held",
        Fault::Redis(Mishap::Network(Weather::Held)),
        8,
    ),
    row(
        "redis_swallowed",
        Fault::Redis(Mishap::Network(Weather::Swallowed)),
        8,
    ),
];

const fn row(name: &'static str, fault: Fault, seconds: u64) -> Row {
    Row {
        name,
        fault,
        lasts: Duration::from_secs(seconds),
    }
}

/// What holds a fault up until it is lifted.
#[derive(Default)]
struct Held {
    transaction: Option<PgConnection>,
    vandal: JoinSet<()>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i1_holds_while_a_node_stands_still() {
    break_and_mend(&FAULTS[0], 12, Duration::from_millis(500)).await;
}

/// Loops of the campaign, each with a round in this time: as much as two cores can do.
const LOOPS: usize = 300;
const PACE: Duration = Duration::from_secs(6);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes, and needs libfaketime; a campaign runs it"]
async fn i1_holds_under_every_fault() {
    let wanted = variable("COUNTERSIGN_FAULTS");
    let is_wanted = |row: &&Row| {
        let names = wanted.as_deref();
        names.is_none_or(|names| names.split(',').any(|name| name == row.name))
    };
    let mut faults = Map::new();
    for row in FAULTS.iter().filter(is_wanted) {
        let told = break_and_mend(row, LOOPS, PACE).await;
        tell(row.name, &told);
        faults.insert(row.name.to_owned(), told);
    }
    let sum = |member: &str| -> u64 {
        let each = faults.values().filter_map(|told| told[member].as_u64());
        each.sum()
    };
    let longest = faults
        .values()
        .filter_map(|told| told["longest_ending_ms"].as_u64());
    let longest = longest.max();
    report(&json!({
        "loops": LOOPS, "endings": sum("endings"), "calls": sum("calls"),
        "accepted_after": sum("accepted_after"), "longest_ending_ms": longest, "faults": faults,
    }));
}

fn tell(name: &str, told: &Value) {
    eprintln!("{name}: {told}");
}

/// One fault under load, from the first ending to when everybody accepts again.
async fn break_and_mend(row: &Row, loops: usize, pace: Duration) -> Value {
    let database = TestDatabase::create(Engine::Postgres).await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let clock = folder.path().join("clock");
    let redis = row.fault.redis().await;
    let mut scene = Scene::set(row.fault.setting(&database, redis.as_deref(), &clock)).await;
    let stage = scene.stage.clone();
    let mut load = Load::start(&stage, loops, pace);
    load.until_all_accept("a beginning", Duration::ZERO).await;
    load.until_endings("a beginning", Duration::ZERO, loops)
        .await;

    let broken = stage.journal.now();
    let held = row.fault.begin(&mut scene, redis.as_ref(), &clock).await;
    let over = broken + row.lasts;
    load.until("its end", |journal| journal.now() >= over).await;
    load.until_endings("endings meanwhile", broken, loops / 4)
        .await;

    let mended = stage.journal.now();
    row.fault.end(&mut scene, &clock, held).await;
    load.until_all_accept("everybody's yes", mended).await;
    let well = stage.journal.now();
    load.until_endings("endings afterwards", well, loops / 4)
        .await;
    load.stop().await;

    let mut told = stage.judge();
    told["endings_meanwhile"] = json!(stage.journal.endings_between(broken, mended));
    told["well_again_after_ms"] = json!(millis(well.saturating_sub(mended)));
    told
}

impl Fault {
    async fn redis(self) -> Option<Arc<TestRedis>> {
        match self {
            Self::Redis(_) => Some(Arc::new(TestRedis::start().await)),
            _ => None,
        }
    }

    fn setting(self, database: &TestDatabase, redis: Option<&TestRedis>, clock: &Path) -> Setting {
        let mut setting = Setting::on(address(database));
        setting.redis = redis.map(TestRedis::text);
        if let Self::Clock(_) = self {
            setting.first_node = false_clock(clock);
            setting.has_false_clock = true;
        }
        setting
    }

    async fn begin(self, scene: &mut Scene, redis: Option<&Arc<TestRedis>>, clock: &Path) -> Held {
        let mut held = Held::default();
        match self {
            Self::Stopped(who) => scene.programs[who].signal("STOP").await,
            Self::Killed(who) => scene.programs[who].kill().await,
            Self::Network(who, weather) => scene.wires[who].set(weather),
            Self::Clock(seconds) => set_clock(clock, seconds),
            Self::LongTransaction => held.transaction = Some(write_and_stay(scene).await),
            Self::Redis(mishap) => {
                let redis = redis.expect("the scene has one");
                held.vandal = mishap.begin(scene, redis).await;
            }
        }
        held
    }

    async fn end(self, scene: &mut Scene, clock: &Path, held: Held) {
        match self {
            Self::Stopped(who) => scene.programs[who].signal("CONT").await,
            Self::Killed(who) => scene.restart(who).await,
            Self::Network(who, _) => scene.wires[who].set(Weather::Clear),
            Self::Clock(_) => set_clock(clock, 0),
            Self::LongTransaction => drop(held.transaction),
            Self::Redis(_) => scene
                .redis_wires
                .iter()
                .for_each(|wire| wire.set(Weather::Clear)),
        }
    }
}

impl Mishap {
    async fn begin(self, scene: &Scene, redis: &Arc<TestRedis>) -> JoinSet<()> {
        match self {
            Self::Flushed => vandal::flush(redis),
            Self::Forged => vandal::forge(redis),
            Self::Restarted => {
                redis.restart().await;
                JoinSet::new()
            }
            Self::Network(weather) => {
                scene.redis_wires.iter().for_each(|wire| wire.set(weather));
                JoinSet::new()
            }
        }
    }
}

/// A transaction that has an id, and holds back what others see as finished.
async fn write_and_stay(scene: &Scene) -> PgConnection {
    let connection = PgConnection::connect(scene.database()).await;
    let mut connection = connection.expect("the database");
    for statements in [
        "CREATE TABLE of_somebody_else (number int)",
        "BEGIN ISOLATION LEVEL REPEATABLE READ; INSERT INTO of_somebody_else VALUES (1)",
    ] {
        let done = sqlx::raw_sql(statements).execute(&mut connection).await;
        done.expect("the statements");
    }
    connection
}

/// Variables under which a process reads a wall clock of its own; the boot clock stays true.
fn false_clock(file: &Path) -> Vec<(String, String)> {
    set_clock(file, 0);
    let library = libfaketime();
    let variables = [
        ("LD_PRELOAD", library.as_path()),
        ("FAKETIME_TIMESTAMP_FILE", file),
        ("FAKETIME_DONT_FAKE_MONOTONIC", Path::new("1")),
        ("FAKETIME_CACHE_DURATION", Path::new("1")),
    ];
    let text = |(name, value): (&str, &Path)| (name.to_owned(), value.display().to_string());
    variables.into_iter().map(text).collect()
}

fn libfaketime() -> PathBuf {
    let below_lib = fs::read_dir("/usr/lib").expect("a folder").flatten();
    let mut found = below_lib.map(|entry| entry.path().join("faketime/libfaketime.so.1"));
    let found = found.find(|path| path.exists());
    found.expect("libfaketime, which is in the package faketime")
}

/// In one step: a file that is half written would be no time at all.
fn set_clock(file: &Path, seconds: i32) {
    let new = file.with_extension("new");
    fs::write(&new, format!("{seconds:+}")).expect("a file");
    fs::rename(new, file).expect("a file");
}

#[test]
fn the_faults_have_names_of_their_own_and_fit_the_cast() {
    let mut names: Vec<&str> = FAULTS.iter().map(|row| row.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), FAULTS.len());
    let roles = [NODE, SIDECAR, BACKEND].map(|number| CAST[number].1);
    assert_eq!(roles, [Role::Node, Role::Sidecar, Role::Backend]);
}
