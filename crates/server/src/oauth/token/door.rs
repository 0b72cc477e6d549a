//! Token exchange and refresh by the device itself.

use super::error::TokenError;
use crate::{
    geo::GeoIp,
    journal::Journal,
    oidc::PublishedKeys,
    session::{
        DeviceClaim, Grant, Login, PushAddress, Refresh, SessionError, Sessions, Started,
        UsedIdToken, UsedProof, facts,
    },
};
use countersign_api_types::{
    FieldError, Secret,
    token::{
        ACCESS_TOKEN_TYPE, ID_TOKEN_TYPE, REFRESH_TOKEN, TOKEN_EXCHANGE, TokenAnswer, TokenRequest,
    },
};
use countersign_attestation::{
    dpop::{HtuUrl, InvalidHtuUrl},
    id_token::{Expected, IdToken, VerifiedIdToken},
};
use countersign_core::{
    activity::Actor,
    client::{Client, ProofOfPossession},
    decision::Refusal,
    device::Origin,
};
use std::{net::IpAddr, sync::Arc};
use uuid::Uuid;

/// Where devices come without a backend.
#[derive(Debug)]
pub(crate) struct DirectDoor {
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) keys: Arc<PublishedKeys>,
    geo: Arc<GeoIp>,
    url: HtuUrl,
}

/// A call of the token endpoint, as it came.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) request: TokenRequest,
    /// The proof; `Err` when the header is there more than once.
    pub(super) proof: Result<Option<String>, Refusal>,
    pub(super) client_ip: Option<IpAddr>,
    pub(super) user_agent: Option<String>,
}

impl DirectDoor {
    /// The door at the token endpoint of the public URL, which proofs must name.
    pub(crate) fn new(
        sessions: Arc<Sessions>,
        keys: Arc<PublishedKeys>,
        geo: Arc<GeoIp>,
        public_url: &str,
    ) -> Result<Self, InvalidHtuUrl> {
        Ok(Self {
            sessions,
            keys,
            geo,
            url: HtuUrl::parse(&format!("{public_url}/oauth/token"))?,
        })
    }

    /// Grants what is asked for, or says why not; then nothing changed, unless the session ended
    /// by this very call.
    pub(super) async fn grant(&self, call: &Call) -> Result<TokenAnswer, TokenError> {
        let exchange = match call.request.grant_type.as_str() {
            TOKEN_EXCHANGE => true,
            REFRESH_TOKEN => false,
            _ => return Err(TokenError::UnsupportedGrantType),
        };
        let client = self.find_client(&call.request).await?;
        let started = if exchange {
            self.exchange(&client, call).await?
        } else {
            self.refresh(&client, call).await?
        };
        let mut session = self.sessions.answer(&started).map_err(TokenError::Issue)?;
        // It goes where devices look for it: into the header.
        session.dpop_nonce = None;
        Ok(TokenAnswer {
            session,
            issued_token_type: exchange.then_some(ACCESS_TOKEN_TYPE.into()),
        })
    }

    async fn find_client(&self, request: &TokenRequest) -> Result<Client, TokenError> {
        let id = request
            .client_id
            .as_ref()
            .and_then(|text| text.parse().ok());
        let client = self
            .sessions
            .find_client(id.ok_or(SessionError::ClientUnknown)?)
            .await?;
        if client.disabled_at.is_some() {
            return Err(SessionError::ClientDisabled.into());
        }
        let targets = [&request.audience, &request.resource];
        if targets
            .into_iter()
            .flatten()
            .any(|target| *target != client.audience)
        {
            return Err(TokenError::ForeignTarget);
        }
        Ok(client)
    }

    async fn exchange(&self, client: &Client, call: &Call) -> Result<Started, TokenError> {
        let request = &call.request;
        check_exchange(request)?;
        let text = request.subject_token.as_ref().map(Secret::reveal);
        let text = text.ok_or_else(|| missing("/subject_token"))?;
        let proof = self.check_proof(client, call)?;
        if proof.is_none() && client.proof_of_possession == ProofOfPossession::Required {
            return Err(SessionError::ProofRequired.into());
        }
        let verified = self.verify(client, text, proof.as_ref(), request).await?;
        let journal = self.journal();
        let report = request
            .device_report(request.installation_id.unwrap_or_default())
            .map_err(TokenError::Parameter)?;
        let login = Login {
            journal,
            client_id: client.id,
            user_id: verified.user_id,
            origin: self.origin(call),
            amr: verified.amr,
            roles: None,
            device: DeviceClaim {
                installation_id: request.installation_id,
                ..DeviceClaim::new(&report, proof.as_ref())
            },
            proof,
            id_token: Some(UsedIdToken {
                hash: verified.hash,
                expires_at: verified.usable_until,
            }),
            push: PushAddress::of(&report),
            adopted: None,
            vault: Arc::clone(&self.sessions.vault),
        };
        Ok(self.sessions.login(login).await?)
    }

    async fn verify(
        &self,
        client: &Client,
        text: &str,
        proof: Option<&UsedProof>,
        request: &TokenRequest,
    ) -> Result<VerifiedIdToken, TokenError> {
        let token = IdToken::parse(text)?;
        let mut trusted = client.issuers.iter();
        let issuer = trusted
            .find(|issuer| issuer.issuer.as_str() == token.issuer())
            .ok_or(TokenError::IssuerNotTrusted)?;
        // Nothing is fetched for a token that no key could make good.
        token.check_names(issuer)?;
        let keys = self.keys.find(issuer, &token).await?;
        let expected = Expected {
            issuer,
            keys: &keys,
            nonce: request.nonce.as_deref(),
            jkt: proof.map(|proof| &proof.jkt),
            now: self.sessions.ledger.clock.now(),
        };
        Ok(token.verify(&expected)?)
    }

    async fn refresh(&self, client: &Client, call: &Call) -> Result<Started, TokenError> {
        let request = &call.request;
        let token = request.refresh_token.as_ref().map(Secret::reveal);
        let token = token.ok_or_else(|| missing("/refresh_token"))?;
        let journal = self.journal();
        let proof = match self.check_proof(client, call) {
            Ok(proof) => proof,
            Err(error) => {
                self.sessions
                    .record_refusal(&journal, Some(token), &error)
                    .await;
                return Err(error.into());
            }
        };
        let report = request
            .device_report(Uuid::nil())
            .map_err(TokenError::Parameter)?;
        let refresh = Refresh {
            journal,
            client_id: client.id,
            user_id: None,
            origin: self.origin(call),
            facts: facts(&report),
            proof,
            grant: Grant::parse(token)?,
        };
        Ok(self.sessions.refresh(refresh).await?)
    }

    fn check_proof(&self, client: &Client, call: &Call) -> Result<Option<UsedProof>, SessionError> {
        let proof = call
            .proof
            .as_ref()
            .map_err(|refusal| SessionError::Proof(*refusal))?;
        let check = |jwt: &String| self.sessions.check_proof(client, jwt, "POST", &self.url);
        proof.as_ref().map(check).transpose()
    }

    /// Who it is turns out in the transaction; until then, the service itself acts.
    fn journal(&self) -> Journal {
        self.sessions.ledger.journal(Actor::System)
    }

    fn origin(&self, call: &Call) -> Origin {
        self.geo.locate(call.client_ip, call.user_agent.clone())
    }
}

/// What a token exchange must say beside its token (RFC 8693 section 2.1).
fn check_exchange(request: &TokenRequest) -> Result<(), TokenError> {
    let fault = |pointer, detail| Err(TokenError::Parameter(FieldError::new(pointer, detail)));
    let requested = request.requested_token_type.as_deref();
    match request.subject_token_type.as_deref() {
        None => return Err(missing("/subject_token_type")),
        Some(ID_TOKEN_TYPE) => {}
        Some(_) => return fault("/subject_token_type", "only ID tokens are exchanged"),
    }
    if requested.is_some_and(|requested| requested != ACCESS_TOKEN_TYPE) {
        return fault("/requested_token_type", "only access tokens are issued");
    }
    if request.actor_token.is_some() {
        return fault("/actor_token", "nobody can act for somebody else");
    }
    Ok(())
}

fn missing(pointer: &'static str) -> TokenError {
    TokenError::Parameter(FieldError::new(pointer, "is needed for this grant type"))
}
