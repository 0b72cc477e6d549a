//! A second connection to PostgreSQL that holds the service up at a chosen statement.

use countersign_storage::Backend;
use countersign_test_support::TestDatabase;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use std::{future::Future, time::Duration};
use tokio::{task::JoinSet, time::timeout};

/// The most that any wait for a state takes.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Side {
    holding: PgConnection,
    /// Apart, because a transaction goes on seeing the activity that it saw first.
    watching: PgConnection,
}

impl Side {
    pub(crate) async fn of(database: &TestDatabase) -> Self {
        let Backend::Postgres { url, .. } = database.backend() else {
            unreachable!("not on PostgreSQL")
        };
        let connect = async || PgConnection::connect(&url).await.expect("the database");
        Self {
            holding: connect().await,
            watching: connect().await,
        }
    }

    pub(crate) async fn run(&mut self, sql: &str) {
        let sql = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        sql.execute(&mut self.holding)
            .await
            .expect("the statements");
    }

    pub(crate) async fn number(&mut self, sql: &str) -> i64 {
        let query = sqlx::query_scalar(AssertSqlSafe(sql.to_owned()));
        query.fetch_one(&mut self.watching).await.expect("a number")
    }

    /// How many of the service's sessions wait for a lock.
    async fn waiting(&mut self) -> i64 {
        self.number(
            "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() \
             AND application_name = 'countersign' AND wait_event_type = 'Lock'",
        )
        .await
    }

    /// Ends the service's sessions; answers how many.
    pub(crate) async fn terminate(&mut self) -> i64 {
        self.number(
            "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity \
             WHERE datname = current_database() AND application_name = 'countersign'",
        )
        .await
    }

    /// Starts `first`, holds it up where it writes to `table`, then starts `second`, and lets go
    /// when `second` waits too or is done. Answers both results.
    ///
    /// Row locks and reads of the table go on.
    pub(crate) async fn interleave<A: Send + 'static, B: Send + 'static>(
        &mut self,
        table: &str,
        first: impl Future<Output = A> + Send + 'static,
        second: impl Future<Output = B> + Send + 'static,
    ) -> (A, B) {
        let lock = format!("LOCK TABLE {table} IN SHARE MODE");
        self.interleave_behind(&lock, first, second).await
    }

    /// As [`interleave`](Self::interleave), holding `first` up where it needs what `lock` takes.
    pub(crate) async fn interleave_behind<A: Send + 'static, B: Send + 'static>(
        &mut self,
        lock: &str,
        first: impl Future<Output = A> + Send + 'static,
        second: impl Future<Output = B> + Send + 'static,
    ) -> (A, B) {
        let (mut firsts, mut seconds) = (JoinSet::new(), JoinSet::new());
        self.run(&format!("BEGIN; {lock}")).await;
        firsts.spawn(first);
        self.until(1, &mut JoinSet::<()>::new()).await;
        seconds.spawn(second);
        let early = self.until(2, &mut seconds).await;
        self.run("ROLLBACK").await;
        let first = firsts.join_next().await.expect("a task").expect("no panic");
        let second = match early {
            Some(second) => second,
            None => seconds
                .join_next()
                .await
                .expect("a task")
                .expect("no panic"),
        };
        (first, second)
    }

    /// Waits until so many sessions wait for a lock, or a task is done: then its result.
    async fn until<T: 'static>(&mut self, waiting: i64, tasks: &mut JoinSet<T>) -> Option<T> {
        timeout(PATIENCE, async {
            while self.waiting().await < waiting {
                if let Some(done) = tasks.try_join_next() {
                    return Some(done.expect("no panic"));
                }
            }
            None
        })
        .await
        .expect("the service comes to the statement that was to hold it up")
    }
}
