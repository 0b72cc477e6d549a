//! Compliance: the rules that an operator writes, and what devices are by them.
//!
//! [`read`](fn@read) is the one way from a rule file's text to rules, for the service and for the
//! command line. What a rule means is in [`countersign_core::compliance`].

mod read;

pub use read::{Fault, MAX_RULES_BYTES, Position, RulesError, read};
