//! What is wrong with the configuration.

use std::{error::Error, fmt};

/// The configuration cannot be used; the process exits with code 2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Misconfigured(Vec<String>);

/// One wrong key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The key, `section.key`.
    pub(crate) key: &'static str,
    /// What is wrong with its value.
    pub(crate) problem: String,
}

impl Fault {
    pub(crate) fn new(key: &'static str, problem: impl Into<String>) -> Self {
        Self {
            key,
            problem: problem.into(),
        }
    }
}

impl Misconfigured {
    /// One thing is wrong.
    pub(crate) fn new(problem: impl Into<String>) -> Self {
        Self(vec![problem.into()])
    }

    /// Fails with all that is wrong, if anything is.
    pub(crate) fn unless_empty(problems: Vec<String>) -> Result<(), Self> {
        if problems.is_empty() {
            Ok(())
        } else {
            Err(Self(problems))
        }
    }
}

impl fmt::Display for Misconfigured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl Error for Misconfigured {}
