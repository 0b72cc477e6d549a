//! What the node asks of the store, and of the layer between.

use countersign_barrier::Extent;
use countersign_core::{SessionId, Timestamp, snapshot::Loaded, token::HashedToken};
use std::error::Error;

/// Why a load failed; the node only passes it on.
pub type SourceError = Box<dyn Error + Send + Sync>;

/// Where sessions and adopted tokens are read.
///
/// A load must see every change committed before it was called: it never reads a replica.
/// Dropping a load must be harmless; it is begun again by whoever still waits for it.
pub trait SnapshotSource: Send + Sync + 'static {
    /// Reads a session and all it hangs on; `None` when there is no such session.
    ///
    /// # Errors
    /// When the store cannot be read. The error goes to everyone who waited for this load.
    fn load(
        &self,
        session: SessionId,
    ) -> impl Future<Output = Result<Option<Loaded>, SourceError>> + Send;

    /// Reads which session an adopted token belongs to; `None` when it was never registered.
    ///
    /// # Errors
    /// As for [`load`](Self::load).
    fn load_adopted(
        &self,
        token: HashedToken,
    ) -> impl Future<Output = Result<Option<Adopted>, SourceError>> + Send;

    /// Looks where this node or others may have left what they loaded. It is not believed to be
    /// new, only to say honestly as of when it was read.
    fn recall(&self, _session: SessionId) -> impl Future<Output = Option<Recalled>> + Send {
        std::future::ready(None)
    }

    /// Leaves what was loaded for other nodes, if there is a place for that. Does not wait.
    fn remember(&self, _loaded: &Loaded, _as_of: &Extent) {}
}

/// What was left by a node that loaded it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recalled {
    /// What the load saw.
    pub loaded: Loaded,
    /// What the feed held at least when the load began.
    pub as_of: Extent,
}

/// What an adopted token's hash stands for; it never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Adopted {
    /// The session it belongs to, for ever.
    pub session: SessionId,
    /// When the token expires.
    pub expires_at: Timestamp,
}
