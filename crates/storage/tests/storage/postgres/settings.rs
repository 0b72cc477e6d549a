//! A write brings its own settings, whatever the database's defaults are.

use crate::harness::Harness;
use countersign_storage::Engine;

#[tokio::test]
async fn a_write_does_not_rely_on_the_databases_defaults() {
    let harness = Harness::on(Engine::Postgres).await;
    harness
        .outside(
            "DO $$ DECLARE setting TEXT; BEGIN
                FOREACH setting IN ARRAY ARRAY['synchronous_commit = off',
                    'default_transaction_isolation = serializable', 'default_transaction_read_only = on',
                    'lock_timeout = 0', 'idle_in_transaction_session_timeout = 0']
                LOOP EXECUTE format('ALTER DATABASE %I SET %s', current_database(), setting); END LOOP;
            END $$;
            CREATE TABLE seen (value TEXT);
            CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                INSERT INTO seen SELECT current_setting(name) FROM unnest(ARRAY['synchronous_commit',
                    'transaction_isolation', 'lock_timeout', 'idle_in_transaction_session_timeout']) AS name;
                RETURN NEW;
            END $$;
            CREATE TRIGGER note BEFORE INSERT ON settings FOR EACH ROW EXECUTE FUNCTION note()",
        )
        .await;
    let store = Harness::open(&harness.database).await;
    crate::harness::put(&store, "kept").await.unwrap();
    let seen: Vec<String> = sqlx::query_scalar("SELECT value FROM seen")
        .fetch_all(&mut harness.side().await)
        .await
        .unwrap();
    assert_eq!(seen, ["on", "read committed", "10s", "10s"]);
    store.close().await;
}
