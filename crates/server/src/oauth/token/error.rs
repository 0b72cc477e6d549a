//! Why the token endpoint refuses, and the one table from codes to OAuth errors.

use crate::{http::Problem, oidc::FetchError, session::SessionError};
use countersign_api_types::{ErrorCode, FieldError};
use countersign_attestation::id_token::IdTokenError;
use countersign_core::decision::Refusal;
use http::{HeaderValue, StatusCode};

/// The token endpoint issued nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TokenError {
    /// Neither a token exchange nor a refresh.
    #[error("the grant type is not supported")]
    UnsupportedGrantType,
    /// A parameter is missing or wrong.
    #[error("a parameter is missing or wrong")]
    Parameter(FieldError),
    /// The token is asked for somebody else than the client's audience.
    #[error("the target is not the client's audience")]
    ForeignTarget,
    /// The login or refresh did not go through.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The client does not trust the ID token's issuer.
    #[error("the issuer is not trusted")]
    IssuerNotTrusted,
    /// The issuer's keys cannot be had.
    #[error("the issuer's keys cannot be had")]
    IssuerUnavailable(#[from] FetchError),
    /// The ID token is refused.
    #[error("the ID token was refused")]
    IdToken(#[from] IdTokenError),
    /// The access token could not be signed.
    #[error("the access token could not be signed")]
    Issue(#[source] crate::signing::IssueError),
}

impl TokenError {
    /// The closed code of the answer.
    pub(super) fn code(&self) -> ErrorCode {
        match self {
            Self::UnsupportedGrantType => ErrorCode::UnsupportedGrantType,
            Self::Parameter(_) | Self::ForeignTarget => ErrorCode::InvalidRequest,
            Self::Session(SessionError::ClientUnknown) => ErrorCode::ClientUnknown,
            Self::Session(error) => error.code(),
            Self::IssuerNotTrusted => ErrorCode::IssuerNotTrusted,
            Self::IssuerUnavailable(_) => ErrorCode::IssuerUnavailable,
            Self::IdToken(error) => of_id_token(*error),
            Self::Issue(_) => ErrorCode::Internal,
        }
    }

    /// Whether it says that the caller holds nothing genuine: such calls count against their
    /// address. Asking for a nonce is how a conversation begins.
    pub(super) fn is_guess(&self) -> bool {
        match self {
            Self::UnsupportedGrantType
            | Self::Parameter(_)
            | Self::ForeignTarget
            | Self::IssuerNotTrusted
            | Self::IdToken(_) => true,
            Self::Session(error) => match error {
                SessionError::Proof(refusal) => *refusal != Refusal::UseDpopNonce,
                SessionError::ClientUnknown
                | SessionError::ProofRequired
                | SessionError::RefreshUnknown => true,
                _ => false,
            },
            Self::IssuerUnavailable(_) | Self::Issue(_) => false,
        }
    }

    /// Whether there is no client to keep the answer from other pages for: whoever wrote the page
    /// should see what is wrong.
    pub(super) fn is_of_nobody(&self) -> bool {
        self.code() == ErrorCode::ClientUnknown
    }

    /// Whether the answer brings a nonce for the next proof.
    pub(super) fn asks_for_nonce(&self) -> bool {
        let asking = [ErrorCode::UseDpopNonce, ErrorCode::ProofExpired];
        asking.contains(&self.code())
    }
}

impl From<TokenError> for Problem {
    fn from(error: TokenError) -> Self {
        let problem = match &error {
            TokenError::Parameter(fault) => Self::invalid(vec![fault.clone()]),
            TokenError::ForeignTarget => Self::new(ErrorCode::InvalidRequest)
                .with_detail("tokens are issued for the client's own audience only"),
            TokenError::Session(SessionError::PushProviderRequired) => {
                let detail = "is needed for this platform";
                Self::invalid(vec![FieldError::new("/device/push/provider", detail)])
            }
            TokenError::Session(SessionError::InstallationIdRequired) => {
                let detail = "is needed by a device without a key that has to wait for approval";
                Self::invalid(vec![FieldError::new("/installation_id", detail)])
            }
            TokenError::Session(refused) => Self::new(error.code()).with_ticket(refused.ticket()),
            error => Self::new(error.code()),
        };
        let problem = match &error {
            TokenError::ForeignTarget => {
                problem.as_oauth("invalid_target", StatusCode::BAD_REQUEST)
            }
            _ => in_oauth(problem),
        };
        problem.caused_by(error)
    }
}

/// The problem as a token endpoint answers it.
pub(super) fn in_oauth(problem: Problem) -> Problem {
    let code = problem.code();
    let (error, status) = oauth_error(code);
    let problem = problem.as_oauth(error, status);
    if status == StatusCode::UNAUTHORIZED {
        // RFC 9110 section 15.5.2 wants one; there is no client authentication to ask for.
        return problem.with_challenge(HeaderValue::from_static(r#"DPoP algs="ES256""#));
    }
    problem
}

/// RFC 6749 section 5.2, RFC 8693 section 2.2.2, RFC 9449 sections 5 and 8; 503 has no error of its
/// own at a token endpoint, so it takes that of RFC 6749 section 4.1.2.1.
fn oauth_error(code: ErrorCode) -> (&'static str, StatusCode) {
    let bad = StatusCode::BAD_REQUEST;
    match code {
        ErrorCode::UnsupportedGrantType => ("unsupported_grant_type", bad),
        ErrorCode::ClientUnknown => ("invalid_client", StatusCode::UNAUTHORIZED),
        ErrorCode::ClientDisabled => ("unauthorized_client", bad),
        ErrorCode::UseDpopNonce => ("use_dpop_nonce", bad),
        ErrorCode::ProofRequired
        | ErrorCode::ProofInvalid
        | ErrorCode::ProofMismatch
        | ErrorCode::ProofExpired
        | ErrorCode::ProofReplayed => ("invalid_dpop_proof", bad),
        ErrorCode::RateLimited => ("temporarily_unavailable", StatusCode::TOO_MANY_REQUESTS),
        ErrorCode::IssuerUnavailable
        | ErrorCode::Unavailable
        | ErrorCode::Timeout
        | ErrorCode::OutcomeUnknown => ("temporarily_unavailable", StatusCode::SERVICE_UNAVAILABLE),
        ErrorCode::StorageFull => ("server_error", StatusCode::INSUFFICIENT_STORAGE),
        ErrorCode::Internal => ("server_error", StatusCode::INTERNAL_SERVER_ERROR),
        // Of a subject token, whatever is wrong with it (RFC 8693 section 2.2.2).
        ErrorCode::IssuerNotTrusted
        | ErrorCode::IdTokenInvalid
        | ErrorCode::IdTokenExpired
        | ErrorCode::IdTokenAudienceMismatch
        | ErrorCode::IdTokenNonceMismatch
        | ErrorCode::IdTokenUsed
        | ErrorCode::InvalidRequest => ("invalid_request", bad),
        _ => ("invalid_grant", bad),
    }
}

fn of_id_token(error: IdTokenError) -> ErrorCode {
    match error {
        IdTokenError::Expired | IdTokenError::NotYet => ErrorCode::IdTokenExpired,
        IdTokenError::WrongAudience => ErrorCode::IdTokenAudienceMismatch,
        IdTokenError::WrongNonce => ErrorCode::IdTokenNonceMismatch,
        IdTokenError::WrongIssuer => ErrorCode::IssuerNotTrusted,
        IdTokenError::TooLong
        | IdTokenError::Malformed
        | IdTokenError::WrongType
        | IdTokenError::WrongAlgorithm
        | IdTokenError::UnknownKey
        | IdTokenError::BadSignature
        | IdTokenError::InvalidSubject => ErrorCode::IdTokenInvalid,
    }
}
