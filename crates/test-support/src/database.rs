//! Databases for tests: each its own, with this program's schema, gone when dropped.

use countersign_core::Rng;
use countersign_storage::{
    Backend, CommitObserver, Engine, Store, StoreConfig, schema_fingerprint,
};
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection, postgres::PgConnectOptions,
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    thread,
};

/// Names the environment variable with the address of a running server, as a superuser.
const SERVER: &str = "COUNTERSIGN_TEST_POSTGRES";

/// Names the variable with `host:port` of a pooler in front of it.
const POOLER: &str = "COUNTERSIGN_TEST_POOLER";

/// Serialises the making of templates between test processes.
const TEMPLATE_LOCK: i64 = 0x6373_7465_7374;

/// A database of one test.
#[derive(Debug)]
pub struct TestDatabase {
    place: Place,
}

#[derive(Debug)]
enum Place {
    Sqlite(tempfile::TempDir),
    Postgres { server: String, name: String },
}

impl TestDatabase {
    /// Makes a database with the schema in place.
    ///
    /// # Panics
    /// When it cannot, on PostgreSQL also when the tests were started without a server.
    pub async fn create(engine: Engine) -> Self {
        match engine {
            Engine::Sqlite => {
                let database = Self::create_empty(engine).await;
                migrate(database.backend()).await;
                database
            }
            Engine::Postgres => Self::clone_of(&template(&server()).await).await,
        }
    }

    /// Makes a database without any table.
    ///
    /// # Panics
    /// As [`TestDatabase::create`].
    pub async fn create_empty(engine: Engine) -> Self {
        match engine {
            Engine::Sqlite => {
                let folder = tempfile::tempdir().expect("a temporary folder");
                Self {
                    place: Place::Sqlite(folder),
                }
            }
            Engine::Postgres => Self::clone_of("template0").await,
        }
    }

    /// Where it is, as the store wants to know it.
    pub fn backend(&self) -> Backend {
        match &self.place {
            Place::Sqlite(folder) => Backend::Sqlite {
                path: folder.path().join("store.db"),
            },
            Place::Postgres { server, name } => {
                let direct = address(server, name);
                match pooler() {
                    None => Backend::Postgres {
                        url: direct,
                        direct_url: None,
                    },
                    Some(pooler) => Backend::Postgres {
                        url: format!("postgres://postgres@{pooler}/{name}"),
                        direct_url: Some(direct),
                    },
                }
            }
        }
    }

    /// The usual configuration for it.
    pub fn config(&self, rng: Arc<dyn Rng>) -> StoreConfig {
        StoreConfig::new(self.backend(), rng)
    }

    async fn clone_of(template: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let server = server();
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("countersign_test_{}_{number}", std::process::id());
        let mut admin = connect(&server).await;
        run(
            &mut admin,
            format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
        )
        .await;
        run(
            &mut admin,
            format!("CREATE DATABASE {name} TEMPLATE {template}"),
        )
        .await;
        Self {
            place: Place::Postgres { server, name },
        }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let Place::Postgres { server, name } = &self.place else {
            return;
        };
        let (server, name) = (server.clone(), name.clone());
        // A thread of its own, because a runtime may be around this one.
        let dropping = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime.expect("a runtime").block_on(async {
                let mut admin = connect(&server).await;
                run(&mut admin, format!("DROP DATABASE {name} WITH (FORCE)")).await;
            });
        });
        // When the server has gone, so has the database.
        drop(dropping.join());
    }
}

/// Makes the template for this schema unless another test has; answers its name.
async fn template(server: &str) -> String {
    let name = format!("countersign_template_{:016x}", schema_fingerprint());
    let mut admin = connect(server).await;
    // Held until the connection is closed.
    run(
        &mut admin,
        format!("SELECT pg_advisory_lock({TEMPLATE_LOCK})"),
    )
    .await;
    let exists: Option<i32> = sqlx::query_scalar("SELECT 1 FROM pg_database WHERE datname = $1")
        .bind(&name)
        .fetch_optional(&mut admin)
        .await
        .expect("the list of databases");
    if exists.is_none() {
        let unfinished = format!("{name}_unfinished");
        run(
            &mut admin,
            format!("DROP DATABASE IF EXISTS {unfinished} WITH (FORCE)"),
        )
        .await;
        run(
            &mut admin,
            format!("CREATE DATABASE {unfinished} TEMPLATE template0"),
        )
        .await;
        migrate(Backend::Postgres {
            url: address(server, &unfinished),
            direct_url: None,
        })
        .await;
        run(
            &mut admin,
            format!("ALTER DATABASE {unfinished} RENAME TO {name}"),
        )
        .await;
    }
    admin.close().await.expect("an orderly goodbye");
    name
}

async fn migrate(backend: Backend) {
    let config = StoreConfig::new(backend, Arc::new(countersign_core::SystemRng));
    let store = Store::open(config, Arc::new(Deaf)).await.expect("a store");
    store.migrate().await.expect("the migrations");
    store.close().await;
}

/// Nobody listens while the schema is made.
struct Deaf;

impl CommitObserver for Deaf {
    fn committed(&self, _: &[countersign_core::feed::FeedEntry]) {}
    fn outcome_unknown(&self, _: &[countersign_core::feed::FeedEntry]) {}
}

/// Where a pooler in front of the server listens, if there is one.
#[expect(
    clippy::disallowed_methods,
    reason = "tests have no configuration file"
)]
fn pooler() -> Option<String> {
    std::env::var(POOLER).ok()
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests have no configuration file"
)]
fn server() -> String {
    std::env::var(SERVER).expect(
        "COUNTERSIGN_TEST_POSTGRES is not set: run scripts/test, which starts a PostgreSQL and sets it",
    )
}

fn address(server: &str, database: &str) -> String {
    let options: PgConnectOptions = server.parse().expect("the server's address");
    options.database(database).to_url_lossy().to_string()
}

async fn connect(server: &str) -> PgConnection {
    PgConnection::connect(server)
        .await
        .expect("the PostgreSQL that scripts/test starts")
}

async fn run(connection: &mut PgConnection, sql: String) {
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(connection)
        .await
        .expect("the statement");
}
