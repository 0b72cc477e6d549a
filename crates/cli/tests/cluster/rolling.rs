//! An older version beside a newer one, on the schema that the newer one left.

use crate::{
    cut_off::{PATIENCE, address},
    lane::Lane,
    scene::{NODES, Scene, Setting},
};
use countersign_storage::Engine;
use countersign_test_support::TestDatabase;
use sqlx::{Connection as _, PgConnection};

/// What a newer version may do while older ones run: add, and say who can go on with it.
const NEWER: &str = "ALTER TABLE users ADD COLUMN shoe_size INTEGER; \
    ALTER TABLE sessions ADD COLUMN mood TEXT NOT NULL DEFAULT 'fair'; \
    CREATE TABLE shoes (id UUID PRIMARY KEY); \
    INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
        VALUES (9999, 'shoes', TRUE, '\\x00', 1); \
    INSERT INTO settings (name, value) VALUES ('schema.oldest_reader', CAST('9999:1' AS BYTEA)) \
        ON CONFLICT (name) DO UPDATE SET value = EXCLUDED.value";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i1_nodes_go_on_and_start_again_beside_a_newer_schema() {
    let database = TestDatabase::create(Engine::Postgres).await;
    let mut scene = Scene::set(Setting::on(address(&database))).await;
    let mut lane = Lane::new(&scene.stage, PATIENCE);
    end_everywhere(&mut lane).await;
    migrate_beyond(scene.database()).await;
    end_everywhere(&mut lane).await;
    for node in 0..NODES {
        scene.programs[node].kill().await;
        scene.restart(node).await;
        end_everywhere(&mut lane).await;
    }
    let told = scene.stage.judge();
    assert_eq!(told["endings"], (2 + NODES) * NODES);
}

/// One ending on each node, of a session that everybody accepted.
async fn end_everywhere(lane: &mut Lane) {
    for node in 0..NODES {
        let session = lane.log_in().await.expect("an answer");
        while !lane.is_accepted_by_all(&session).await {}
        assert!(lane.end_on(&session, node).await, "an ending");
        lane.ask_all(&session).await;
    }
}

async fn migrate_beyond(database: &str) {
    let mut connection = PgConnection::connect(database).await.expect("the database");
    let migrated = sqlx::raw_sql(NEWER).execute(&mut connection).await;
    migrated.expect("the newer version's migration");
}
