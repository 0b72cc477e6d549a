//! The rules in force, and those that were.

use super::{Compliance, ComplianceError, read};
use crate::journal::Journal;
use countersign_core::{
    Timestamp,
    activity::{Action, Actor, Target},
    compliance::{DEFAULT_RULES, rules::RuleSetVersion},
    ids::RuleFileId,
};
use countersign_storage::{AppliedRules, ConstraintKind, StoreError, Tx};

/// Rules to be put in force.
#[derive(Debug)]
pub(super) struct Application {
    pub(super) source: RuleSource,
    /// The number of the rules that the change was made on; any, if none is named.
    pub(super) based_on: Option<i64>,
    pub(super) note: Option<String>,
}

/// Where the rules come from.
#[derive(Debug)]
pub(super) enum RuleSource {
    /// A file.
    Text(String),
    /// A file that was applied before.
    Earlier(RuleSetVersion),
}

struct Input {
    journal: Journal,
    text: String,
    version: RuleSetVersion,
    based_on: Option<i64>,
    note: Option<String>,
}

impl Compliance {
    /// The rules in force, as text.
    pub(super) async fn rules(&self) -> Result<AppliedRules, ComplianceError> {
        let mut conn = self.ledger.store.read().await?;
        let applied = conn.find_current_rules().await?;
        match applied {
            Some(applied) => Ok(applied),
            None => Ok(AppliedRules {
                id: RuleFileId::from_uuid(uuid::Uuid::nil()),
                number: 0,
                version: read(DEFAULT_RULES)?.version(),
                text: DEFAULT_RULES.to_owned(),
                note: None,
                applied_at: Timestamp::from_secs(0),
            }),
        }
    }

    /// Puts rules in force; devices are judged by them from the job's next run on.
    pub(super) async fn apply(
        &self,
        application: Application,
        actor: Actor,
    ) -> Result<AppliedRules, ComplianceError> {
        let text = match application.source {
            RuleSource::Text(text) => text,
            RuleSource::Earlier(version) => {
                let mut conn = self.ledger.store.read().await?;
                let earlier = conn.find_rules(version).await?;
                earlier.ok_or(ComplianceError::VersionUnknown)?.text
            }
        };
        let input = Input {
            journal: self.ledger.journal(actor),
            version: read(&text)?.version(),
            text,
            based_on: application.based_on,
            note: application.note,
        };
        self.ledger
            .store
            .write(input, |tx, input| Box::pin(apply(tx, input)))
            .await
    }

    /// One page of what was applied, the newest first, and how much there is.
    pub(super) async fn history(
        &self,
        limit: i64,
        offset: i64,
    ) -> Result<(Vec<AppliedRules>, i64), ComplianceError> {
        let mut conn = self.ledger.store.read().await?;
        let found = conn.list_rules(limit, offset).await?;
        Ok((found, conn.count_rules().await?))
    }
}

async fn apply(tx: &mut Tx, input: &Input) -> Result<AppliedRules, ComplianceError> {
    let journal = &input.journal;
    let current = tx.find_current_rules().await?;
    let number = current.map_or(0, |current| current.number);
    if input.based_on.is_some_and(|based_on| based_on != number) {
        return Err(ComplianceError::VersionMismatch);
    }
    let applied = AppliedRules {
        id: RuleFileId::generate(journal.now, &*journal.rng),
        number: number + 1,
        version: input.version,
        text: input.text.clone(),
        note: input.note.clone(),
        applied_at: journal.now,
    };
    match tx.insert_rules(&applied).await {
        // Somebody else's came first.
        Err(StoreError::Constraint {
            kind: ConstraintKind::Unique,
            ..
        }) => return Err(ComplianceError::VersionMismatch),
        inserted => inserted?,
    }
    journal.record(tx, Action::RulesApplied, Target::default(), None);
    Ok(applied)
}
