//! Somebody who writes to the nodes' Redis: rubbish, other sessions' snapshots, and old ones.

use countersign_test_support::{TestRedis, redis::Cmd};
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio::{task::JoinSet, time::interval};

const PAUSE: Duration = Duration::from_millis(20);

/// Goes on until dropped.
pub(crate) fn forge(redis: &Arc<TestRedis>) -> JoinSet<()> {
    let redis = Arc::clone(redis);
    again_and_again(async move {
        let mut first_seen = HashMap::new();
        let mut ticks = interval(PAUSE);
        loop {
            ticks.tick().await;
            spoil(&redis, &mut first_seen).await;
        }
    })
}

/// Empties it again and again, until dropped.
pub(crate) fn flush(redis: &Arc<TestRedis>) -> JoinSet<()> {
    let redis = Arc::clone(redis);
    again_and_again(async move {
        let mut ticks = interval(PAUSE);
        loop {
            ticks.tick().await;
            redis
                .ask::<()>(&countersign_test_support::redis::cmd("FLUSHALL"))
                .await;
        }
    })
}

fn again_and_again(work: impl Future<Output = ()> + Send + 'static) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    tasks.spawn(work);
    tasks
}

/// Each session's place gets by turns what was there first, what is another's, and rubbish.
async fn spoil(redis: &TestRedis, first_seen: &mut HashMap<String, Vec<u8>>) {
    let names = redis.names(0).await;
    for name in &names {
        if !first_seen.contains_key(name)
            && let Some(value) = redis.ask::<Option<Vec<u8>>>(&Cmd::get(name)).await
        {
            first_seen.insert(name.clone(), value);
        }
    }
    let others = first_seen.values().cycle().skip(1);
    for (number, ((name, own), other)) in first_seen.iter().zip(others).enumerate() {
        let value = match number % 3 {
            0 => own.as_slice(),
            1 => other.as_slice(),
            _ => b"rubbish",
        };
        redis.ask::<()>(&Cmd::set(name, value)).await;
    }
    let channels: Vec<String> = redis
        .ask(countersign_test_support::redis::cmd("PUBSUB").arg("CHANNELS"))
        .await;
    for channel in channels {
        for text in ["AAAA hint", "rubbish", ""] {
            redis.ask::<u64>(&Cmd::publish(&channel, text)).await;
        }
    }
}
