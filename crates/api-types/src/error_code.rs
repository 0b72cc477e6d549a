//! The closed list of error codes: text, status, title and meaning of each, in one table.

use countersign_core::decision::Refusal;
use std::{fmt, str::FromStr};

macro_rules! error_codes {
    ($($name:ident = $text:literal, $status:literal, $title:literal, $description:literal;)*) => {
        /// Why a request failed. Closed, documented, stable; `code` of a problem.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        pub enum ErrorCode {
            $(#[doc = $description] #[serde(rename = $text)] $name,)*
        }

        impl ErrorCode {
            /// Every code, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The text in the API.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// The HTTP status it is answered with.
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }

            /// A short summary that is the same for every occurrence (RFC 9457 section 3.1.3).
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }

            /// What it means and what to do about it, in one sentence.
            pub const fn description(self) -> &'static str {
                match self { $(Self::$name => $description,)* }
            }

            /// The problem type (RFC 9457 section 3.1.1).
            pub const fn type_uri(self) -> &'static str {
                match self { $(Self::$name => concat!("https://countersign.dev/problems/", $text),)* }
            }
        }
    };
}

error_codes! {
    InvalidRequest = "invalid_request", 400, "The request is not valid",
        "The body, a parameter or a header is malformed or out of range; `errors` says which.";
    UnsupportedGrantType = "unsupported_grant_type", 400, "The grant type is not supported",
        "The token endpoint takes token exchange and refresh tokens.";
    Unauthenticated = "unauthenticated", 401, "Credentials are missing or not accepted",
        "The API key is missing, unknown, expired or revoked.";
    TokenInvalid = "token_invalid", 401, "The token is not valid",
        "No token, or the text is neither an access token nor an adopted one.";
    TokenExpired = "token_expired", 401, "The token has expired",
        "The token's time is over; refresh.";
    SessionEnded = "session_ended", 401, "The session has ended",
        "The session of the token is over; log in again.";
    SessionExpired = "session_expired", 401, "The session has expired",
        "The session passed its idle or absolute limit; log in again.";
    ClientEnded = "client_ended", 401, "The client ended its sessions",
        "The client is disabled, or ended all its sessions.";
    ProofRequired = "proof_required", 401, "A proof of possession is required",
        "The token or device is bound to a key and the request carries no proof.";
    SchemeMismatch = "scheme_mismatch", 401, "The authentication scheme does not fit the token",
        "A bound token came as `Bearer`, or an unbound one as `DPoP`.";
    ProofInvalid = "proof_invalid", 401, "The proof is not valid",
        "The proof is malformed or its signature is wrong.";
    ProofMismatch = "proof_mismatch", 401, "The proof is for another request",
        "The proof is for another method, URL or token.";
    ProofExpired = "proof_expired", 401, "The proof is out of its time window",
        "The proof is older or newer than allowed; check the device's clock and make a new one.";
    ProofReplayed = "proof_replayed", 401, "The proof was used before",
        "Each proof serves one request; make a new one.";
    UseDpopNonce = "use_dpop_nonce", 401, "A server nonce is required in the proof",
        "Make the proof again with the nonce that this answer gives.";
    KeyMismatch = "key_mismatch", 401, "The proof is by another key",
        "The proof is by another key than the one the token or device is bound to.";
    RefreshInvalid = "refresh_invalid", 401, "The refresh token is not valid",
        "The refresh token is unknown, malformed or of an ended session; log in again.";
    RefreshSuperseded = "refresh_superseded", 401, "The refresh token was superseded",
        "A newer refresh token is in use; the session lives, so use that one.";
    RefreshReused = "refresh_reused", 401, "The refresh token was used again",
        "A superseded refresh token without a key was used again, so the session was ended; log in again.";
    DeviceRemoved = "device_removed", 401, "The device was removed",
        "The device was removed from the user's account; log in again.";
    DeviceEvicted = "device_evicted", 401, "The device made room for another",
        "The user logged in on more devices than allowed, and this one was not used for longest; log in again.";
    TicketInvalid = "ticket_invalid", 401, "The ticket does not serve",
        "The ticket is unknown, was used, or is older than five minutes; log in again to get another.";
    ReportMismatch = "report_mismatch", 401, "The report is of another generation",
        "The device has come back since with another key, or the report is of a later one; make a new report.";
    ClientUnknown = "client_unknown", 401, "The client is not known",
        "No client has this `client_id`, or none was sent.";
    ChallengeUnknown = "challenge_unknown", 401, "The challenge is not known",
        "The challenge was never given out, was used, or expired long ago; ask for a new one.";
    ChallengeExpired = "challenge_expired", 401, "The challenge has expired",
        "A challenge may be answered for five minutes; ask for a new one.";
    ChallengeMismatch = "challenge_mismatch", 401, "The challenge is for something else",
        "The challenge was given out for another client or purpose, and is used up now; ask for a new one.";
    IssuerNotTrusted = "issuer_not_trusted", 401, "The client does not trust the issuer",
        "`iss` of the ID token is none of the client's `issuers`, character by character.";
    IdTokenInvalid = "id_token_invalid", 401, "The ID token is not valid",
        "The ID token is malformed, or its algorithm, key, signature or `sub` is not accepted.";
    IdTokenExpired = "id_token_expired", 401, "The ID token is out of its time window",
        "The ID token has expired, is older than ten minutes, or is from the future; get a new one.";
    IdTokenAudienceMismatch = "id_token_audience_mismatch", 401, "The ID token is for another app",
        "`aud` or `azp` of the ID token is none of the audiences that the client lists for the issuer.";
    IdTokenNonceMismatch = "id_token_nonce_mismatch", 401, "The ID token has another nonce",
        "`nonce` is not the one of the request, or not the device key's thumbprint where the client demands it.";
    IdTokenUsed = "id_token_used", 401, "The ID token was used before",
        "An ID token logs one device key in; get a new one.";
    InsufficientScope = "insufficient_scope", 403, "The API key lacks a scope",
        "The API key is valid but may not do this; `detail` names the scope.";
    ProxyNotTrusted = "proxy_not_trusted", 403, "The caller is not a trusted proxy",
        "Only a proxy whose network is listed in `server.trusted_proxies` may ask for others.";
    ForwardedRequestInvalid = "forwarded_request_invalid", 403, "The forwarded request is not accepted",
        "What the proxy must say of a request is missing, doubled, ambiguous or not served; `detail` says which.";
    UserDisabled = "user_disabled", 403, "The user is disabled",
        "No login, refresh or request of the user is accepted until the user is enabled.";
    ClientDisabled = "client_disabled", 403, "The client is disabled",
        "No login or refresh is accepted for a disabled client.";
    DeviceSuspended = "device_suspended", 403, "The device is suspended",
        "The device is cut off for now; its record and key are kept.";
    DeviceRevoked = "device_revoked", 403, "The device is revoked",
        "This generation's key is dead for good; the device must register with a new one.";
    DeviceBanned = "device_banned", 403, "The device is banned",
        "The device is revoked and refused when it comes back.";
    AccountFrozen = "account_frozen", 403, "The account is frozen",
        "The user said that a device was not theirs: nothing else changes until the backend or an admin lifts that.";
    DeviceLimitReached = "device_limit_reached", 403, "The user has as many devices as allowed",
        "No other device of the user is let in until one is removed; `ticket` lets the user remove one.";
    ApprovalPending = "approval_pending", 403, "The device waits for approval",
        "An admin has to approve the device, or the user on it, before a login is accepted; try again later.";
    ApprovalRejected = "approval_rejected", 403, "The device was not approved",
        "An admin did not let the user in on this device, or nobody looked in time.";
    AttestationRequired = "attestation_required", 403, "Evidence is required",
        "The client demands evidence of the device, and there is none or only too old; enroll the device anew with evidence.";
    AttestationInvalid = "attestation_invalid", 403, "The evidence is not valid",
        "What the device showed of itself is wrong.";
    AttestationInsufficient = "attestation_insufficient", 403, "The evidence is not enough",
        "What the device showed is right, but worth less than the client demands.";
    KeyRetired = "key_retired", 403, "The device gave this key up",
        "The device came back with another key, so this one stays dead; make a new key and log in again.";
    InsufficientTrust = "insufficient_trust", 403, "The device is not trusted enough",
        "The device is trusted less than the caller demands.";
    NotCompliant = "not_compliant", 403, "The device is not compliant",
        "The device is not known to meet the rules that the caller demands.";
    KeyRequired = "key_required", 403, "A device key is required",
        "The caller or the client demands a device key and there is none.";
    NotFound = "not_found", 404, "Not found",
        "There is no such route or resource, or it is somebody else's.";
    MethodNotAllowed = "method_not_allowed", 405, "The method is not allowed",
        "The resource exists but not with this method; `Allow` lists those it has.";
    Conflict = "conflict", 409, "The request conflicts with the current state",
        "The resource is in a state in which this can't be done; `detail` says why.";
    ReportReplayed = "report_replayed", 409, "The report came before",
        "A report with this counter or a greater one was taken; count up and make a new one.";
    TokenEnded = "token_ended", 409, "The token belongs to an ended or another session",
        "A token's hash belongs to one session for ever, and that session is over or another one.";
    VersionMismatch = "version_mismatch", 412, "The resource has changed",
        "`If-Match` names another version than the current one; read the resource again.";
    PayloadTooLarge = "payload_too_large", 413, "The body is too large",
        "The body is larger than this route accepts.";
    UnsupportedMediaType = "unsupported_media_type", 415, "The media type is not supported",
        "The `Content-Type` is missing or not the one this route reads.";
    RateLimited = "rate_limited", 429, "Too many requests",
        "Too many unauthenticated or failed requests from this address; wait for `Retry-After`.";
    Internal = "internal", 500, "Internal error",
        "Something failed here and was logged under the request id.";
    Timeout = "timeout", 503, "The request took too long",
        "The answer took too long; a change it asked for may still have happened.";
    AttestationUnavailable = "attestation_unavailable", 503, "Evidence can't be judged now",
        "The list or service that the evidence is judged by is missing, too old or silent; try again later.";
    IssuerUnavailable = "issuer_unavailable", 503, "The issuer's keys can't be read",
        "The ID token's issuer can't be reached or publishes no usable keys, so nobody was logged in; retry.";
    Unavailable = "unavailable", 503, "Temporarily unavailable",
        "The store can't be reached, or this node is starting or stopping; nothing was changed, so retry.";
    OutcomeUnknown = "outcome_unknown", 503, "The outcome is not known",
        "The store failed while committing; read the state, or repeat the call, before relying on either.";
    StorageFull = "storage_full", 507, "The store is full",
        "The store has no room left; nothing was changed.";
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text is none of the codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownErrorCode;

impl FromStr for ErrorCode {
    type Err = UnknownErrorCode;

    fn from_str(text: &str) -> Result<Self, UnknownErrorCode> {
        let known = Self::ALL.iter().find(|code| code.as_str() == text);
        known.copied().ok_or(UnknownErrorCode)
    }
}

impl From<Refusal> for ErrorCode {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::TokenInvalid => Self::TokenInvalid,
            Refusal::TokenExpired => Self::TokenExpired,
            Refusal::SessionEnded => Self::SessionEnded,
            Refusal::SessionExpired => Self::SessionExpired,
            Refusal::ClientEnded => Self::ClientEnded,
            Refusal::ProofRequired => Self::ProofRequired,
            Refusal::SchemeMismatch => Self::SchemeMismatch,
            Refusal::ProofInvalid => Self::ProofInvalid,
            Refusal::ProofMismatch => Self::ProofMismatch,
            Refusal::ProofExpired => Self::ProofExpired,
            Refusal::ProofReplayed => Self::ProofReplayed,
            Refusal::UseDpopNonce => Self::UseDpopNonce,
            Refusal::KeyMismatch => Self::KeyMismatch,
            Refusal::UserDisabled => Self::UserDisabled,
            Refusal::DeviceRemoved => Self::DeviceRemoved,
            Refusal::DeviceEvicted => Self::DeviceEvicted,
            Refusal::DeviceSuspended => Self::DeviceSuspended,
            Refusal::DeviceRevoked => Self::DeviceRevoked,
            Refusal::DeviceBanned => Self::DeviceBanned,
            Refusal::InsufficientTrust => Self::InsufficientTrust,
            Refusal::NotCompliant => Self::NotCompliant,
            Refusal::KeyRequired => Self::KeyRequired,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_code_has_its_own_text_and_is_documented() {
        let texts: BTreeSet<_> = ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(texts.len(), ErrorCode::ALL.len());
        for code in ErrorCode::ALL {
            assert!(matches!(code.status(), 400..=599), "{code}");
            assert!(
                code.title().len() > 5 && !code.title().ends_with('.'),
                "{code}"
            );
            let description = code.description();
            assert!(
                description.len() > 20 && description.ends_with('.'),
                "{code}"
            );
            assert!(!description.contains('|'), "{code} would break a table");
            assert!(code.type_uri().ends_with(code.as_str()));
            assert_eq!(code.as_str().parse(), Ok(*code));
            let json = serde_json::to_string(code).unwrap();
            assert_eq!(json, format!("\"{code}\""));
            assert_eq!(serde_json::from_str::<ErrorCode>(&json).unwrap(), *code);
        }
    }

    #[test]
    fn every_refusal_is_a_code_of_the_same_text() {
        for refusal in Refusal::ALL {
            let code = ErrorCode::from(*refusal);
            assert_eq!(code.as_str(), refusal.as_str());
            assert!(matches!(code.status(), 401 | 403), "{code}");
        }
    }
}
