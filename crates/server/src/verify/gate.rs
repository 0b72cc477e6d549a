//! The gate that every request passes: token, denylist, session, proof, device, demands.

use crate::{
    device::BadProofs,
    membership::{Membership, NoLease},
    signing::Issuer,
    source::StoreSource,
};
use countersign_api_types::verify::Scheme;
use countersign_attestation::{
    access_token::AccessTokenError,
    dpop::{self, Expected, HtuUrl, NonceKeys, ReplayCache, VerifiedProof, Window},
};
use countersign_cluster::{CheckedToken, Live, Lookup, Node, ResolveError, TokenCache};
use countersign_core::{
    Clock, SessionId, Thumbprint, Timestamp,
    client::NoncePolicy,
    decision::{Demands, Refusal, decide},
    token::HashedToken,
};
use std::sync::Arc;

/// Judges requests from memory, and from the store where memory cannot answer.
#[derive(Debug)]
pub struct Gate {
    /// Denylist, snapshots and adopted tokens.
    pub node: Arc<Node<StoreSource>>,
    /// Whether this node may answer.
    pub(crate) membership: Arc<Membership>,
    /// Checks access tokens.
    pub issuer: Arc<Issuer>,
    /// Tokens whose signature was checked.
    pub tokens: Arc<TokenCache>,
    /// Proofs that were used.
    pub replay: Arc<ReplayCache>,
    /// Nonces.
    pub nonces: Arc<NonceKeys>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Counts proofs that are wrong.
    pub(crate) bad_proofs: BadProofs,
}

/// A request to be judged.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The token as presented.
    pub token: &'a str,
    /// The scheme it came with, if that is known.
    pub scheme: Option<Scheme>,
    /// The proof, if one came.
    pub proof: Option<&'a str>,
    /// The request's method.
    pub method: &'a str,
    /// The request's absolute URL as the device sees it.
    pub url: &'a str,
    /// What the caller demands beyond a live session.
    pub demands: Demands,
}

/// The outcome.
#[derive(Debug)]
pub enum Judged {
    /// Let it through.
    Admitted(Admitted),
    /// Refuse it.
    Refused(Refused),
}

/// A request that may go through.
#[derive(Debug)]
pub struct Admitted {
    /// Its session and what that hangs on.
    pub live: Arc<Live>,
    /// When its token expires.
    pub token_expires_at: Timestamp,
    /// The time of the judgement.
    pub now: Timestamp,
}

/// A request that may not.
#[derive(Debug)]
pub struct Refused {
    /// Why.
    pub refusal: Refusal,
    /// Its session, where the token names one that is known.
    pub live: Option<Arc<Live>>,
    /// The session id, where the token is genuine.
    pub session: Option<SessionId>,
    /// Whether the proof that came with the session's own token is wrong by itself.
    pub(crate) is_bad_proof: bool,
}

/// No judgement was possible: the request must be refused.
#[derive(Debug, thiserror::Error)]
pub enum JudgeError {
    /// The session is not in memory and cannot be read.
    #[error("the session could not be read")]
    Unread(#[from] ResolveError),
    /// This node holds no lease.
    #[error(transparent)]
    NoLease(#[from] NoLease),
}

impl Refused {
    fn unknown(refusal: Refusal) -> Self {
        Self {
            refusal,
            live: None,
            session: None,
            is_bad_proof: false,
        }
    }

    fn dead(session: SessionId, refusal: Refusal) -> Judged {
        Judged::Refused(Self {
            refusal,
            live: None,
            session: Some(session),
            is_bad_proof: false,
        })
    }
}

impl Gate {
    /// Judges a request: token, denylist, session, proof, device, demands.
    ///
    /// # Errors
    /// `JudgeError`; the request must be refused.
    pub async fn judge(&self, request: &Request<'_>) -> Result<Judged, JudgeError> {
        if request.demands.strict {
            Box::pin(self.membership.read_afresh()).await?;
        } else {
            self.hold().await?;
        }
        let now = self.clock.now();
        let judged = match self.identify(request.token, now).await? {
            Ok(token) => self.judge_session(request, token, now).await?,
            Err(refusal) => Judged::Refused(Refused::unknown(refusal)),
        };
        match &judged {
            Judged::Admitted(admitted) => self.node.touch(&admitted.live, now),
            Judged::Refused(refused) if refused.is_bad_proof => {
                if let Some(live) = &refused.live {
                    Box::pin(self.bad_proofs.count(live.snapshot.device_id)).await;
                }
            }
            Judged::Refused(_) => {}
        }
        Ok(judged)
    }

    /// What a token stands for, proof and demands aside: introspection's question.
    ///
    /// # Errors
    /// `JudgeError`; the request must be refused.
    pub async fn inspect(&self, token: &str) -> Result<Judged, JudgeError> {
        self.hold().await?;
        let now = self.clock.now();
        let token = match self.identify(token, now).await? {
            Ok(token) => token,
            Err(refusal) => return Ok(Judged::Refused(Refused::unknown(refusal))),
        };
        self.judge_with(token, now, is_live).await
    }

    /// Whether a session and its device are in good standing.
    ///
    /// # Errors
    /// `JudgeError`; the request must be refused.
    pub async fn inspect_session(&self, session: SessionId) -> Result<Judged, JudgeError> {
        self.hold().await?;
        let now = self.clock.now();
        let token = CheckedToken {
            session,
            expires_at: now,
            jkt: None,
        };
        self.judge_with(token, now, is_live).await
    }

    /// Waits for a lease if there is none. Before anything in memory is looked at: see I1.
    async fn hold(&self) -> Result<(), NoLease> {
        if self.membership.holds() {
            return Ok(());
        }
        Box::pin(self.membership.hold()).await
    }

    /// A nonce for the device's next proof.
    pub fn issue_nonce(&self) -> String {
        self.nonces.issue(self.clock.now())
    }

    /// Which session a token belongs to: checked before, signed by us, or adopted.
    async fn identify(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<Result<CheckedToken, Refusal>, JudgeError> {
        let digest = self.tokens.digest(token);
        if let Some(checked) = self.tokens.get(&digest) {
            return Ok(not_expired(checked, now));
        }
        let hash = HashedToken::of(token);
        if let Some(adopted) = self.node.cached_adopted(hash) {
            return Ok(not_expired(adopted.into(), now));
        }
        let keys = self.tokens.keys();
        match self.issuer.check(token, now) {
            Ok(verified) => {
                let checked = CheckedToken {
                    session: verified.session_id,
                    expires_at: verified.expires_at,
                    jkt: verified.jkt,
                };
                self.tokens.insert(digest, checked, keys, now);
                Ok(Ok(checked))
            }
            // Signed by us and too old, so nobody else's either.
            Err(AccessTokenError::Expired) => Ok(Err(Refusal::TokenExpired)),
            Err(_) => Ok(Box::pin(self.node.lookup_adopted(hash, now))
                .await?
                .map_or(Err(Refusal::TokenInvalid), |adopted| {
                    not_expired(adopted.into(), now)
                })),
        }
    }

    async fn judge_session(
        &self,
        request: &Request<'_>,
        token: CheckedToken,
        now: Timestamp,
    ) -> Result<Judged, JudgeError> {
        let judge = |live: &Live, token: &CheckedToken, now| {
            decide(
                &live.snapshot,
                token.jkt.as_ref(),
                live.last_active_at(),
                &request.demands,
                now,
                |key| self.check_proof(request, key, live.snapshot.kind.nonce_policy, now),
            )
        };
        self.judge_with(token, now, judge).await
    }

    /// Looks the session up and judges it. A snapshot that says "idle" may have missed activity
    /// that another node wrote, so that one answer is asked of the store again.
    ///
    /// What goes to the store is boxed here and above, so that a request that memory answers does
    /// not move the futures of database calls about.
    async fn judge_with(
        &self,
        token: CheckedToken,
        now: Timestamp,
        judge: impl Fn(&Live, &CheckedToken, Timestamp) -> Result<(), Refusal>,
    ) -> Result<Judged, JudgeError> {
        let session = token.session;
        let mut lookup = match self.node.cached(session) {
            Some(lookup) => lookup,
            None => Box::pin(self.node.lookup(session, now)).await?,
        };
        let mut is_fresh = false;
        loop {
            let live = match lookup {
                Lookup::Found(live) => live,
                Lookup::Denied(cause) => return Ok(Refused::dead(session, cause.into())),
                Lookup::Unknown => return Ok(Refused::dead(session, Refusal::SessionEnded)),
            };
            match judge(&live, &token, now) {
                Ok(()) => {
                    let token_expires_at = token.expires_at;
                    return Ok(Judged::Admitted(Admitted {
                        live,
                        token_expires_at,
                        now,
                    }));
                }
                Err(Refusal::SessionExpired)
                    if !is_fresh && now < live.snapshot.absolute_expiry =>
                {
                    is_fresh = true;
                    lookup = Box::pin(self.node.lookup_fresh(session, now)).await?;
                }
                Err(refusal) => {
                    let session = Some(session);
                    // A token that names an older key of the device says nothing of the proof.
                    let is_own = token.jkt == live.snapshot.jkt;
                    return Ok(Judged::Refused(Refused {
                        refusal,
                        live: Some(live),
                        session,
                        is_bad_proof: is_own && BadProofs::is_one(refusal),
                    }));
                }
            }
        }
    }

    fn check_proof(
        &self,
        request: &Request<'_>,
        key: Option<&Thumbprint>,
        policy: NoncePolicy,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        match (key, request.scheme, request.proof) {
            (None, Some(Scheme::DPoP), _) | (Some(_), Some(Scheme::Bearer), _) => {
                Err(Refusal::SchemeMismatch)
            }
            (None, _, _) => Ok(()),
            (Some(_), _, None) => Err(Refusal::ProofRequired),
            (Some(key), _, Some(proof)) => {
                let proof = self.verify_proof(request, key, proof, now)?;
                self.replay.admit(&proof, policy, now)
            }
        }
    }

    fn verify_proof(
        &self,
        request: &Request<'_>,
        key: &Thumbprint,
        proof: &str,
        now: Timestamp,
    ) -> Result<VerifiedProof, Refusal> {
        let url = HtuUrl::parse(request.url).map_err(|_| Refusal::ProofMismatch)?;
        let expected = Expected {
            method: request.method,
            url: &url,
            access_token: Some(request.token),
            key: Some(key),
            nonces: Some(&self.nonces),
            nonces_since: self.replay.complete_since(),
            now,
            window: Window::default(),
        };
        dpop::verify(proof, &expected).map_err(|error| error.refusal())
    }
}

fn is_live(live: &Live, token: &CheckedToken, now: Timestamp) -> Result<(), Refusal> {
    decide(
        &live.snapshot,
        token.jkt.as_ref(),
        live.last_active_at(),
        &Demands::default(),
        now,
        |_| Ok(()),
    )
}

fn not_expired(token: CheckedToken, now: Timestamp) -> Result<CheckedToken, Refusal> {
    if now < token.expires_at {
        Ok(token)
    } else {
        Err(Refusal::TokenExpired)
    }
}
