//! Android Key Attestation: secure hardware vouches for the key that it made and keeps.
//!
//! A chain of certificates whose first one holds, beside the key, what the hardware knows of it,
//! of the system that was started, and of the app that asked. Nothing is fetched: the roots are
//! public keys that are shipped here, and the list of certificates that Google took back comes
//! from the caller ([`StatusList`]).
//!
//! What it cannot show: that the hardware's own key did not leak. Leaked keys are sold, and forge
//! any chain until Google lists them; so the serials of what was accepted are kept, and looked up
//! again whenever the list changes.

mod appraise;
mod chain;
pub(crate) mod key_description;
pub(crate) mod list;
mod policy;
mod refused;
mod roots;
mod status;
mod verdict;

pub use appraise::appraise;
pub(crate) use appraise::{check_standing, demands_user};
pub(crate) use chain::{ATTESTATION, Chain};
pub use chain::{MAX_CHAIN_BYTES, MAX_CHAIN_CERTIFICATES, Provisioning};
pub use policy::{App, Expected, Policy, Revocation};
pub use refused::Refused;
pub use roots::{InvalidRoot, Roots};
pub use status::{InvalidStatusList, MAX_STATUS_LIST_BYTES, Status, StatusList, Unusable};
pub use verdict::{BootState, Facts, Machine, SecurityLevel, Verdict};
