//! What callers are told while the store cannot be used.

use crate::logged_in::LoggedIn;
use countersign_test_support::on_both_engines;
use serde_json::json;

on_both_engines! {
    async fn unavailable_says_when_to_come_back(app: TestApp) {
        let client = app.client(json!({})).await;
        let me = LoggedIn::new(&app, &client, "42").await;
        assert_eq!(me.call(&app, "GET", "/v1/me/devices").send().await.status, 200);
        app.app.store().close().await;
        let form = format!("grant_type=refresh_token&client_id={client}&refresh_token=csrt_x");
        for answer in [
            me.call(&app, "GET", "/v1/me/devices").send().await,
            app.internal("GET", "/v1/clients").send().await,
            app.public("POST", "/oauth/token").form(&form).send().await,
        ] {
            assert_eq!((answer.status.as_u16(), answer.code()), (503, "unavailable"), "{}", answer.body);
            assert_eq!(answer.header("retry-after"), "1");
        }
    }
}
