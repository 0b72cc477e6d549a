//! What must be true of the rows, whatever happened.

use countersign_storage::Backend;
use countersign_test_support::TestDatabase;
use sqlx::{
    AssertSqlSafe, Connection as _, PgConnection, SqliteConnection, sqlite::SqliteConnectOptions,
};

/// Queries that count what must not be.
const NEVER: &[(&str, &str)] = &[
    (
        "two active sessions of one ownership",
        "SELECT COUNT(*) FROM (SELECT ownership_id FROM sessions WHERE ended_at IS NULL \
         GROUP BY ownership_id HAVING COUNT(*) > 1) AS twice",
    ),
    (
        "two active ownerships of one user and device",
        "SELECT COUNT(*) FROM (SELECT device_id FROM ownerships WHERE ended_at IS NULL \
         GROUP BY device_id, user_id HAVING COUNT(*) > 1) AS twice",
    ),
    (
        "an active session of a past ownership",
        "SELECT COUNT(*) FROM sessions s JOIN ownerships o ON o.id = s.ownership_id \
         WHERE s.ended_at IS NULL AND o.ended_at IS NOT NULL",
    ),
    (
        "an active session of a disabled user",
        "SELECT COUNT(*) FROM sessions s JOIN users u ON u.id = s.user_id \
         WHERE s.ended_at IS NULL AND u.disabled_at IS NOT NULL",
    ),
    (
        "an active session of another generation or key than its device",
        "SELECT COUNT(*) FROM sessions s JOIN devices d ON d.id = s.device_id WHERE s.ended_at IS NULL \
         AND (s.app_id <> d.app_id OR s.jkt IS DISTINCT FROM d.jkt)",
    ),
    (
        "an active session on a device that is revoked or banned",
        "SELECT COUNT(*) FROM sessions s JOIN devices d ON d.id = s.device_id \
         WHERE s.ended_at IS NULL AND d.state IN ('revoked', 'banned')",
    ),
    (
        "a device with a key that was given up",
        "SELECT COUNT(*) FROM devices d JOIN retired_keys k ON k.client_id = d.client_id AND k.jkt = d.jkt",
    ),
    (
        "an ended session without exactly one entry in the feed",
        "SELECT COUNT(*) FROM sessions s LEFT JOIN (SELECT subject_id, COUNT(*) AS times FROM feed \
         WHERE kind = 'ended' GROUP BY subject_id) f ON f.subject_id = s.id \
         WHERE s.ended_at IS NOT NULL AND COALESCE(f.times, 0) <> 1",
    ),
    (
        "an ended session without exactly one activity record",
        "SELECT COUNT(*) FROM sessions s LEFT JOIN (SELECT session_id, COUNT(*) AS times FROM activity \
         WHERE action = 'session.ended' GROUP BY session_id) a ON a.session_id = s.id \
         WHERE s.ended_at IS NOT NULL AND COALESCE(a.times, 0) <> 1",
    ),
    (
        "a sealed successor of an ended session",
        "SELECT COUNT(*) FROM sessions WHERE ended_at IS NOT NULL AND previous_sealed_successor IS NOT NULL",
    ),
];

/// Checks everything that must be true of any database.
pub(crate) async fn assert_consistent(database: &TestDatabase) {
    for (what, sql) in NEVER {
        assert_eq!(count(database, sql).await, 0, "{what}");
    }
    if let Backend::Sqlite { path } = database.backend() {
        let mut connection = sqlite(&path).await;
        let verdict: Vec<String> = sqlx::query_scalar("PRAGMA integrity_check")
            .fetch_all(&mut connection)
            .await
            .expect("the check");
        assert_eq!(verdict, ["ok"]);
        connection.close().await.expect("an orderly goodbye");
    }
}

/// The number that a query answers.
pub(crate) async fn count(database: &TestDatabase, sql: &str) -> i64 {
    let query = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
    match database.backend() {
        Backend::Sqlite { path } => {
            let row = query.fetch_one(&mut sqlite(&path).await).await;
            sqlx::Row::get(&row.expect("a row"), 0)
        }
        Backend::Postgres { url, .. } => {
            let mut connection = PgConnection::connect(&url).await.expect("the database");
            let row = query.fetch_one(&mut connection).await;
            sqlx::Row::get(&row.expect("a row"), 0)
        }
    }
}

/// Runs statements behind the service's back.
pub(crate) async fn execute(database: &TestDatabase, sql: &str) {
    let query = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
    let done = match database.backend() {
        Backend::Sqlite { path } => query.execute(&mut sqlite(&path).await).await.map(drop),
        Backend::Postgres { url, .. } => {
            let mut connection = PgConnection::connect(&url).await.expect("the database");
            query.execute(&mut connection).await.map(drop)
        }
    };
    done.expect("the statements");
}

async fn sqlite(path: &std::path::Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(path);
    SqliteConnection::connect_with(&options)
        .await
        .expect("the file")
}
