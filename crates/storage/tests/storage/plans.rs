//! How each engine reads what is read often. A changed plan is a changed snapshot.
//!
//! To watch a statement: a line in [`HOT`].

use crate::database::TestDatabase;
use countersign_storage::{Backend, Engine, Statement, all_statements};
use sqlx::{
    AssertSqlSafe, Connection as _, Either, Executor as _, PgConnection, SqlSafeStr as _,
    SqliteConnection, Statement as _,
};
use std::fmt::Write as _;

/// The statements of login, refresh, verification, the feed, the device lists and the retention.
const HOT: &[(&str, &str)] = &[
    ("active_session", "COUNT_ACTIVE_SESSIONS"),
    ("adopted", "FIND_ADOPTED_TOKEN"),
    ("api_key", "FIND_API_KEY"),
    ("device", "LOCK_DEVICE_BY_INSTALLATION"),
    ("device", "LOCK_DEVICE_BY_KEY"),
    ("device", "LOCK_SPLIT_DEVICE"),
    ("device_list", "COUNT_DEVICES"),
    ("device_list", "FIND_USERS_DEVICE"),
    ("device_list", "LIST_ACTIVE_DEVICES"),
    ("device_list", "LIST_PAST_DEVICES"),
    ("device_list", "SEARCH_DEVICES"),
    ("feed", "LOAD_DENYLIST"),
    ("feed", "READ_FEED"),
    ("feed_marks", "PRUNE_FEED"),
    ("feed_marks", "READ_CHANGED_SINCE"),
    ("ownership", "LOCK_ACTIVE_OWNERSHIP"),
    ("retention", "PRUNE_ACTIVITY"),
    ("retention", "PRUNE_OWNERSHIPS"),
    ("retention", "PRUNE_PROOF_USES"),
    ("retention", "PRUNE_SESSIONS"),
    ("session", "FIND_EXPIRED_SESSIONS"),
    ("session", "FIND_REFRESH_TOKEN"),
    ("session", "LOCK_DEVICES_SESSIONS"),
    ("session", "LOCK_OWNERSHIPS_SESSION"),
    ("session", "LOCK_SESSION"),
    ("session", "LOCK_USERS_SESSIONS"),
    ("snapshot", "LOAD_SNAPSHOT"),
    ("user", "LOCK_USER"),
];

fn hot() -> impl Iterator<Item = (String, Statement)> {
    HOT.iter().map(|(module, name)| {
        let found = all_statements().find(|(m, n, _)| m == module && n == name);
        let (.., statement) = found.unwrap_or_else(|| panic!("no statement {module}::{name}"));
        (format!("{module}::{name}"), statement)
    })
}

/// Clients are few, and the others are a row each or a list that was handed in.
const FEW: [&str; 5] = [
    "SCAN clients",
    "SCAN sqlite_sequence",
    "SCAN CONSTANT ROW",
    "SCAN e",
    "SCAN json_each",
];

#[tokio::test]
async fn sqlite_plans() {
    let database = TestDatabase::create(Engine::Sqlite).await;
    let Backend::Sqlite { path } = database.backend() else {
        panic!("not on SQLite")
    };
    let mut connection = SqliteConnection::connect(&format!("sqlite://{}", path.display()))
        .await
        .unwrap();
    let mut plans = String::new();
    for (name, statement) in hot() {
        let explain = format!("EXPLAIN QUERY PLAN {}", statement.sql(Engine::Sqlite));
        let lines: Vec<(i64, i64, i64, String)> = sqlx::query_as(AssertSqlSafe(explain))
            .fetch_all(&mut connection)
            .await
            .unwrap();
        write_plan(
            &mut plans,
            &name,
            lines.into_iter().map(|(.., detail)| detail),
        );
    }
    let large = |plans: &str| {
        let rest = |line: &str| FEW.iter().any(|few| line.trim().starts_with(few));
        plans
            .lines()
            .any(|line| line.contains("SCAN ") && !rest(line))
    };
    assert!(
        !large(&plans),
        "a hot read goes through a whole table:\n{plans}"
    );
    insta::assert_snapshot!("sqlite_plans", plans);
}

#[tokio::test]
async fn postgres_plans() {
    let database = TestDatabase::create(Engine::Postgres).await;
    let Backend::Postgres { url, .. } = database.backend() else {
        panic!("not on PostgreSQL")
    };
    let mut connection = PgConnection::connect(&url).await.unwrap();
    sqlx::raw_sql(include_str!("plans.sql"))
        .execute(&mut connection)
        .await
        .unwrap();
    // Whole tables are small here; in service they are not.
    let settings =
        "SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan; SET jit = off";
    sqlx::raw_sql(settings)
        .execute(&mut connection)
        .await
        .unwrap();
    let mut plans = String::new();
    for (name, statement) in hot() {
        let sql = statement.sql(Engine::Postgres);
        let prepared = (&mut connection).prepare(sql.into_sql_str()).await.unwrap();
        let parameters = match prepared.parameters() {
            Some(Either::Left(types)) => types.len(),
            other => panic!("{other:?}"),
        };
        let nulls = vec!["NULL"; parameters].join(", ");
        let arguments = if nulls.is_empty() {
            nulls
        } else {
            format!("({nulls})")
        };
        let prepare = format!("DEALLOCATE ALL; PREPARE hot AS {sql}");
        let explain = format!("EXPLAIN (COSTS OFF) EXECUTE hot{arguments}");
        sqlx::raw_sql(AssertSqlSafe(prepare))
            .execute(&mut connection)
            .await
            .unwrap();
        let rows = sqlx::raw_sql(AssertSqlSafe(explain))
            .fetch_all(&mut connection)
            .await
            .unwrap();
        let lines = rows.iter().map(|row| sqlx::Row::get::<String, _>(row, 0));
        write_plan(&mut plans, &name, lines);
    }
    assert!(
        !plans
            .replace("Seq Scan on clients", "few")
            .contains("Seq Scan"),
        "a hot read goes through a whole table:\n{plans}"
    );
    insta::assert_snapshot!("postgres_plans", plans);
}

fn write_plan(plans: &mut String, name: &str, lines: impl Iterator<Item = String>) {
    writeln!(plans, "{name}").unwrap();
    for line in lines {
        writeln!(plans, "  {line}").unwrap();
    }
}
