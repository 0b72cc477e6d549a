//! The judgement: token, denylist, session, proof, device, demands, as the service's own gate asks.

use super::memory::{Keys, Memory};
use crate::service::ServiceError;
use countersign_api_types::verify::{Scheme, VerifyRequest};
use countersign_attestation::{
    access_token::{self, AccessTokenError},
    dpop::{self, HtuUrl, VerifiedProof, Window},
};
use countersign_cluster::{CheckedToken, Live, Lookup};
use countersign_core::{
    SessionId, Thumbprint, Timestamp,
    client::NoncePolicy,
    decision::{Demands, Refusal, decide},
    token::HashedToken,
};
use std::sync::Arc;

/// A judgement, with what is known of the session.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) said: Result<Timestamp, Refusal>,
    pub(super) live: Option<Arc<Live>>,
    pub(super) session: Option<SessionId>,
    pub(super) now: Timestamp,
    pub(super) keys: Arc<Keys>,
}

/// One request under judgement.
struct Judgement<'a> {
    memory: &'a Memory,
    keys: &'a Keys,
    presented: &'a VerifyRequest<'a>,
    demands: Demands,
    now: Timestamp,
}

/// Judges what was presented. Only under a lease.
///
/// # Errors
/// When a session cannot be read.
pub(super) async fn judge(
    memory: &Memory,
    presented: &VerifyRequest<'_>,
) -> Result<Judged, ServiceError> {
    let keys = memory.keys().ok_or(ServiceError::Shape)?;
    let judgement = Judgement {
        memory,
        keys: &keys,
        presented,
        demands: presented.demands(),
        now: memory.clock.now(),
    };
    let now = judgement.now;
    let (said, live, session) = match judgement.identify().await? {
        Err(refusal) => (Err(refusal), None, None),
        Ok(token) => {
            let (said, live) = judgement.judge_session(token).await?;
            (said.map(|()| token.expires_at), live, Some(token.session))
        }
    };
    if let (Ok(_), Some(live)) = (&said, &live) {
        memory.node.touch(live, now);
    }
    Ok(Judged {
        said,
        live,
        session,
        now,
        keys,
    })
}

impl Judgement<'_> {
    /// Which session the token belongs to: checked before, signed by the service, or adopted.
    async fn identify(&self) -> Result<Result<CheckedToken, Refusal>, ServiceError> {
        let (memory, now) = (self.memory, self.now);
        let token = self.presented.token.reveal();
        let digest = memory.tokens.digest(token);
        if let Some(checked) = memory.tokens.get(&digest) {
            return Ok(not_expired(checked, now));
        }
        let as_of = memory.tokens.keys();
        let expected = access_token::Expected {
            issuer: &self.keys.issuer,
            now,
        };
        match access_token::verify(token, &expected, |kid| self.keys.find(kid)) {
            Ok(verified) => {
                let checked = CheckedToken {
                    session: verified.session_id,
                    expires_at: verified.expires_at,
                    jkt: verified.jkt,
                };
                memory.tokens.insert(digest, checked, as_of, now);
                Ok(Ok(checked))
            }
            // Signed by the service and too old, so nobody else's either.
            Err(AccessTokenError::Expired) => Ok(Err(Refusal::TokenExpired)),
            Err(_) => {
                let found = memory.node.lookup_adopted(HashedToken::of(token), now);
                Ok(found.await?.map_or(Err(Refusal::TokenInvalid), |adopted| {
                    not_expired(adopted.into(), now)
                }))
            }
        }
    }

    /// A snapshot that says "idle" may have missed activity elsewhere: it is read again, once.
    async fn judge_session(
        &self,
        token: CheckedToken,
    ) -> Result<(Result<(), Refusal>, Option<Arc<Live>>), ServiceError> {
        let node = &self.memory.node;
        let mut lookup = node.lookup(token.session, self.now).await?;
        let mut is_fresh = false;
        loop {
            let live = match lookup {
                Lookup::Found(live) => live,
                Lookup::Denied(cause) => return Ok((Err(cause.into()), None)),
                Lookup::Unknown => return Ok((Err(Refusal::SessionEnded), None)),
            };
            let said = self.decide(&live, token.jkt.as_ref());
            let is_idle = said == Err(Refusal::SessionExpired)
                && !is_fresh
                && self.now < live.snapshot.absolute_expiry;
            if !is_idle {
                return Ok((said, Some(live)));
            }
            is_fresh = true;
            lookup = node.lookup_fresh(token.session, self.now).await?;
        }
    }

    fn decide(&self, live: &Live, token_key: Option<&Thumbprint>) -> Result<(), Refusal> {
        decide(
            &live.snapshot,
            token_key,
            live.last_active_at(),
            &self.demands,
            self.now,
            |key| self.check_proof(key, live.snapshot.kind.nonce_policy),
        )
    }

    fn check_proof(&self, key: Option<&Thumbprint>, policy: NoncePolicy) -> Result<(), Refusal> {
        match (key, self.presented.scheme(), &self.presented.proof) {
            (None, Scheme::DPoP, _) | (Some(_), Scheme::Bearer, _) => Err(Refusal::SchemeMismatch),
            (None, Scheme::Bearer, _) => Ok(()),
            (Some(_), _, None) => Err(Refusal::ProofRequired),
            (Some(key), _, Some(proof)) => {
                let proof = self.verify_proof(key, proof.reveal())?;
                self.memory.replay.admit(&proof, policy, self.now)
            }
        }
    }

    fn verify_proof(&self, key: &Thumbprint, proof: &str) -> Result<VerifiedProof, Refusal> {
        let presented = self.presented;
        let url = HtuUrl::parse(presented.url.as_deref().unwrap_or_default());
        let expected = dpop::Expected {
            method: presented.method.as_deref().unwrap_or_default(),
            url: &url.map_err(|_| Refusal::ProofMismatch)?,
            access_token: Some(presented.token.reveal()),
            key: Some(key),
            nonces: Some(&self.keys.nonces),
            nonces_since: self.memory.replay.complete_since(),
            now: self.now,
            window: Window::default(),
        };
        dpop::verify(proof, &expected).map_err(|error| error.refusal())
    }
}

fn not_expired(token: CheckedToken, now: Timestamp) -> Result<CheckedToken, Refusal> {
    if now < token.expires_at {
        Ok(token)
    } else {
        Err(Refusal::TokenExpired)
    }
}
