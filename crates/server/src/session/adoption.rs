//! Adopted tokens: the backend keeps its own, and Countersign judges them by hash.

use super::{SessionError, ending};
use crate::journal::Journal;
use countersign_core::{
    SessionId, Timestamp, activity::Action, session::Session, token::HashedToken,
};
use countersign_storage::{AdoptedKind, AdoptedToken, Tx};

/// Hash and expiry of one of the backend's tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Adopted {
    /// SHA-256 of the token's text.
    pub hash: HashedToken,
    /// When the backend lets it expire.
    pub expires_at: Timestamp,
}

/// The backend's tokens of one session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AdoptedPair {
    /// Calls the backend's API.
    pub access: Adopted,
    /// Gets new tokens from the backend.
    pub refresh: Option<Adopted>,
}

/// New tokens for a live session of the backend's.
#[derive(Debug)]
pub struct Adoption {
    /// Who makes the change, and when.
    pub journal: Journal,
    /// The session.
    pub session_id: SessionId,
    /// The tokens.
    pub pair: AdoptedPair,
}

/// Registers a rotated pair; only ever continues a live session.
pub(super) async fn replace(tx: &mut Tx, adoption: &Adoption) -> Result<Session, SessionError> {
    let session = tx
        .lock_session(adoption.session_id)
        .await?
        .ok_or(SessionError::SessionUnknown)?;
    check_continues(&session, adoption.journal.now)?;
    adopt(tx, &session, &adoption.pair).await?;
    tx.touch_session(session.id, adoption.journal.now).await?;
    let target = ending::target(&session);
    adoption
        .journal
        .record(tx, Action::SessionTokensReplaced, target, None);
    Ok(session)
}

/// The session may take new adopted tokens.
pub(super) fn check_continues(session: &Session, now: Timestamp) -> Result<(), SessionError> {
    match (session.ended, &session.refresh) {
        (Some(_), _) => Err(SessionError::TokenEnded),
        (None, Some(_)) => Err(SessionError::TokensNotAdopted),
        (None, None) if session.is_live(now) => Ok(()),
        (None, None) => Err(SessionError::SessionExpired),
    }
}

/// Registers the pair's hashes for the session. Repeating it changes nothing.
pub(super) async fn adopt(
    tx: &mut Tx,
    session: &Session,
    pair: &AdoptedPair,
) -> Result<(), SessionError> {
    adopt_one(tx, session, AdoptedKind::Access, pair.access).await?;
    match pair.refresh {
        Some(refresh) => adopt_one(tx, session, AdoptedKind::Refresh, refresh).await,
        None => Ok(()),
    }
}

async fn adopt_one(
    tx: &mut Tx,
    session: &Session,
    kind: AdoptedKind,
    token: Adopted,
) -> Result<(), SessionError> {
    let row = AdoptedToken {
        hash: token.hash,
        session_id: session.id,
        kind,
        expires_at: token.expires_at.min(session.absolute_expiry()),
    };
    if tx.insert_adopted_token(&row).await? {
        return Ok(());
    }
    let known = tx.find_adopted_token(&token.hash).await?;
    match known {
        Some(known) if known.session_id == session.id && known.kind == kind => Ok(()),
        Some(known) => match tx.find_session(known.session_id).await? {
            Some(other) if other.ended.is_none() => Err(SessionError::TokenTaken),
            _ => Err(SessionError::TokenEnded),
        },
        None => Err(SessionError::TokenEnded),
    }
}
