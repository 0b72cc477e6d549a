//! What came of an appraisal, for people and for programs.

use super::{input::Kind, surroundings::Times};
use crate::output::{self, Format, Output, plain};
use countersign_attestation::{
    appraisal::{Appraisal, Check},
    evidence::{Facts, Refused, Verdict},
    jws::Jwk,
};
use countersign_core::{
    Timestamp,
    attestation::{AttestationEnvironment, AttestationLevel},
};
use serde::Serialize;
use serde_json::{Value, json};
use std::{error::Error, fmt::Write as _};

/// The longest fact that people are shown.
const MAX_SHOWN: usize = 200;

/// The result of a command.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    kind: Kind,
    outcome: Outcome,
    /// Why it is refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    checks: Vec<CheckItem>,
    #[serde(flatten)]
    shown: Shown,
    #[serde(skip_serializing_if = "Option::is_none")]
    presented_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    judged_at: Option<Timestamp>,
    /// Whether it was judged under roots that the file names.
    roots_from_file: bool,
}

/// What accepted evidence shows.
#[derive(Debug, Default, Serialize)]
pub(super) struct Shown {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) level: Option<AttestationLevel>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) environment: Option<AttestationEnvironment>,
    /// The attested key, where the judge hands it out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) key: Option<Jwk>,
    #[serde(skip_serializing_if = "Value::is_null")]
    pub(super) facts: Value,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Outcome {
    Accepted,
    Refused,
    /// Refused because it could not be judged.
    Unevaluated,
}

#[derive(Debug, Serialize)]
struct CheckItem {
    name: &'static str,
    passed: bool,
}

impl Report {
    /// Tells an appraisal.
    pub(super) fn new<E>(kind: Kind, appraisal: Appraisal<Shown, E>) -> Self
    where
        E: Error + Send + Sync + 'static,
    {
        let checks = appraisal.checks.into_iter();
        let (outcome, reason, shown) = match appraisal.outcome {
            Ok(shown) => (Outcome::Accepted, None, shown),
            Err(refused) => {
                let reason = format!("{:#}", anyhow::Error::new(refused));
                (Outcome::Refused, Some(reason), Shown::default())
            }
        };
        Self {
            kind,
            outcome,
            reason,
            checks: checks
                .map(|Check { name, passed }| CheckItem { name, passed })
                .collect(),
            shown,
            presented_at: None,
            judged_at: None,
            roots_from_file: false,
        }
    }

    /// Tells what the service's own door said.
    pub(super) fn of_verdict(
        kind: Kind,
        appraisal: Appraisal<Verdict, Refused>,
        environment: Option<AttestationEnvironment>,
    ) -> Self {
        let refused = appraisal.outcome.as_ref().err();
        let unevaluated = refused.is_some_and(Refused::is_unevaluated);
        let appraisal = Appraisal {
            checks: appraisal.checks,
            outcome: appraisal.outcome.map(|verdict| Shown {
                level: Some(verdict.level),
                environment,
                key: None,
                facts: match verdict.facts {
                    Facts::AppAttest(facts) => json!(facts),
                    Facts::AndroidKey(facts) => json!(facts),
                    Facts::PlayIntegrity(facts) => json!(facts),
                    Facts::Webauthn(facts) => json!(facts),
                },
            }),
        };
        Self::new(kind, appraisal).unevaluated(unevaluated)
    }

    pub(super) fn at(self, times: Times) -> Self {
        Self {
            presented_at: Some(times.presented_at),
            judged_at: Some(times.now),
            ..self
        }
    }

    pub(super) fn under_roots_from_file(self, roots_from_file: bool) -> Self {
        Self {
            roots_from_file,
            ..self
        }
    }

    /// Says of refused evidence that it is neither right nor wrong.
    pub(super) fn unevaluated(self, is_unevaluated: bool) -> Self {
        if !is_unevaluated {
            return self;
        }
        Self {
            outcome: Outcome::Unevaluated,
            ..self
        }
    }

    pub(super) fn is_accepted(&self) -> bool {
        self.outcome == Outcome::Accepted
    }

    pub(super) fn print(&self, output: Output) -> anyhow::Result<()> {
        match output.output {
            Format::Json => output::json(self),
            Format::Table => Ok(output::text(&self.text()?)?),
        }
    }

    fn text(&self) -> anyhow::Result<String> {
        let mut text = match (self.outcome, &self.reason) {
            (Outcome::Accepted, _) => "accepted\n".to_owned(),
            (Outcome::Refused, reason) => format!("REFUSED: {}\n", plain_option(reason.as_ref())),
            (Outcome::Unevaluated, reason) => {
                let reason = plain_option(reason.as_ref());
                format!("REFUSED, as it cannot be judged: {reason}\n")
            }
        };
        for (name, value) in self.rows()? {
            writeln!(text, "{name:<14}{}", plain(&value))?;
        }
        text.push_str("\nchecks\n");
        for CheckItem { name, passed } in &self.checks {
            let passed = if *passed { "ok" } else { "FAIL" };
            writeln!(text, "  {passed:<4}  {name}")?;
        }
        if let Value::Object(facts) = &self.shown.facts {
            text.push_str("\nfacts\n");
            for (name, value) in facts {
                let value = match value {
                    Value::String(text) => text.clone(),
                    other => other.to_string(),
                };
                writeln!(text, "  {:<22}{}", plain(name), short(&plain(&value)))?;
            }
        }
        Ok(text)
    }

    fn rows(&self) -> anyhow::Result<Vec<(&'static str, String)>> {
        let kind = serde_json::to_value(self.kind)?;
        let mut rows = vec![("kind", kind.as_str().unwrap_or_default().to_owned())];
        let mut add = |name, value: Option<String>| rows.extend(value.map(|value| (name, value)));
        let shown = &self.shown;
        add("level", shown.level.map(|level| level.to_string()));
        add("environment", shown.environment.map(|it| it.to_string()));
        add(
            "key",
            shown.key.as_ref().map(serde_json::to_string).transpose()?,
        );
        add(
            "presented at",
            self.presented_at.map(|time| time.to_string()),
        );
        add("judged at", self.judged_at.map(|time| time.to_string()));
        let warning = "from the file, not the platform's: nobody else believes them";
        add("roots", self.roots_from_file.then(|| warning.to_owned()));
        Ok(rows)
    }
}

/// Receipts fill a screen.
fn short(text: &str) -> String {
    match text.char_indices().nth(MAX_SHOWN) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}… (all of it with --output json)", &text[..end]),
    }
}

fn plain_option(text: Option<&String>) -> String {
    text.map(|text| plain(text)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{MAX_SHOWN, short};

    #[test]
    fn a_long_fact_is_cut_between_characters() {
        let fits = "é".repeat(MAX_SHOWN);
        assert_eq!(short(&fits), fits);
        assert_eq!(
            short(&format!("{fits}x")),
            format!("{fits}… (all of it with --output json)")
        );
    }
}
