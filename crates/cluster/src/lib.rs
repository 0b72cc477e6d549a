//! A node's runtime around the revocation protocol: what it remembers, and what may answer.
//!
//! [`Node`] owns the [`Denylist`], the [`Resolver`] of session snapshots and the
//! [`AdoptedIndex`]. It reaches the store through [`SnapshotSource`] only, reads no clock and
//! starts no task: time and feed entries are handed in.
//!
//! Two rules carry everything here. The denylist is read before any cache. And no snapshot
//! older than a change of its subjects ever answers, whether it comes from memory or from a slow
//! load still in flight: a session's change takes its snapshot and its flight out of the shard
//! under one lock, and a client's change raises a number that every snapshot of it is compared
//! with when read. What another node left in a layer between memory and the store answers only if
//! it was read as of an extent that covers every recent change of its subjects: [`RecentChanges`].

mod activity;
mod adopted;
mod applied;
mod bounded;
mod cache;
mod client_changes;
mod denylist;
mod digest;
mod kinds;
mod lease;
mod live;
mod node;
mod recent;
mod resolver;
mod sharded;
mod source;
mod tokens;

pub use activity::Seen;
pub use adopted::AdoptedIndex;
pub use applied::Applied;
pub use cache::ResolveError;
pub use denylist::Denylist;
pub use digest::{Digest, Digester};
pub use lease::{BootClock, Lease, SystemBootClock, host_name};
pub use live::Live;
pub use node::{Change, Lookup, Node, Settings};
pub use recent::{ReadBegun, RecentChanges};
pub use resolver::Resolver;
pub use source::{Adopted, Recalled, SnapshotSource, SourceError};
pub use tokens::{CheckedToken, KeysAsOf, TokenCache};
