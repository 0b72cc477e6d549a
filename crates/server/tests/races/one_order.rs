//! Writes that meet on the same rows lock them in one order.

use crate::{
    rows,
    side::Side,
    world::{Tokens, World},
};
use countersign_server::Job;
use countersign_storage::Engine;
use countersign_test_support::{Kind, Phone};
use std::{sync::Arc, time::Duration};

async fn start() -> (World, Side) {
    let world = World::start(Engine::Postgres).await;
    let side = Side::of(world.database()).await;
    (world, side)
}

/// The tablet's owner made a request, and somebody else used the tablet after that: writing down
/// when it was leaves the tablet's row alone and goes to the ownership at once.
async fn seen_before_another_user(world: &World, tablet: &Phone) -> Tokens {
    let tokens = world.log_in("1", tablet).await;
    world.app().clock.advance(Duration::from_mins(1));
    assert!(world.is_allowed(tablet, &tokens.access).await);
    world.app().clock.advance(Duration::from_mins(1));
    let second = world.log_in("2", tablet).await;
    let removed = world.remove_device("2", &second.device).await;
    removed.expect("an answer").expect_status(200);
    tokens
}

async fn flush_activity(world: &World) -> bool {
    Box::pin(world.app().app.run_job(Job::FlushActivity))
        .await
        .is_ok()
}

/// Neither is run again, so neither was the victim of a deadlock.
async fn assert_no_deadlock(world: &World) {
    assert_eq!(world.app().app.store().totals().reruns, 0);
    rows::assert_consistent(world.database()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refresh_and_the_writing_of_last_seen_times_lock_in_one_order() {
    let (world, mut side) = start().await;
    let tablet = Arc::new(world.phone(Kind::Keyed));
    let tokens = seen_before_another_user(&world, &tablet).await;
    let (refresh, flush) = (world.clone(), world.clone());
    let (refreshed, flushed) = side
        .interleave(
            "refresh_tokens",
            async move { refresh.refresh("1", &tablet, &tokens.refresh).await },
            async move { flush_activity(&flush).await },
        )
        .await;
    refreshed.expect("an answer").expect_status(200);
    assert!(flushed);
    assert_no_deadlock(&world).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_key_and_the_writing_of_last_seen_times_lock_in_one_order() {
    let (world, mut side) = start().await;
    let tablet = world.phone(Kind::Keyed);
    seen_before_another_user(&world, &tablet).await;
    let (login, flush, new) = (world.clone(), world.clone(), tablet.with_new_key());
    let (replaced, flushed) = side
        .interleave(
            "feed",
            async move { login.login("1", &new).await },
            async move { flush_activity(&flush).await },
        )
        .await;
    replaced.expect("an answer").expect_status(201);
    assert!(flushed);
    assert_no_deadlock(&world).await;
}

/// One proof, relayed with a login and with a refresh.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proof_presented_twice_is_used_once_without_a_deadlock() {
    let (world, mut side) = start().await;
    let phone = world.phone(Kind::Keyed);
    let tokens = world.log_in("1", &phone).await;
    let login = phone.login(&world.client, "1");
    let mut refresh = phone.refresh(&world.client, "1", &tokens.refresh);
    refresh["proof"] = login["proof"].clone();
    let (first, second) = (world.clone(), world.clone());
    let (refreshed, replayed) = side
        .interleave_behind(
            "SELECT 1 FROM sessions FOR UPDATE",
            async move { first.post_session(&refresh).await },
            async move { second.post_session(&login).await },
        )
        .await;
    refreshed.expect("an answer").expect_status(200);
    let replayed = replayed.expect("an answer").expect_status(401);
    assert_eq!(replayed.code(), "proof_replayed");
    assert_no_deadlock(&world).await;
}
