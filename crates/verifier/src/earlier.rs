//! What was said of a request before: by a layer further out.

use crate::{
    refused::Refused,
    session::DeviceSession,
    verifier::{Admitted, Verdict, Verifier},
};
use countersign_api_types::ErrorCode;
use countersign_core::decision::Demands;

/// A judgement that let the request through, in its extensions.
#[derive(Debug, Clone)]
pub(crate) struct Earlier {
    /// Whose judgement it was: another one's says nothing.
    pub(crate) verifier: Verifier,
    /// Whether it rests on a read that began after the request came.
    pub(crate) strict: bool,
    /// `None` for a request without a token.
    pub(crate) session: Option<DeviceSession>,
}

impl Earlier {
    /// Holds it against demands, without asking anew: a proof serves once.
    pub(crate) fn again(self, demands: Demands) -> Verdict {
        let Some(session) = self.session else {
            return Verdict::Nobody;
        };
        if demands.strict && !self.strict {
            return Verdict::Refused(Refused::of(ErrorCode::Unavailable));
        }
        match session.unmet(demands) {
            Some(code) => Verdict::Refused(Refused::of(code)),
            None => Verdict::Allowed(Box::new(Admitted {
                session,
                // The layer that asked hands it on.
                nonce: None,
            })),
        }
    }
}
