//! The feed on PostgreSQL, where entries become visible in another order than they are numbered.

use crate::{
    side::Side,
    world::{Tokens, World},
};
use countersign_barrier::Extent;
use countersign_server::Job;
use countersign_storage::Engine;
use countersign_test_support::{Kind, Phone};

/// Another process's ending of every active session of a user.
fn ending(user: &str) -> String {
    format!(
        "WITH ended AS (UPDATE sessions SET ended_at = now(), end_cause = 'remote_logout' \
             WHERE ended_at IS NULL AND user_id = (SELECT id FROM users WHERE external_id = '{user}') \
             RETURNING id) \
         INSERT INTO feed (id, kind, subject, subject_id, cause, denied_until, written_at) \
             SELECT gen_random_uuid(), 'ended', 'session', id, 'remote_logout', \
             '2030-01-01Z', now() FROM ended"
    )
}

struct Reader {
    world: World,
    side: Side,
    phone: Phone,
}

impl Reader {
    async fn start() -> Self {
        let world = World::start(Engine::Postgres).await;
        let side = Side::of(world.database()).await;
        let phone = world.phone(Kind::Keyed);
        Self { world, side, phone }
    }

    /// A session that is in the node's memory.
    async fn log_in(&self, user: &str) -> Tokens {
        let tokens = self.world.log_in(user, &self.phone).await;
        assert!(self.is_allowed(&tokens).await);
        tokens
    }

    async fn is_allowed(&self, tokens: &Tokens) -> bool {
        self.world.is_allowed(&self.phone, &tokens.access).await
    }

    async fn follow(&self) {
        let done = self.world.app().app.run_job(Job::FollowFeed).await;
        done.expect("the feed");
    }

    async fn extent(&self) -> Extent {
        let mut read = self.world.app().app.store().read().await.expect("a read");
        read.feed_extent().await.expect("the extent")
    }

    async fn entries_after(&self, known: &Extent) -> usize {
        let mut read = self.world.app().app.store().read().await.expect("a read");
        let read = read.read_feed(known, &[]).await;
        read.expect("the feed").entries.len()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i3_an_entry_that_commits_late_is_not_missed() {
    let mut reader = Reader::start().await;
    let (early, late) = (reader.log_in("early").await, reader.log_in("late").await);
    reader.side.run(&format!("BEGIN; {}", ending("late"))).await;
    // Numbered after the open transaction, committed and read before it.
    let mut other = Side::of(reader.world.database()).await;
    other.run(&ending("early")).await;
    for _ in 0..3 {
        reader.follow().await;
    }
    assert!(!reader.is_allowed(&early).await);
    assert!(reader.is_allowed(&late).await, "nothing has ended it yet");
    reader.side.run("COMMIT").await;
    reader.follow().await;
    assert!(!reader.is_allowed(&late).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unrelated_transaction_holds_nothing_up_and_causes_no_reading_again() {
    let mut reader = Reader::start().await;
    let tokens = reader.log_in("42").await;
    reader.side.run("BEGIN; SELECT pg_current_xact_id()").await;
    let held = reader.extent().await;
    let mut other = Side::of(reader.world.database()).await;
    other.run(&ending("42")).await;
    assert_eq!(reader.entries_after(&held).await, 1);
    reader.follow().await;
    assert!(!reader.is_allowed(&tokens).await, "nobody waits for it");
    let after = reader.extent().await;
    assert_eq!(reader.entries_after(&after).await, 0, "it is read once");
    reader.side.run("ROLLBACK").await;
}
