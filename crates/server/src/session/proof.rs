//! Proofs that a backend relays with a login or refresh.

use super::{SessionError, Sessions};
use countersign_attestation::dpop::{self, Expected, HtuUrl, Window};
use countersign_core::{
    Thumbprint, Timestamp,
    client::{Client, NoncePolicy},
    decision::Refusal,
};
use countersign_storage::Tx;

/// A checked proof, to be used up in the transaction of what it proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsedProof {
    /// The key that made it.
    pub jkt: Thumbprint,
    /// What may be used once.
    pub replay_key: [u8; 32],
    /// Until when that must be remembered.
    pub expires_at: Timestamp,
}

impl UsedProof {
    /// Uses the proof up: a row that can be inserted once.
    pub(super) async fn use_up(&self, tx: &mut Tx) -> Result<(), SessionError> {
        if tx.use_proof(&self.replay_key, self.expires_at).await? {
            Ok(())
        } else {
            Err(SessionError::Proof(Refusal::ProofReplayed))
        }
    }
}

impl Sessions {
    /// Checks a relayed proof: made for a URL of the client, fresh, and signed.
    ///
    /// The store remembers uses across restarts and nodes, so a nonce is needed only where the
    /// client's policy says so.
    pub(super) fn check_proof(
        &self,
        client: &Client,
        jwt: &str,
        htm: &str,
        htu: &str,
    ) -> Result<UsedProof, SessionError> {
        let is_listed = client.origins.iter().any(|origin| {
            htu.strip_prefix(origin.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        });
        if !is_listed {
            return Err(SessionError::OriginNotListed);
        }
        let url = HtuUrl::parse(htu).map_err(|_| SessionError::OriginNotListed)?;
        let expected = Expected {
            method: htm,
            url: &url,
            access_token: None,
            key: None,
            nonces: Some(&self.nonces),
            nonces_since: Timestamp::from_micros(i64::MIN),
            now: self.now(),
            window: Window::default(),
        };
        let proof =
            dpop::verify(jwt, &expected).map_err(|error| SessionError::Proof(error.refusal()))?;
        if client.nonce_policy == NoncePolicy::Always && proof.nonce_issued_at.is_none() {
            return Err(SessionError::Proof(Refusal::UseDpopNonce));
        }
        Ok(UsedProof {
            jkt: proof.jkt,
            replay_key: proof.replay_key,
            expires_at: proof.expires_at,
        })
    }
}
