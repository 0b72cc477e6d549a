//! I5: however many logins meet, a user has one session on a device.

use crate::{
    link::Reply,
    rows,
    world::{Tokens, World},
};
use countersign_test_support::{ENGINES, Kind, Phone, report, rounds};
use serde_json::{Value, json};
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use tokio::{sync::Barrier, task::JoinSet};

const LOGINS: usize = 50;
const USERS: usize = 20;

/// What is there when the logins arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Before {
    Nothing,
    Live,
    Expired,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i5_fifty_logins_at_once_leave_one_session() {
    let rounds = rounds(1);
    for engine in ENGINES {
        for kind in [Kind::Keyed, Kind::Keyless] {
            for before in [Before::Nothing, Before::Live, Before::Expired] {
                for _ in 0..rounds {
                    fifty(&World::start(engine).await, kind, before).await;
                }
            }
        }
    }
    report(&json!({
        "engines": ["sqlite", "postgres"], "devices": ["keyed", "keyless"],
        "before": ["nothing", "a live session", "an expired session"],
        "rounds_of_each": rounds, "logins_at_once": LOGINS, "sessions_left": 1, "faults": 0,
    }));
}

async fn fifty(world: &World, kind: Kind, before: Before) {
    let phone = Arc::new(world.phone(kind));
    if before != Before::Nothing {
        world.log_in("42", &phone).await;
    }
    if before == Before::Expired {
        world.app().clock.advance(Duration::from_hours(31 * 24));
        let unended = "SELECT COUNT(*) FROM sessions WHERE ended_at IS NULL";
        assert_eq!(rows::count(world.database(), unended).await, 1);
    }
    let bodies = (0..LOGINS).map(|_| phone.login(&world.client, "42"));
    let answers = at_once(world, bodies.collect()).await;
    let mut allowed = 0;
    for answer in &answers {
        let access = answer.text("access_token");
        allowed += usize::from(world.is_allowed(&phone, &access).await);
    }
    assert_eq!(allowed, 1, "{kind:?} {before:?}");
    assert_counts(world, [1, 1, 1, 1]).await;
    let expired = "SELECT COUNT(*) FROM sessions WHERE end_cause = 'expired'";
    let expected = i64::from(before == Before::Expired && kind == Kind::Keyed);
    if kind == Kind::Keyed {
        assert_eq!(rows::count(world.database(), expired).await, expected);
    }
}

/// A tablet that is handed round, or an installation id that was copied with a backup.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn twenty_users_may_present_one_new_installation_id_at_once() {
    for engine in ENGINES {
        for kind in [Kind::Keyed, Kind::Keyless] {
            let world = World::start(engine).await;
            let first = world.phone(kind);
            let phones: Vec<Phone> = (0..USERS)
                .map(|_| match kind {
                    Kind::Keyed => first.with_new_key(),
                    Kind::Keyless => first.of_another_user(),
                })
                .collect();
            let bodies = bodies(&world, phones.iter());
            let answers = at_once(&world, bodies).await;
            let ids: BTreeSet<String> = answers
                .iter()
                .map(|answer| answer.text("installation_id"))
                .collect();
            assert_eq!(ids.len(), USERS, "each answer names an id of its own");
            assert!(ids.contains(&first.installation_id.to_string()));
            assert_all_live(&world, phones.iter(), &answers).await;
            let many = i64::try_from(USERS).expect("few");
            assert_counts(&world, [many, many, many, many]).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn twenty_users_may_bring_one_new_key_at_once() {
    for engine in ENGINES {
        for has_one_installation in [true, false] {
            let world = World::start(engine).await;
            let first = world.phone(Kind::Keyed);
            let phones: Vec<Phone> = (0..USERS)
                .map(|_| {
                    if has_one_installation {
                        first.of_another_user()
                    } else {
                        first.with_new_installation()
                    }
                })
                .collect();
            let bodies = bodies(&world, phones.iter());
            let answers = at_once(&world, bodies).await;
            assert_all_live(&world, phones.iter(), &answers).await;
            let many = i64::try_from(USERS).expect("few");
            assert_counts(&world, [many, 1, many, many]).await;
        }
    }
}

fn bodies<'a>(world: &World, phones: impl Iterator<Item = &'a Phone>) -> Vec<Value> {
    phones
        .enumerate()
        .map(|(number, phone)| phone.login(&world.client, &format!("user-{number}")))
        .collect()
}

/// Sends all logins in one moment; each must go through.
async fn at_once(world: &World, bodies: Vec<Value>) -> Vec<Reply> {
    let start = Arc::new(Barrier::new(bodies.len()));
    let mut logins = JoinSet::new();
    for body in bodies {
        let (world, start) = (world.clone(), Arc::clone(&start));
        logins.spawn(async move {
            start.wait().await;
            let answer = world.post_session(&body).await.expect("an answer");
            let user = body["user_id"].as_str().expect("a user").to_owned();
            (user, answer.expect_status(201))
        });
    }
    let mut answers = logins.join_all().await;
    answers.sort_by_key(|(user, _)| {
        user.rsplit('-')
            .next()
            .map(str::parse::<usize>)
            .map(Result::ok)
    });
    answers.into_iter().map(|(_, answer)| answer).collect()
}

async fn assert_all_live<'a>(
    world: &World,
    phones: impl Iterator<Item = &'a Phone>,
    answers: &[Reply],
) {
    for (phone, answer) in phones.zip(answers) {
        let tokens = Tokens::of(answer);
        assert!(world.is_allowed(phone, &tokens.access).await);
    }
}

/// Active sessions, devices, active ownerships, users.
async fn assert_counts(world: &World, expected: [i64; 4]) {
    let mut found = Vec::new();
    for sql in [
        "SELECT COUNT(*) FROM sessions WHERE ended_at IS NULL",
        "SELECT COUNT(*) FROM devices",
        "SELECT COUNT(*) FROM ownerships WHERE ended_at IS NULL",
        "SELECT COUNT(*) FROM users",
    ] {
        found.push(rows::count(world.database(), sql).await);
    }
    assert_eq!(found, expected);
    rows::assert_consistent(world.database()).await;
}
