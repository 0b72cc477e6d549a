//! The store: one `Store` over SQLite and PostgreSQL, with the SQL of every aggregate.
//!
//! Reads go through [`Store::read`], writes through [`Store::write`], which runs a closure that may
//! be run again and acknowledges it after its commit. SQL is written once for both engines.
//!
//! To add an aggregate: a migration with the same number and name in both folders, a module with
//! its `statements!`, reads on [`Conn`], writes on [`Tx`], private rows below, and a line in
//! [`all_statements`]. The test suite then prepares each statement on both engines.

#![expect(
    clippy::missing_errors_doc,
    reason = "every query fails in the one way that StoreError says"
)]

mod active_session;
mod activity;
mod adopted;
mod api_key;
mod appended;
mod approval;
mod at_once;
mod ban;
mod client;
mod codec;
mod compliance;
mod config;
mod conn;
mod credential;
mod device;
mod device_list;
mod durability;
mod enrollment;
mod error;
mod feed;
mod feed_marks;
mod job;
mod limit;
mod migrate;
mod node;
mod notify;
mod observer;
mod ownership;
mod postgres;
mod proof_use;
mod retention;
mod session;
mod setting;
mod signing_key;
mod snapshot;
mod sqlite;
mod statement;
mod store;
mod suspension;
mod trust;
mod tx;
mod user;

pub use adopted::{AdoptedKind, AdoptedToken};
pub use ban::BanFilter;
pub use compliance::{AppliedRules, JudgedCompliance};
pub use config::{Backend, StoreConfig};
pub use conn::{Conn, ReadConn};
pub use credential::StoredPlayCredentials;
pub use device_list::{DeviceFilter, ListedDevice, Standing};
pub use durability::DurabilityWarning;
pub use error::{ConstraintKind, StoreError};
pub use feed::FeedRead;
pub use feed_marks::FeedHistory;
pub use limit::Beyond;
pub use migrate::{SchemaState, schema_fingerprint};
pub use node::Node;
pub use notify::{MOST_NOTIFIED, Notifications};
pub use observer::CommitObserver;
pub use ownership::{DeviceOwner, SealedPushAddress};
pub use retention::Prunable;
pub use signing_key::{PublicJwk, StoredSigningKey};
pub use statement::{Engine, Statement};
pub use store::{Store, Totals};
pub use trust::ListedTrust;
pub use tx::Tx;

pub(crate) use codec::{CountRow, IdRow, Time, array};
pub(crate) use statement::{execute, fetch_all, fetch_one, fetch_optional, statements};

/// Every statement with the module and name that it has, for tests and `doctor`.
pub fn all_statements() -> impl Iterator<Item = (&'static str, &'static str, Statement)> {
    let modules = [
        ("active_session", active_session::STATEMENTS),
        ("activity", activity::STATEMENTS),
        ("adopted", adopted::STATEMENTS),
        ("api_key", api_key::STATEMENTS),
        ("appended", appended::STATEMENTS),
        ("approval", approval::STATEMENTS),
        ("at_once", at_once::STATEMENTS),
        ("ban", ban::STATEMENTS),
        ("client", client::STATEMENTS),
        ("compliance", compliance::STATEMENTS),
        ("credential", credential::STATEMENTS),
        ("device", device::STATEMENTS),
        ("device_list", device_list::STATEMENTS),
        ("durability", durability::STATEMENTS),
        ("enrollment", enrollment::STATEMENTS),
        ("feed", feed::STATEMENTS),
        ("feed_marks", feed_marks::STATEMENTS),
        ("limit", limit::STATEMENTS),
        ("migrate", migrate::STATEMENTS),
        ("node", node::STATEMENTS),
        ("notify", notify::STATEMENTS),
        ("ownership", ownership::STATEMENTS),
        ("proof_use", proof_use::STATEMENTS),
        ("retention", retention::STATEMENTS),
        ("session", session::STATEMENTS),
        ("setting", setting::STATEMENTS),
        ("signing_key", signing_key::STATEMENTS),
        ("snapshot", snapshot::STATEMENTS),
        ("suspension", suspension::STATEMENTS),
        ("trust", trust::STATEMENTS),
        ("user", user::STATEMENTS),
    ];
    modules.into_iter().flat_map(|(module, statements)| {
        statements
            .iter()
            .map(move |&(name, statement)| (module, name, statement))
    })
}
