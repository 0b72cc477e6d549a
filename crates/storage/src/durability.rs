//! Whether an acknowledged write survives a power cut and a failover.

use crate::{Conn, Engine, Statement, Store, StoreError, fetch_one, statements};
use std::fmt;

statements! {
    READ_SETTINGS = {
        sqlite: "SELECT 'none' AS fsync, 'none' AS full_page_writes, 'none' AS synchronous_commit, \
            0 AS is_standby, 0 AS standbys, '' AS synchronous_standbys",
        postgres: "SELECT current_setting('fsync') AS fsync, \
            current_setting('full_page_writes') AS full_page_writes, \
            current_setting('synchronous_commit') AS synchronous_commit, \
            pg_is_in_recovery() AS is_standby, (SELECT COUNT(*) FROM pg_stat_replication) AS standbys, \
            current_setting('synchronous_standby_names') AS synchronous_standbys"
    };
}

const JOURNAL_MODE: Statement = Statement::portable("PRAGMA journal_mode");
const SYNCHRONOUS: Statement = Statement::portable("PRAGMA synchronous");

/// SQLite's number for `synchronous = FULL`; EXTRA is above.
const FULL: i64 = 2;

/// A setting under which an acknowledged write could be lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DurabilityWarning {
    /// PostgreSQL does not wait for the disk at all.
    FsyncOff,
    /// A page that a power cut tore cannot be repaired.
    FullPageWritesOff,
    /// Sessions other than this program's lose their last commits in a crash.
    SynchronousCommitOff,
    /// Standbys follow without being waited for: a failover loses the last commits, endings too.
    StandbysNotSynchronous,
    /// The server is a standby: it takes no writes.
    IsStandby,
    /// The file system did not allow SQLite's write-ahead log.
    NotWriteAheadLog,
    /// SQLite does not sync each commit.
    NotFullSynchronous,
}

impl fmt::Display for DurabilityWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FsyncOff => "fsync is off: a power cut loses or corrupts acknowledged writes",
            Self::FullPageWritesOff => "full_page_writes is off: a power cut can corrupt pages",
            Self::SynchronousCommitOff => {
                "synchronous_commit is off: writes of other programs can be lost in a crash"
            }
            Self::StandbysNotSynchronous => {
                "synchronous_standby_names is empty: a failover loses the last acknowledged writes"
            }
            Self::IsStandby => "the server is a standby: it takes no writes",
            Self::NotWriteAheadLog => "the journal mode is not WAL",
            Self::NotFullSynchronous => "synchronous is below FULL: a power cut loses writes",
        })
    }
}

pub(crate) async fn check(store: &Store) -> Result<Vec<DurabilityWarning>, StoreError> {
    match store.engine() {
        // The settings are those of a connection, so the one that writes is asked.
        Engine::Sqlite => {
            store
                .write((), |tx, ()| Box::pin(async move { read_pragmas(tx).await }))
                .await
        }
        Engine::Postgres => {
            let settings: SettingsRow = fetch_one!(store.read().await?, READ_SETTINGS)?;
            Ok(settings.warnings())
        }
    }
}

async fn read_pragmas(conn: &mut Conn) -> Result<Vec<DurabilityWarning>, StoreError> {
    let (journal_mode,): (String,) = fetch_one!(conn, JOURNAL_MODE)?;
    let (synchronous,): (i64,) = fetch_one!(conn, SYNCHRONOUS)?;
    Ok(sqlite_warnings(&journal_mode, synchronous))
}

fn sqlite_warnings(journal_mode: &str, synchronous: i64) -> Vec<DurabilityWarning> {
    found([
        (journal_mode != "wal", DurabilityWarning::NotWriteAheadLog),
        (synchronous < FULL, DurabilityWarning::NotFullSynchronous),
    ])
}

#[derive(sqlx::FromRow)]
struct SettingsRow {
    fsync: String,
    full_page_writes: String,
    synchronous_commit: String,
    is_standby: bool,
    standbys: i64,
    synchronous_standbys: String,
}

impl SettingsRow {
    fn warnings(&self) -> Vec<DurabilityWarning> {
        let unsynchronised = self.standbys > 0 && self.synchronous_standbys.is_empty();
        found([
            (self.fsync == "off", DurabilityWarning::FsyncOff),
            (
                self.full_page_writes == "off",
                DurabilityWarning::FullPageWritesOff,
            ),
            (
                self.synchronous_commit == "off",
                DurabilityWarning::SynchronousCommitOff,
            ),
            (unsynchronised, DurabilityWarning::StandbysNotSynchronous),
            (self.is_standby, DurabilityWarning::IsStandby),
        ])
    }
}

fn found<const N: usize>(checks: [(bool, DurabilityWarning); N]) -> Vec<DurabilityWarning> {
    checks
        .into_iter()
        .filter_map(|(is_so, warning)| is_so.then_some(warning))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqlite_must_be_wal_and_full() {
        assert_eq!(sqlite_warnings("wal", 2), []);
        assert_eq!(sqlite_warnings("wal", 3), []);
        let both = [
            DurabilityWarning::NotWriteAheadLog,
            DurabilityWarning::NotFullSynchronous,
        ];
        assert_eq!(sqlite_warnings("delete", 1), both);
    }

    #[test]
    fn every_postgres_setting_is_looked_at() {
        let careless = SettingsRow {
            fsync: "off".into(),
            full_page_writes: "off".into(),
            synchronous_commit: "off".into(),
            is_standby: true,
            standbys: 1,
            synchronous_standbys: String::new(),
        };
        assert_eq!(careless.warnings().len(), 5);
    }
}
