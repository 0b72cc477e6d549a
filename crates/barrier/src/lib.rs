//! The revocation barrier as pure steps: who may answer, who has heard, and when an ending is over.
//!
//! A node answers requests only while it holds a lease ([`Member`]), which it renews by reading
//! the feed in the transaction that renews its row. A verifier asks a node and gets what remains
//! of the node's own lease ([`Follower`]). An ending commits, reads the rows of the nodes after
//! that, and is over when each of them acknowledged a read that includes it, or when no lease from
//! before the commit can run any more ([`Barrier`]). A row that stands still is deleted by whoever
//! watched it ([`Watch`]).
//!
//! Nothing here reads a clock, waits, or sends anything: moments, rows and messages are handed in.
//! The model in `tests/model` explores these very types. The reasoning is in
//! `docs/adr/0005-barrier.md`.

mod barrier;
mod extent;
mod follower;
mod member;
mod timing;
mod watch;

pub use barrier::{Barrier, Mark, Outcome};
pub use extent::{Extent, InvalidExtent, Position};
pub use follower::{Follower, Question};
pub use member::{Batch, Grant, Member, Renewal};
pub use timing::{Moment, Timing};
pub use watch::Watch;
