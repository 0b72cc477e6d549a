//! From the text of a rule file to rules, or to everything that is wrong with it.

mod place;

use countersign_core::{
    compliance::{
        file::RuleFile,
        rules::{RuleFault, RuleSet, RuleSetVersion},
    },
    token::sha256,
};
use serde::Serialize;
use std::fmt;

/// The longest rule file, in bytes: the most rules and tests that one may have fit many times.
pub const MAX_RULES_BYTES: usize = 256 * 1024;

/// Why a text gives no rules.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RulesError {
    /// It is longer than is looked at.
    #[error("the rules are longer than {MAX_RULES_BYTES} bytes")]
    TooLong,
    /// Something in it is wrong; everything that is, where it could be read at all.
    #[error("the rules are wrong: {}", Told(.0))]
    Wrong(Vec<Fault>),
}

/// One thing that is wrong with a rule file, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// The place in the text; [`None`] where nothing in it stands for what is missing.
    #[serde(flatten)]
    pub position: Option<Position>,
    /// The place in the content, as a JSON pointer (RFC 6901): `/rule/3/check`. Empty where the text
    /// cannot be read.
    pub at: String,
    /// What is wrong there; it may quote the text.
    pub detail: String,
}

/// A place in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The character in it, from 1.
    pub column: usize,
}

/// Reads a rule file in TOML, checks all of it and runs its tests. The version is the SHA-256 of the
/// text.
///
/// # Errors
/// [`RulesError`] says what is wrong, and where. What cannot be read hides what is wrong beyond it.
pub fn read(text: &str) -> Result<RuleSet, RulesError> {
    if text.len() > MAX_RULES_BYTES {
        return Err(RulesError::TooLong);
    }
    let file = parsed(text).map_err(|fault| RulesError::Wrong(vec![fault]))?;
    let version = RuleSetVersion::from_hash(sha256(text.as_bytes()));
    file.validate(version)
        .map_err(|faults| RulesError::Wrong(placed(text, faults)))
}

impl RulesError {
    /// Everything that is wrong, in the order of the text; never nothing.
    pub fn into_faults(self) -> Vec<Fault> {
        let detail = self.to_string();
        match self {
            Self::TooLong => vec![Fault {
                position: None,
                at: String::new(),
                detail,
            }],
            Self::Wrong(faults) => faults,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(Position { line, column }) = self.position {
            write!(f, "line {line}, column {column}: ")?;
        }
        if !self.at.is_empty() {
            write!(f, "{}: ", self.at)?;
        }
        f.write_str(&self.detail)
    }
}

struct Told<'a>(&'a [Fault]);

impl fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.0.iter().enumerate() {
            write!(f, "{}{fault}", if index == 0 { "" } else { "; " })?;
        }
        Ok(())
    }
}

fn parsed(text: &str) -> Result<RuleFile, Fault> {
    toml::from_str(text).map_err(|error| Fault {
        position: error.span().map(|span| place::position(text, span.start)),
        at: String::new(),
        detail: error.message().to_owned(),
    })
}

/// The faults in the order of the text; those with no place in it come first.
fn placed(text: &str, faults: Vec<RuleFault>) -> Vec<Fault> {
    let starts = place::Starts::of(text);
    let placed = faults.into_iter().map(|RuleFault { at, cause }| Fault {
        position: starts.find(&at).map(|start| place::position(text, start)),
        at,
        detail: cause.to_string(),
    });
    let mut faults: Vec<Fault> = placed.collect();
    faults.sort_by_key(|fault| fault.position);
    faults
}

#[cfg(test)]
mod tests;
