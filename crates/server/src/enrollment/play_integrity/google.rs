//! Google's decode API, for the tokens of standard requests: nobody else can read them.

use super::{
    account::{AccessToken, Grant, GrantError},
    breaker::Breaker,
};
use crate::{
    client::ServiceAccount,
    config::GoogleApi,
    outside::{Outside, OutsideError, Post},
};
use countersign_attestation::{evidence::Unread, play_integrity::MAX_ANSWER_BYTES};
use countersign_core::{ClientId, Clock};
use reqwest::Url;
use serde::{Deserialize, de::IgnoredAny};
use serde_json::json;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The most clients in memory. Only admins make clients; far more than any service has on Android.
const MAX_CLIENTS: usize = 1024;

/// Google's services, as one process calls them.
#[derive(Debug)]
pub(super) struct Google {
    api: GoogleApi,
    outside: Outside,
    clock: Arc<dyn Clock>,
    lines: Mutex<HashMap<ClientId, Arc<Line>>>,
}

/// One client's way to Google. Each has its own: whose account has no quota left is no sign of how
/// the others fare.
#[derive(Debug, Default)]
struct Line {
    breaker: Mutex<Breaker>,
    access: AccessToken,
}

/// A token that is to be decoded.
pub(super) struct Question<'a> {
    pub(super) client: ClientId,
    pub(super) account: &'a ServiceAccount,
    /// The account's credentials as they are sealed.
    pub(super) sealed: &'a [u8],
    pub(super) package: &'a str,
    pub(super) token: &'a str,
}

/// A token was not decoded.
#[derive(Debug, thiserror::Error)]
enum DecodeError {
    /// The account was not let in.
    #[error(transparent)]
    Grant(#[from] GrantError),
    /// No answer came, or not the one that was asked for.
    #[error("the token was not decoded")]
    Outside(#[source] OutsideError),
    /// What came is not an answer.
    #[error("the answer about the token cannot be read")]
    Unreadable,
    /// It took too long.
    #[error("no answer came within the time limit")]
    TooSlow,
    /// The configured address is none.
    #[error("the address of the decode API is not a URL")]
    NoAddress,
}

/// What is looked for before it counts as an answer; the judge reads the rest.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    #[serde(rename = "tokenPayloadExternal")]
    _payload: IgnoredAny,
}

impl Google {
    pub(super) fn new(api: GoogleApi, clock: Arc<dyn Clock>) -> Self {
        Self {
            api,
            outside: Outside::default(),
            clock,
            lines: Mutex::default(),
        }
    }

    /// What Google answers of a token, as it came.
    pub(super) async fn decode(&self, question: &Question<'_>) -> Result<Vec<u8>, Unread> {
        let line = self.line(question.client);
        if !line.breaker().admits(self.clock.now()) {
            return Err(Unread::NoAnswer);
        }
        let asked = tokio::time::timeout(self.api.timeout, self.ask(&line, question)).await;
        match asked.unwrap_or(Err(DecodeError::TooSlow)) {
            Ok(answer) => {
                line.breaker().answered();
                Ok(answer)
            }
            Err(error) => Err(self.note(&line, question, &error)),
        }
    }

    /// Notes why a token was not decoded, for the next ones and for the log, and says what it means.
    fn note(&self, line: &Line, question: &Question<'_>, error: &DecodeError) -> Unread {
        let unread = error.means();
        match unread {
            Unread::NoAnswer => line.breaker().failed(self.clock.now()),
            _ => line.breaker().answered(),
        }
        if unread != Unread::TokenRefused {
            tracing::warn!(
                client.id = %question.client,
                error = error as &dyn std::error::Error,
                "play integrity token not decoded"
            );
        }
        unread
    }

    async fn ask(&self, line: &Line, question: &Question<'_>) -> Result<Vec<u8>, DecodeError> {
        let grant = Grant {
            outside: &self.outside,
            url: &self.api.token_url,
            account: question.account,
            sealed: question.sealed,
        };
        let url = self.address(question.package)?;
        let access = line.access.get(&grant, self.clock.now()).await?;
        let post = Post {
            media_type: "application/json",
            body: json!({ "integrityToken": question.token })
                .to_string()
                .into_bytes(),
            bearer: Some(access.reveal()),
        };
        let answer = self
            .outside
            .post(url.as_str(), post, MAX_ANSWER_BYTES)
            .await;
        let answer = answer.map_err(|error| {
            if matches!(
                error,
                OutsideError::Status {
                    status: 401 | 403,
                    ..
                }
            ) {
                line.access.forget();
            }
            DecodeError::Outside(error)
        })?;
        let read: Result<Answer, _> = serde_json::from_slice(&answer);
        read.map_err(|_| DecodeError::Unreadable)?;
        Ok(answer)
    }

    /// `{base}/v1/{package}:decodeIntegrityToken`.
    fn address(&self, package: &str) -> Result<Url, DecodeError> {
        let mut url: Url = self
            .api
            .play_integrity_url
            .parse()
            .map_err(|_| DecodeError::NoAddress)?;
        let path = url.path_segments_mut();
        path.map_err(|()| DecodeError::NoAddress)?
            .pop_if_empty()
            .extend(["v1", &format!("{package}:decodeIntegrityToken")]);
        Ok(url)
    }

    fn line(&self, client: ClientId) -> Arc<Line> {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() >= MAX_CLIENTS && !lines.contains_key(&client) {
            lines.clear();
        }
        Arc::clone(lines.entry(client).or_default())
    }
}

impl Line {
    fn breaker(&self) -> MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl DecodeError {
    /// What it says of the token: refusing it is Google's answer, everything else is none.
    fn means(&self) -> Unread {
        match self {
            Self::Outside(OutsideError::Status { status: 400, .. }) => Unread::TokenRefused,
            Self::Outside(OutsideError::Status {
                status: 401 | 403 | 404,
                ..
            })
            | Self::Grant(
                GrantError::Unsigned(_)
                | GrantError::Outside(OutsideError::Status {
                    status: 400 | 401 | 403,
                    ..
                }),
            ) => Unread::CredentialsRefused,
            _ => Unread::NoAnswer,
        }
    }
}
