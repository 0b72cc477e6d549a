//! The store's contract, the same on both engines.
//!
//! A test written with `on_both_engines!` runs on an SQLite file and on a PostgreSQL database of
//! its own. What only one engine can do is in `sqlite/` and `postgres/`.

#![cfg(test)]

mod aggregates;
#[path = "../../../test-support/src/database.rs"]
pub mod database;
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
    ($(async fn $name:ident($harness:ident) $body:block)*) => {$(
        async fn $name($harness: &$crate::harness::Harness) $body

        mod $name {
            use $crate::harness::Harness;
            use countersign_storage::Engine;

            #[tokio::test]
            async fn sqlite() {
                super::$name(&Harness::on(Engine::Sqlite).await).await;
            }

            #[tokio::test]
            async fn postgres() {
                super::$name(&Harness::on(Engine::Postgres).await).await;
            }
        }
    )*};
}
pub(crate) use on_both_engines;
