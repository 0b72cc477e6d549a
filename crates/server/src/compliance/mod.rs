//! Whether devices meet the operator's rules: what is known of them, the rules in force, and where each
//! device stands.
//!
//! `core::compliance` judges; here is when. A device is judged in the transaction that brings a report of
//! it, and by a job when there is other news of it, when its standing changes by the clock, or when other
//! rules are in force. What sessions are judged by stands on the device's row; whatever lowers it goes
//! through the barrier.

mod error;
pub(crate) mod http;
mod judge;
mod read;
mod report;
mod rules;

pub(crate) use error::ComplianceError;
pub use read::{Fault, MAX_RULES_BYTES, Position, RulesError, read};

use crate::journal::Ledger;
use arc_swap::ArcSwap;
use countersign_core::{
    Timestamp,
    compliance::{
        DEFAULT_RULES,
        rules::{RuleSet, RuleSetVersion},
    },
};
use std::sync::Arc;

/// The use cases of compliance.
#[derive(Debug)]
pub struct Compliance {
    ledger: Ledger,
    /// The rules that were in force when somebody last looked.
    known: ArcSwap<RuleSet>,
    /// By which rules every device has been judged.
    judged_by: ArcSwap<Option<RuleSetVersion>>,
}

impl Compliance {
    /// Compliance by the rules that a service starts with, until the store says otherwise.
    ///
    /// # Errors
    /// [`RulesError`], if those are wrong.
    pub(crate) fn new(ledger: Ledger) -> Result<Self, RulesError> {
        Ok(Self {
            ledger,
            known: ArcSwap::from_pointee(read(DEFAULT_RULES)?),
            judged_by: ArcSwap::from_pointee(None),
        })
    }

    fn now(&self) -> Timestamp {
        self.ledger.clock.now()
    }

    /// The rules in force.
    pub(crate) async fn current(&self) -> Result<Arc<RuleSet>, ComplianceError> {
        let mut conn = self.ledger.store.read().await?;
        let version = conn.find_current_version().await?;
        let known = self.known.load_full();
        if version.is_none_or(|version| version == known.version()) {
            return Ok(known);
        }
        let Some(applied) = conn.find_current_rules().await? else {
            return Ok(known);
        };
        let rules = Arc::new(read(&applied.text)?);
        self.known.store(Arc::clone(&rules));
        Ok(rules)
    }
}
