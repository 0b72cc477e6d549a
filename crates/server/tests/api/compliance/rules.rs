//! The rules in force: applied as a whole, checked by their own tests, and taken back by their version.

use super::{apply, check_in, client, good, minimum, standing};
use crate::logged_in::LoggedIn;
use countersign_test_support::on_both_engines;
use futures_util::future::join_all;
use serde_json::{Value, json};

const PATH: &str = "/v1/compliance/rules";

on_both_engines! {
    async fn a_service_starts_with_rules(app: TestApp) {
        let rules = app.internal("GET", PATH).send().await;
        assert_eq!((rules.status.as_u16(), &rules.body["number"], rules.header("etag")), (200, &json!(0), "\"0\""));
        assert!(rules.text("text").contains("ios-minimum"));
        let history = app.internal("GET", &format!("{PATH}/history")).send().await;
        assert_eq!(history.body["total"], 0);
    }

    async fn rules_are_applied_on_top_of_those_that_were_read(app: TestApp) {
        let first = apply(&app, &minimum("17.0", "effect = \"downgrade\"")).await;
        assert_eq!((first.status.as_u16(), &first.body["number"]), (200, &json!(1)), "{}", first.body);
        let body = json!({ "text": minimum("18.0", "effect = \"downgrade\""), "note": "Urgent" });
        let stale = app.internal("PUT", PATH).header("if-match", "\"0\"").json(&body).send().await;
        assert_eq!((stale.status.as_u16(), stale.code()), (412, "version_mismatch"));
        let second = app.internal("PUT", PATH).header("if-match", "\"1\"").json(&body).send().await;
        assert_eq!((second.status.as_u16(), &second.body["number"], &second.body["note"]), (200, &json!(2), &json!("Urgent")));
        let rules = app.internal("GET", PATH).send().await;
        assert_eq!(rules.body, second.body);
        let applied = |row: &Value| row["action"] == "rules.applied";
        assert_eq!(app.database().count("activity", applied).await, 2);
    }

    async fn of_parallel_changes_on_the_same_rules_one_wins(app: TestApp) {
        let bodies: Vec<_> = (1..=10).map(|minor| json!({ "text": minimum(&format!("16.{minor}"), "effect = \"report\"") })).collect();
        let calls = bodies.iter().map(|body| app.internal("PUT", PATH).header("if-match", "\"0\"").json(body).send());
        let answers = join_all(calls).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
        assert_eq!(answers.iter().filter(|answer| answer.code() == "version_mismatch").count(), 9);
    }

    async fn rules_that_were_applied_before_come_back_by_their_version(app: TestApp) {
        let first = apply(&app, &minimum("17.0", "effect = \"downgrade\"")).await;
        apply(&app, &minimum("18.0", "effect = \"downgrade\"")).await;
        let body = json!({ "version": first.body["version"] });
        let back = app.internal("PUT", PATH).json(&body).send().await;
        assert_eq!((&back.body["number"], &back.body["text"]), (&json!(3), &first.body["text"]));
        let history = app.internal("GET", &format!("{PATH}/history?limit=2")).send().await;
        assert_eq!(history.body["total"], 3);
        assert_eq!((&history.body["data"][0]["number"], &history.body["data"][1]["number"]), (&json!(3), &json!(2)));
        let unknown = app.internal("PUT", PATH).json(&json!({ "version": "0".repeat(64) })).send().await;
        assert_eq!((unknown.status.as_u16(), unknown.code()), (404, "not_found"));
    }

    async fn wrong_rules_and_rules_whose_tests_fail_are_refused_whole(app: TestApp) {
        let client = client(&app).await;
        let me = LoggedIn::new(&app, &client, "42").await;
        check_in(&app, &me, 1, good()).await;
        let before = app.database().dump().await;
        let failing = minimum("17.0", "effect = \"downgrade\"\n[[test]]\nname = \"new enough\"\n\
            posture = { os_family = \"ios\", os_version = \"16.5\" }\nexpect = \"compliant\"");
        for (text, said) in [
            (minimum("", "effect = \"downgrade\""), "version"),
            (minimum("x.y.1", "effect = \"downgrade\""), "version"),
            (minimum("17.0", "effect = \"punish\""), "punish"),
            (minimum("17.0", "effect = \"downgrade\"\ncolour = \"red\""), "colour"),
            (failing, "new enough"),
            ("[[rule".to_owned(), "line 1"),
        ] {
            let answer = apply(&app, &text).await;
            assert_eq!((answer.status.as_u16(), answer.code()), (400, "invalid_request"), "{text}");
            let error = &answer.body["errors"][0];
            assert_eq!(error["pointer"], "/text");
            assert!(error["detail"].as_str().is_some_and(|detail| detail.contains(said)), "{said}: {error}");
        }
        for body in [json!({}), json!({ "text": "", "version": "0".repeat(64) }), json!({ "version": "1" })] {
            assert_eq!(app.internal("PUT", PATH).json(&body).send().await.code(), "invalid_request", "{body}");
        }
        assert_eq!(before, app.database().dump().await);
        assert_eq!(standing(&app, &me).await["status"], "compliant");
    }
}
