//! Enrollment: a device proves what it is before anybody logs in on it.
//!
//! Challenge, proof, evidence, policy, record, in this order. Owns challenges, the judgement of
//! evidence and what is kept of it. Does not own what a record is (`session::registration`).

mod again;
mod assert;
mod challenge;
mod demand;
mod enroll;
mod error;
pub(crate) mod http;
mod judge;
mod play_integrity;
mod rotate;
mod status;
mod unenroll;

pub(crate) use demand::check;
pub use error::EnrollmentError;
pub(crate) use error::attestation_code;
pub use status::StatusListError;

use crate::{config::GoogleApi, outside::Outside, session::Sessions};
use arc_swap::ArcSwap;
use countersign_attestation::{
    dpop::{HtuUrl, InvalidHtuUrl},
    evidence::Anchors,
};
use std::sync::Arc;

/// The enrollment use cases.
#[derive(Debug)]
pub struct Enrollments {
    pub(crate) sessions: Arc<Sessions>,
    /// Who is believed; only the list of what was taken back ever changes.
    anchors: ArcSwap<Anchors>,
    /// Where that list is fetched.
    status_url: Option<String>,
    outside: Outside,
    /// What all kept evidence was judged by last.
    measured: tokio::sync::Mutex<Option<again::Measure>>,
    play_integrity: play_integrity::Reader,
    enroll_url: HtuUrl,
    rotate_url: HtuUrl,
    unenroll_url: HtuUrl,
}

impl Enrollments {
    /// Enrollments at this service.
    ///
    /// # Errors
    /// [`InvalidHtuUrl`] for a public URL that no proof could name.
    pub(crate) fn new(
        sessions: Arc<Sessions>,
        anchors: Anchors,
        status_url: Option<String>,
        google: GoogleApi,
        public_url: &str,
    ) -> Result<Self, InvalidHtuUrl> {
        let ledger = &sessions.ledger;
        let (store, clock) = (ledger.store.clone(), Arc::clone(&ledger.clock));
        let vault = Arc::clone(&sessions.vault);
        Ok(Self {
            play_integrity: play_integrity::Reader::new(store, vault, clock, google),
            sessions,
            anchors: ArcSwap::from_pointee(anchors),
            status_url,
            outside: Outside::default(),
            measured: tokio::sync::Mutex::default(),
            enroll_url: HtuUrl::parse(&format!("{public_url}/v1/enrollments"))?,
            rotate_url: HtuUrl::parse(&format!("{public_url}/v1/enrollments/rotate"))?,
            unenroll_url: HtuUrl::parse(&format!("{public_url}/v1/enrollments/unenroll"))?,
        })
    }
}
