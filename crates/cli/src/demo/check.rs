//! Every claim of the demo, checked.

use countersign_client::{
    EndpointError, InvalidApiKey, SessionError, SigningFailed,
    api_types::{
        ErrorCode,
        verify::{Allowed, Refused, VerifyResponse},
    },
};
use countersign_core::decision::Refusal;
use std::{fmt::Debug, io};

/// Why the demo stopped.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// Fewer devices than there are roles.
    #[error("the demo needs at least {} devices", super::MIN_DEVICES)]
    TooFewDevices,
    /// The server did not do what the story says.
    #[error("{step}: expected {expected}, but got {got}")]
    Unexpected {
        /// Where in the story.
        step: &'static str,
        /// What should have happened.
        expected: String,
        /// What did.
        got: String,
    },
    /// A call failed that should have worked.
    #[error("{step}: expected this to work")]
    Failed {
        /// Where in the story.
        step: &'static str,
        /// Why it did not.
        #[source]
        source: SessionError,
    },
    /// A URL of the target cannot be called.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// The target's API key is none.
    #[error(transparent)]
    ApiKey(#[from] InvalidApiKey),
    /// Something that the demo makes up, or was given, cannot be used.
    #[error("the demo cannot use {0}")]
    Unusable(&'static str),
    /// A key could not be made.
    #[error(transparent)]
    Key(#[from] SigningFailed),
    /// A port could not be opened, or the account could not be written.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Says where a call failed that should have worked.
pub(super) fn failed<E: Into<SessionError>>(step: &'static str) -> impl FnOnce(E) -> DemoError {
    move |error| DemoError::Failed {
        step,
        source: error.into(),
    }
}

/// Compares what came with what should have come.
pub(super) fn equal<T: PartialEq + Debug>(
    step: &'static str,
    got: &T,
    expected: &T,
) -> Result<(), DemoError> {
    if got == expected {
        return Ok(());
    }
    Err(DemoError::Unexpected {
        step,
        expected: format!("{expected:?}"),
        got: format!("{got:?}"),
    })
}

/// Something that must hold.
pub(super) fn holds(
    step: &'static str,
    is_so: bool,
    expected: &str,
    got: &impl Debug,
) -> Result<(), DemoError> {
    if is_so {
        return Ok(());
    }
    Err(DemoError::Unexpected {
        step,
        expected: expected.to_owned(),
        got: format!("{got:?}"),
    })
}

/// Something that must be there.
pub(super) fn present<T>(
    step: &'static str,
    found: Option<T>,
    expected: &str,
) -> Result<T, DemoError> {
    found.ok_or_else(|| DemoError::Unexpected {
        step,
        expected: expected.to_owned(),
        got: "nothing".to_owned(),
    })
}

/// A request that must go through.
pub(super) fn allowed(
    step: &'static str,
    verdict: VerifyResponse<'static>,
) -> Result<Allowed<'static>, DemoError> {
    match verdict {
        VerifyResponse::Allowed(allowed) => Ok(allowed),
        VerifyResponse::Refused(refused) => Err(DemoError::Unexpected {
            step,
            expected: "the request to be allowed".to_owned(),
            got: format!("{} ({})", refused.code, refused.status),
        }),
    }
}

/// A request that must be refused, and why.
pub(super) fn refused(
    step: &'static str,
    verdict: VerifyResponse<'static>,
    code: Refusal,
) -> Result<Refused<'static>, DemoError> {
    let got = match verdict {
        VerifyResponse::Refused(refused) if refused.code == code => return Ok(refused),
        VerifyResponse::Refused(refused) => refused.code.to_string(),
        VerifyResponse::Allowed(_) => "it to be allowed".to_owned(),
    };
    Err(DemoError::Unexpected {
        step,
        expected: format!("the request to be refused with {code}"),
        got,
    })
}

/// A call that must be refused, and why.
pub(super) fn refused_call<T>(
    step: &'static str,
    outcome: Result<T, SessionError>,
    code: ErrorCode,
) -> Result<(), DemoError> {
    let got = match outcome {
        Err(error) if error.code() == Some(code) => return Ok(()),
        Err(error) => error.to_string(),
        Ok(_) => "success".to_owned(),
    };
    Err(DemoError::Unexpected {
        step,
        expected: format!("a refusal with {code}"),
        got,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_client::{
        ClientError,
        api_types::{Problem, verify::No},
    };

    fn verdict(code: Refusal) -> VerifyResponse<'static> {
        VerifyResponse::Refused(Refused {
            allowed: No,
            code,
            status: 401,
            www_authenticate: None,
            dpop_nonce: None,
            session_id: None,
            device_id: None,
        })
    }

    fn refusal(code: ErrorCode) -> Result<(), SessionError> {
        Err(ClientError::Refused(Box::new(Problem::new(code))).into())
    }

    #[test]
    fn another_answer_than_the_expected_one_says_both() {
        let got = verdict(Refusal::SessionEnded);
        let error = refused("the story", got, Refusal::DeviceRemoved).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the story: expected the request to be refused with device_removed, but got session_ended"
        );
        assert!(allowed("the story", verdict(Refusal::SessionEnded)).is_err());
        assert!(equal("the story", &1, &2).is_err());
        assert!(holds("the story", false, "so", &1).is_err());
        assert!(present::<()>("the story", None, "one").is_err());
    }

    #[test]
    fn a_call_must_be_refused_for_the_right_reason() {
        let code = ErrorCode::KeyMismatch;
        assert!(refused_call("the story", refusal(code), code).is_ok());
        assert!(refused_call("the story", refusal(ErrorCode::NotFound), code).is_err());
        assert!(refused_call("the story", Ok(()), code).is_err());
    }
}
