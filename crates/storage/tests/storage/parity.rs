//! Both migration folders make the same schema: tables, columns, nullability, keys, indexes and
//! references.

use crate::database::TestDatabase;
use countersign_storage::{Backend, Engine};
use sqlx::{Connection as _, PgConnection, SqliteConnection};
use std::collections::{BTreeMap, BTreeSet};

/// What differs on purpose: on SQLite the row number is the commit order, on PostgreSQL the
/// transaction id is what a reader can be sure of.
const DIFFERENT: &[(&str, &str)] = &[("feed", "position")];

#[derive(Debug, Default, PartialEq, Eq)]
struct Schema {
    /// "table.column type nullable"
    columns: BTreeSet<String>,
    /// "table (columns)" of primary and unique keys
    keys: BTreeSet<String>,
    /// "name on table (columns) where …"
    indexes: BTreeSet<String>,
    /// "table (columns) references … on delete …"
    references: BTreeSet<String>,
}

impl Schema {
    fn without_the_different(mut self) -> Self {
        for (table, column) in DIFFERENT {
            let start = format!("{table}.{column} ");
            self.columns.retain(|line| !line.starts_with(&start));
            self.keys
                .retain(|line| *line != format!("{table} ({column})"));
            let part = format!(" on {table} ({column})");
            self.indexes.retain(|line| !line.contains(&part));
        }
        self
    }
}

#[tokio::test]
async fn both_schemas_are_the_same() {
    let sqlite = TestDatabase::create(Engine::Sqlite).await;
    let postgres = TestDatabase::create(Engine::Postgres).await;
    let sqlite = sqlite_schema(sqlite.backend())
        .await
        .without_the_different();
    let postgres = postgres_schema(postgres.backend())
        .await
        .without_the_different();
    assert!(sqlite.columns.len() > 50 && sqlite.keys.len() > 10 && sqlite.indexes.len() > 5);
    assert_eq!(sqlite.columns, postgres.columns);
    assert_eq!(sqlite.keys, postgres.keys);
    assert_eq!(sqlite.indexes, postgres.indexes);
    assert_eq!(sqlite.references, postgres.references);
}

/// How PostgreSQL's type is stored on SQLite.
fn stored_type(postgres: &str) -> &'static str {
    match postgres {
        "uuid" | "bytea" => "BLOB",
        "text" | "jsonb" => "TEXT",
        "bigint" | "boolean" | "timestamp with time zone" | "xid8" => "INTEGER",
        other => panic!("{other} has no place in the type map"),
    }
}

/// A condition without what only one engine prints.
fn condition(text: Option<&str>) -> String {
    let plain = |text: &str| text.replace("::text", "").replace(['(', ')', '"'], "");
    text.map(|text| format!(" where {}", plain(text).trim().to_lowercase()))
        .unwrap_or_default()
}

async fn postgres_schema(backend: Backend) -> Schema {
    let Backend::Postgres { url, .. } = backend else {
        panic!("not on PostgreSQL")
    };
    let mut connection = PgConnection::connect(&url).await.unwrap();
    let columns: Vec<(String, String, String, String)> = sqlx::query_as(
        "SELECT table_name::text, column_name::text, data_type::text, is_nullable::text \
         FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> '_sqlx_migrations'",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    let columns = columns.into_iter().map(|(table, column, kind, nullable)| {
        format!(
            "{table}.{column} {} nullable={nullable}",
            stored_type(&kind)
        )
    });
    let indexes: Vec<(String, String, bool, bool, String, Option<String>)> = sqlx::query_as(
        "SELECT t.relname::text, i.relname::text, x.indisunique, k.oid IS NOT NULL, \
            (SELECT string_agg(a.attname, ', ' ORDER BY n.place) FROM unnest(x.indkey) \
             WITH ORDINALITY AS n(attnum, place) JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = n.attnum), \
            pg_get_expr(x.indpred, x.indrelid) \
         FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid \
         JOIN pg_namespace s ON s.oid = t.relnamespace \
         LEFT JOIN pg_constraint k ON k.conindid = x.indexrelid AND k.contype IN ('p', 'u') \
         WHERE s.nspname = 'public' AND t.relname <> '_sqlx_migrations'",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    let references: Vec<(String, String, String, String, String)> = sqlx::query_as(
        "SELECT t.relname::text, a.attname::text, r.relname::text, b.attname::text, \
            CASE k.confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'a' THEN 'NO ACTION' ELSE k.confdeltype::text END \
         FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid JOIN pg_class r ON r.oid = k.confrelid \
         JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.conkey[1] \
         JOIN pg_attribute b ON b.attrelid = r.oid AND b.attnum = k.confkey[1] WHERE k.contype = 'f'",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    let mut schema = Schema {
        columns: columns.collect(),
        ..Schema::default()
    };
    for (table, name, unique, is_key, columns, predicate) in indexes {
        if is_key {
            schema.keys.insert(format!("{table} ({columns})"));
        } else {
            schema
                .indexes
                .insert(index(&table, &name, unique, &columns, predicate.as_deref()));
        }
    }
    schema.references = references.into_iter().map(reference).collect();
    schema
}

async fn sqlite_schema(backend: Backend) -> Schema {
    let Backend::Sqlite { path } = backend else {
        panic!("not on SQLite")
    };
    let mut connection = SqliteConnection::connect(&format!("sqlite://{}", path.display()))
        .await
        .unwrap();
    let tables = "FROM sqlite_schema t, ";
    let real = "t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.name <> '_sqlx_migrations'";
    let columns: Vec<(String, String, String, bool, i64)> = sqlx::query_as(sqlx::AssertSqlSafe(
        format!("SELECT t.name, c.name, c.type, c.\"notnull\", c.pk {tables} pragma_table_info(t.name) c WHERE {real}"),
    ))
    .fetch_all(&mut connection)
    .await
    .unwrap();
    let indexes: Vec<(String, String, bool, String, String, Option<String>)> =
        sqlx::query_as(sqlx::AssertSqlSafe(format!(
            "SELECT t.name, i.name, i.\"unique\", i.origin, \
                (SELECT group_concat(x.name, ', ') FROM (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno) x), \
                (SELECT sql FROM sqlite_schema d WHERE d.name = i.name) \
             {tables} pragma_index_list(t.name) i WHERE {real}"
        )))
        .fetch_all(&mut connection)
        .await
        .unwrap();
    let references: Vec<(String, String, String, String, String)> =
        sqlx::query_as(sqlx::AssertSqlSafe(format!(
            "SELECT t.name, f.\"from\", f.\"table\", f.\"to\", f.on_delete {tables} pragma_foreign_key_list(t.name) f \
             WHERE {real}"
        )))
        .fetch_all(&mut connection)
        .await
        .unwrap();
    let mut schema = Schema::default();
    let mut primary: BTreeMap<String, BTreeMap<i64, String>> = BTreeMap::new();
    for (table, column, kind, not_null, key_place) in columns {
        // STRICT makes the columns of a primary key NOT NULL.
        let nullable = if not_null || key_place > 0 {
            "NO"
        } else {
            "YES"
        };
        schema
            .columns
            .insert(format!("{table}.{column} {kind} nullable={nullable}"));
        if key_place > 0 {
            primary.entry(table).or_default().insert(key_place, column);
        }
    }
    for (table, columns) in primary {
        let columns: Vec<String> = columns.into_values().collect();
        schema
            .keys
            .insert(format!("{table} ({})", columns.join(", ")));
    }
    for (table, name, unique, origin, columns, sql) in indexes {
        if origin == "c" {
            let predicate = sql
                .as_deref()
                .and_then(|sql| sql.split_once(" WHERE "))
                .map(|(_, p)| p);
            schema
                .indexes
                .insert(index(&table, &name, unique, &columns, predicate));
        } else {
            schema.keys.insert(format!("{table} ({columns})"));
        }
    }
    schema.references = references.into_iter().map(reference).collect();
    schema
}

fn index(table: &str, name: &str, unique: bool, columns: &str, predicate: Option<&str>) -> String {
    let condition = condition(predicate);
    format!("{name} on {table} ({columns}) unique={unique}{condition}")
}

fn reference(
    (table, column, target, key, on_delete): (String, String, String, String, String),
) -> String {
    format!("{table} ({column}) references {target} ({key}) on delete {on_delete}")
}

#[tokio::test]
async fn every_sqlite_table_is_strict() {
    let database = TestDatabase::create(Engine::Sqlite).await;
    let Backend::Sqlite { path } = database.backend() else {
        panic!("not on SQLite")
    };
    let mut connection = SqliteConnection::connect(&format!("sqlite://{}", path.display()))
        .await
        .unwrap();
    let loose: Vec<String> = sqlx::query_scalar(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND NOT strict \
         AND name NOT LIKE 'sqlite_%' AND name <> '_sqlx_migrations'",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    assert_eq!(loose, Vec::<String>::new());
}

#[tokio::test]
async fn every_postgres_text_compares_bytewise() {
    let database = TestDatabase::create(Engine::Postgres).await;
    let Backend::Postgres { url, .. } = database.backend() else {
        panic!("not on PostgreSQL")
    };
    let mut connection = PgConnection::connect(&url).await.unwrap();
    let other: Vec<String> = sqlx::query_scalar(
        "SELECT table_name || '.' || column_name FROM information_schema.columns \
         WHERE table_schema = 'public' AND data_type = 'text' AND table_name <> '_sqlx_migrations' \
         AND collation_name IS DISTINCT FROM 'C'",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    assert_eq!(other, Vec::<String>::new());
}
