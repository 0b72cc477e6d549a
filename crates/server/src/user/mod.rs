//! Disabling and enabling users, and letting their devices change again.

pub(crate) mod http;

use crate::{
    journal::{Journal, Ledger},
    membership::Receipt,
    session::ending,
};
use countersign_core::{
    SessionId, UserId,
    activity::{Action, Actor, Target},
    session::EndingCause,
    user::{ExternalUserId, User},
};
use countersign_storage::{StoreError, Tx};

/// The user use cases.
#[derive(Debug, Clone)]
pub struct Users {
    pub(crate) ledger: Ledger,
}

/// What disabling or enabling left.
#[derive(Debug)]
pub struct UserChanged {
    /// The user now.
    pub user: User,
    /// The sessions that ended.
    pub ended: Vec<SessionId>,
}

impl Users {
    /// Disables the user and ends all their sessions. A user never seen is disabled in advance.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn disable(
        &self,
        id: ExternalUserId,
        actor: Actor,
    ) -> Result<(UserChanged, Receipt), StoreError> {
        self.ledger
            .settle((self.ledger.journal(actor), id), |tx, (journal, id)| {
                Box::pin(disable(tx, journal, id))
            })
            .await
    }

    /// Lets the user's devices change again; `None` for a user never seen.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn unfreeze(
        &self,
        id: ExternalUserId,
        actor: Actor,
    ) -> Result<Option<UserChanged>, StoreError> {
        self.ledger
            .store
            .write((self.ledger.journal(actor), id), |tx, (journal, id)| {
                Box::pin(unfreeze(tx, journal, id))
            })
            .await
    }

    /// Lets the user log in again. Ended sessions stay ended; a user never seen is not made.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn enable(
        &self,
        id: ExternalUserId,
        actor: Actor,
    ) -> Result<UserChanged, StoreError> {
        self.ledger
            .store
            .write((self.ledger.journal(actor), id), |tx, (journal, id)| {
                Box::pin(enable(tx, journal, id))
            })
            .await
    }
}

async fn unfreeze(
    tx: &mut Tx,
    journal: &Journal,
    id: &ExternalUserId,
) -> Result<Option<UserChanged>, StoreError> {
    let Some(user) = tx.lock_user(id).await? else {
        return Ok(None);
    };
    if user.frozen_at.is_some() {
        tx.set_user_frozen(user.id, None).await?;
        journal.record(tx, Action::UserUnfrozen, target(&user), None);
    }
    Ok(Some(UserChanged {
        user: User {
            frozen_at: None,
            ..user
        },
        ended: Vec::new(),
    }))
}

async fn disable(
    tx: &mut Tx,
    journal: &Journal,
    id: &ExternalUserId,
) -> Result<UserChanged, StoreError> {
    let user = tx.upsert_user(new_id(journal), id, journal.now).await?;
    let disabled_at = user.disabled_at.or(Some(journal.now));
    tx.set_user_disabled(user.id, disabled_at).await?;
    let sessions = tx.lock_users_sessions(user.id).await?;
    let ended = ending::end(tx, journal, &sessions, EndingCause::UserDisabled).await?;
    if user.disabled_at.is_none() {
        journal.record(tx, Action::UserDisabled, target(&user), None);
    }
    Ok(UserChanged {
        user: User {
            disabled_at,
            ..user
        },
        ended,
    })
}

async fn enable(
    tx: &mut Tx,
    journal: &Journal,
    id: &ExternalUserId,
) -> Result<UserChanged, StoreError> {
    let user = tx.lock_user(id).await?.unwrap_or_else(|| User {
        id: new_id(journal),
        external_id: id.clone(),
        created_at: journal.now,
        disabled_at: None,
        frozen_at: None,
        roles: Vec::new(),
    });
    if user.disabled_at.is_some() {
        tx.set_user_disabled(user.id, None).await?;
        journal.record(tx, Action::UserEnabled, target(&user), None);
    }
    Ok(UserChanged {
        user: User {
            disabled_at: None,
            ..user
        },
        ended: Vec::new(),
    })
}

fn new_id(journal: &Journal) -> UserId {
    UserId::generate(journal.now, &*journal.rng)
}

fn target(user: &User) -> Target {
    Target {
        user: Some(user.id),
        ..Target::default()
    }
}
