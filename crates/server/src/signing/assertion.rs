//! Device assertions, issued.

use super::{IssueError, Issuer, issuer::jti};
use crate::verify::Admitted;
use countersign_attestation::device_assertion::{self, Claims};
use std::time::Duration;

/// How long an assertion lives: the way from the proxy to the app, and clocks that differ.
const LIFETIME: Duration = Duration::from_mins(1);

/// The request that an assertion is about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asserted<'a> {
    /// Its method.
    pub(crate) method: &'a str,
    /// Its absolute URL with the query.
    pub(crate) url: &'a str,
    /// The origin that it was for, in normal form: the audience.
    pub(crate) origin: &'a str,
}

impl Issuer {
    /// Signs what a request was judged to be.
    ///
    /// # Errors
    /// [`IssueError`] when no key can sign.
    pub(crate) fn assert_device(
        &self,
        asserted: &Asserted<'_>,
        admitted: &Admitted,
    ) -> Result<String, IssueError> {
        let now = admitted.now;
        let snapshot = &admitted.live.snapshot;
        let signer = self.keys.signer(now).ok_or(IssueError::NoKey)?;
        let claims = Claims {
            iss: &self.url,
            sub: &snapshot.user_id,
            aud: asserted.origin,
            iat: now,
            exp: now.plus(LIFETIME),
            jti: &jti(now, &*self.rng),
            device_id: snapshot.device_id,
            app_id: snapshot.app_id,
            sid: snapshot.session_id,
            client_id: snapshot.kind.client_id,
            trust: snapshot.trust_at(now),
            compliance: snapshot.compliance_at(now),
            key_bound: snapshot.jkt.is_some(),
            method: asserted.method,
            url: asserted.url,
        };
        Ok(device_assertion::sign(&claims, signer.id, &signer.private)?)
    }
}
