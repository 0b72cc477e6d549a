//! I1, I2 when the database's server is lost: whoever waited for its standby has lost nothing.

use crate::{
    history::Event,
    load::Load,
    postgres::Server,
    program::{doctor, migrate},
    scene::{NODES, Scene, Setting, millis},
};
use countersign_test_support::{report, rounds};
use serde_json::json;
use sqlx::PgConnection;
use std::{collections::BTreeSet, time::Duration};
use tokio::task::JoinSet;

const LOOPS: usize = 60;
const PACE: Duration = Duration::from_secs(2);

/// Endings between two losses.
const ENDINGS: usize = 60;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes; a campaign runs it"]
async fn i1_i2_a_failover_to_a_synchronous_standby_loses_no_ending() {
    lose_again_and_again(async |mut primary: Server, standby| {
        primary.kill().await;
        standby.promote().await;
        standby
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes; a campaign runs it"]
async fn i1_i2_a_crash_of_the_database_loses_no_ending() {
    lose_again_and_again(async |mut primary: Server, standby: Server| {
        primary.kill().await;
        drop(standby);
        let server = primary.restarted().await;
        server.wait_for_nobody().await;
        server
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_standby_that_nobody_waits_for_is_warned_of() {
    const WARNING: &str = "a failover loses the last acknowledged writes";
    let server = Server::new().await;
    assert!(!doctor(&server.url()).await.contains(WARNING), "alone");
    let _standby = server.standby().await;
    server.until_it_has_a_standby().await;
    assert!(doctor(&server.url()).await.contains(WARNING));
    server.wait_for_standby().await;
    assert!(!doctor(&server.url()).await.contains(WARNING), "waited for");
}

/// Kills the server under load, and goes on with the one that comes after it.
async fn lose_again_and_again(after: impl AsyncFn(Server, Server) -> Server) {
    let mut server = Server::new().await;
    migrate(&server.url()).await;
    let setting = Setting::on(server.url());
    let scene = Scene::set(setting).await;
    let stage = scene.stage.clone();
    let mut load = Load::start_remembering(&stage, LOOPS, PACE);
    let (kills, mut checked, mut back) = (rounds(3), 0, Vec::new());
    for _ in 0..kills {
        let standby = server.standby().await;
        server.wait_for_standby().await;
        let safe = stage.journal.now();
        let undecided = give_up_transactions(&server).await;
        load.until_endings("endings", safe, ENDINGS).await;
        let lost = stage.journal.now();
        server = after(server, standby).await;
        drop(undecided);
        for wire in &scene.wires[..NODES] {
            wire.lead_to(server.address);
        }
        checked += assert_kept(&server, &stage.journal.read(), lost).await;
        load.until_all_accept("everybody's yes", lost).await;
        back.push(millis(stage.journal.since(lost)));
    }
    let end = stage.journal.now();
    load.until_endings("endings after the last", end, ENDINGS)
        .await;
    load.stop().await;
    checked += assert_kept(&server, &stage.journal.read(), stage.journal.now()).await;
    let mut told = stage.judge();
    told["kills"] = json!(kills);
    told["looked_up_in_the_store"] = json!(checked);
    told["lost"] = json!(0);
    told["well_again_after_ms"] = json!(back);
    report(&told);
}

/// Somebody whose transactions come to nothing. What only they had a number from is not on any
/// disk for a while, and a server that is lost meanwhile gives these numbers out again.
async fn give_up_transactions(server: &Server) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    for _ in 0..2 {
        let mut connection = server.connect("countersign").await;
        tasks.spawn(async move {
            let nothing = "BEGIN; SELECT pg_current_xact_id(); ROLLBACK";
            while sqlx::raw_sql(nothing)
                .execute(&mut connection)
                .await
                .is_ok()
            {}
        });
    }
    tasks
}

/// Looks every ending up that returned success before a moment; answers how many.
async fn assert_kept(server: &Server, history: &[Event], before: Duration) -> usize {
    let mut connection = server.connect("countersign").await;
    let ended = users(&mut connection, true).await;
    let live = users(&mut connection, false).await;
    let acknowledged = history.iter().filter_map(|event| match event {
        Event::Ending {
            login,
            returned,
            is_success: true,
            ..
        } if *returned <= before => Some(format!("user-{}", login.0)),
        _ => None,
    });
    let acknowledged: BTreeSet<String> = acknowledged.collect();
    for user in &acknowledged {
        assert!(!live.contains(user), "the ending of {user} is lost");
        assert!(ended.contains(user), "the session of {user} is lost");
    }
    acknowledged.len()
}

/// Users with a session that has ended, or has not.
async fn users(connection: &mut PgConnection, is_ended: bool) -> BTreeSet<String> {
    let sql = "SELECT u.external_id FROM sessions s JOIN users u ON u.id = s.user_id \
        WHERE (s.ended_at IS NOT NULL) = $1";
    let users = sqlx::query_scalar(sql).bind(is_ended);
    let users: Vec<String> = users.fetch_all(connection).await.expect("the users");
    users.into_iter().collect()
}
