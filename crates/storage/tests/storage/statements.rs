//! Every statement is prepared on both schemas: a column that does not exist fails here.

use crate::database::TestDatabase;
use countersign_storage::{Backend, Engine, all_statements};
use sqlx::{Connection as _, Executor as _, PgConnection, SqlSafeStr as _, SqliteConnection};
use std::{collections::BTreeSet, fs, path::Path};

#[tokio::test]
async fn every_statement_is_prepared_on_sqlite() {
    let database = TestDatabase::create(Engine::Sqlite).await;
    let Backend::Sqlite { path } = database.backend() else {
        panic!("not on SQLite")
    };
    let mut connection = SqliteConnection::connect(&format!("sqlite://{}", path.display()))
        .await
        .unwrap();
    for (module, name, statement) in all_statements() {
        let prepared = connection
            .prepare(statement.sql(Engine::Sqlite).into_sql_str())
            .await;
        assert!(prepared.is_ok(), "{module}::{name}: {:?}", prepared.err());
    }
}

#[tokio::test]
async fn every_statement_is_prepared_on_postgres() {
    let database = TestDatabase::create(Engine::Postgres).await;
    let Backend::Postgres { url, .. } = database.backend() else {
        panic!("not on PostgreSQL")
    };
    let mut connection = PgConnection::connect(&url).await.unwrap();
    for (module, name, statement) in all_statements() {
        let prepared = connection
            .prepare(statement.sql(Engine::Postgres).into_sql_str())
            .await;
        assert!(prepared.is_ok(), "{module}::{name}: {:?}", prepared.err());
    }
}

#[test]
fn no_module_is_left_out() {
    let listed: BTreeSet<String> = all_statements()
        .map(|(module, ..)| module.to_owned())
        .collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let declaring = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|file| {
            file.is_file()
                && fs::read_to_string(file)
                    .unwrap()
                    .contains("\nstatements! {")
        });
    let declaring: BTreeSet<String> = declaring
        .map(|file| file.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    assert_eq!(listed, declaring);
}

/// A prepared statement keeps its columns: a column that a newer version adds must not change what
/// an older one, still running, gets from it.
#[test]
fn every_statement_names_its_columns() {
    for (module, name, statement) in all_statements() {
        for engine in [Engine::Sqlite, Engine::Postgres] {
            // Elsewhere it multiplies or counts.
            let has_star = ["SELECT *", ", *", ".*"]
                .iter()
                .any(|star| statement.sql(engine).contains(star));
            assert!(!has_star, "{module}::{name}");
        }
    }
}
