//! How long an ending takes while one process stands still: it waits for that one's lease, and for
//! no longer.

use crate::{
    cut_off::{PATIENCE, address},
    lane::Lane,
    scene::{CAST, Scene, Setting},
};
use countersign_server::Cluster;
use countersign_storage::Engine;
use countersign_test_support::{TestDatabase, report, rounds};
use serde_json::{Map, Value, json};

/// The node that endings are asked of: it never stands still here.
const ASKED: usize = 1;

/// Who stands still: nobody, a node, and a sidecar and a backend that follow other nodes.
const SILENT: [Option<usize>; 4] = [None, Some(0), Some(3), Some(5)];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes; a campaign runs it"]
async fn i1_an_ending_waits_for_a_silent_process_no_longer_than_its_lease() {
    let rounds = rounds(3);
    let database = TestDatabase::create(Engine::Postgres).await;
    let scene = Scene::set(Setting::on(address(&database))).await;
    let mut lane = Lane::new(&scene.stage, PATIENCE);
    let mut times = Map::new();
    for who in SILENT {
        let name = who.map_or("nobody", |who| CAST[who].0);
        let mut all = Vec::new();
        for _ in 0..rounds {
            all.push(end_once(&scene, &mut lane, who).await);
        }
        times.insert(name.to_owned(), told(all));
    }
    let mut told = scene.stage.judge();
    let lease = Cluster::default().lease;
    told["lease_ms"] = json!(lease.as_millis());
    told["endings_per_row"] = json!(rounds);
    told["ending_ms_while_silent"] = times.into();
    report(&told);
}

/// Milliseconds of one ending; afterwards everybody is asked, and then well again.
async fn end_once(scene: &Scene, lane: &mut Lane, who: Option<usize>) -> f64 {
    let session = lane.log_in().await.expect("an answer");
    assert!(lane.is_accepted_by_all(&session).await, "before the ending");
    if let Some(who) = who {
        scene.programs[who].signal("STOP").await;
    }
    let journal = &scene.stage.journal;
    let began = journal.now();
    assert!(lane.end_on(&session, ASKED).await, "an ending");
    let took = journal.since(began);
    if let Some(who) = who {
        scene.programs[who].signal("CONT").await;
    }
    lane.ask_all(&session).await;
    let next = lane.log_in().await.expect("an answer");
    assert!(lane.is_accepted_by_all(&next).await, "well again");
    took.as_secs_f64() * 1000.0
}

fn told(mut times: Vec<f64>) -> Value {
    times.sort_by(f64::total_cmp);
    json!({ "shortest": times[0], "median": times[times.len() / 2], "longest": times[times.len() - 1] })
}
