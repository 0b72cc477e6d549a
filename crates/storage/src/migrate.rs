//! The schema's version, and how a database gets there.

use crate::{Conn, CountRow, StoreError, fetch_one, statements};
use sqlx::{
    ConnectOptions as _, Connection as _,
    migrate::{Migrate, Migrator},
    postgres::PgConnectOptions,
    sqlite::SqliteConnectOptions,
};
use std::hash::{DefaultHasher, Hasher as _};

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

statements! {
    COUNT_MIGRATION_TABLES = {
        sqlite: "SELECT COUNT(*) AS count FROM sqlite_schema WHERE name = '_sqlx_migrations'",
        postgres: "SELECT COUNT(to_regclass('_sqlx_migrations')) AS count"
    };
    FIND_VERSION = "SELECT COALESCE(MAX(version), 0) AS count FROM _sqlx_migrations";
}

/// How a database's schema stands to this program's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SchemaState {
    /// The same.
    Current,
    /// Migrations are missing; 0 for an empty database.
    Behind {
        /// The newest migration applied.
        found: i64,
        /// The newest that this program has.
        known: i64,
    },
    /// A newer program migrated it, in a way that this one can go on with: while nodes are replaced
    /// one by one, and on the way back to the older version.
    Ahead {
        /// The newest migration applied.
        found: i64,
        /// The newest that this program has.
        known: i64,
    },
}

/// Where a migration writes down its own version and the oldest one whose programs can go on with the
/// schema that it leaves, as `6:5`. Without it, or where it is of an earlier migration, an older
/// program stops rather than misunderstand.
const OLDEST_READER: &str = "schema.oldest_reader";

/// Changes with any migration of either engine: names a database that was made by them.
pub fn schema_fingerprint() -> u64 {
    let mut hasher = DefaultHasher::new();
    for migration in [&SQLITE, &POSTGRES].into_iter().flat_map(Migrator::iter) {
        hasher.write(&migration.checksum);
    }
    hasher.finish()
}

pub(crate) async fn state(conn: &mut Conn) -> Result<SchemaState, StoreError> {
    let known = SQLITE
        .iter()
        .map(|migration| migration.version)
        .max()
        .unwrap_or(0);
    let tables: CountRow = fetch_one!(conn, COUNT_MIGRATION_TABLES)?;
    if tables.count == 0 {
        return Ok(SchemaState::Behind { found: 0, known });
    }
    let CountRow { count: found } = fetch_one!(conn, FIND_VERSION)?;
    match found {
        found if found > known => {
            if oldest_reader(conn, found)
                .await?
                .is_some_and(|oldest| oldest <= known)
            {
                Ok(SchemaState::Ahead { found, known })
            } else {
                Err(StoreError::SchemaTooNew { found, known })
            }
        }
        found if found < known => Ok(SchemaState::Behind { found, known }),
        _ => Ok(SchemaState::Current),
    }
}

async fn oldest_reader(conn: &mut Conn, found: i64) -> Result<Option<i64>, StoreError> {
    let value = conn.find_setting(OLDEST_READER).await?;
    let said = |value: Vec<u8>| {
        let (version, oldest) = std::str::from_utf8(&value).ok()?.split_once(':')?;
        let is_of_found = version.parse() == Ok(found);
        is_of_found.then(|| oldest.parse().ok())?
    };
    Ok(value.and_then(said))
}

pub(crate) async fn sqlite(options: &SqliteConnectOptions) -> Result<(), StoreError> {
    let mut connection = options.connect().await.map_err(StoreError::of_statement)?;
    let mut migrated = run(&SQLITE, &mut connection).await;
    // sqlx takes no lock on SQLite, so another process may have applied a migration first. That
    // can happen once for each.
    for _ in SQLITE.iter() {
        if migrated.is_ok() {
            break;
        }
        migrated = run(&SQLITE, &mut connection).await;
    }
    // Whether the goodbye works does not change what was migrated.
    drop(connection.close().await);
    migrated
}

pub(crate) async fn postgres(options: &PgConnectOptions) -> Result<(), StoreError> {
    let mut connection = options.connect().await.map_err(StoreError::of_statement)?;
    let migrated = run(&POSTGRES, &mut connection).await;
    // The advisory lock goes with the session, also when the migration failed.
    drop(connection.close().await);
    migrated
}

async fn run<C: Migrate>(migrator: &Migrator, connection: &mut C) -> Result<(), StoreError> {
    migrator
        .run_direct(None, connection, false)
        .await
        .map_err(StoreError::of_migration)
}
