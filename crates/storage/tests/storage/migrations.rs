//! From nothing to this program's schema, and never back from a newer one.

use crate::{
    database::TestDatabase,
    harness::{Harness, Heard, NoJitter},
    on_both_engines,
};
use countersign_storage::{Engine, SchemaState, Store, StoreError};
use futures_util::future::join_all;
use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

on_both_engines! {
    async fn an_empty_database_is_brought_up_to_date(harness) {
        let empty = TestDatabase::create_empty(harness.store.engine()).await;
        let store = Harness::open(&empty).await;
        let behind = store.schema().await.unwrap();
        assert!(matches!(behind, SchemaState::Behind { found: 0, .. }), "{behind:?}");
        store.migrate().await.unwrap();
        assert_eq!(store.schema().await.unwrap(), SchemaState::Current);
        store.migrate().await.unwrap();
        crate::harness::put(&store, "kept").await.unwrap();
        store.close().await;
    }

    async fn concurrent_migrations_wait_for_each_other(harness) {
        let empty = TestDatabase::create_empty(harness.store.engine()).await;
        let stores = join_all((0..4).map(|_| Harness::open(&empty))).await;
        for migrated in join_all(stores.iter().map(Store::migrate)).await {
            migrated.unwrap();
        }
        for store in stores {
            assert_eq!(store.schema().await.unwrap(), SchemaState::Current);
            store.close().await;
        }
    }

    async fn a_newer_schema_is_refused(harness) {
        harness.outside("UPDATE _sqlx_migrations SET version = version + 100").await;
        let config = harness.database.config(Arc::new(NoJitter));
        let refused = Store::open(config, Arc::new(Heard::default())).await;
        assert!(matches!(refused, Err(StoreError::SchemaTooNew { .. })), "{refused:?}");
        let refused = harness.store.migrate().await;
        assert!(matches!(refused, Err(StoreError::SchemaTooNew { .. })), "{refused:?}");
    }

    async fn a_newer_schema_that_names_this_version_as_a_reader_is_used_as_it_is(harness) {
        let SchemaState::Current = harness.store.schema().await.unwrap() else { panic!("not current") };
        let newest = "(SELECT MAX(version) FROM _sqlx_migrations)";
        harness.outside(&format!("UPDATE _sqlx_migrations SET version = version + 100 WHERE version = {newest}")).await;
        harness.outside("ALTER TABLE users ADD COLUMN shoe_size INTEGER").await;
        let known = newest_migration("sqlite");
        let found = known + 100;
        for (of, oldest, is_reader) in [
            (found, known + 1, false), (known, 1, false), (found, known, true), (found, 1, true),
        ] {
            let value = match harness.store.engine() {
                Engine::Sqlite => format!("CAST('{of}:{oldest}' AS BLOB)"),
                Engine::Postgres => format!("CAST('{of}:{oldest}' AS BYTEA)"),
            };
            harness.outside("DELETE FROM settings WHERE name = 'schema.oldest_reader'").await;
            harness.outside(&format!("INSERT INTO settings (name, value) VALUES ('schema.oldest_reader', {value})")).await;
            let config = harness.database.config(Arc::new(NoJitter));
            let store = Store::open(config, Arc::new(Heard::default())).await;
            assert_eq!(store.is_ok(), is_reader, "{store:?}");
            if let Ok(store) = store {
                store.migrate().await.unwrap();
                assert_eq!(store.schema().await.unwrap(), SchemaState::Ahead { found: known + 100, known });
                crate::harness::put(&store, "written beside a newer version").await.unwrap();
                store.close().await;
            }
        }
    }

    async fn an_edited_migration_is_refused(harness) {
        let zero = match harness.store.engine() {
            Engine::Sqlite => "x'00'",
            Engine::Postgres => "'\\x00'",
        };
        harness.outside(&format!("UPDATE _sqlx_migrations SET checksum = {zero}")).await;
        let refused = harness.store.migrate().await;
        assert!(matches!(refused, Err(StoreError::Migration(_))), "{refused:?}");
    }
}

#[test]
fn both_engines_have_the_same_migrations() {
    let names = |engine| {
        let mut names: Vec<_> = fs::read_dir(migrations(engine))
            .unwrap()
            .map(|file| file.unwrap().file_name())
            .collect();
        names.sort();
        names
    };
    assert_eq!(names("sqlite"), names("postgres"));
}

/// The highest number of a migration.
fn newest_migration(engine: &str) -> i64 {
    let files = fs::read_dir(migrations(engine)).unwrap();
    let number = |name: String| name.split_once('_')?.0.parse().ok();
    let numbers = files.filter_map(|file| number(file.unwrap().file_name().into_string().unwrap()));
    numbers.max().unwrap()
}

fn migrations(engine: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("migrations")
        .join(engine)
}
