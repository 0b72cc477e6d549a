//! Redis, if there is one: it answers.

use super::Finding;
use crate::config::Loaded;

const REDIS: &str = "redis";

pub(super) async fn examine(loaded: &Loaded) -> Finding {
    let url = match loaded.redis() {
        Ok(None) => return Finding::ok(REDIS, "none: nodes wake each other through the store"),
        Ok(Some(url)) => url,
        Err(error) => return Finding::fail(REDIS, error.to_string(), "see redis.url"),
    };
    match url.ping().await {
        Ok(()) => Finding::ok(REDIS, "answers"),
        Err(error) => Finding::warn(
            REDIS,
            format!("does not answer: {error}"),
            "the service works without it, and reads the database more often",
        ),
    }
}
