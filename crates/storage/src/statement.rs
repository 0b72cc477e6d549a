//! SQL as constants, written once for both engines, and the macros that run it.

/// Which database is below.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Engine {
    /// SQLite, in this process.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

/// A statement's text for each engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Statement {
    sqlite: &'static str,
    postgres: &'static str,
}

impl Statement {
    pub(crate) const fn portable(sql: &'static str) -> Self {
        Self {
            sqlite: sql,
            postgres: sql,
        }
    }

    pub(crate) const fn split(sqlite: &'static str, postgres: &'static str) -> Self {
        Self { sqlite, postgres }
    }

    /// The text for an engine.
    pub const fn sql(self, engine: Engine) -> &'static str {
        match engine {
            Engine::Sqlite => self.sqlite,
            Engine::Postgres => self.postgres,
        }
    }
}

/// Declares a module's statements, and `STATEMENTS` with all of them for the tests.
///
/// `NAME = "…";` is the same text on both; `NAME = "…" for update;` and `… for share;` lock the rows
/// on PostgreSQL (SQLite has one writer); `NAME = { sqlite: "…", postgres: "…" };` differs.
macro_rules! statements {
    ($($name:ident = $sql:tt $(! $args:tt)? $(for $lock:ident)?;)*) => {
        $(
            const $name: $crate::Statement =
                $crate::statement::statement!($sql $(! $args)? $(for $lock)?);
        )*
        pub(crate) const STATEMENTS: &[(&str, $crate::Statement)] = &[$((stringify!($name), $name)),*];
    };
}

macro_rules! statement {
    ({ sqlite: $sqlite:expr, postgres: $postgres:expr $(,)? }) => {
        $crate::Statement::split($sqlite, $postgres)
    };
    ($sql:tt $(! $args:tt)?) => {
        $crate::Statement::portable($sql $(! $args)?)
    };
    ($sql:tt $(! $args:tt)? for update) => {
        $crate::Statement::split($sql $(! $args)?, concat!($sql $(! $args)?, " FOR UPDATE"))
    };
    ($sql:tt $(! $args:tt)? for share) => {
        $crate::Statement::split($sql $(! $args)?, concat!($sql $(! $args)?, " FOR SHARE"))
    };
}

/// Builds the query for the connection's engine and runs it: the only match on the engine.
macro_rules! dispatch {
    ($conn:expr, $statement:expr, [$($bind:expr),*], |$query:ident, $target:ident| $run:expr) => {{
        use $crate::{Conn, Engine, Statement, conn::Target, postgres::too_late};
        let (conn, statement): (&mut Conn, Statement) = (&mut *$conn, $statement);
        let limit = conn.begin();
        let outcome = match conn.target() {
            Target::Sqlite($target) => {
                let $query = sqlx::query::<sqlx::Sqlite>(statement.sql(Engine::Sqlite))$(.bind($bind))*;
                $run
            }
            Target::Postgres($target) => {
                let $query = sqlx::query::<sqlx::Postgres>(statement.sql(Engine::Postgres))$(.bind($bind))*;
                let run = tokio::time::timeout(limit, async { $run });
                run.await.unwrap_or_else(too_late)
            }
        };
        conn.settle(outcome)
    }};
}

/// Runs a statement; answers how many rows it changed.
macro_rules! execute {
    ($conn:expr, $statement:expr $(, $bind:expr)* $(,)?) => {
        $crate::statement::dispatch!($conn, $statement, [$($bind),*], |query, target| {
            query.execute(target).await.map(|done| done.rows_affected())
        })
    };
}

/// Reads every row.
macro_rules! fetch_all {
    ($conn:expr, $statement:expr $(, $bind:expr)* $(,)?) => {
        $crate::statement::dispatch!($conn, $statement, [$($bind),*], |query, target| {
            $crate::statement::decode_all(query.fetch_all(target).await)
        })
    };
}

/// Reads the first row, if there is one.
///
/// The statement runs to its end, so that an error after the first row is not missed.
macro_rules! fetch_optional {
    ($conn:expr, $statement:expr $(, $bind:expr)* $(,)?) => {
        $crate::statement::dispatch!($conn, $statement, [$($bind),*], |query, target| {
            $crate::statement::decode_first(query.fetch_all(target).await)
        })
    };
}

/// Reads the first row; none is an error.
macro_rules! fetch_one {
    ($conn:expr, $statement:expr $(, $bind:expr)* $(,)?) => {
        $crate::statement::dispatch!($conn, $statement, [$($bind),*], |query, target| {
            $crate::statement::decode_first(query.fetch_all(target).await)
                .and_then(|row| row.ok_or(sqlx::Error::RowNotFound))
        })
    };
}

pub(crate) use {dispatch, execute, fetch_all, fetch_one, fetch_optional, statement, statements};

pub(crate) fn decode_all<R: sqlx::Row, T: for<'r> sqlx::FromRow<'r, R>>(
    rows: Result<Vec<R>, sqlx::Error>,
) -> Result<Vec<T>, sqlx::Error> {
    rows?.iter().map(T::from_row).collect()
}

pub(crate) fn decode_first<R: sqlx::Row, T: for<'r> sqlx::FromRow<'r, R>>(
    rows: Result<Vec<R>, sqlx::Error>,
) -> Result<Option<T>, sqlx::Error> {
    rows?.first().map(T::from_row).transpose()
}
