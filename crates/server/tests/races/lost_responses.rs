//! I7: a device that never hears of its refresh is not signed out by asking again.

use crate::{
    rows,
    world::{Tokens, World},
};
use countersign_test_support::{ENGINES, Kind, below, report, rounds};
use serde_json::json;
use std::{
    future::{Future, poll_fn},
    pin::pin,
    task::Poll,
};
use tokio::task::yield_now;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i7_a_lost_response_signs_nobody_out() {
    let rounds = rounds(30);
    let mut results = Vec::new();
    for engine in ENGINES {
        for kind in [Kind::Keyed, Kind::Keyless] {
            let lost = lose(&World::start(engine).await, kind, rounds).await;
            results.push(json!({
                "engine": format!("{engine:?}"), "device": format!("{kind:?}"), "refreshes": rounds,
                "answers_lost": lost, "sign_outs": 0, "lineages": 1,
            }));
        }
    }
    report(&json!(results));
}

/// Loses one to three answers per refresh; answers how many in all.
async fn lose(world: &World, kind: Kind, rounds: usize) -> usize {
    let phone = world.phone(kind);
    let mut tokens = world.log_in("42", &phone).await;
    let mut lost = 0;
    for _ in 0..rounds {
        let mut unheard = Vec::new();
        for _ in 0..=below(&*world.rng, 3) {
            let refresh = world.refresh("42", &phone, &tokens.refresh);
            if below(&*world.rng, 2) == 0 {
                let answer = refresh.await.expect("an answer").expect_status(200);
                unheard.push(Tokens::of(&answer).refresh);
            } else {
                drop_midway(refresh, below(&*world.rng, 12)).await;
            }
            lost += 1;
        }
        if kind == Kind::Keyed {
            // A device with a key may ask again late. A thousand pauses are less than 30 days, after
            // which the session would be over anyway.
            let pause = std::time::Duration::from_mins(30);
            world.app().clock.advance(pause);
        }
        let answer = world.refresh("42", &phone, &tokens.refresh).await;
        let heard = Tokens::of(&answer.expect("an answer").expect_status(200));
        assert!(unheard.iter().all(|token| *token == heard.refresh));
        assert!(world.is_allowed(&phone, &heard.access).await);
        tokens = heard;
        // A question of this round that comes after an answer of the next would be a reuse.
        while world.app().app.store().totals().pending > 0 {
            yield_now().await;
        }
    }
    assert_one_lineage(world, rounds).await;
    lost
}

/// Lets a request come some way, then hangs up.
async fn drop_midway(request: impl Future, polls: usize) {
    let mut request = pin!(request);
    for _ in 0..polls {
        let is_done = poll_fn(|context| Poll::Ready(request.as_mut().poll(context).is_ready()));
        if is_done.await {
            return;
        }
        yield_now().await;
    }
}

/// Each round rotated once, however often it asked.
async fn assert_one_lineage(world: &World, rounds: usize) {
    let database = world.database();
    let sessions = "SELECT COUNT(*) FROM sessions";
    let tokens = "SELECT COUNT(*) FROM refresh_tokens";
    let unended = "SELECT COUNT(*) FROM sessions WHERE ended_at IS NULL";
    assert_eq!(rows::count(database, sessions).await, 1);
    assert_eq!(rows::count(database, unended).await, 1);
    let expected = 1 + i64::try_from(rounds).expect("few");
    assert_eq!(rows::count(database, tokens).await, expected);
    rows::assert_consistent(database).await;
}
