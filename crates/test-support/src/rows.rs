//! What the database holds, row by row, whatever the engine.

use crate::TestDatabase;
use countersign_storage::Backend;
use serde_json::Value;
use sqlx::{
    AssertSqlSafe, Connection as _, Executor, IntoArguments, PgConnection, SqliteConnection,
};
use std::{collections::BTreeMap, path::PathBuf};

/// Every table's rows as JSON text, by the table's name. Equal when nothing was written between.
pub type Dump = BTreeMap<String, Vec<String>>;

impl TestDatabase {
    /// The rows of a table, each an object of its columns; bytes are hex.
    ///
    /// # Panics
    /// When there is no such table.
    pub async fn rows(&self, table: &str) -> Vec<Value> {
        let parse = |row: String| serde_json::from_str(&row).expect("a row as JSON");
        self.texts(table).await.into_iter().map(parse).collect()
    }

    /// How many rows of a table fit.
    pub async fn count(&self, table: &str, fits: impl Fn(&Value) -> bool) -> usize {
        let rows = self.rows(table).await;
        rows.iter().filter(|row| fits(row)).count()
    }

    /// Every row of every table.
    ///
    /// # Panics
    /// When the database cannot be read.
    pub async fn dump(&self) -> Dump {
        let mut dump = Dump::new();
        for table in self.tables().await {
            // Renewed all the time, whatever a test does.
            if table == "nodes" {
                continue;
            }
            let rows = self.texts(&table).await;
            dump.insert(table, rows);
        }
        dump
    }

    /// The names of all tables of the schema.
    ///
    /// # Panics
    /// When the database cannot be read.
    pub async fn tables(&self) -> Vec<String> {
        self.ask(match self.backend() {
            Backend::Sqlite { .. } => {
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' \
                 AND name NOT LIKE '_sqlx%' ORDER BY name"
            }
            Backend::Postgres { .. } => {
                "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' \
                 AND tablename NOT LIKE '\\_sqlx%' ORDER BY tablename"
            }
        })
        .await
    }

    /// The database's files: none where a server keeps them.
    ///
    /// # Panics
    /// When the folder cannot be read.
    pub fn files(&self) -> Vec<PathBuf> {
        let Backend::Sqlite { path } = self.backend() else {
            return Vec::new();
        };
        let folder = path.parent().expect("a folder");
        let entries = std::fs::read_dir(folder).expect("the folder");
        entries
            .map(|entry| entry.expect("an entry").path())
            .collect()
    }

    /// Runs statements behind the service's back.
    ///
    /// # Panics
    /// When one fails.
    pub async fn execute(&self, sql: &str) {
        let sql = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        let done = match self.backend() {
            Backend::Sqlite { path } => {
                let mut connection = sqlite(&path).await;
                sql.execute(&mut connection).await.map(drop)
            }
            Backend::Postgres { url, direct_url } => {
                let mut connection = postgres(&url, direct_url.as_deref()).await;
                sql.execute(&mut connection).await.map(drop)
            }
        };
        done.expect("the statements");
    }

    /// Lets every insertion into a table fail until [`mend`](Self::mend).
    pub async fn break_inserts(&self, table: &str) {
        let sql = match self.backend() {
            Backend::Sqlite { .. } => format!(
                "CREATE TRIGGER broken BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'broken'); END"
            ),
            Backend::Postgres { .. } => format!(
                "CREATE OR REPLACE FUNCTION broken() RETURNS trigger AS \
                 $$ BEGIN RAISE EXCEPTION 'broken'; END $$ LANGUAGE plpgsql; \
                 CREATE TRIGGER broken BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION broken()"
            ),
        };
        self.execute(&sql).await;
    }

    /// Takes back [`break_inserts`](Self::break_inserts).
    pub async fn mend(&self, table: &str) {
        let sql = match self.backend() {
            Backend::Sqlite { .. } => "DROP TRIGGER broken".to_owned(),
            Backend::Postgres { .. } => format!("DROP TRIGGER broken ON {table}"),
        };
        self.execute(&sql).await;
    }

    async fn texts(&self, table: &str) -> Vec<String> {
        let sql = match self.backend() {
            Backend::Sqlite { .. } => {
                let columns = format!("SELECT name FROM pragma_table_info('{table}')");
                let members: Vec<String> = self
                    .ask(&columns)
                    .await
                    .iter()
                    .map(|name| {
                        format!("'{name}', CASE typeof({name}) WHEN 'blob' THEN lower(hex({name})) ELSE {name} END")
                    })
                    .collect();
                format!(
                    "SELECT json_object({}) FROM {table} ORDER BY 1",
                    members.join(", ")
                )
            }
            Backend::Postgres { .. } => {
                format!("SELECT row_to_json(t)::text FROM {table} t ORDER BY 1")
            }
        };
        self.ask(&sql).await
    }

    async fn ask(&self, sql: &str) -> Vec<String> {
        match self.backend() {
            Backend::Sqlite { path } => texts(&mut sqlite(&path).await, sql).await,
            Backend::Postgres { url, direct_url } => {
                texts(&mut postgres(&url, direct_url.as_deref()).await, sql).await
            }
        }
    }
}

async fn texts<'c, E, D>(executor: E, sql: &str) -> Vec<String>
where
    D: sqlx::Database,
    E: Executor<'c, Database = D>,
    D::Arguments: IntoArguments<D>,
    for<'r> (String,): sqlx::FromRow<'r, D::Row>,
{
    let query = sqlx::query_as::<D, (String,)>(AssertSqlSafe(sql.to_owned()));
    let rows = query.fetch_all(executor).await.expect("the rows");
    rows.into_iter().map(|(text,)| text).collect()
}

async fn sqlite(path: &std::path::Path) -> SqliteConnection {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
    SqliteConnection::connect_with(&options)
        .await
        .expect("the file")
}

/// Past a pooler, if there is one: what is done here it need not understand.
async fn postgres(url: &str, direct_url: Option<&str>) -> PgConnection {
    let url = direct_url.unwrap_or(url);
    PgConnection::connect(url).await.expect("the database")
}
