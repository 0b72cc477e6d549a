//! Which refusals a fresh proof can mend.

use crate::device::Learned;
use countersign_api_types::ErrorCode;

/// What has been tried again in one call: each reason once.
#[derive(Debug, Default)]
pub(crate) struct Retries {
    for_nonce: bool,
    for_time: bool,
}

impl Retries {
    /// Whether to send the request again, given what the refusing answer taught the device.
    pub(crate) fn may_retry(&mut self, code: Option<ErrorCode>, learned: Learned) -> bool {
        match code {
            // RFC 9449 section 8: the answer brings the nonce that it asks for.
            Some(ErrorCode::UseDpopNonce) if learned.nonce => {
                !std::mem::replace(&mut self.for_nonce, true)
            }
            // A nonce helps too: with one, a proof may be minutes off.
            Some(ErrorCode::ProofExpired) if learned.skew || learned.nonce => {
                !std::mem::replace(&mut self.for_time, true)
            }
            _ => false,
        }
    }
}
