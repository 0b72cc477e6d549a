//! A refresh: the session's tokens rotate (invariants I4, I6, I7).

mod find;

use super::{
    SessionError, Started, UsedProof, adoption, adoption::AdoptedPair, ending, registration,
};
use crate::{enrollment, journal::Journal, seal};
use countersign_core::{
    ClientId,
    activity::{Action, Actor},
    attestation::policy::AttestedAction,
    client::Client,
    decision::Refusal,
    device::{Device, Facts, Origin},
    feed::Subject,
    refresh::{RefreshOutcome, judge},
    session::{EndingCause, PreviousRefresh, RefreshState, Session},
    token::{PlainToken, TokenKind},
    user::{ExternalUserId, User},
};
use countersign_storage::Tx;
use find::{find_by_device, find_by_token, lock_client};
use uuid::Uuid;

/// What is known of a refresh.
#[derive(Debug)]
pub struct Refresh {
    /// Who makes the change, and when; where the device comes by itself, its user does.
    pub journal: Journal,
    /// The client.
    pub client_id: ClientId,
    /// The user that the backend means; none where the device comes by itself.
    pub user_id: Option<ExternalUserId>,
    /// Where the refresh came from.
    pub origin: Origin,
    /// What the device says of itself.
    pub facts: Facts,
    /// The proof, checked but not yet used up.
    pub proof: Option<UsedProof>,
    /// What continues the session.
    pub grant: Grant,
}

/// What continues a session.
#[derive(Debug)]
pub enum Grant {
    /// Our refresh token.
    RefreshToken(PlainToken),
    /// The backend's own new tokens; without a key, the device is found by its installation id.
    Adopted {
        /// The tokens.
        pair: AdoptedPair,
        /// The UUID that the app keeps.
        installation_id: Uuid,
    },
}

/// What goes on: the locked rows, and who makes the change.
struct Turn {
    journal: Journal,
    client: Client,
    user: User,
    session: Session,
    device: Device,
}

/// What a refresh came to. A refusal that changed something commits, so it is no error here.
#[derive(Debug)]
pub(crate) enum Refreshed {
    /// The session goes on.
    Continued(Box<Started>),
    /// The session ended by this call.
    Ended(SessionError),
}

/// Continues the session, or says why not. Nothing is consumed before the proof has been checked.
pub(super) async fn continue_session(
    tx: &mut Tx,
    refresh: &Refresh,
) -> Result<Refreshed, SessionError> {
    let client = lock_client(tx, refresh.client_id).await?;
    let (session, device) = match &refresh.grant {
        Grant::RefreshToken(token) => find_by_token(tx, refresh, token).await?,
        Grant::Adopted {
            installation_id, ..
        } => find_by_device(tx, refresh, *installation_id).await?,
    };
    let user = check_owner(tx, refresh, &session).await?;
    if session.ended.is_some() {
        return Err(SessionError::SessionEnded);
    }
    check_proof(refresh, &session)?;
    let device = registration::check_state(tx, &refresh.journal, device).await?;
    if session.client_epoch != client.epoch {
        return Err(SessionError::SessionEnded);
    }
    let turn = Turn {
        journal: journal(refresh, &user),
        client,
        user,
        session,
        device,
    };
    if !turn.session.is_live(refresh.journal.now) {
        return end(tx, turn, EndingCause::Expired, SessionError::SessionExpired).await;
    }
    let (client, device, action) = (&turn.client, &turn.device, AttestedAction::Refresh);
    enrollment::check(tx, client, device, action, refresh.journal.now)
        .await?
        .map_err(SessionError::Attestation)?;
    match &refresh.grant {
        Grant::Adopted { pair, .. } => {
            use_up(tx, refresh).await?;
            adoption::adopt(tx, &turn.session, pair).await?;
            tx.touch_session(turn.session.id, turn.journal.now).await?;
            finish(tx, refresh, turn, None).await
        }
        Grant::RefreshToken(token) => rotate(tx, refresh, turn, token).await,
    }
}

/// A device that comes by itself comes for its user.
fn journal(refresh: &Refresh, user: &User) -> Journal {
    match refresh.user_id {
        Some(_) => refresh.journal.clone(),
        None => refresh.journal.by(Actor::User(user.id)),
    }
}

async fn rotate(
    tx: &mut Tx,
    refresh: &Refresh,
    mut turn: Turn,
    token: &PlainToken,
) -> Result<Refreshed, SessionError> {
    let Turn {
        journal, session, ..
    } = &mut turn;
    match judge(session, &token.hash(), journal.now) {
        RefreshOutcome::Rotate => {
            use_up(tx, refresh).await?;
            let successor = PlainToken::generate(TokenKind::Refresh, &*journal.rng);
            let previous = PreviousRefresh {
                hash: token.hash(),
                sealed_successor: seal::seal_successor(token, &successor, &*journal.rng),
                rotated_at: journal.now,
            };
            tx.rotate_session(session.id, &successor.hash(), &previous)
                .await?;
            session.refresh = Some(RefreshState {
                current: successor.hash(),
                previous: Some(previous),
            });
            finish(tx, refresh, turn, Some(successor)).await
        }
        RefreshOutcome::Repeat(sealed) => {
            use_up(tx, refresh).await?;
            let successor =
                seal::open_successor(token, &sealed).ok_or(SessionError::RefreshSuperseded)?;
            tx.touch_session(session.id, journal.now).await?;
            finish(tx, refresh, turn, Some(successor)).await
        }
        RefreshOutcome::Superseded => Err(SessionError::RefreshSuperseded),
        RefreshOutcome::Reused => {
            let cause = EndingCause::RefreshReuse;
            end(tx, turn, cause, SessionError::RefreshReused).await
        }
    }
}

async fn check_owner(
    tx: &mut Tx,
    refresh: &Refresh,
    session: &Session,
) -> Result<User, SessionError> {
    let user = tx.find_user_by_id(session.user_id).await?;
    let is_meant = |user: &User| {
        let meant = refresh.user_id.as_ref();
        meant.is_none_or(|id| *id == user.external_id)
    };
    user.filter(is_meant).ok_or(SessionError::RefreshUnknown)
}

fn check_proof(refresh: &Refresh, session: &Session) -> Result<(), SessionError> {
    match (&session.jkt, &refresh.proof) {
        (Some(_), None) => Err(SessionError::ProofRequired),
        (Some(jkt), Some(proof)) if proof.jkt != *jkt => {
            Err(SessionError::Proof(Refusal::KeyMismatch))
        }
        (Some(_), Some(_)) | (None, None) => Ok(()),
        // A key joins a device at a login, where the user is authenticated.
        (None, Some(_)) => Err(SessionError::Proof(Refusal::SchemeMismatch)),
    }
}

async fn use_up(tx: &mut Tx, refresh: &Refresh) -> Result<(), SessionError> {
    match &refresh.proof {
        Some(proof) => proof.use_up(tx).await,
        None => Ok(()),
    }
}

async fn end(
    tx: &mut Tx,
    turn: Turn,
    cause: EndingCause,
    refusal: SessionError,
) -> Result<Refreshed, SessionError> {
    ending::end(tx, &turn.journal, &[turn.session], cause).await?;
    Ok(Refreshed::Ended(refusal))
}

async fn finish(
    tx: &mut Tx,
    refresh: &Refresh,
    turn: Turn,
    successor: Option<PlainToken>,
) -> Result<Refreshed, SessionError> {
    let Turn {
        journal,
        client,
        user,
        session,
        device,
    } = turn;
    let old_version = device.facts.app_version.clone();
    let registered = registration::update(tx, device, &refresh.facts, &journal).await?;
    if registered.device.facts.app_version != old_version {
        journal.changed(tx, Subject::Session(session.id));
    }
    tx.visit_ownership(session.ownership_id, journal.now, &refresh.origin)
        .await?;
    let grounds = tx.find_grounds(session.ownership_id).await?;
    journal.record(tx, Action::SessionRefreshed, ending::target(&session), None);
    Ok(Refreshed::Continued(Box::new(Started {
        client,
        user_id: user.external_id,
        session: Session {
            last_active_at: journal.now,
            ..session
        },
        device: registered.device,
        is_new_device: false,
        is_recognised: false,
        refresh: successor,
        device_secret: None,
        grounds,
        evicted: Vec::new(),
    })))
}
