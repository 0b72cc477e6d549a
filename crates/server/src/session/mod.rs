//! Logins, refreshes and adoptions, by an app's backend or the device itself, and the one way
//! sessions end.
//!
//! Owns the session's life. Does not own the judgement of requests (`verify`) or what users and
//! admins do to devices (`device`), which both end sessions through [`ending`].

pub(crate) mod admission;
mod adoption;
mod answer;
pub(crate) mod ending;
mod error;
mod generation;
pub(crate) mod http;
mod limit;
mod login;
mod proof;
mod refresh;
mod refusals;
pub(crate) mod registration;
mod waiting;

pub(crate) use adoption::{Adopted, AdoptedPair, Adoption};
pub(crate) use answer::facts;
pub(crate) use error::GivenTicket;
pub use error::SessionError;
pub(crate) use limit::Evicted;
pub(crate) use login::{Login, PushAddress, Started};
pub(crate) use proof::{UsedIdToken, UsedProof};
pub(crate) use refresh::{Grant, Refresh, Refreshed};
pub(crate) use registration::DeviceClaim;

use crate::{
    journal::{Journal, Ledger},
    seal::Vault,
    signing::Issuer,
};
use countersign_attestation::dpop::NonceKeys;
use countersign_core::{
    ClientId, SessionId, Timestamp,
    activity::{Action, Target},
    admission::ApprovalCause,
    client::Client,
    limit::LimitTicket,
    session::Session,
    token::{HashedToken, PlainToken, TokenKind},
};
use countersign_storage::{AdoptedKind, StoreError};
pub(crate) use refusals::Refusals;
use std::sync::Arc;

/// How often a login is run again after another one registered the same device first.
const RACE_RETRIES: usize = 4;

/// The session use cases.
#[derive(Debug, Clone)]
pub struct Sessions {
    pub(crate) ledger: Ledger,
    pub(crate) vault: Arc<Vault>,
    pub(crate) issuer: Arc<Issuer>,
    pub(crate) nonces: Arc<NonceKeys>,
    pub(crate) refusals: Arc<Refusals>,
}

impl Sessions {
    /// Starts a session for a user that the backend or an issuer authenticated.
    ///
    /// # Errors
    /// [`SessionError`]; nothing changed.
    pub async fn login(&self, login: Login) -> Result<Started, SessionError> {
        let login = Arc::new(login);
        for _ in 0..RACE_RETRIES {
            let input = Arc::clone(&login);
            let started = self.ledger.settle_if(
                input,
                |tx, login| Box::pin(login::start(tx, login)),
                |started: &Started| !started.evicted.is_empty(),
            );
            match started.await {
                Err(SessionError::Raced) => {}
                Err(SessionError::ApprovalPending(cause)) => {
                    self.ask_approval(&login, cause).await?;
                }
                Err(SessionError::DeviceLimitReached(None)) => {
                    return Err(self.give_ticket(&login).await?);
                }
                result => return result,
            }
        }
        Err(SessionError::Raced)
    }

    /// Keeps a device that has to wait, for admins to look at. What refused the login also undid it.
    async fn ask_approval(
        &self,
        login: &Arc<Login>,
        cause: ApprovalCause,
    ) -> Result<(), SessionError> {
        let asked: Result<(), SessionError> = self
            .ledger
            .store
            .write(Arc::clone(login), move |tx, login| {
                Box::pin(login::ask(tx, login, cause))
            })
            .await;
        match asked {
            Ok(()) => Err(SessionError::ApprovalPending(cause)),
            Err(SessionError::Raced) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Lets a user whom the limit refused remove a device. What refused the login also undid it.
    async fn give_ticket(&self, login: &Login) -> Result<SessionError, SessionError> {
        let ledger = &self.ledger;
        let user = ledger.store.read().await?.find_user(&login.user_id).await?;
        let user = user.ok_or(SessionError::Raced)?;
        let text = PlainToken::generate(TokenKind::LimitTicket, &*ledger.rng);
        let ticket = LimitTicket {
            hash: text.hash(),
            client_id: login.client_id,
            user_id: user.id,
            jkt: login.device.jkt,
            expires_at: self.now().plus(LimitTicket::LIFETIME),
        };
        let kept: Result<(), StoreError> = ledger
            .store
            .write(ticket, |tx, ticket| {
                Box::pin(tx.replace_limit_ticket(ticket))
            })
            .await;
        kept?;
        let given = GivenTicket {
            text,
            expires_at: ticket.expires_at,
        };
        Ok(SessionError::DeviceLimitReached(Some(given)))
    }

    /// Rotates a session's tokens, or takes the backend's new ones.
    ///
    /// # Errors
    /// [`SessionError`]; nothing changed, unless the session ended by this very call.
    pub async fn refresh(&self, refresh: Refresh) -> Result<Started, SessionError> {
        let refresh = Arc::new(refresh);
        let input = Arc::clone(&refresh);
        let result = self
            .ledger
            .store
            .write(input, |tx, refresh| {
                Box::pin(refresh::continue_session(tx, refresh))
            })
            .await;
        let error = match result {
            Ok(Refreshed::Continued(started)) => return Ok(*started),
            Ok(Refreshed::Ended(error)) | Err(error) => error,
        };
        if let Grant::RefreshToken(token) = &refresh.grant {
            let token = Some(token.reveal());
            self.record_refusal(&refresh.journal, token, &error).await;
        }
        Err(error)
    }

    /// Replaces the adopted tokens of a live session.
    ///
    /// # Errors
    /// [`SessionError`]; nothing changed.
    pub async fn replace_tokens(&self, adoption: Adoption) -> Result<Session, SessionError> {
        self.ledger
            .store
            .write(adoption, |tx, adoption| {
                Box::pin(adoption::replace(tx, adoption))
            })
            .await
    }

    /// The session that a refresh token may still continue; ours, or the backend's own.
    pub(crate) async fn find_refreshable(
        &self,
        token: &str,
    ) -> Result<Option<SessionId>, StoreError> {
        let hash = HashedToken::of(token);
        let mut conn = self.ledger.store.read().await?;
        if let Some(adopted) = conn.find_adopted_token(&hash).await? {
            let is_good = adopted.kind == AdoptedKind::Refresh && self.now() < adopted.expires_at;
            return Ok(is_good.then_some(adopted.session_id));
        }
        let Some(id) = conn.find_refresh_token(&hash).await? else {
            return Ok(None);
        };
        let session = conn.find_session(id).await?;
        let refresh = session.and_then(|session| session.refresh);
        Ok(refresh
            .filter(|refresh| refresh.answers_to(&hash))
            .map(|_| id))
    }

    /// The client, for what must be known before the transaction: its origins.
    pub(crate) async fn find_client(&self, id: ClientId) -> Result<Client, SessionError> {
        let client = self.ledger.store.read().await?.find_client(id).await?;
        client.ok_or(SessionError::ClientUnknown)
    }

    fn now(&self) -> Timestamp {
        self.ledger.clock.now()
    }

    /// Keeps the first refusal of a token that was issued here, per token, reason and minute.
    pub(crate) async fn record_refusal(
        &self,
        journal: &Journal,
        token: Option<&str>,
        error: &SessionError,
    ) {
        let Some(hash) = token.map(HashedToken::of) else {
            return;
        };
        if !Refusals::is_telling(error) {
            return;
        }
        let recorded = self.record_first(journal, hash, error).await;
        if let Err(error) = recorded {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "refusal not recorded"
            );
        }
    }

    async fn record_first(
        &self,
        journal: &Journal,
        hash: HashedToken,
        refusal: &SessionError,
    ) -> Result<(), StoreError> {
        let mut conn = self.ledger.store.read().await?;
        // Made-up tokens are neither written nor counted: they would hide a stolen one.
        let Some(id) = conn.find_refresh_token(&hash).await? else {
            return Ok(());
        };
        let session = conn.find_session(id).await?;
        drop(conn);
        if !self.refusals.is_first(hash, refusal, journal.now) {
            return Ok(());
        }
        let target = session.as_ref().map_or(Target::default(), ending::target);
        let input = (journal.clone(), target, refusal.code().as_str());
        self.ledger
            .store
            .write(input, |tx, (journal, target, reason)| {
                Box::pin(async move {
                    journal.record(tx, Action::RefreshRefused, *target, Some(*reason));
                    Ok(())
                })
            })
            .await
    }
}
