//! A store on a database of its own, and an observer that remembers.

use crate::database::TestDatabase;
use countersign_core::{
    Rng, SessionId, Timestamp,
    feed::{FeedEntry, FeedEvent, Subject},
    ids::FeedEntryId,
};
use countersign_storage::{Backend, CommitObserver, Engine, Store, StoreConfig, StoreError};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::sync::Notify;
use uuid::Uuid;

/// When the tests take place.
pub(crate) const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

pub(crate) struct Harness {
    pub(crate) store: Store,
    pub(crate) heard: Arc<Heard>,
    pub(crate) database: TestDatabase,
}

impl Harness {
    pub(crate) async fn on(engine: Engine) -> Self {
        Self::with(engine, |_| {}).await
    }

    /// With a changed configuration.
    pub(crate) async fn with(engine: Engine, change: impl FnOnce(&mut StoreConfig)) -> Self {
        let database = TestDatabase::create(engine).await;
        let mut config = database.config(Arc::new(NoJitter));
        change(&mut config);
        let heard = Arc::new(Heard::default());
        let store = Store::open(config, heard.clone()).await.unwrap();
        Self {
            store,
            heard,
            database,
        }
    }

    /// Another store on the same database.
    pub(crate) async fn open(database: &TestDatabase) -> Store {
        let config = database.config(Arc::new(NoJitter));
        Store::open(config, Arc::new(Heard::default()))
            .await
            .unwrap()
    }

    /// Runs statements on the database from outside the store.
    pub(crate) async fn outside(&self, sql: &str) {
        match self.database.backend() {
            Backend::Sqlite { path } => {
                let url = format!("sqlite://{}", path.display());
                let mut side = SqliteConnection::connect(&url).await.unwrap();
                sqlx::raw_sql(AssertSqlSafe(sql))
                    .execute(&mut side)
                    .await
                    .unwrap();
                side.close().await.unwrap();
            }
            Backend::Postgres { .. } => {
                let mut side = self.side().await;
                sqlx::raw_sql(AssertSqlSafe(sql))
                    .execute(&mut side)
                    .await
                    .unwrap();
                side.close().await.unwrap();
            }
        }
    }

    /// A PostgreSQL session beside the store's.
    pub(crate) async fn side(&self) -> PgConnection {
        let Backend::Postgres { url, .. } = self.database.backend() else {
            panic!("not on PostgreSQL");
        };
        PgConnection::connect(&url).await.unwrap()
    }

    /// Keeps a value; fails when the name is taken with another one.
    pub(crate) async fn put(&self, name: &'static str) -> Result<(), StoreError> {
        put(&self.store, name).await
    }

    /// Whether the value stands.
    pub(crate) async fn has(&self, name: &str) -> bool {
        self.store
            .read()
            .await
            .unwrap()
            .find_setting(name)
            .await
            .unwrap()
            .is_some()
    }
}

pub(crate) async fn put(store: &Store, name: &'static str) -> Result<(), StoreError> {
    store
        .write(name, |tx, name| {
            Box::pin(async move { tx.insert_or_read_setting(name, b"value").await.map(drop) })
        })
        .await
}

/// A feed entry with an id of its own.
pub(crate) fn entry(number: u128) -> FeedEntry {
    FeedEntry {
        id: FeedEntryId::from_uuid(Uuid::from_u128(number)),
        event: FeedEvent::Changed(Subject::Session(SessionId::from_uuid(Uuid::from_u128(
            number,
        )))),
    }
}

/// What an observer was told, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Told {
    Committed(Vec<FeedEntry>),
    OutcomeUnknown(Vec<FeedEntry>),
}

/// Remembers what it is told.
#[derive(Debug, Default)]
pub(crate) struct Heard(Mutex<Vec<Told>>);

impl Heard {
    pub(crate) fn all(&self) -> Vec<Told> {
        self.0.lock().unwrap().clone()
    }
}

impl CommitObserver for Heard {
    fn committed(&self, entries: &[FeedEntry]) {
        self.0
            .lock()
            .unwrap()
            .push(Told::Committed(entries.to_vec()));
    }

    fn outcome_unknown(&self, entries: &[FeedEntry]) {
        self.0
            .lock()
            .unwrap()
            .push(Told::OutcomeUnknown(entries.to_vec()));
    }
}

/// Makes every pause zero.
#[derive(Debug)]
pub(crate) struct NoJitter;

impl Rng for NoJitter {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

/// Where a closure waits until the test lets it go on.
#[derive(Debug, Clone, Default)]
pub(crate) struct Gate(Arc<(Notify, Notify)>);

impl Gate {
    /// In the closure: says that it is here and waits.
    pub(crate) async fn pass(&self) {
        self.0.0.notify_one();
        self.0.1.notified().await;
    }

    /// In the test: waits for the closure.
    pub(crate) async fn reached(&self) {
        self.0.0.notified().await;
    }

    /// In the test: lets the closure go on.
    pub(crate) fn open(&self) {
        self.0.1.notify_one();
    }
}

/// Asks until the answer is yes.
///
/// # Panics
/// After 20 s.
pub(crate) async fn wait_until(mut is_so: impl AsyncFnMut() -> bool) {
    let asking = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), asking)
        .await
        .expect("the awaited state");
}
