//! What can go wrong in the store, and how the engines' errors map to it.

use crate::conn::Harm;
use sqlx::{
    error::{DatabaseError, ErrorKind},
    migrate::MigrateError,
    postgres::PgDatabaseError,
    sqlite::SqliteError,
};
use std::{error::Error, fmt};
use uuid::Uuid;

type Source = Box<dyn Error + Send + Sync + 'static>;

/// Why a read or a write failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A constraint refused a row; nothing of the write was kept.
    #[error("the {kind} constraint {name} refused the row")]
    Constraint {
        /// What kind.
        kind: ConstraintKind,
        /// Its name on PostgreSQL; on SQLite what the engine says of it, often the columns.
        name: String,
    },
    /// A row holds what this program never writes.
    #[error("{table}.{column} of row {row} holds what it must not")]
    Inconsistent {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The row's id.
        row: Uuid,
    },
    /// A value could not be written or read as the type it should have.
    #[error("a value does not fit its column")]
    Value(#[source] Source),
    /// A statement that always finds a row found none.
    #[error("a row that must exist does not")]
    Missing,
    /// The write lost against concurrent ones each time it was run.
    #[error("the write conflicted with others too often")]
    Conflict,
    /// The disk is full; nothing of the write was kept.
    #[error("the disk is full")]
    Full,
    /// The commit was sent and its answer is missing: the write may or may not stand.
    #[error("whether the write was committed is not known")]
    OutcomeUnknown,
    /// The database cannot be used now; nothing of the write was kept.
    #[error("the database is not available")]
    Unavailable(#[source] Source),
    /// The database refused a statement; nothing of the write was kept.
    #[error("the database refused a statement")]
    Database(#[source] Source),
    /// The write went on after a failed statement, so it was not committed.
    #[error("a write went on after a failed statement")]
    Swallowed,
    /// The write panicked; nothing of it was kept.
    #[error("a write panicked")]
    Panicked,
    /// Too many writes are waiting; this one was not accepted.
    #[error("too many writes are waiting")]
    Overloaded,
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
    /// A newer program migrated the database.
    #[error("the database has schema {found}, this program knows {known}")]
    SchemaTooNew {
        /// The database's.
        found: i64,
        /// The newest that this program has.
        known: i64,
    },
    /// A migration failed, or one that was applied differs from this program's.
    #[error("the migration failed")]
    Migration(#[source] Source),
    /// The configuration does not name a usable database.
    #[error("the database address is not valid")]
    Configuration(#[source] Source),
}

/// What a constraint demands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConstraintKind {
    /// No second row with the same key.
    Unique,
    /// The row referred to exists.
    ForeignKey,
    /// A value is given.
    NotNull,
    /// The value is one of those allowed, or of the right type.
    Check,
}

impl fmt::Display for ConstraintKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unique => "unique",
            Self::ForeignKey => "foreign key",
            Self::NotNull => "not null",
            Self::Check => "check",
        })
    }
}

impl StoreError {
    /// Says that a column of a row holds what this program never writes.
    pub fn inconsistent(table: &'static str, column: &'static str, row: Uuid) -> Self {
        Self::Inconsistent { table, column, row }
    }

    /// Whether the write may have been committed.
    pub const fn is_outcome_unknown(&self) -> bool {
        matches!(self, Self::OutcomeUnknown)
    }

    /// Whether the same call may succeed later without anything else changing.
    pub const fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Conflict | Self::Full | Self::Unavailable(_) | Self::Overloaded | Self::Closed
        )
    }

    pub(crate) fn unavailable(source: impl Into<Source>) -> Self {
        Self::Unavailable(source.into())
    }

    /// What the failed statement leaves of the transaction that it was in.
    pub(crate) const fn harm(&self) -> Harm {
        match self {
            Self::Constraint { .. }
            | Self::Inconsistent { .. }
            | Self::Value(_)
            | Self::Missing => Harm::Closure,
            Self::Conflict => Harm::Conflict,
            Self::Full => Harm::Full,
            _ => Harm::Broken,
        }
    }

    /// Classifies an error of a statement. Not a `From`: only the statement macros may call it,
    /// because they also note the harm.
    pub(crate) fn of_statement(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(error) => Self::of_database(error),
            sqlx::Error::RowNotFound => Self::Missing,
            sqlx::Error::PoolClosed => Self::Closed,
            sqlx::Error::Encode(_)
            | sqlx::Error::Decode(_)
            | sqlx::Error::ColumnDecode { .. }
            | sqlx::Error::ColumnNotFound(_)
            | sqlx::Error::ColumnIndexOutOfBounds { .. } => Self::Value(error.into()),
            sqlx::Error::Configuration(source) => Self::Configuration(source),
            other => Self::Unavailable(other.into()),
        }
    }

    pub(crate) fn of_migration(error: MigrateError) -> Self {
        match error {
            MigrateError::Execute(source) | MigrateError::ExecuteMigration(source, _) => {
                match Self::of_statement(source) {
                    Self::Unavailable(source) => Self::Unavailable(source),
                    Self::Full => Self::Full,
                    other => Self::Migration(other.into()),
                }
            }
            other => Self::Migration(other.into()),
        }
    }

    fn of_database(error: Box<dyn DatabaseError>) -> Self {
        if let Some(kind) = constraint_kind(&*error) {
            return Self::Constraint {
                kind,
                name: constraint_name(&*error),
            };
        }
        let code = error.code().unwrap_or_default().into_owned();
        if error.try_downcast_ref::<PgDatabaseError>().is_some() {
            Self::of_sqlstate(&code, error)
        } else {
            Self::of_sqlite_code(code.parse().unwrap_or_default(), error)
        }
    }

    /// PostgreSQL's Appendix A, "Error Codes".
    fn of_sqlstate(code: &str, error: Box<dyn DatabaseError>) -> Self {
        match code {
            // serialization_failure, deadlock_detected
            "40001" | "40P01" => Self::Conflict,
            // disk_full
            "53100" => Self::Full,
            // read_only_sql_transaction (a standby), lock_not_available, query_canceled
            "25006" | "55P03" | "57014" => Self::Unavailable(error.into()),
            // insufficient resources, operator intervention, system error, connection exception,
            // and a session ended by its time limits
            _ if ["53", "57", "58", "08"].contains(&code.get(..2).unwrap_or_default())
                || code == "25P03" =>
            {
                Self::Unavailable(error.into())
            }
            _ => Self::Database(error.into()),
        }
    }

    /// SQLite's "Result and Error Codes"; the low byte is the primary code.
    fn of_sqlite_code(code: i32, error: Box<dyn DatabaseError>) -> Self {
        const BUSY: i32 = 5;
        const LOCKED: i32 = 6;
        const READONLY: i32 = 8;
        const IOERR: i32 = 10;
        const FULL: i32 = 13;
        const CANTOPEN: i32 = 14;
        match code & 0xff {
            FULL => Self::Full,
            BUSY | LOCKED | READONLY | IOERR | CANTOPEN => Self::Unavailable(error.into()),
            _ => Self::Database(error.into()),
        }
    }
}

fn constraint_kind(error: &dyn DatabaseError) -> Option<ConstraintKind> {
    /// `SQLITE_CONSTRAINT`: also of kinds that sqlx does not name, such as STRICT's data types.
    const CONSTRAINT: i32 = 19;
    match error.kind() {
        ErrorKind::UniqueViolation => Some(ConstraintKind::Unique),
        ErrorKind::ForeignKeyViolation => Some(ConstraintKind::ForeignKey),
        ErrorKind::NotNullViolation => Some(ConstraintKind::NotNull),
        ErrorKind::CheckViolation | ErrorKind::ExclusionViolation => Some(ConstraintKind::Check),
        _ => {
            let code: i32 = error.code()?.parse().ok()?;
            let is_sqlite = error.try_downcast_ref::<SqliteError>().is_some();
            (is_sqlite && code & 0xff == CONSTRAINT).then_some(ConstraintKind::Check)
        }
    }
}

fn constraint_name(error: &dyn DatabaseError) -> String {
    let told = || error.message().rsplit(": ").next().unwrap_or_default();
    error.constraint().unwrap_or_else(told).to_owned()
}
