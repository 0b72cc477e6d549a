//! The lists of a user's devices.

use crate::logged_in::{LoggedIn, device_ids, listed};
use countersign_test_support::{Answer, TestApp, on_both_engines};
use serde_json::{Value, json};
use std::{collections::BTreeSet, time::Duration};

/// The path that a `Link` header calls the next page.
fn next(answer: &Answer) -> Option<String> {
    let link = answer.header("link");
    let (path, rel) = link.strip_prefix('<')?.split_once(">; ")?;
    assert_eq!(rel, "rel=\"next\"");
    Some(path.to_owned())
}

async fn get(app: &TestApp, me: &LoggedIn, path: &str) -> Answer {
    let answer = me.call(app, "GET", path).send().await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer
}

fn item<'a>(list: &'a Value, device: &str) -> &'a Value {
    let items = list["data"].as_array().expect("a page");
    let found = items.iter().find(|item| item["device_id"] == device);
    found.expect("the device is in the list")
}

/// Logs in on a new device, which is newer than all others: ids of one millisecond sort by chance.
async fn newer(app: &TestApp, client: &str, user: &str) -> LoggedIn {
    app.clock.advance(Duration::from_millis(1));
    LoggedIn::new(app, client, user).await
}

on_both_engines! {
    async fn paging_shows_every_device_once_while_others_are_added(app: TestApp) {
        let client = app.client(json!({})).await;
        let mut all = Vec::new();
        for _ in 0..44 {
            all.push(newer(&app, &client, "42").await.device_id());
        }
        let me = newer(&app, &client, "42").await;
        all.push(me.device_id());
        all.reverse();

        let mut seen = Vec::new();
        let mut path = Some("/v1/me/devices?limit=10".to_owned());
        while let Some(at) = path {
            let page = get(&app, &me, &at).await;
            let ids = device_ids(&page.body);
            assert_eq!(ids.len(), if seen.len() < 40 { 10 } else { 5 });
            seen.extend(ids);
            path = next(&page);
            assert_eq!(page.body["has_more"], path.is_some());
            assert_eq!(page.body["next_cursor"].is_null(), path.is_none());
            if let Some(path) = &path {
                assert!(path.ends_with(&page.text("next_cursor")), "{path}");
            }
            // Newer than everything: on no later page.
            newer(&app, &client, "42").await;
        }
        assert_eq!(seen, all, "newest first, each once");
        let list = get(&app, &me, "/v1/me/devices").await.body;
        assert_eq!((&list["limit"]["used"], &list["active_sessions"]), (&json!(50), &json!(50)));
    }

    async fn limits_are_coerced_and_what_is_no_number_is_named(app: TestApp) {
        let client = app.client(json!({})).await;
        let me = newer(&app, &client, "42").await;
        for _ in 0..24 {
            newer(&app, &client, "42").await;
        }
        for (query, count) in [("", 20), ("limit=0", 20), ("limit=1", 1), ("limit=100", 25), ("limit=4000000000", 25)] {
            let own = get(&app, &me, &format!("/v1/me/devices?{query}")).await.body;
            assert_eq!(device_ids(&own).len(), count, "{query}");
            let admin = listed(&app, "42", &format!("?{query}")).await;
            assert_eq!(device_ids(&admin).len(), count, "{query}");
        }
        assert_eq!(listed(&app, "42", "?limit=1000").await["limit"], 100);
        for (query, pointer) in [("limit=x", "?limit"), ("limit=-1", "?limit"), ("offset=x", "?offset"), ("platform=tv", "?platform"), ("state=gone", "?state"), ("stat=past", "?stat")] {
            let refused = app.internal("GET", &format!("/v1/users/42/devices?{query}")).send().await;
            assert_eq!((refused.status.as_u16(), refused.code()), (400, "invalid_request"), "{query}");
            assert_eq!(refused.body["errors"][0]["pointer"], pointer, "{}", refused.body);
        }
        let refused = me.call(&app, "GET", "/v1/me/devices?state=all").send().await;
        assert_eq!(refused.body["errors"][0]["pointer"], "?state", "{}", refused.body);
    }

    async fn an_admin_pages_by_offset_with_totals_and_filters(app: TestApp) {
        let ios = app.client(json!({})).await;
        let web = app.client(json!({ "platform": "web" })).await;
        let mut phones = Vec::new();
        for _ in 0..5 {
            phones.push(newer(&app, &ios, "42").await.device_id());
        }
        let browser = newer(&app, &web, "42").await.device_id();
        newer(&app, &ios, "43").await;
        let removed = format!("/v1/users/42/devices/{}", phones[0]);
        assert_eq!(app.internal("DELETE", &removed).send().await.status, 200);

        for (query, total, first) in [
            ("", 5, &browser), ("?state=past", 1, &phones[0]), ("?state=all", 6, &browser), ("?platform=web", 1, &browser),
            ("?platform=ios", 4, &phones[4]), ("?platform=ios&state=all", 5, &phones[4]), ("?offset=2&limit=2", 5, &phones[3]),
        ] {
            let page = listed(&app, "42", query).await;
            assert_eq!(page["total"], total, "{query}");
            assert_eq!(device_ids(&page).first(), Some(first), "{query}");
        }
        let page = listed(&app, "42", "?offset=2&limit=2").await;
        assert_eq!((&page["offset"], &page["limit"]), (&json!(2), &json!(2)));
        assert_eq!(device_ids(&page), [phones[3].clone(), phones[2].clone()]);
        for empty in ["?offset=100", "?platform=desktop", "?platform=web&state=past"] {
            assert_eq!(listed(&app, "42", empty).await["data"], json!([]), "{empty}");
        }
        let nobody = listed(&app, "nobody", "?state=all").await;
        assert_eq!((&nobody["data"], &nobody["total"]), (&json!([]), &json!(0)));
    }

    async fn a_list_says_which_device_is_this_one_and_which_are_logged_in(app: TestApp) {
        let client = app.client(json!({})).await;
        let me = newer(&app, &client, "42").await;
        let out = newer(&app, &client, "42").await;
        let gone = newer(&app, &client, "42").await;
        out.call(&app, "POST", "/v1/logout").send().await;
        let path = format!("/v1/me/devices/{}", gone.device_id());
        me.call(&app, "DELETE", &path).send().await;

        let list = me.list(&app).await.body;
        assert_eq!(list["active_sessions"], 1, "{list}");
        assert_eq!((&list["limit"]["used"], list["limit"].get("max")), (&json!(2), None));
        let (mine, other) = (item(&list, &me.device_id()), item(&list, &out.device_id()));
        assert_eq!((&mine["is_current"], &mine["active_sessions"], &mine["key_bound"]), (&json!(true), &json!(1), &json!(true)));
        assert_eq!((&other["is_current"], &other["active_sessions"]), (&json!(false), &json!(0)));
        assert_eq!((&mine["state"], &mine["trust"], mine.get("ended")), (&json!("active"), &json!("unknown"), None));
        let past = get(&app, &me, "/v1/me/devices?state=past").await.body;
        assert_eq!(device_ids(&past), [gone.device_id()]);
        assert_eq!(past["data"][0]["ended"]["cause"], "removed", "{past}");
        let admin = listed(&app, "42", "").await;
        assert_eq!(item(&admin, &me.device_id())["is_current"], false);
    }

    async fn a_session_that_is_over_by_time_or_with_its_client_counts_as_none(app: TestApp) {
        let brief = app.client(json!({ "lifetimes": { "idle_seconds": 60 } })).await;
        let doomed = app.client(json!({})).await;
        let client = app.client(json!({})).await;
        let idle = newer(&app, &brief, "42").await;
        let ended = newer(&app, &doomed, "42").await;
        let me = newer(&app, &client, "42").await;
        assert_eq!(me.list(&app).await.body["active_sessions"], 3);
        app.advance_secs(60);
        let change = json!({ "disabled": true });
        app.internal("PATCH", &format!("/v1/clients/{doomed}")).json(&change).send().await;
        idle.assert_refused(&app, "session_expired").await;
        ended.assert_refused(&app, "client_ended").await;
        let list = me.list(&app).await.body;
        assert_eq!(list["active_sessions"], 1, "{list}");
        for (who, count) in [(&idle, 0), (&ended, 0), (&me, 1)] {
            assert_eq!(item(&list, &who.device_id())["active_sessions"], count);
        }
    }

    async fn a_name_is_checked_and_a_rename_answers_with_the_device(app: TestApp) {
        let client = app.client(json!({})).await;
        let me = newer(&app, &client, "42").await;
        let own = format!("/v1/me/devices/{}", me.device_id());
        let admin = format!("/v1/users/42/devices/{}", me.device_id());
        let before = app.database().dump().await;
        for (body, pointer) in [
            (json!({ "name": "" }), "/name"), (json!({ "name": "x".repeat(121) }), "/name"), (json!({ "name": "a\u{0}b" }), "/name"),
            (json!({ "name": 7 }), "/name"), (json!({}), ""), (json!({ "name": "a", "trust": "corporate" }), "/trust"),
        ] {
            for call in [me.call(&app, "PATCH", &own), app.internal("PATCH", &admin)] {
                let refused = call.json(&body).send().await;
                assert_eq!((refused.status.as_u16(), refused.code()), (400, "invalid_request"), "{body}");
                assert_eq!(refused.body["errors"][0]["pointer"], pointer, "{}", refused.body);
            }
        }
        assert_eq!(app.database().dump().await, before);
        let names: BTreeSet<String> = ["Küche 🍲".to_owned(), "x".repeat(120)].into();
        for name in names {
            let renamed = app.internal("PATCH", &admin).json(&json!({ "name": name })).send().await;
            assert_eq!(renamed.body["name"], json!(name), "{}", renamed.body);
            let seen = me.list(&app).await.body;
            assert_eq!(item(&seen, &me.device_id())["name"], json!(name));
        }
    }
}
