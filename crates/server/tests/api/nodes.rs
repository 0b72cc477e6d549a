//! Several processes on one store: what one ends, none accepts (invariant I1).

use crate::logged_in::LoggedIn;
use countersign_core::NodeId;
use countersign_server::Job;
use countersign_storage::{Node, StoreError};
use countersign_test_support::{TestApp, on_both_engines};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

async fn nodes(app: &TestApp) -> Vec<Node> {
    let mut conn = app.app.store().read().await.expect("a read");
    conn.list_nodes().await.expect("the nodes")
}

/// The nodes as this one lists them.
async fn listed(app: &TestApp) -> Value {
    let answer = app.internal("GET", "/v1/nodes").send().await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

fn text(item: &Value, name: &str) -> String {
    item[name].as_str().expect("text").to_owned()
}

/// The row of a process that is gone without having said so.
async fn leave_a_row_behind(app: &TestApp) -> NodeId {
    let id = NodeId::from_uuid(Uuid::from_u128(7));
    let made: Result<(), StoreError> = app
        .app
        .store()
        .write(nodes(app).await, move |tx, nodes| {
            let row = Node {
                id,
                ..nodes[0].clone()
            };
            Box::pin(async move { tx.insert_node(&row).await })
        })
        .await;
    made.expect("a row");
    id
}

on_both_engines! {
    async fn i1_what_one_node_ended_the_other_refuses_when_the_call_returns(app: TestApp) {
        let client = app.client(json!({})).await;
        let other = app.beside().await;
        other.outlive_early_proofs();
        let mut users = Vec::new();
        for number in 0..12 {
            let user = LoggedIn::new(&app, &client, &format!("user-{number}")).await;
            user.assert_allowed(&other).await;
            users.push(user);
        }
        for (number, user) in users.iter().enumerate() {
            let (ends, judges) = if number % 2 == 0 { (&app, &other) } else { (&other, &app) };
            let path = format!("/v1/users/user-{number}/devices/{}", user.device_id());
            assert_eq!(ends.internal("DELETE", &path).send().await.status, 200);
            user.assert_refused(judges, "device_removed").await;
        }
    }

    async fn i1_a_node_that_reads_nothing_is_waited_out(app: TestApp) {
        let client = app.client(json!({})).await;
        let silent = app.beside_silently().await;
        silent.outlive_early_proofs();
        let user = LoggedIn::new(&app, &client, "42").await;
        user.assert_allowed(&silent).await;
        let path = format!("/v1/users/42/devices/{}", user.device_id());
        assert_eq!(app.internal("DELETE", &path).send().await.status, 200);
        user.assert_refused(&silent, "device_removed").await;
    }

    async fn i1_repeating_an_ending_waits_as_the_first_time(app: TestApp) {
        let client = app.client(json!({})).await;
        let silent = app.beside_silently().await;
        silent.outlive_early_proofs();
        let user = LoggedIn::new(&app, &client, "42").await;
        user.assert_allowed(&silent).await;
        let path = format!("/v1/users/42/devices/{}", user.device_id());
        let logout = format!("{path}/logout");
        // The first caller has gone before it was told anything; the change is committed.
        let call = app.internal("POST", &logout).send();
        drop(tokio::time::timeout(std::time::Duration::from_millis(200), call).await);
        assert_eq!(app.internal("POST", &logout).send().await.status, 200);
        user.assert_refused(&silent, "session_ended").await;
    }

    async fn a_strict_answer_rests_on_a_read_that_began_after_the_question(app: TestApp) {
        let client = app.client(json!({ "proof_of_possession": "optional" })).await;
        let silent = app.beside_silently().await;
        let user = LoggedIn::keyless(&app, &client, "42").await;
        let ask = async || {
            let question = json!({ "token": user.token(), "scheme": "Bearer", "strict": true });
            silent.internal("POST", "/v1/verify").json(&question).send().await
        };
        let before = ask().await;
        assert_eq!(before.body["allowed"], true, "{}", before.body);
        let path = format!("/v1/users/42/devices/{}/logout", user.device_id());
        // Asked when the ending is committed and still waits for the silent node's lease.
        let asked = async {
            let has_ended = |row: &serde_json::Value| !row["ended_at"].is_null();
            while app.database().count("sessions", has_ended).await == 0 {
                tokio::task::yield_now().await;
            }
            ask().await
        };
        let (ended, asked) = tokio::join!(app.internal("POST", &path).send(), asked);
        assert_eq!(ended.status, 200);
        assert_eq!(asked.code(), "session_ended");
    }

    async fn i1_a_node_that_read_what_is_not_there_any_more_begins_anew(app: TestApp) {
        let client = app.client(json!({})).await;
        let user = LoggedIn::new(&app, &client, "42").await;
        user.assert_allowed(&app).await;
        let path = format!("/v1/users/42/devices/{}/logout", user.device_id());
        assert_eq!(app.internal("POST", &path).send().await.status, 200);
        app.run_job(Job::FollowFeed).await;
        let before: Vec<_> = nodes(&app).await.iter().map(|node| node.id).collect();
        app.run_job(Job::FollowFeed).await;
        assert_eq!(nodes(&app).await.iter().map(|node| node.id).collect::<Vec<_>>(), before);

        app.database().execute("DELETE FROM feed").await;
        // The first notices it, the second joins.
        app.run_job(Job::FollowFeed).await;
        app.run_job(Job::FollowFeed).await;
        assert!(nodes(&app).await.iter().any(|node| !before.contains(&node.id)));
    }

    async fn a_node_that_leaves_takes_its_row_along(app: TestApp) {
        let client = app.client(json!({})).await;
        LoggedIn::new(&app, &client, "42").await.assert_allowed(&app).await;
        assert_eq!(nodes(&app).await.len(), 1);
        app.app.leave().await;
        assert!(nodes(&app).await.is_empty());
    }

    async fn i1_a_row_that_stands_still_is_deleted_and_no_ending_waits_for_it_any_more(app: TestApp) {
        let client = app.client(json!({})).await;
        let user = LoggedIn::new(&app, &client, "42").await;
        user.assert_allowed(&app).await;
        let other = app.beside().await;
        let gone = leave_a_row_behind(&app).await;
        while nodes(&other).await.iter().any(|node| node.id == gone) {
            tokio::task::yield_now().await;
        }
        user.assert_allowed(&app).await;
    }

    async fn who_takes_part_is_listed_with_who_is_asked(app: TestApp) {
        let (other, third) = (app.beside().await, app.beside().await);
        app.run_job(Job::FollowFeed).await;
        let mut expected = BTreeSet::new();
        for node in [&app, &other, &third] {
            // The first renewal joins, the second acknowledges.
            node.run_job(Job::FollowFeed).await;
            node.run_job(Job::FollowFeed).await;
        }
        for row in nodes(&app).await {
            expected.insert(row.id.to_string());
        }
        assert_eq!(expected.len(), 3);
        let mut asked = BTreeSet::new();
        for node in [&app, &other, &third] {
            let list = listed(node).await;
            let items = list["nodes"].as_array().expect("nodes");
            let ids: BTreeSet<_> = items.iter().map(|item| text(item, "node_id")).collect();
            assert_eq!(ids, expected);
            for item in items {
                assert_eq!(text(item, "version"), env!("CARGO_PKG_VERSION"));
                assert!(item["acknowledged"].as_str().is_some_and(|has| has.contains(':')), "{item}");
                assert!(item["joined_at"].is_string() && item["host"].is_string(), "{item}");
            }
            let this: Vec<_> = items.iter().filter(|item| item["is_this"] == true).collect();
            assert_eq!(this.len(), 1, "{list}");
            asked.insert(text(this[0], "node_id"));
            assert_eq!(list["verifiers"], json!([]));
        }
        assert_eq!(asked, expected, "each says so of itself only");
    }

    async fn a_node_that_is_gone_is_listed_as_standing_still(app: TestApp) {
        app.run_job(Job::FollowFeed).await;
        let gone = leave_a_row_behind(&app).await.to_string();
        loop {
            app.run_job(Job::FollowFeed).await;
            let list = listed(&app).await;
            let still = |id: &str| {
                let item = list["nodes"].as_array().into_iter().flatten().find(|item| text(item, "node_id") == id);
                item.and_then(|item| item["still_for_ms"].as_u64()).expect("a time")
            };
            if still(&gone) >= 500 {
                let this = nodes(&app).await.into_iter().find(|row| row.id.to_string() != gone);
                assert!(still(&this.expect("the own row").id.to_string()) < 500, "{list}");
                return;
            }
        }
    }

    async fn a_verifier_is_listed_by_the_node_that_it_follows_while_its_lease_runs(app: TestApp) {
        const VERIFIER: &str = "vrf_01m8157mc6ffxbfa33xp24tt7v";
        let other = app.beside_silently().await;
        let mut has = json!(null);
        for _ in 0..2 {
            let question = json!({ "verifier_id": VERIFIER, "has": has });
            let answer = app.internal("POST", "/v1/feed").json(&question).send().await;
            assert_eq!(answer.status, 200, "{}", answer.body);
            has = json!({ "node_id": answer.body["node_id"], "upto": answer.body["upto"] });
        }
        let verifiers = &listed(&app).await["verifiers"];
        assert_eq!(verifiers[0]["verifier_id"], VERIFIER, "{verifiers}");
        let left = verifiers[0]["lapses_in_ms"].as_u64().expect("a time");
        assert!((1..=2_220).contains(&left), "{verifiers}");
        assert_eq!(listed(&other).await["verifiers"], json!([]));
        while listed(&app).await["verifiers"] != json!([]) {}
    }
}
