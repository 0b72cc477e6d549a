//! The judgement of a held request.

use super::{ForwardAuthError, Held, Rule};
use crate::{
    http::TrustedProxies,
    signing::{Asserted, Issuer},
    verify::{Admitted, Gate, Judged, Request},
};
use countersign_api_types::verify::Scheme;
use countersign_attestation::dpop::{HtuUrl, InvalidHtuUrl};
use countersign_core::{client::NoncePolicy, decision::Refusal};
use std::{net::IpAddr, sync::Arc};

/// Judges requests that proxies hold back.
#[derive(Debug)]
pub(crate) struct ForwardAuth {
    /// Who may ask.
    proxies: TrustedProxies,
    /// Where the apps behind them are reached, in normal form.
    origins: Vec<String>,
    pub(super) gate: Arc<Gate>,
    issuer: Arc<Issuer>,
}

/// What the held request's client presented.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Presented<'r> {
    /// The access token with its scheme, if one came.
    pub(crate) token: Option<(Scheme, &'r str)>,
    /// The proof, if one came.
    pub(crate) proof: Option<&'r str>,
}

/// A request that may go on.
#[derive(Debug)]
pub(crate) struct Passed {
    /// Whose it is.
    pub(crate) admitted: Admitted,
    /// What the app can check by itself, if it asked for that.
    pub(crate) assertion: Option<String>,
    /// The nonce for the device's next proof, if its client always wants one.
    pub(crate) nonce: Option<String>,
}

impl ForwardAuth {
    /// For proxies in these networks, in front of apps at these origins.
    ///
    /// # Errors
    /// When an origin is not one that proofs can name.
    pub(crate) fn new(
        proxies: TrustedProxies,
        origins: &[String],
        gate: Arc<Gate>,
        issuer: Arc<Issuer>,
    ) -> Result<Self, InvalidHtuUrl> {
        let normal = |origin: &String| Ok(HtuUrl::parse(origin)?.origin().to_owned());
        Ok(Self {
            proxies,
            origins: origins.iter().map(normal).collect::<Result<_, _>>()?,
            gate,
            issuer,
        })
    }

    /// Lets a trusted proxy ask.
    ///
    /// # Errors
    /// [`ForwardAuthError::ProxyNotTrusted`] for everyone else.
    pub(crate) fn admit(&self, peer: Option<IpAddr>) -> Result<(), ForwardAuthError> {
        match peer {
            Some(peer) if self.proxies.contains(peer) => Ok(()),
            _ => Err(ForwardAuthError::ProxyNotTrusted),
        }
    }

    /// Judges a request as if its client had called here.
    ///
    /// # Errors
    /// Why it may not go on.
    pub(crate) async fn judge(
        &self,
        held: &Held<'_>,
        rule: Rule,
        presented: Presented<'_>,
    ) -> Result<Passed, ForwardAuthError> {
        let url = held.url();
        let normal = HtuUrl::parse(&url).map_err(|_| ForwardAuthError::Malformed("the path"))?;
        if !self.origins.iter().any(|origin| origin == normal.origin()) {
            return Err(ForwardAuthError::UnknownOrigin);
        }
        // Without a token there is nothing to look up; a crawler should cost nothing.
        let Some((scheme, token)) = presented.token else {
            let refusal = Refusal::TokenInvalid;
            return Err(ForwardAuthError::Refused(refusal, Scheme::DPoP));
        };
        let request = Request {
            token,
            scheme: Some(scheme),
            proof: presented.proof,
            method: held.method,
            url: &url,
            demands: rule.demands,
        };
        let judged = self.gate.judge(&request).await;
        match judged.map_err(ForwardAuthError::NotJudged)? {
            Judged::Refused(refused) => Err(ForwardAuthError::Refused(refused.refusal, scheme)),
            Judged::Admitted(admitted) => {
                // A host may be written in several ways, but the app knows its own origin.
                let url = format!("{}{}", normal.origin(), held.target);
                let asserted = Asserted {
                    method: held.method,
                    url: &url,
                    origin: normal.origin(),
                };
                self.pass(rule, &asserted, admitted)
            }
        }
    }

    fn pass(
        &self,
        rule: Rule,
        asserted: &Asserted<'_>,
        admitted: Admitted,
    ) -> Result<Passed, ForwardAuthError> {
        let sign = || self.issuer.assert_device(asserted, &admitted);
        let assertion = rule.has_assertion.then(sign).transpose();
        let snapshot = &admitted.live.snapshot;
        let nonce = (snapshot.kind.nonce_policy == NoncePolicy::Always && snapshot.jkt.is_some())
            .then(|| self.gate.issue_nonce());
        Ok(Passed {
            assertion: assertion.map_err(ForwardAuthError::NotAsserted)?,
            nonce,
            admitted,
        })
    }
}
