//! Ending receipts, signed.

use super::{IssueError, Issuer, issuer::jti};
use crate::membership::Receipt;
use countersign_api_types::receipt::EndingReceipt;
use countersign_attestation::ending_receipt::{self, Claims, Ending};

impl Issuer {
    /// What the caller is told of an ending. It is committed, so one that cannot be signed is told
    /// without a signature.
    pub(crate) fn receipt(&self, ending: &Ending<'_>, receipt: Receipt) -> EndingReceipt {
        let signature = self
            .sign_receipt(ending, &receipt)
            .inspect_err(|error| {
                let error: &dyn std::error::Error = error;
                tracing::warn!(error, "ending receipt not signed");
            })
            .ok();
        EndingReceipt {
            at: receipt.at,
            waited_ms: u64::try_from(receipt.waited.as_millis()).unwrap_or(u64::MAX),
            acknowledged: receipt.acknowledged,
            lapsed: receipt.lapsed,
            is_complete: receipt.is_complete,
            signature,
        }
    }

    fn sign_receipt(&self, ending: &Ending<'_>, receipt: &Receipt) -> Result<String, IssueError> {
        let signer = self.keys.signer(receipt.at).ok_or(IssueError::NoKey)?;
        let claims = Claims {
            iss: &self.url,
            jti: &jti(receipt.at, &*self.rng),
            ending,
            at: receipt.at,
            acknowledged: &receipt.acknowledged,
            lapsed: &receipt.lapsed,
            is_complete: receipt.is_complete,
            waited: receipt.waited,
        };
        Ok(ending_receipt::sign(&claims, signer.id, &signer.private)?)
    }
}
