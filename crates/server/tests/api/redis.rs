//! Redis between memory and the store: it may save a load, and never changes an answer.

use crate::logged_in::LoggedIn;
use countersign_server::{Job, RedisUrl};
use countersign_test_support::{TestApp, TestRedis, on_both_engines};
use redis::{Cmd, cmd};
use serde_json::json;

/// A node that uses this Redis, and a mark since which it knows what changed.
async fn marked(app: TestApp, redis: &TestRedis) -> (TestApp, String) {
    let app = app.with_redis(redis.url()).await;
    let client = app.client(json!({})).await;
    app.run_job(Job::Retain).await;
    app.run_job(Job::FollowFeed).await;
    (app, client)
}

/// A user whose session one node has loaded and left, and nobody changed since.
async fn left(app: &TestApp, client: &str, redis: &TestRedis, user: &str) -> (LoggedIn, String) {
    let before = redis.names(0).await;
    let user = LoggedIn::new(app, client, user).await;
    user.assert_allowed(app).await;
    let names = redis.names(before.len() + 1).await;
    let new = names.into_iter().find(|name| !before.contains(name));
    (user, new.expect("what was left"))
}

/// A node that joined after all that, and knows what changed in the last hour.
async fn another(app: &TestApp) -> TestApp {
    let other = app.beside_silently().await;
    other.outlive_early_proofs();
    other
}

/// Ends every session behind the service's back: only who loads from the store learns of it.
async fn end_secretly(app: &TestApp) {
    let sql = "UPDATE sessions SET ended_at = created_at, end_cause = 'logout'";
    app.database().execute(sql).await;
}

on_both_engines! {
    async fn what_one_node_left_saves_another_the_store(app: TestApp) {
        let redis = TestRedis::start().await;
        let (app, client) = marked(app, &redis).await;
        let (user, name) = left(&app, &client, &redis, "42").await;
        assert!(name.ends_with(&user.session_id()), "{name}");
        let life: i64 = redis.ask(&Cmd::ttl(&name)).await;
        assert!((3_500..=3_600).contains(&life), "{life}");

        end_secretly(&app).await;
        let other = another(&app).await;
        user.assert_allowed(&other).await;
        let _: () = redis.ask(&cmd("FLUSHALL")).await;
        let third = another(&app).await;
        user.assert_refused(&third, "session_ended").await;
    }

    async fn i3_what_was_left_before_a_change_answers_nowhere(app: TestApp) {
        let redis = TestRedis::start().await;
        let (app, client) = marked(app, &redis).await;
        let (user, name) = left(&app, &client, &redis, "42").await;
        let old: Vec<u8> = redis.ask(&Cmd::get(&name)).await;
        let knows = another(&app).await;
        knows.run_job(Job::FollowFeed).await;

        let strict = json!({ "nonce_policy": "always" });
        let path = format!("/v1/clients/{client}");
        let changed = app.internal("PATCH", &path).json(&strict).send().await;
        assert_eq!(changed.status, 200, "{}", changed.body);
        let joins = another(&app).await;
        for node in [&app, &knows, &joins] {
            let _: () = redis.ask(&Cmd::set(&name, &old)).await;
            user.assert_refused(node, "use_dpop_nonce").await;
        }
    }

    async fn forged_and_misplaced_snapshots_are_loaded_anew(app: TestApp) {
        let redis = TestRedis::start().await;
        let (app, client) = marked(app, &redis).await;
        let (user, name) = left(&app, &client, &redis, "42").await;
        let (_, others) = left(&app, &client, &redis, "43").await;
        let true_one: Vec<u8> = redis.ask(&Cmd::get(&name)).await;
        let others: Vec<u8> = redis.ask(&Cmd::get(&others)).await;
        end_secretly(&app).await;
        let mut changed = true_one.clone();
        changed[50] ^= 1;
        let text = String::from_utf8_lossy(&true_one[32..]).replace("\"42\"", "\"43\"");
        let renamed = [&true_one[..32], text.as_bytes()].concat();
        let forged = [changed, renamed, others, true_one[..40].to_vec(), b"x".to_vec(), vec![], vec![b'['; 1 << 20]];
        for bytes in forged {
            let _: () = redis.ask(&Cmd::set(&name, bytes)).await;
            user.assert_refused(&another(&app).await, "session_ended").await;
        }
        let _: () = redis.ask(&cmd("FLUSHALL")).await;
        let _: () = redis.ask(&Cmd::lpush(&name, "not a text")).await;
        user.assert_refused(&another(&app).await, "session_ended").await;
    }

    async fn without_its_redis_a_node_answers_from_the_store(app: TestApp) {
        let redis = TestRedis::start().await;
        let app = app.with_redis(redis.url()).await;
        let client = app.client(json!({})).await;
        let (first, _) = left(&app, &client, &redis, "42").await;
        redis.kill();
        let second = LoggedIn::new(&app, &client, "43").await;
        let other = another(&app).await;
        for user in [&first, &second] {
            user.assert_allowed(&other).await;
        }
        let path = format!("/v1/users/42/devices/{}", first.device_id());
        assert_eq!(app.internal("DELETE", &path).send().await.status, 200);
        first.assert_refused(&other, "device_removed").await;
        redis.restart().await;
        second.assert_allowed(&other).await;
    }

    async fn nodes_wake_each_other_over_redis(app: TestApp) {
        let redis = TestRedis::start().await;
        let app = app.with_redis(redis.url()).await;
        let other = app.beside().await;
        other.outlive_early_proofs();
        let client = app.client(json!({})).await;
        let user = LoggedIn::new(&app, &client, "42").await;
        user.assert_allowed(&other).await;
        // The service's own channel, and how many listen to it.
        let channels: Vec<String> = redis.ask(cmd("PUBSUB").arg("CHANNELS")).await;
        assert_eq!(channels.len(), 1, "{channels:?}");
        let path = format!("/v1/users/42/devices/{}", user.device_id());
        assert_eq!(app.internal("DELETE", &path).send().await.status, 200);
        user.assert_refused(&other, "device_removed").await;
        // Anybody may shout there; nobody believes it.
        let _: i64 = redis.ask(&Cmd::publish(&channels[0], "AAAA hint")).await;
        let stats: String = redis.ask(cmd("INFO").arg("commandstats")).await;
        assert!(stats.contains("cmdstat_publish:calls="), "{stats}");
    }
}

#[test]
fn a_url_of_redis_is_checked_and_never_shown() {
    for text in [
        "redis://:secret@localhost:6379/0",
        "rediss://host",
        "redis+unix:///x",
    ] {
        let url = RedisUrl::parse(text).expect(text);
        assert_eq!(format!("{url:?}"), "RedisUrl[redacted]");
    }
    for text in ["", "http://localhost", "localhost:6379", "redis://h:x"] {
        assert!(RedisUrl::parse(text).is_err(), "{text}");
    }
}
