//! I4: a refresh that meets an ending leaves nothing usable.

use crate::{
    link::Reply,
    rows,
    world::{Tokens, World},
};
use countersign_test_support::{ENGINES, Kind, Phone, report, rounds};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::{sync::Barrier, task::JoinSet};

/// How a session is ended while it is refreshed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    LogOut,
    LogDeviceOut,
    Remove,
    DisableUser,
    EndOthers,
    Revoke,
    LoginAgain,
}

const WAYS: [Way; 7] = [
    Way::LogOut,
    Way::LogDeviceOut,
    Way::Remove,
    Way::DisableUser,
    Way::EndOthers,
    Way::Revoke,
    Way::LoginAgain,
];

/// Races that run at the same time.
const LANES: usize = 6;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i4_an_ending_beats_every_refresh_that_it_meets() {
    let rounds = rounds(4);
    let mut refreshed = 0;
    for engine in ENGINES {
        let world = World::start(engine).await;
        let mut lanes = JoinSet::new();
        for lane in 0..LANES {
            let world = world.clone();
            lanes.spawn(async move {
                let mut refreshed = 0;
                for number in (lane..rounds * WAYS.len()).step_by(LANES) {
                    refreshed += race(&world, number).await;
                }
                refreshed
            });
        }
        refreshed += lanes.join_all().await.into_iter().sum::<usize>();
        rows::assert_consistent(world.database()).await;
    }
    report(&json!({
        "ways": WAYS.map(|way| format!("{way:?}")), "engines": ["sqlite", "postgres"],
        "races_per_way_and_engine": rounds, "refreshes_that_came_first": refreshed, "usable_afterwards": 0,
    }));
}

/// One race; answers how many refreshes went through.
async fn race(world: &World, number: usize) -> usize {
    let way = WAYS[number % WAYS.len()];
    let kind = if (number / WAYS.len()).is_multiple_of(2) {
        Kind::Keyed
    } else {
        Kind::Keyless
    };
    let (user, phone) = (format!("user-{number}"), Arc::new(world.phone(kind)));
    let old = world.log_in(&user, &phone).await;
    let other = (way == Way::EndOthers).then(|| world.phone(Kind::Keyed));
    let other_tokens = match &other {
        Some(other) => Some(world.log_in(&user, other).await),
        None => None,
    };
    let start = Arc::new(Barrier::new(4));
    let mut racers: JoinSet<Vec<Tokens>> = JoinSet::new();
    for steps in [1, 2] {
        let (world, user, old, start) = (world.clone(), user.clone(), old.clone(), start.clone());
        let phone = Arc::clone(&phone);
        racers.spawn(async move {
            start.wait().await;
            refresh_again(&world, &user, &phone, old, steps).await
        });
    }
    let (asking, access, phone_asked) = (world.clone(), old.access.clone(), Arc::clone(&phone));
    let started = start.clone();
    racers.spawn(async move {
        started.wait().await;
        // Whatever the answer: the session may now be in memory.
        asking.is_allowed(&phone_asked, &access).await;
        Vec::new()
    });
    start.wait().await;
    let ended = match (other, other_tokens) {
        (Some(other), Some(tokens)) => {
            let path = "/v1/me/sessions/end-others";
            world.own(&other, &tokens.access, path).await
        }
        _ => end(world, way, &user, &phone, &old).await,
    };
    check_answer(way, kind, &ended);
    let mut dead: Vec<Tokens> = racers.join_all().await.into_iter().flatten().collect();
    let refreshed = dead.len();
    dead.push(old);
    if way == Way::LoginAgain {
        let new = Tokens::of(&ended);
        assert!(world.is_allowed(&phone, &new.access).await);
    }
    for tokens in &dead {
        assert_unusable(world, way, &user, &phone, tokens).await;
    }
    refreshed
}

async fn refresh_again(
    world: &World,
    user: &str,
    phone: &Phone,
    mut tokens: Tokens,
    steps: usize,
) -> Vec<Tokens> {
    let mut got = Vec::new();
    for _ in 0..steps {
        let answer = world.refresh(user, phone, &tokens.refresh).await;
        let answer = answer.expect("an answer");
        answer.expect_no_fault();
        if !answer.is_success() {
            break;
        }
        tokens = Tokens::of(&answer);
        got.push(tokens.clone());
    }
    got
}

async fn end(world: &World, way: Way, user: &str, phone: &Phone, tokens: &Tokens) -> Reply {
    let answer = match way {
        Way::LogOut => Some(world.own(phone, &tokens.access, "/v1/logout").await),
        Way::LogDeviceOut => world.log_device_out(user, &tokens.device).await,
        Way::Remove => world.remove_device(user, &tokens.device).await,
        Way::DisableUser => world.on_user(user, "disable").await,
        Way::LoginAgain => world.login(user, phone).await,
        Way::Revoke => {
            let form = format!("token={}", tokens.access);
            let call = world.app().internal("POST", "/oauth/revoke").form(&form);
            let answer = call.send().await;
            Some(Reply {
                status: answer.status.as_u16(),
                body: Value::Null,
            })
        }
        Way::EndOthers => unreachable!("needs another device"),
    };
    answer.expect("an answer")
}

fn check_answer(way: Way, kind: Kind, answer: &Reply) {
    // Two refreshes with one token of a device without a key may have ended the session before.
    let had_ended = way == Way::LogOut && kind == Kind::Keyless && answer.status == 401;
    assert!(
        answer.is_success() || had_ended,
        "{way:?}: {} {}",
        answer.status,
        answer.body
    );
}

async fn assert_unusable(world: &World, way: Way, user: &str, phone: &Phone, tokens: &Tokens) {
    assert!(
        !world.is_allowed(phone, &tokens.access).await,
        "{way:?}: an access token still works"
    );
    let answer = world.refresh(user, phone, &tokens.refresh).await;
    let answer = answer.expect("an answer");
    answer.expect_no_fault();
    assert!(
        !answer.is_success(),
        "{way:?}: a refresh token still works: {}",
        answer.body
    );
}
