//! From nothing to this program's schema, and never back from a newer one.

use crate::{
    database::TestDatabase,
    harness::{Harness, Heard, NoJitter},
    on_both_engines,
};
use countersign_storage::{Engine, SchemaState, Store, StoreError};
use futures_util::future::join_all;
use std::{fs, path::Path, sync::Arc};

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
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("migrations")
            .join(engine);
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|file| file.unwrap().file_name())
            .collect();
        names.sort();
        names
    };
    assert_eq!(names("sqlite"), names("postgres"));
}
