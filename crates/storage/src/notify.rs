//! Words between the processes of one PostgreSQL: hints that save time and carry no truth.

use crate::{Store, StoreError, execute, statements, store::AnyEngine};
use sqlx::postgres::PgListener;

statements! {
    // What is lost in a crash was a hint: waiting for the disk would hold up whoever waits for it, and
    // the server lets only one such transaction commit at a time.
    NOTIFY = {
        sqlite: "SELECT $1",
        postgres: "SELECT set_config('synchronous_commit', 'off', TRUE), pg_notify('countersign', $1)"
    };
}

/// The longest text that can be sent (PostgreSQL, `NOTIFY`: less than 8000 bytes).
pub const MOST_NOTIFIED: usize = 7_999;

/// Hears what [`Store::notify`] sends, in every process of the same database.
#[derive(Debug)]
pub struct Notifications(PgListener);

impl Store {
    /// Says something to every process that listens. Nothing on SQLite, which has one process.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; what was said may be lost without one, too.
    pub async fn notify(&self, text: &str) -> Result<(), StoreError> {
        let mut conn = self.read().await?;
        execute!(conn, NOTIFY, text)?;
        Ok(())
    }

    /// Begins to listen, on a connection of its own to the server itself; `None` on SQLite.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn listen(&self) -> Result<Option<Notifications>, StoreError> {
        let AnyEngine::Postgres(engine) = self.engine_below() else {
            return Ok(None);
        };
        engine
            .listen()
            .await
            .map(|listener| Some(Notifications(listener)))
    }
}

impl Notifications {
    /// Waits for the next text; `None` when something may have been missed meanwhile.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; listening must begin anew.
    pub async fn next(&mut self) -> Result<Option<String>, StoreError> {
        let heard = self.0.try_recv().await.map_err(StoreError::of_statement)?;
        Ok(heard.map(|heard| heard.payload().to_owned()))
    }
}
