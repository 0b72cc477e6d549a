//! The store's contract, the same on both engines.
//!
//! A test written with `on_both_engines!` runs on an SQLite file and on a PostgreSQL database of
//! its own. What only one engine can do is in `sqlite/` and `postgres/`.

#[path = "../../../test-support/src/database.rs"]
mod database;
mod durability;
mod harness;
mod migrations;
mod parity;
mod plans;
mod postgres;
mod sqlite;
mod statements;
mod values;
mod writes;

/// Declares a test that runs once per engine, each with a fresh harness.
macro_rules! on_both_engines {
    ($($(#[$meta:meta])* async fn $name:ident($harness:ident) $body:block)*) => {$(
        mod $name {
            use super::*;

            $(#[$meta])*
            async fn contract($harness: &$crate::harness::Harness) $body

            #[tokio::test]
            async fn sqlite() {
                contract(&$crate::harness::Harness::on(countersign_storage::Engine::Sqlite).await).await;
            }

            #[tokio::test]
            async fn postgres() {
                contract(&$crate::harness::Harness::on(countersign_storage::Engine::Postgres).await).await;
            }
        }
    )*};
}
pub(crate) use on_both_engines;
