//! Both orders of two calls that meet, each held up in the middle of its transaction.

use crate::{
    rows,
    side::Side,
    world::{Tokens, World},
};
use countersign_storage::Engine;
use countersign_test_support::{Kind, adopted_pair};
use serde_json::json;
use std::sync::Arc;

const UNENDED: &str = "SELECT COUNT(*) FROM sessions WHERE ended_at IS NULL";

async fn start() -> (World, Side) {
    let world = World::start(Engine::Postgres).await;
    let side = Side::of(world.database()).await;
    (world, side)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i4_a_disable_ends_the_first_login_that_it_waited_for() {
    let (world, mut side) = start().await;
    let phone = Arc::new(world.phone(Kind::Keyed));
    let (login, disable) = (world.clone(), world.clone());
    let logging_in = Arc::clone(&phone);
    let (login, disabled) = side
        .interleave(
            "ownerships",
            async move { login.login("42", &logging_in).await },
            async move { disable.on_user("42", "disable").await },
        )
        .await;
    let login = login.expect("an answer").expect_status(201);
    disabled.expect("an answer").expect_status(200);
    assert!(!world.is_allowed(&phone, &login.text("access_token")).await);
    assert_eq!(rows::count(world.database(), UNENDED).await, 0);
    rows::assert_consistent(world.database()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i4_a_first_login_that_waited_for_a_disable_is_refused() {
    let (world, mut side) = start().await;
    let phone = world.phone(Kind::Keyed);
    let (login, disable) = (world.clone(), world.clone());
    let (disabled, login) = side
        .interleave(
            "activity",
            async move { disable.on_user("42", "disable").await },
            async move { login.login("42", &phone).await },
        )
        .await;
    disabled.expect("an answer").expect_status(200);
    let login = login.expect("an answer").expect_status(403);
    assert_eq!(login.code(), "user_disabled");
    assert_eq!(rows::count(world.database(), UNENDED).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i4_an_ending_that_waited_for_a_refresh_ends_what_it_gave() {
    for table in ["refresh_tokens", "activity"] {
        let (world, mut side) = start().await;
        let phone = Arc::new(world.phone(Kind::Keyed));
        let old = world.log_in("42", &phone).await;
        let (refresh, end) = (world.clone(), world.clone());
        let (refreshing, presented) = (Arc::clone(&phone), old.refresh.clone());
        let device = old.device.clone();
        let (refreshed, ended) = side
            .interleave(
                table,
                async move { refresh.refresh("42", &refreshing, &presented).await },
                async move { end.log_device_out("42", &device).await },
            )
            .await;
        let new = Tokens::of(&refreshed.expect("an answer").expect_status(200));
        ended.expect("an answer").expect_status(200);
        for tokens in [&old, &new] {
            assert!(!world.is_allowed(&phone, &tokens.access).await);
            let answer = world.refresh("42", &phone, &tokens.refresh).await;
            answer.expect("an answer").expect_status(401);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i4_a_refresh_that_waited_for_an_ending_is_refused() {
    for table in ["feed", "activity"] {
        let (world, mut side) = start().await;
        let phone = Arc::new(world.phone(Kind::Keyed));
        let old = world.log_in("42", &phone).await;
        let (refresh, end) = (world.clone(), world.clone());
        let (refreshing, presented, access) = (Arc::clone(&phone), old.refresh, old.access.clone());
        let logging_out = Arc::clone(&phone);
        let (ended, refreshed) = side
            .interleave(
                table,
                // It locks the session alone, so only that row is in the refresh's way.
                async move { end.own(&logging_out, &access, "/v1/logout").await },
                async move { refresh.refresh("42", &refreshing, &presented).await },
            )
            .await;
        assert!(ended.is_success(), "{}", ended.body);
        let refused = refreshed.expect("an answer").expect_status(401);
        assert_eq!(refused.code(), "session_ended");
        assert!(!world.is_allowed(&phone, &old.access).await);
        rows::assert_consistent(world.database()).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i5_a_login_that_waited_for_another_takes_its_place() {
    let (world, mut side) = start().await;
    let phone = Arc::new(world.phone(Kind::Keyed));
    let login = |world: World| {
        let phone = Arc::clone(&phone);
        async move { world.login("42", &phone).await }
    };
    let both = side
        .interleave("sessions", login(world.clone()), login(world.clone()))
        .await;
    let first = Tokens::of(&both.0.expect("an answer").expect_status(201));
    let second = Tokens::of(&both.1.expect("an answer").expect_status(201));
    assert!(!world.is_allowed(&phone, &first.access).await);
    assert!(world.is_allowed(&phone, &second.access).await);
    assert_eq!(rows::count(world.database(), UNENDED).await, 1);
    rows::assert_consistent(world.database()).await;
}

/// Neither finds the device, so both insert it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_users_who_insert_the_same_device_share_it() {
    for kind in [Kind::Keyed, Kind::Keyless] {
        let (world, mut side) = start().await;
        let phone = Arc::new(world.phone(kind));
        let login = |world: World, user: &'static str| {
            let phone = Arc::clone(&phone);
            async move { world.login(user, &phone).await }
        };
        let (first, second) = (login(world.clone(), "1"), login(world.clone(), "2"));
        let both = side.interleave("ownerships", first, second).await;
        for answer in [both.0, both.1] {
            let tokens = Tokens::of(&answer.expect("an answer").expect_status(201));
            assert!(world.is_allowed(&phone, &tokens.access).await);
        }
        // Without a key nothing shows that it is the same device.
        let expected = if kind == Kind::Keyed { 1 } else { 2 };
        let devices = "SELECT COUNT(*) FROM devices";
        assert_eq!(rows::count(world.database(), devices).await, expected);
        assert_eq!(rows::count(world.database(), UNENDED).await, 2);
        rows::assert_consistent(world.database()).await;
    }
}

async fn disable_client(world: World) -> u16 {
    let path = format!("/v1/clients/{}", world.client);
    let read = world.app().internal("GET", &path).send().await;
    let tag = read.headers["etag"].to_str().expect("text").to_owned();
    let change = world
        .app()
        .internal("PATCH", &path)
        .header("if-match", &tag);
    let answer = change.json(&json!({ "disabled": true })).send().await;
    answer.status.as_u16()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i4_a_client_disabled_after_a_refresh_that_it_waited_for_lets_nothing_in() {
    let (world, mut side) = start().await;
    let phone = Arc::new(world.phone(Kind::Keyed));
    let old = world.log_in("42", &phone).await;
    let (refresh, refreshing) = (world.clone(), Arc::clone(&phone));
    let (refreshed, disabled) = side
        .interleave(
            "refresh_tokens",
            async move { refresh.refresh("42", &refreshing, &old.refresh).await },
            disable_client(world.clone()),
        )
        .await;
    let new = Tokens::of(&refreshed.expect("an answer").expect_status(200));
    assert_eq!(disabled, 200);
    assert!(!world.is_allowed(&phone, &new.access).await);
    let refused = world.refresh("42", &phone, &new.refresh).await;
    refused.expect("an answer").expect_status(403);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i4_a_login_that_waited_for_its_client_to_be_disabled_is_refused() {
    let (world, mut side) = start().await;
    let phone = world.phone(Kind::Keyed);
    let login = world.clone();
    let (disabled, refused) = side
        .interleave("feed", disable_client(world.clone()), async move {
            login.login("42", &phone).await
        })
        .await;
    assert_eq!(disabled, 200);
    let refused = refused.expect("an answer").expect_status(403);
    assert_eq!(refused.code(), "client_disabled");
    assert_eq!(rows::count(world.database(), UNENDED).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i4_adopted_tokens_that_waited_for_an_ending_are_refused() {
    let (world, mut side) = start().await;
    let phone = world.phone(Kind::Keyless);
    let mut body = phone.login(&world.client, "42");
    body["tokens"] = adopted_pair("first");
    let login = world.post_session(&body).await.expect("an answer");
    let login = login.expect_status(201);
    assert!(world.is_allowed(&phone, "first-access").await);
    let (device, path) = (
        login.text("device_id"),
        format!("/v1/sessions/{}/tokens", login.text("session_id")),
    );
    let (end, replace) = (world.clone(), world.clone());
    let (ended, replaced) = side
        .interleave(
            "feed",
            async move { end.log_device_out("42", &device).await },
            async move {
                let pair = adopted_pair("second");
                replace.link.call("PUT", &path, &pair).await
            },
        )
        .await;
    ended.expect("an answer").expect_status(200);
    let refused = replaced.expect("an answer").expect_status(409);
    assert_eq!(refused.code(), "token_ended");
    for token in ["first-access", "second-access"] {
        assert!(!world.is_allowed(&phone, token).await);
    }
}
