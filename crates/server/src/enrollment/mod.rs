//! Enrollment: a device proves what it is before anybody logs in on it.
//!
//! Challenge, proof, evidence, policy, record, in this order. Owns challenges, the judgement of
//! evidence and what is kept of it. Does not own what a record is (`session::registration`).

mod challenge;
mod demand;
mod enroll;
mod error;
pub(crate) mod http;
mod judge;
mod rotate;

pub(crate) use demand::check;
pub use error::EnrollmentError;
pub(crate) use error::attestation_code;

use crate::session::Sessions;
use countersign_attestation::{
    dpop::{HtuUrl, InvalidHtuUrl},
    evidence::Anchors,
};
use std::sync::Arc;

/// The enrollment use cases.
#[derive(Debug)]
pub struct Enrollments {
    pub(crate) sessions: Arc<Sessions>,
    /// Who is believed.
    pub(crate) anchors: Anchors,
    enroll_url: HtuUrl,
    rotate_url: HtuUrl,
}

impl Enrollments {
    /// Enrollments at this service.
    ///
    /// # Errors
    /// [`InvalidHtuUrl`] for a public URL that no proof could name.
    pub(crate) fn new(
        sessions: Arc<Sessions>,
        anchors: Anchors,
        public_url: &str,
    ) -> Result<Self, InvalidHtuUrl> {
        Ok(Self {
            sessions,
            anchors,
            enroll_url: HtuUrl::parse(&format!("{public_url}/v1/enrollments"))?,
            rotate_url: HtuUrl::parse(&format!("{public_url}/v1/enrollments/rotate"))?,
        })
    }
}
