//! Connections as the aggregates see them: something to run statements on.

use crate::{CountRow, Statement, StoreError, fetch_one, postgres::Pooled};
use sqlx::{PgConnection, Sqlite, SqliteConnection, pool::PoolConnection};
use std::{
    fmt,
    ops::{Deref, DerefMut},
    time::Duration,
};

/// A connection to either engine, with the reads of every aggregate.
pub struct Conn {
    link: Link,
    harm: Harm,
}

enum Link {
    SqliteWriter(Box<SqliteConnection>),
    SqliteReader(PoolConnection<Sqlite>),
    Postgres(Pooled),
}

/// What the statements macros run a query on.
pub(crate) enum Target<'a> {
    Sqlite(&'a mut SqliteConnection),
    Postgres(&'a mut PgConnection),
}

/// What failed statements have left of a transaction, from best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Harm {
    /// Nothing failed.
    None,
    /// The closure's writes must be rolled back.
    Closure,
    /// The closure lost against another and may be run again.
    Conflict,
    /// The disk is full: the transaction is over.
    Full,
    /// The transaction is over, and the connection with it.
    Broken,
}

impl Conn {
    pub(crate) fn sqlite_writer(connection: SqliteConnection) -> Self {
        Self::new(Link::SqliteWriter(Box::new(connection)))
    }

    pub(crate) fn sqlite_reader(connection: PoolConnection<Sqlite>) -> Self {
        Self::new(Link::SqliteReader(connection))
    }

    pub(crate) fn postgres(connection: Pooled) -> Self {
        Self::new(Link::Postgres(connection))
    }

    fn new(link: Link) -> Self {
        Self {
            link,
            harm: Harm::None,
        }
    }

    pub(crate) fn target(&mut self) -> Target<'_> {
        match &mut self.link {
            Link::SqliteWriter(connection) => Target::Sqlite(connection),
            Link::SqliteReader(connection) => Target::Sqlite(connection),
            Link::Postgres(connection) => Target::Postgres(connection.connection()),
        }
    }

    /// A statement begins; answers how long it may take, on PostgreSQL.
    pub(crate) const fn begin(&mut self) -> Duration {
        match &mut self.link {
            Link::SqliteWriter(_) | Link::SqliteReader(_) => Duration::MAX,
            Link::Postgres(connection) => connection.begin(),
        }
    }

    /// Classifies a statement's outcome and remembers what harm it did, so that a closure that
    /// swallows the error is not committed.
    pub(crate) fn settle<T>(&mut self, outcome: Result<T, sqlx::Error>) -> Result<T, StoreError> {
        if let Link::Postgres(connection) = &mut self.link {
            connection.end();
        }
        outcome.map_err(|error| {
            let error = StoreError::of_statement(error);
            self.harm = self.harm.max(error.harm());
            if let (StoreError::Unavailable(_), Link::Postgres(connection)) = (&error, &self.link) {
                connection.suspect();
            }
            error
        })
    }

    /// Runs a statement whose only column is `count`.
    pub(crate) async fn count(&mut self, statement: Statement) -> Result<i64, StoreError> {
        let row: CountRow = fetch_one!(self, statement)?;
        Ok(row.count)
    }

    pub(crate) const fn harm(&self) -> Harm {
        self.harm
    }

    /// Starts anew, after the transaction was begun or the savepoint set.
    pub(crate) const fn forget_harm(&mut self) {
        self.harm = Harm::None;
    }

    /// Closes the connection without a word to the other side; a pool will open another.
    pub(crate) async fn discard(self) {
        use sqlx::Connection as _;
        match self.link {
            // Closing waits until the engine has let go of the file, so that the next connection
            // finds no lock of this one. The result does not matter: nothing is to be kept.
            Link::SqliteWriter(connection) => drop(connection.close().await),
            Link::SqliteReader(connection) => drop(connection.detach()),
            // Dropping the socket rolls back.
            Link::Postgres(mut connection) => connection.close(),
        }
    }

    fn close_on_drop(&mut self) {
        match &mut self.link {
            Link::SqliteWriter(_) => {}
            Link::SqliteReader(connection) => connection.close_on_drop(),
            Link::Postgres(connection) => connection.close(),
        }
    }
}

impl fmt::Debug for Conn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let engine = match &self.link {
            Link::SqliteWriter(_) | Link::SqliteReader(_) => "sqlite",
            Link::Postgres(..) => "postgres",
        };
        f.debug_struct("Conn")
            .field("engine", &engine)
            .field("harm", &self.harm)
            .finish()
    }
}

/// A connection to read with, given back when dropped.
#[derive(Debug)]
pub struct ReadConn(Conn);

impl ReadConn {
    pub(crate) const fn new(conn: Conn) -> Self {
        Self(conn)
    }
}

impl Deref for ReadConn {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        &self.0
    }
}

impl DerefMut for ReadConn {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.0
    }
}

impl Drop for ReadConn {
    fn drop(&mut self) {
        if self.0.harm() >= Harm::Full {
            self.0.close_on_drop();
        }
    }
}
