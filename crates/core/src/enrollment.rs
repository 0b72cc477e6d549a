//! Challenges and the evidence that answers them, as they are kept.

use crate::{
    ClientId, DeviceId, Timestamp,
    attestation::{AttestationLevel, Purpose, policy::Shortfall},
    ids::EvidenceId,
    text::text_enum,
};
use std::time::Duration;

text_enum! {
    /// Whether a device that enrolled is in use.
    EnrollmentState {
        /// Its users may log in on it.
        Active = "active",
        /// An admin has to approve it first.
        PendingApproval = "pending_approval",
    }
}

/// How long a challenge may be answered.
pub const CHALLENGE_LIFETIME: Duration = Duration::from_mins(5);

/// A challenge that was given out, without the challenge itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Challenge {
    /// SHA-256 of its text.
    pub hash: [u8; 32],
    /// Whose devices may answer it.
    pub client_id: ClientId,
    /// What for.
    pub purpose: Purpose,
    /// Until when.
    pub expires_at: Timestamp,
}

/// What a generation of a device showed, and what came of judging it last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// Its identity.
    pub id: EvidenceId,
    /// The device.
    pub device_id: DeviceId,
    /// Which generation of it.
    pub generation: i64,
    /// What it was shown for.
    pub purpose: Purpose,
    /// The challenge that it answers.
    pub challenge: String,
    /// It, as JSON, as it was presented.
    pub presented: String,
    /// When.
    pub presented_at: Timestamp,
    /// How often the key that it attests was used, by the last assertion that was accepted.
    pub counter: u32,
    /// What came of it.
    pub judgement: Judgement,
}

/// What came of judging evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// When.
    pub at: Timestamp,
    /// What it is worth.
    pub level: AttestationLevel,
    /// How it fell short of what was demanded then, though it may have been accepted.
    pub shortfall: Option<Shortfall>,
    /// The check that it failed, if it is wrong or could not be judged.
    pub failed_check: Option<String>,
    /// What it shows, as JSON, if it is right.
    pub facts: Option<String>,
    /// The client's version that it was judged by.
    pub version: i64,
    /// The list of what Google took back that it was judged by.
    pub list: Option<Timestamp>,
}
