//! I1: what one process ended no process accepts, from the moment on that the call returned.

use crate::{
    child::Process,
    link::{Link, Reply},
    phone::{Kind, Phone},
    rounds::{below, report, rounds},
    world::{Tokens, World},
};
use countersign_core::{SystemClock, SystemRng};
use countersign_storage::Engine;
use countersign_test_support::TestDatabase;
use serde_json::json;
use std::sync::Arc;

/// Processes on one PostgreSQL.
const NODES: usize = 3;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i1_an_ending_that_returned_is_over_on_every_node() {
    let rounds = rounds(30);
    let database = TestDatabase::create(Engine::Postgres).await;
    let backend = database.backend();
    let mut nodes = Vec::new();
    for _ in 0..NODES {
        nodes.push(Process::start(&backend).await);
    }
    let mut world = World::on(
        nodes[0].link.clone(),
        Arc::new(SystemClock),
        Arc::new(SystemRng),
    )
    .await;
    let links: Vec<Link> = nodes.iter().map(|node| node.link.clone()).collect();
    let phone = world.phone(Kind::Keyless);
    let mut judged = 0;
    for _ in 0..rounds {
        world.link = links[below(&*world.rng, NODES)].clone();
        let login = world.login("42", &phone).await.expect("an answer");
        let tokens = Tokens::of(&login.clone().expect_status(201));
        phone.keep_secret(&login.body);
        for link in &links {
            assert!(is_allowed(link, &phone, &tokens).await, "before the ending");
        }
        world.link = links[below(&*world.rng, NODES)].clone();
        end(&world, &login, below(&*world.rng, 3)).await;
        for link in &links {
            assert!(!is_allowed(link, &phone, &tokens).await, "after the ending");
            judged += 1;
        }
    }
    report(&json!({ "nodes": NODES, "endings": rounds, "judged_after": judged, "accepted": 0 }));
    for node in nodes {
        node.kill().await;
    }
}

async fn is_allowed(link: &Link, phone: &Phone, tokens: &Tokens) -> bool {
    let body = phone.verify(&tokens.access, None);
    let reply = link.call("POST", "/v1/verify", &body).await;
    reply.expect("an answer").expect_status(200).body["allowed"] == true
}

/// One of the ways to end it.
async fn end(world: &World, login: &Reply, way: usize) {
    let device = login.text("device_id");
    let ended = match way {
        0 => world.log_device_out("42", &device).await,
        1 => world.remove_device("42", &device).await,
        _ => {
            let disabled = world.on_user("42", "disable").await;
            disabled.expect("an answer").expect_status(200);
            world.on_user("42", "enable").await
        }
    };
    ended.expect("an answer").expect_status(200);
}
