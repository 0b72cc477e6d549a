//! The store: one `Store` over SQLite and PostgreSQL, with the SQL of every aggregate.
//!
//! Reads go through [`Store::read`], writes through [`Store::write`], which runs a closure that may
//! be run again and acknowledges it after its commit. SQL is written once for both engines.
//!
//! To add an aggregate: a migration with the same number and name in both folders, a module with
//! its `statements!`, reads on [`Conn`], writes on [`Tx`], private rows below, and a line in
//! [`statements`]. The test suite then prepares each statement on both engines.

mod codec;
mod config;
mod conn;
mod durability;
mod error;
mod job;
mod migrate;
mod observer;
mod postgres;
mod sqlite;
mod statement;
mod store;
mod tx;

pub use config::{Backend, StoreConfig};
pub use conn::{Conn, ReadConn};
pub use durability::DurabilityWarning;
pub use error::{ConstraintKind, StoreError};
pub use migrate::{SchemaState, schema_fingerprint};
pub use observer::CommitObserver;
pub use statement::{Engine, Statement};
pub use store::{Store, Totals};
pub use tx::Tx;

pub(crate) use codec::{CountRow, IdRow, Time, array};
pub(crate) use statement::{execute, fetch_all, fetch_one, fetch_optional, statements};
