//! The key-encryption key: there, private, and the one that the database was sealed under.

use super::Finding;
use crate::config::{FirstStart, Loaded};
use countersign_core::SystemRng;
use countersign_server::KeyEncryptionKey;
use countersign_storage::{Backend, SchemaState, Store};

const CHECK: &str = "key";

/// Without a database there is nothing to compare it with.
pub(super) fn without_database(loaded: &Loaded, backend: &Backend) -> Finding {
    match read(loaded, backend) {
        Ok(_) => Finding::ok(CHECK, "readable by its owner only"),
        Err(_) if is_made_later(loaded, backend) => Finding::ok(CHECK, "the first start makes it"),
        Err(error) => Finding::fail(CHECK, format!("{error:#}"), ""),
    }
}

pub(super) async fn against_database(loaded: &Loaded, backend: &Backend, store: &Store) -> Finding {
    let key = match read(loaded, backend) {
        Ok(key) => key,
        Err(error) => return Finding::fail(CHECK, format!("{error:#}"), ""),
    };
    if !matches!(
        store.schema().await,
        Ok(SchemaState::Current | SchemaState::Ahead { .. })
    ) {
        return Finding::ok(
            CHECK,
            "readable; compared with the database once the schema is current",
        );
    }
    match countersign_server::check_key_encryption_key(store, key).await {
        Ok(true) => Finding::ok(CHECK, "opens what the database holds"),
        Ok(false) => Finding::ok(CHECK, "readable; the database holds nothing sealed yet"),
        Err(error) => Finding::fail(
            CHECK,
            format!("{:#}", anyhow::Error::new(error)),
            "find the key that this database was made with",
        ),
    }
}

fn read(loaded: &Loaded, backend: &Backend) -> anyhow::Result<KeyEncryptionKey> {
    loaded.key_encryption_key(backend, FirstStart::Forbidden, &SystemRng)
}

/// SQLite's key file is made with the database, as long as neither is there.
fn is_made_later(loaded: &Loaded, backend: &Backend) -> bool {
    matches!(backend, Backend::Sqlite { path } if !path.exists()) && !loaded.key_file().exists()
}
