//! What a login or refresh proves itself with, each used up in its transaction.

use super::{SessionError, Sessions};
use aws_lc_rs::digest::{SHA256, digest};
use countersign_attestation::dpop::{self, Expected, HtuUrl, Window};
use countersign_core::{
    Thumbprint, Timestamp,
    client::{Client, NoncePolicy},
    decision::Refusal,
    token::HashedToken,
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
    pub(crate) async fn use_up(&self, tx: &mut Tx) -> Result<(), SessionError> {
        if tx.use_proof(&self.replay_key, self.expires_at).await? {
            Ok(())
        } else {
            Err(SessionError::Proof(Refusal::ProofReplayed))
        }
    }
}

/// A checked ID token, to be used up in the transaction of the login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsedIdToken {
    /// Names it.
    pub hash: HashedToken,
    /// Until when that must be remembered.
    pub expires_at: Timestamp,
}

impl UsedIdToken {
    /// Uses the token up for a key. The same key may come again, since the answer may be lost;
    /// without a key there is no telling who comes.
    pub(super) async fn use_up(
        &self,
        tx: &mut Tx,
        jkt: Option<&Thumbprint>,
    ) -> Result<(), SessionError> {
        let is_first = tx.use_proof(self.hash.as_bytes(), self.expires_at).await?;
        let Some(jkt) = jkt else {
            return if is_first {
                Ok(())
            } else {
                Err(SessionError::IdTokenUsed)
            };
        };
        let by_key = [self.hash.as_bytes().as_slice(), jkt.as_bytes()].concat();
        let mut row = [0; 32];
        row.copy_from_slice(digest(&SHA256, &by_key).as_ref());
        let is_new_key = tx.use_proof(&row, self.expires_at).await?;
        // A second key's row goes with the refused login's transaction.
        if is_first || !is_new_key {
            Ok(())
        } else {
            Err(SessionError::IdTokenUsed)
        }
    }
}

impl Sessions {
    /// Checks a relayed proof: made for a URL of the client, fresh, and signed.
    pub(super) fn check_relayed_proof(
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
        self.check_proof(client, jwt, htm, &url)
    }

    /// Checks a proof: made for this method and URL, fresh, and signed.
    ///
    /// The store remembers uses across restarts and nodes, so a nonce is needed only where the
    /// client's policy says so.
    pub(crate) fn check_proof(
        &self,
        client: &Client,
        jwt: &str,
        method: &str,
        url: &HtuUrl,
    ) -> Result<UsedProof, SessionError> {
        let expected = Expected {
            method,
            url,
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
