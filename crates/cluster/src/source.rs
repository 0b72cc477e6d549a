//! What the node asks of the store.

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
}

/// What an adopted token's hash stands for; it never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Adopted {
    /// The session it belongs to, for ever.
    pub session: SessionId,
    /// When the token expires.
    pub expires_at: Timestamp,
}
