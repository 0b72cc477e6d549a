//! One login on a device: its tokens, and what they are used for.

mod own;
mod refresh;
mod tokens;

pub use tokens::SavedSession;

use crate::retry::Retries;
use crate::{
    Backend, BackendAnswer, ClientError, Device, Endpoint, RelayedLogin, SessionError,
    device::Learned,
};
use countersign_api_types::{
    ErrorCode,
    session::{RegisteredSession, RelayedProof},
};
use refresh::Gate;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokens::Tokens;
use tokio::sync::watch;
use url::Url;

/// RFC 9449 section 4.1.
const DPOP: HeaderName = HeaderName::from_static("dpop");

/// One login on a device; share it in an `Arc`.
///
/// Its tokens are those that Countersign issues. For a session whose tokens are the backend's own,
/// only [`Device::proof`] is of use.
#[derive(Debug)]
pub struct Session<B> {
    device: Arc<Device>,
    backend: B,
    public: Endpoint,
    state: Mutex<State>,
    gate: Gate,
    rotations: watch::Sender<u64>,
}

#[derive(Debug)]
enum State {
    Live(Arc<Tokens>),
    /// The server said so.
    Over(ErrorCode),
    LoggedOut,
}

impl<B: Backend> Session<B> {
    /// Logs in through the app's backend and keeps what it answers.
    ///
    /// `public` is Countersign's public listener, for the user's own calls. The device takes over
    /// the installation id and the device secret of the answer: [save](Device::save) it.
    ///
    /// # Errors
    /// [`SessionError::Call`] with the backend's refusal.
    ///
    /// # Cancel safety
    /// A login that is dropped may have happened; logging in again takes its place.
    pub async fn login(
        device: Arc<Device>,
        backend: B,
        public: Endpoint,
        credentials: &B::Credentials,
    ) -> Result<Self, SessionError> {
        let url = backend.login_url();
        let send = |proof| {
            let client_id = device.client_id();
            let login = RelayedLogin {
                client_id,
                device: device.report(),
                proof,
            };
            backend.login(login, credentials)
        };
        let registered = relay(&device, url, send).await?;
        let tokens = Tokens::new(registered, device.server_time())?;
        Ok(Self::with_tokens(device, backend, public, tokens))
    }

    /// Continues a session that was saved.
    ///
    /// # Errors
    /// [`ClientError::Unexpected`] if what was saved holds no access token.
    pub fn resume(
        device: Arc<Device>,
        backend: B,
        public: Endpoint,
        saved: SavedSession,
    ) -> Result<Self, SessionError> {
        let tokens = Tokens::new(saved.registered, saved.received_at)?;
        Ok(Self::with_tokens(device, backend, public, tokens))
    }

    /// The headers that authorise one request of the device: `Authorization`, and `DPoP` if it has
    /// a key. Refreshes first when the access token is about to expire.
    ///
    /// `method` as it will be sent, `url` as it will be called. The headers serve once.
    ///
    /// # Errors
    /// [`SessionError::Over`] and [`SessionError::LoggedOut`] once there is nothing to authorise
    /// with, and those of [`Self::refresh`].
    pub async fn authorize(&self, method: &str, url: &str) -> Result<HeaderMap, SessionError> {
        if self.tokens()?.is_stale(self.device.server_time()) {
            self.refresh().await?;
        }
        self.sign(method, url)
    }

    /// Like [`Self::authorize`], with the access token at hand, be it expired.
    ///
    /// # Errors
    /// [`SessionError::Over`], [`SessionError::LoggedOut`] and [`SessionError::Signing`].
    pub fn sign(&self, method: &str, url: &str) -> Result<HeaderMap, SessionError> {
        let tokens = self.tokens()?;
        let mut headers = HeaderMap::with_capacity(2);
        let mut add = |name, text: String| {
            let mut value = HeaderValue::try_from(text)
                .map_err(|_| ClientError::Unsendable("the token cannot stand in a header"))?;
            value.set_sensitive(true);
            headers.insert(name, value);
            Ok::<(), ClientError>(())
        };
        let access_token = tokens.access_token.reveal();
        add(
            AUTHORIZATION,
            format!("{} {access_token}", tokens.scheme.as_str()),
        )?;
        if let Some(proof) = self.device.proof(method, url, Some(access_token))? {
            add(DPOP, proof)?;
        }
        Ok(headers)
    }

    /// What to keep of the session, so that the next start of the app goes on with it.
    ///
    /// # Errors
    /// [`SessionError::Over`] and [`SessionError::LoggedOut`]: there is nothing to keep.
    pub fn save(&self) -> Result<SavedSession, SessionError> {
        self.tokens().map(|tokens| tokens.save())
    }

    /// Changes whenever there are new tokens to [save](Self::save), or none any more.
    ///
    /// An app that stops before it has saved goes on all the same: the device may present the
    /// refresh token before the last one.
    pub fn rotations(&self) -> watch::Receiver<u64> {
        self.rotations.subscribe()
    }

    /// What the server said of the session at the login or the last refresh; tokens included.
    ///
    /// # Errors
    /// [`SessionError::Over`] and [`SessionError::LoggedOut`].
    pub fn registered(&self) -> Result<RegisteredSession, SessionError> {
        self.save().map(|saved| saved.registered)
    }

    /// The device it is on.
    pub const fn device(&self) -> &Arc<Device> {
        &self.device
    }

    fn with_tokens(device: Arc<Device>, backend: B, public: Endpoint, tokens: Tokens) -> Self {
        Self {
            device,
            backend,
            public,
            state: Mutex::new(State::Live(Arc::new(tokens))),
            gate: Gate::default(),
            rotations: watch::Sender::new(0),
        }
    }

    fn tokens(&self) -> Result<Arc<Tokens>, SessionError> {
        match &*self.state() {
            State::Live(tokens) => Ok(Arc::clone(tokens)),
            State::Over(code) => Err(SessionError::Over(*code)),
            State::LoggedOut => Err(SessionError::LoggedOut),
        }
    }

    /// A session that was logged out stays so, whatever a call that was under way brings.
    fn set(&self, new: State) {
        let mut state = self.state();
        if !matches!(*state, State::LoggedOut) {
            *state = new;
        }
        drop(state);
        self.rotations
            .send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Nothing here can be left half changed by a panic.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sends something to the backend with a fresh proof, again where the answer says how.
async fn relay<F>(
    device: &Device,
    url: &Url,
    send: impl Fn(Option<RelayedProof>) -> F,
) -> Result<RegisteredSession, SessionError>
where
    F: Future<Output = BackendAnswer>,
{
    let mut retries = Retries::default();
    loop {
        let proof = device.relayed_proof("POST", url.as_str())?;
        let sent_at = device.now();
        let answer = send(proof).await;
        let learned = learn(device, &answer, sent_at);
        match answer.outcome {
            Ok(registered) => {
                device.adopt(&registered);
                return Ok(registered);
            }
            Err(error) if retries.may_retry(error.code(), learned) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

fn learn(device: &Device, answer: &BackendAnswer, sent_at: countersign_core::Timestamp) -> Learned {
    let nonce = match &answer.outcome {
        Ok(registered) => registered.dpop_nonce.clone(),
        Err(ClientError::Refused(problem)) => problem.dpop_nonce.clone(),
        Err(_) => None,
    };
    device.learn(nonce, answer.date, sent_at)
}
