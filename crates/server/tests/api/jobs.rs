//! The periodic work: sweeping, cleaning up, key rotation, following other processes.

use crate::logged_in::{LoggedIn, judge};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_server::Job;
use countersign_storage::Prunable;
use countersign_test_support::{Dump, TestApp, TestDevice, on_both_engines};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

fn kid(token: &str) -> String {
    let header = token.split('.').next().expect("a header");
    let header = URL_SAFE_NO_PAD.decode(header).expect("base64url");
    let header: Value = serde_json::from_slice(&header).expect("JSON");
    header["kid"].as_str().expect("a kid").to_owned()
}

async fn published(app: &TestApp) -> Vec<String> {
    let answer = app.public("GET", "/.well-known/jwks.json").send().await;
    let keys = answer.body["keys"].as_array().expect("keys").clone();
    for key in &keys {
        assert_eq!(
            (&key["kty"], &key["crv"], &key["alg"]),
            (&json!("EC"), &json!("P-256"), &json!("ES256"))
        );
        assert!(key.get("d").is_none());
    }
    keys.iter()
        .map(|key| key["kid"].as_str().expect("a kid").to_owned())
        .collect()
}

/// The tables that lost rows.
fn shrunk(before: &Dump, after: &Dump) -> BTreeSet<String> {
    let lost = |table: &&String| {
        before[*table]
            .iter()
            .any(|row| !after[*table].contains(row))
    };
    before.keys().filter(lost).cloned().collect()
}

/// What a table loses when its retention is over, and how long after its end that is.
fn loss(prunable: Prunable) -> (&'static [&'static str], u64) {
    match prunable {
        Prunable::ProofUses => (&["proof_uses"], 0),
        Prunable::Challenges => (&["challenges"], 0),
        Prunable::LimitTickets => (&["limit_tickets"], 0),
        Prunable::Feed => (&["feed"], HOUR),
        Prunable::Sessions => (&["refresh_tokens", "sessions"], 90 * DAY),
        Prunable::ApiKeys => (&["api_keys"], 90 * DAY),
        Prunable::SigningKeys => (&["signing_keys"], 0),
        Prunable::Activity => (&["activity"], 400 * DAY),
        Prunable::TrustEvidence => (&["trust_evidence"], 400 * DAY),
        Prunable::Ownerships => (&["ownerships"], 400 * DAY),
    }
}

/// Sets every time of the table's prunable rows to this many seconds ago.
async fn age(app: &TestApp, prunable: Prunable, seconds: u64) {
    let sql = match prunable {
        Prunable::ProofUses => "UPDATE proof_uses SET expires_at = :t",
        Prunable::Challenges => "UPDATE challenges SET expires_at = :t",
        Prunable::LimitTickets => "UPDATE limit_tickets SET expires_at = :t",
        Prunable::Feed => {
            "UPDATE feed_marks SET noted_at = :t; \
            UPDATE feed SET written_at = :t, denied_until = CASE WHEN denied_until IS NULL THEN NULL ELSE :t END"
        }
        Prunable::Sessions => "UPDATE sessions SET ended_at = :t WHERE ended_at IS NOT NULL",
        Prunable::ApiKeys => "UPDATE api_keys SET revoked_at = :t WHERE revoked_at IS NOT NULL",
        Prunable::SigningKeys => {
            "UPDATE signing_keys SET verifies_until = :t WHERE verifies_until IS NOT NULL"
        }
        Prunable::TrustEvidence => {
            "UPDATE trust_evidence SET ended_at = :t WHERE ended_at IS NOT NULL"
        }
        Prunable::Activity => "UPDATE activity SET at = :t",
        // Sessions let go of theirs before.
        Prunable::Ownerships if seconds > 0 => {
            "DELETE FROM sessions WHERE ended_at IS NOT NULL; UPDATE ownerships SET ended_at = :t WHERE ended_at IS NOT NULL"
        }
        Prunable::Ownerships => return,
    };
    let at =
        countersign_core::Clock::now(&*app.clock).minus(std::time::Duration::from_secs(seconds));
    let time = match app.database().backend() {
        countersign_storage::Backend::Sqlite { .. } => at.as_micros().to_string(),
        countersign_storage::Backend::Postgres { .. } => format!("TIMESTAMPTZ '{at}'"),
    };
    app.database().execute(&sql.replace(":t", &time)).await;
}

on_both_engines! {
    async fn a_sweep_ends_sessions_past_their_limit_as_expired(app: TestApp) {
        let client = app.client(json!({ "preset": "aal3" })).await;
        let me = LoggedIn::new(&app, &client, "42").await;
        let lasting = app.client(json!({})).await;
        let other = LoggedIn::new(&app, &lasting, "42").await;
        app.run_job(Job::Sweep).await;
        me.assert_allowed(&app).await;
        app.advance_secs(12 * HOUR);
        app.run_job(Job::Sweep).await;
        let expired = |row: &Value| row["end_cause"] == "expired";
        assert_eq!(app.database().count("sessions", expired).await, 1);
        let recorded = |row: &Value| row["action"] == "session.ended" && row["reason"] == "expired" && row["actor_kind"] == "system";
        assert_eq!(app.database().count("activity", recorded).await, 1);
        let denied = |row: &Value| row["kind"] == "ended" && row["cause"] == "expired";
        assert_eq!(app.database().count("feed", denied).await, 1);
        assert_eq!(me.refresh(&app, &me.refresh_token()).await.code(), "session_ended");
        assert_eq!(other.refresh(&app, &other.refresh_token()).await.status, 200);
        let before = app.database().dump().await;
        app.run_job(Job::Sweep).await;
        assert_eq!(app.database().dump().await, before);
    }

    async fn each_table_is_cleaned_up_by_its_own_policy_and_no_other(app: TestApp) {
        let client = app.client(json!({})).await;
        let full = app.client(json!({ "limits": { "max": 1 } })).await;
        for prunable in Prunable::ALL {
            let (tables, keep) = loss(prunable);
            let user = format!("{prunable:?}");
            let live = LoggedIn::new(&app, &client, &user).await;
            LoggedIn::new(&app, &full, &user).await;
            let path = format!("/v1/devices/{}/evidence", live.device_id());
            let said = app.internal("POST", &path).json(&json!({ "kind": "mdm", "seconds": 600 })).send().await;
            let evidence = said.body["evidence"]["evidence_id"].as_str().expect("an id").to_owned();
            app.internal("DELETE", &format!("{path}/{evidence}")).send().await;
            let gone = LoggedIn::new(&app, &client, &user).await;
            let path = format!("/v1/users/{user}/devices/{}", gone.device_id());
            app.internal("DELETE", &path).send().await;
            let key = json!({ "name": "gone", "scopes": ["verify"] });
            let key = app.internal("POST", "/v1/api-keys").json(&key).send().await.text("key_id");
            app.internal("DELETE", &format!("/v1/api-keys/{key}")).send().await;
            if prunable == Prunable::SigningKeys {
                app.advance_secs(90 * DAY);
                app.run_job(Job::RotateKeys).await;
            }
            let ask = json!({ "client_id": client, "purpose": "enroll" });
            app.public("POST", "/v1/enrollments/challenges").json(&ask).send().await;
            let refused = app.login(&full, &user, &TestDevice::new(&app), json!({})).await;
            assert_eq!(refused.code(), "device_limit_reached");
            // What the others keep, they go on keeping: all is fresh but this table.
            for other in Prunable::ALL {
                age(&app, other, 0).await;
            }
            if keep > 0 {
                age(&app, prunable, keep - 1).await;
                let before = app.database().dump().await;
                app.run_job(Job::Retain).await;
                let lost = shrunk(&before, &app.database().dump().await);
                assert!(!lost.contains(tables[0]), "{prunable:?} {lost:?}");
            }
            // The first reads what the mark of that job held, the second says so.
            app.run_job(Job::FollowFeed).await;
            app.run_job(Job::FollowFeed).await;
            age(&app, prunable, keep).await;
            let before = app.database().dump().await;
            app.run_job(Job::Retain).await;
            let lost = shrunk(&before, &app.database().dump().await);
            // These go as soon as they are useless, whichever table is being aged.
            let useless = ["proof_uses", "challenges", "limit_tickets", "signing_keys"];
            let lasting = |table: &&str| !useless.contains(table);
            let others: Vec<_> = lost.iter().map(String::as_str).filter(lasting).collect();
            let expected: Vec<_> = tables.iter().copied().filter(lasting).collect();
            assert_eq!(others, expected, "{prunable:?}");
            assert!(lost.contains(tables[0]), "{prunable:?} {lost:?}");
            if prunable != Prunable::SigningKeys {
                live.assert_allowed(&app).await;
            }
        }
    }

    async fn a_new_signing_key_is_published_an_hour_before_it_signs_and_the_old_one_verifies_on(app: TestApp) {
        let lifetimes = json!({ "lifetimes": { "access_seconds": HOUR, "idle_seconds": 400 * DAY, "absolute_seconds": 400 * DAY } });
        let client = app.client(lifetimes).await;
        let first = published(&app).await;
        assert_eq!(first.len(), 1);
        app.advance_secs(90 * DAY - 11);
        app.run_job(Job::RotateKeys).await;
        assert_eq!(published(&app).await, first);
        app.advance_secs(11);
        app.run_job(Job::RotateKeys).await;
        app.run_job(Job::RotateKeys).await;
        let both = published(&app).await;
        assert_eq!((both.len(), &both[0]), (2, &first[0]));

        app.advance_secs(HOUR - 1);
        let old = LoggedIn::new(&app, &client, "42").await;
        assert_eq!(kid(&old.token()), both[0]);
        app.advance_secs(1);
        let new = LoggedIn::new(&app, &client, "43").await;
        assert_eq!(kid(&new.token()), both[1]);
        // Up to its last second the old token verifies, also where nothing is in memory.
        app.advance_secs(HOUR - 2);
        let app = app.restart().await;
        app.clock.advance(std::time::Duration::from_millis(1));
        for token in [&old, &new] {
            let asked = judge(&app, &json!({ "token": token.token(), "scheme": "DPoP" })).await;
            assert_eq!(asked.code(), "proof_required", "{}", asked.body);
        }
        assert_eq!(published(&app).await, both);
        app.advance_secs(5 * 60 + 2);
        assert_eq!(published(&app).await, both[1..]);
        app.run_job(Job::Retain).await;
        assert_eq!(app.database().rows("signing_keys").await.len(), 1);
        assert_eq!(new.refresh(&app, &new.refresh_token()).await.status, 200);
    }

    async fn what_another_process_wrote_is_applied_by_following_the_feed(app: TestApp) {
        let client = app.client(json!({})).await;
        let doomed = app.client(json!({})).await;
        let other = app.beside().await;
        other.outlive_early_proofs();
        let users = [LoggedIn::new(&app, &client, "42").await, LoggedIn::new(&app, &client, "43").await, LoggedIn::new(&app, &doomed, "44").await];
        for user in &users {
            user.assert_allowed(&other).await;
        }
        assert_eq!(app.internal("GET", "/v1/clients").send().await.status, 200);
        other.run_job(Job::FollowFeed).await;

        let path = format!("/v1/users/42/devices/{}", users[0].device_id());
        app.internal("DELETE", &path).send().await;
        app.internal("POST", "/v1/users/43/disable").send().await;
        let change = json!({ "disabled": true });
        app.internal("PATCH", &format!("/v1/clients/{doomed}")).json(&change).send().await;
        app.run_job(Job::FollowFeed).await;
        other.run_job(Job::FollowFeed).await;
        for (user, code) in users.iter().zip(["device_removed", "user_disabled", "client_ended"]) {
            user.assert_refused(&other, code).await;
        }

        let scopes = json!({ "name": "theirs", "scopes": ["clients:read"] });
        let key = app.internal("POST", "/v1/api-keys").json(&scopes).send().await;
        let call = async || {
            let bearer = format!("Bearer {}", key.text("secret"));
            other.internal_anonymous("GET", "/v1/clients").header("authorization", &bearer).send().await.status.as_u16()
        };
        assert_eq!(call().await, 200);
        app.internal("DELETE", &format!("/v1/api-keys/{}", key.text("key_id"))).send().await;
        other.run_job(Job::FollowFeed).await;
        assert_eq!(call().await, 401);

        app.advance_secs(90 * DAY);
        app.run_job(Job::RotateKeys).await;
        other.run_job(Job::FollowFeed).await;
        assert_eq!(published(&other).await, published(&app).await);
        assert_eq!(published(&other).await.len(), 2);
    }
}
