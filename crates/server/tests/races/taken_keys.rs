//! A device changes its key while somebody else uses the old or the new one.

use crate::{
    rows,
    side::Side,
    world::{Tokens, World},
};
use countersign_storage::Engine;
use countersign_test_support::{Kind, Phone};
use std::sync::Arc;

/// The first user has the device; the second had it before and removed it.
async fn handed_over() -> (World, Side, Phone) {
    let world = World::start(Engine::Postgres).await;
    let side = Side::of(world.database()).await;
    let tablet = world.phone(Kind::Keyed);
    world.log_in("1", &tablet).await;
    let second = world.log_in("2", &tablet).await;
    let removed = world.remove_device("2", &second.device).await;
    removed.expect("an answer").expect_status(200);
    (world, side, tablet)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_that_waited_for_its_key_to_be_given_up_is_refused() {
    let (world, mut side, old) = handed_over().await;
    let new = old.with_new_key();
    let (replace, login) = (world.clone(), world.clone());
    let (replaced, refused) = side
        .interleave(
            "ownerships",
            async move { replace.login("1", &new).await },
            async move { login.login("2", &old).await },
        )
        .await;
    replaced.expect("an answer").expect_status(201);
    let refused = refused.expect("an answer").expect_status(403);
    assert_eq!(refused.code(), "key_retired");
    rows::assert_consistent(world.database()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_a_login_just_used_is_not_given_up_under_it() {
    let (world, mut side, old) = handed_over().await;
    let returning = Arc::new(old.with_new_key());
    let old = Arc::new(old);
    let (replace, login) = (world.clone(), world.clone());
    let (logging_in, coming_back) = (Arc::clone(&old), Arc::clone(&returning));
    let (login, replaced) = side
        .interleave(
            "sessions",
            async move { login.login("2", &logging_in).await },
            async move { replace.login("1", &coming_back).await },
        )
        .await;
    let login = Tokens::of(&login.expect("an answer").expect_status(201));
    assert!(world.is_allowed(&old, &login.access).await);
    // The device has two owners now, so a new key alone is not enough to be it.
    let replaced = replaced.expect("an answer").expect_status(201);
    assert_ne!(replaced.text("device_id"), login.device);
    let access = replaced.text("access_token");
    assert!(world.is_allowed(&returning, &access).await);
    rows::assert_consistent(world.database()).await;
}

/// A tablet was reset: its new key comes with the old installation id for one user, and with a
/// new one for another.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_key_that_another_login_brought_first_is_the_same_device() {
    let (world, mut side, old) = handed_over().await;
    let new = Arc::new(old.with_new_key());
    let other = Arc::new(new.with_new_installation());
    let (replace, login) = (world.clone(), world.clone());
    let (logging_in, coming_back) = (Arc::clone(&other), Arc::clone(&new));
    let (login, replaced) = side
        .interleave(
            "ownerships",
            async move { login.login("3", &logging_in).await },
            async move { replace.login("1", &coming_back).await },
        )
        .await;
    let login = Tokens::of(&login.expect("an answer").expect_status(201));
    let replaced = Tokens::of(&replaced.expect("an answer").expect_status(201));
    assert_eq!(login.device, replaced.device);
    assert!(world.is_allowed(&other, &login.access).await);
    assert!(world.is_allowed(&new, &replaced.access).await);
    rows::assert_consistent(world.database()).await;
}
