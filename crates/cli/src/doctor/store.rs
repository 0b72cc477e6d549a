//! The database: reachable, current, durable, and sealed under this key.

use super::{Finding, key};
use crate::{config::Loaded, migrate::Deaf};
use anyhow::Error;
use countersign_core::{Rng, SystemRng};
use countersign_storage::{Backend, SchemaState, Store, StoreError};
use std::sync::Arc;

const STORE: &str = "store";
const SCHEMA: &str = "schema";
const DURABILITY: &str = "durability";

pub(super) async fn examine(loaded: &Loaded) -> Vec<Finding> {
    let backend = match loaded.backend() {
        Ok(backend) => backend,
        Err(error) => return vec![Finding::fail(STORE, error.to_string(), "set store.url")],
    };
    // Opening it would make it.
    if let Backend::Sqlite { path } = &backend
        && !path.exists()
    {
        let none = format!(
            "no database at {} yet: the first start makes it",
            path.display()
        );
        return vec![
            Finding::ok(STORE, none),
            key::without_database(loaded, &backend),
        ];
    }
    let rng: Arc<dyn Rng> = Arc::new(SystemRng);
    let opened = match loaded.store_config(&rng) {
        Ok(config) => Store::open(config, Arc::new(Deaf))
            .await
            .map_err(Error::new),
        Err(error) => Err(Error::new(error)),
    };
    let store = match opened {
        Ok(store) => store,
        Err(error) => return vec![unopened(&error), key::without_database(loaded, &backend)],
    };
    let found = vec![
        Finding::ok(STORE, reached(&backend)),
        schema(store.schema().await),
        durability(&store).await,
        key::against_database(loaded, &backend, &store).await,
    ];
    store.close().await;
    found
}

fn reached(backend: &Backend) -> String {
    match backend {
        Backend::Sqlite { path } => format!("SQLite, {}", path.display()),
        Backend::Postgres {
            direct_url: Some(_),
            ..
        } => "PostgreSQL, migrations by store.direct_url".into(),
        Backend::Postgres {
            direct_url: None, ..
        } => "PostgreSQL".into(),
    }
}

fn unopened(error: &Error) -> Finding {
    let hint = match error.downcast_ref::<StoreError>() {
        Some(StoreError::SchemaTooNew { .. }) => "a newer version migrated it: use that one",
        _ => "is the database running, and are address, user and password right?",
    };
    Finding::fail(STORE, format!("{error:#}"), hint)
}

fn schema(state: Result<SchemaState, StoreError>) -> Finding {
    match state {
        Ok(SchemaState::Current) => Finding::ok(SCHEMA, "current"),
        Ok(SchemaState::Ahead { found, known }) => Finding::ok(
            SCHEMA,
            format!("at {found} by a newer version; this program's {known} can go on with it"),
        ),
        Ok(SchemaState::Behind { found, known }) => Finding::warn(
            SCHEMA,
            format!("at {found}, this program's at {known}"),
            "the next start migrates; or run countersign migrate",
        ),
        Err(error) => Finding::fail(SCHEMA, format!("{:#}", Error::new(error)), ""),
    }
}

async fn durability(store: &Store) -> Finding {
    match store.durability().await {
        Ok(warnings) if warnings.is_empty() => Finding::ok(
            DURABILITY,
            "an acknowledged change survives a crash and a power cut",
        ),
        Ok(warnings) => {
            let all: Vec<String> = warnings.iter().map(ToString::to_string).collect();
            Finding::warn(
                DURABILITY,
                all.join("; "),
                "change the setting, or accept the loss",
            )
        }
        Err(error) => Finding::fail(DURABILITY, format!("{:#}", Error::new(error)), ""),
    }
}
