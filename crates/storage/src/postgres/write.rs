//! One write on PostgreSQL: begin, run, commit, and run again after a conflict.

use super::PostgresEngine;
use crate::{
    Conn, StoreError, Tx,
    conn::{Harm, Target},
    job::{Job, Verdict},
    observer::{tell_committed, tell_outcome_unknown},
};
use countersign_core::Rng;
use sqlx::{
    PgConnection,
    postgres::{PgDatabaseError, PgSeverity},
};
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// How often a write that keeps losing is run.
const RUNS: u32 = 8;

/// The longest pause before the first re-run; each later one may be twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(4);
const LONGEST_PAUSE: Duration = Duration::from_millis(256);

/// One round trip. The settings are local to the transaction, as a pooler in transaction mode
/// needs. The time limits let go of the row locks of a node that stopped in mid-transaction. Every
/// row is found by an index: a plan that was made while a table was empty would read all of it
/// until the server looks at its size again, a minute or more later.
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; \
    SET LOCAL synchronous_commit = on; \
    SET LOCAL enable_seqscan = off; \
    SET LOCAL lock_timeout = '10s'; \
    SET LOCAL idle_in_transaction_session_timeout = '10s'";

pub(super) async fn run(engine: &PostgresEngine, mut job: Box<dyn Job>) {
    for earlier_runs in 0..RUNS {
        if earlier_runs > 0 {
            engine.counters.rerun();
            sleep(pause(&*engine.rng, earlier_runs)).await;
        }
        match attempt(engine, &mut *job).await {
            End::Answered => return job.acknowledge(),
            End::Failed(error) => return job.fail(error),
            End::Conflict => {}
        }
    }
    job.fail(StoreError::Conflict);
}

/// How one run ended.
enum End {
    /// Committed, or rolled back as the closure wanted: its result stands.
    Answered,
    /// The caller gets this instead.
    Failed(StoreError),
    /// Nothing was kept; another run may succeed.
    Conflict,
}

async fn attempt(engine: &PostgresEngine, job: &mut dyn Job) -> End {
    let mut tx = match begin(engine).await {
        Ok(tx) => tx,
        Err(error) => return End::Failed(error),
    };
    let Ok(verdict) = timeout(engine.write_limit, job.run(&mut tx)).await else {
        tx.into_conn().discard().await;
        return End::Failed(StoreError::unavailable("the write took too long"));
    };
    match (verdict, tx.harm()) {
        (Verdict::Keep, Harm::None) => commit(engine, tx).await,
        (Verdict::Panicked, _) => {
            tx.into_conn().discard().await;
            End::Failed(StoreError::Panicked)
        }
        (_, Harm::Conflict) => {
            roll_back(engine, tx).await;
            End::Conflict
        }
        (Verdict::Keep, _) => {
            roll_back(engine, tx).await;
            End::Failed(StoreError::Swallowed)
        }
        (Verdict::Discard, _) => {
            roll_back(engine, tx).await;
            End::Answered
        }
    }
}

/// Begins on a pooled connection. One that died in the pool is replaced once: nothing has happened
/// on it yet.
async fn begin(engine: &PostgresEngine) -> Result<Tx, StoreError> {
    match begin_on(engine, engine.acquire_to_write().await?).await {
        Err(StoreError::Unavailable(_)) => {
            engine.suspicion.raise();
            begin_on(engine, engine.acquire_to_write().await?).await
        }
        begun => begun,
    }
}

async fn begin_on(engine: &PostgresEngine, conn: Conn) -> Result<Tx, StoreError> {
    let mut tx = Tx::new(conn);
    let error = match timeout(engine.write_limit, command(&mut tx, BEGIN)).await {
        Ok(Ok(())) => return Ok(tx),
        Ok(Err(error)) => StoreError::of_statement(error),
        Err(elapsed) => StoreError::unavailable(elapsed),
    };
    tx.into_conn().discard().await;
    Err(error)
}

async fn commit(engine: &PostgresEngine, mut tx: Tx) -> End {
    let feed = tx.take_feed();
    match timeout(engine.write_limit, command(&mut tx, "COMMIT")).await {
        Ok(Ok(())) => {
            engine.counters.committed(1);
            if tell_committed(&*engine.observer, &feed) {
                End::Answered
            } else {
                End::Failed(StoreError::OutcomeUnknown)
            }
        }
        Ok(Err(error)) if is_refusal(&error) => {
            roll_back(engine, tx).await;
            match StoreError::of_statement(error) {
                StoreError::Conflict => End::Conflict,
                error => End::Failed(error),
            }
        }
        lost => {
            tracing::error!(?lost, "commit without an answer");
            engine.suspicion.raise();
            tx.into_conn().discard().await;
            tell_outcome_unknown(&*engine.observer, &feed);
            End::Failed(StoreError::OutcomeUnknown)
        }
    }
}

/// Ends the transaction without keeping anything. A connection on which even that fails, or one
/// that is broken anyway, is closed and not given back.
async fn roll_back(engine: &PostgresEngine, mut tx: Tx) {
    if tx.harm() < Harm::Full
        && let Ok(Ok(())) = timeout(engine.write_limit, command(&mut tx, "ROLLBACK")).await
    {
        return;
    }
    tx.into_conn().discard().await;
}

/// Runs commands as a simple query, whose future the caller must not drop half-way unless the
/// connection is discarded.
async fn command(tx: &mut Tx, commands: &'static str) -> Result<(), sqlx::Error> {
    match tx.target() {
        Target::Postgres(connection) => execute(connection, commands).await,
        Target::Sqlite(_) => Err(sqlx::Error::WorkerCrashed),
    }
}

async fn execute(connection: &mut PgConnection, commands: &'static str) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(commands).execute(connection).await.map(drop)
}

/// Whether the server said, on a session that goes on, that it did not commit: class 40,
/// "transaction rollback", or 23, "integrity constraint violation". A session that is ended while
/// it commits may have committed.
fn is_refusal(error: &sqlx::Error) -> bool {
    let error = error
        .as_database_error()
        .and_then(|error| error.try_downcast_ref::<PgDatabaseError>());
    error.is_some_and(|error| {
        let class = error.code().get(..2).unwrap_or_default();
        error.severity() == PgSeverity::Error && ["40", "23"].contains(&class)
    })
}

/// A random part of the pause, so that two writes that met do not meet again.
fn pause(rng: &dyn Rng, earlier_runs: u32) -> Duration {
    let longest = FIRST_PAUSE
        .saturating_mul(1 << (earlier_runs - 1))
        .min(LONGEST_PAUSE);
    let mut bytes = [0; 4];
    rng.fill(&mut bytes);
    longest.mul_f64(f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX))
}
