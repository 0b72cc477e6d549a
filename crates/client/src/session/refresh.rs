//! Rotating the tokens: one call at a time, and never a sign-out by a lost answer.

use super::{Session, State, Tokens, relay};
use crate::{Backend, ClientError, RelayedRefresh, SessionError};
use countersign_api_types::ErrorCode;
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use tokio::sync::Mutex;

/// How often a refresh is sent whose answer is lost.
const ATTEMPTS: u32 = 3;

/// Lets one refresh through at a time.
#[derive(Debug, Default)]
pub(super) struct Gate {
    /// How many refreshes were tried.
    tried: AtomicU64,
    /// What the last one came to.
    last: Mutex<Option<SessionError>>,
}

impl<B: Backend> Session<B> {
    /// Has the tokens rotated. Calls at the same time share one refresh and its outcome.
    ///
    /// When the answer is lost, the same refresh token is presented again with a fresh proof, here
    /// and by the next call: until the new one is used, the server gives the same successor.
    ///
    /// # Errors
    /// [`SessionError::Call`]: refused, or no answer came. After a refusal that ends the session,
    /// every call answers [`SessionError::Over`].
    ///
    /// # Cancel safety
    /// A refresh that is dropped is a lost answer: the next one mends it.
    pub async fn refresh(&self) -> Result<(), SessionError> {
        let tried = self.gate.tried.load(Ordering::Acquire);
        let mut last = self.gate.last.lock().await;
        if self.gate.tried.load(Ordering::Acquire) != tried {
            return last.clone().map_or(Ok(()), Err);
        }
        let outcome = self.rotate().await;
        *last = outcome.as_ref().err().cloned();
        self.gate.tried.fetch_add(1, Ordering::Release);
        outcome
    }

    async fn rotate(&self) -> Result<(), SessionError> {
        let old = self.tokens()?;
        let outcome = self.present(&old).await;
        match &outcome {
            Ok(new) => self.set(State::Live(Arc::clone(new))),
            Err(error) => self.note_end(error),
        }
        outcome.map(drop)
    }

    /// Presents the refresh token until an answer comes.
    async fn present(&self, old: &Tokens) -> Result<Arc<Tokens>, SessionError> {
        let registered = &old.saved.registered;
        let Some(refresh_token) = &registered.refresh_token else {
            let reason = "the session has no refresh token";
            return Err(ClientError::Unsendable(reason).into());
        };
        let send = |proof| {
            self.backend.refresh(RelayedRefresh {
                client_id: self.device.client_id(),
                user_id: registered.user_id.clone(),
                device: self.device.report(),
                proof,
                refresh_token: refresh_token.clone(),
            })
        };
        let mut attempt = 1;
        loop {
            match relay(&self.device, self.backend.refresh_url(), send).await {
                Err(SessionError::Call(ClientError::Transport(_))) if attempt < ATTEMPTS => {
                    attempt += 1;
                }
                Err(error) => return Err(error),
                Ok(mut new) => {
                    new.refresh_token = new.refresh_token.or_else(|| Some(refresh_token.clone()));
                    let tokens = Tokens::new(new, self.device.server_time())?;
                    return Ok(Arc::new(tokens));
                }
            }
        }
    }

    /// Forgets the tokens when a refusal says that they are worth nothing for good.
    pub(super) fn note_end(&self, error: &SessionError) {
        if let SessionError::Call(error) = error
            && let Some(code) = error.code().filter(|code| ends_session(*code))
        {
            self.set(State::Over(code));
        }
    }
}

/// Whether a refusal is final for the session.
const fn ends_session(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::SessionEnded
            | ErrorCode::SessionExpired
            | ErrorCode::ClientEnded
            | ErrorCode::ClientDisabled
            | ErrorCode::RefreshInvalid
            | ErrorCode::RefreshReused
            | ErrorCode::UserDisabled
            | ErrorCode::DeviceRemoved
            | ErrorCode::DeviceEvicted
            | ErrorCode::DeviceRevoked
            | ErrorCode::DeviceBanned
            | ErrorCode::KeyRetired
    )
}
