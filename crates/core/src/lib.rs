//! The domain of Countersign: ids, time, tokens, state machines and the one decision function.
//!
//! Nothing here does I/O. Time and randomness come in through [`Clock`] and [`Rng`], so that the
//! same inputs always give the same outputs.
//!
//! To add a domain type: one module named after it, its states as an enum, its transitions as
//! methods that take `now`, and a property test of what must never happen.

pub mod activity;
pub mod admission;
pub mod api_key;
pub mod attestation;
pub mod ban;
pub mod client;
pub mod compliance;
pub mod decision;
pub mod device;
pub mod enrollment;
pub mod feed;
pub mod fingerprint;
pub mod ids;
pub mod lifetime;
pub mod limit;
pub mod refresh;
pub mod rng;
pub mod session;
pub mod snapshot;
pub mod text;
pub mod thumbprint;
pub mod time;
pub mod token;
pub mod trust;
pub mod trusted_issuer;
pub mod user;

pub use ids::{
    ActivityId, ApiKeyId, AppId, ApprovalId, BanId, ClientId, DeviceId, NodeId, OwnershipId,
    SessionId, SigningKeyId, UserId, VerifierId,
};
pub use rng::{Rng, SystemRng};
pub use thumbprint::Thumbprint;
pub use time::{Clock, ManualClock, SystemClock, Timestamp};
