//! I1 across a crash of the database that gives numbers of transactions out again.
//!
//! What a transaction that came to nothing leaves is written to disk with the next commit, not
//! before. Until then others see that it is over, and a server that is lost forgets that it was.

use crate::{
    lane::{Lane, Session},
    postgres::Server,
    program::migrate,
    scene::{NODES, Scene, Setting},
};
use countersign_test_support::{report, rounds};
use futures_util::future::join_all;
use serde_json::json;
use sqlx::PgConnection;
use std::time::Duration;
use tokio::{task::JoinSet, time::sleep};

const SESSIONS: usize = 40;

/// Connections whose transactions come to nothing.
const UNDECIDED: usize = 8;

/// A node reads the feed in this time after it heard that there is something new, and nobody has
/// committed anything since, most often.
const SOON: Duration = Duration::from_millis(6);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes a minute; a campaign runs it"]
async fn i1_holds_though_a_crash_gives_numbers_out_again() {
    let crashes = rounds(3);
    let mut server = Server::new().await;
    migrate(&server.url()).await;
    server.set("wal_writer_delay", "10s").await;
    let setting = Setting::on(server.url());
    let scene = Scene::set(setting).await;
    for _ in 0..crashes {
        let mut lanes = Vec::new();
        for _ in 0..SESSIONS {
            lanes.push(logged_in(&scene).await);
        }
        server = crash(&scene, server, &mut lanes).await;
        let ending = lanes[1..].iter_mut().map(|(lane, session)| async move {
            while !lane.end_on(session, 1).await {}
            lane.ask_all(session).await;
        });
        join_all(ending).await;
    }
    let mut told = scene.stage.judge();
    told["crashes"] = json!(crashes);
    report(&told);
}

async fn logged_in(scene: &Scene) -> (Lane, Session) {
    let mut lane = Lane::new(&scene.stage, crate::load::LONG);
    loop {
        if let Some(session) = lane.log_in().await
            && lane.is_accepted_by_all(&session).await
        {
            return (lane, session);
        }
    }
}

/// Loses the server just after the first node has read the feed; the others stand still meanwhile.
async fn crash(scene: &Scene, mut server: Server, lanes: &mut [(Lane, Session)]) -> Server {
    let undecided = give_up_transactions(&server).await;
    for node in 1..NODES {
        scene.programs[node].signal("STOP").await;
    }
    let (lane, session) = &mut lanes[0];
    let mut look = server.connect("countersign").await;
    let before = entries(&mut look).await;
    let is_read = async {
        while entries(&mut look).await == before {}
        sleep(SOON).await;
    };
    tokio::select! {
        _ = lane.end_on(session, 0) => {}
        () = is_read => {}
    }
    server.kill().await;
    drop(undecided);
    let server = server.restarted().await;
    for wire in &scene.wires[..NODES] {
        wire.lead_to(server.address);
    }
    for node in 1..NODES {
        scene.programs[node].signal("CONT").await;
    }
    server
}

async fn entries(connection: &mut PgConnection) -> i64 {
    let count = sqlx::query_scalar("SELECT COUNT(*) FROM feed");
    count.fetch_one(connection).await.expect("a number")
}

async fn give_up_transactions(server: &Server) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    for _ in 0..UNDECIDED {
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
