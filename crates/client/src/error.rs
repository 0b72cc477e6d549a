//! Why a call or a session did not work.

use countersign_api_types::{ErrorCode, Problem};
use countersign_attestation::jws::SigningFailed;
use std::{error::Error, sync::Arc};

/// Why a call brought no answer that can be used.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ClientError {
    /// The server refused, and says why.
    #[error("refused with {}: {}", .0.code, .0.detail)]
    Refused(Box<Problem>),
    /// No complete answer came; whether the server did what was asked is not known.
    #[error("no complete answer came")]
    Transport(#[source] Arc<dyn Error + Send + Sync>),
    /// An answer that this API does not give: something else answered, or another version.
    #[error("unexpected answer with status {status}: {reason}")]
    Unexpected {
        /// Its HTTP status.
        status: u16,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The request cannot be written down; nothing was sent.
    #[error("the request cannot be sent: {0}")]
    Unsendable(&'static str),
}

impl ClientError {
    /// The problem's code, if the server refused.
    pub fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Refused(problem) => Some(problem.code),
            _ => None,
        }
    }
}

/// Why a session could not do what was asked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SessionError {
    /// The call failed.
    #[error(transparent)]
    Call(#[from] ClientError),
    /// The device's key could not sign.
    #[error(transparent)]
    Signing(#[from] SigningFailed),
    /// The server said earlier that the session is over: log in again.
    #[error("the session is over: {0}")]
    Over(ErrorCode),
    /// The session was logged out here.
    #[error("the session is logged out")]
    LoggedOut,
}

impl SessionError {
    /// The code the server refused with, now or when it ended the session.
    pub fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Call(error) => error.code(),
            Self::Over(code) => Some(*code),
            Self::Signing(_) | Self::LoggedOut => None,
        }
    }
}
