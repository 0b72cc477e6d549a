//! Enrollment: a device shows what it is, before anybody logs in on it, and again for one action.

use crate::{ClientError, Device, Endpoint, answer::Answer, endpoint::Call, retry::Retries};
use countersign_api_types::{
    assertion::{Assert, Assertion},
    enrollment::{AskChallenge, Enroll, Enrolled, Evidence, NewChallenge, Unenroll, Unenrolled},
};
use countersign_attestation::transcript::Transcript;
use countersign_core::attestation::Purpose;
use reqwest::{
    Method,
    header::{HeaderMap, HeaderName, HeaderValue},
};
use serde::Serialize;

/// RFC 9449 section 4.1.
const DPOP: HeaderName = HeaderName::from_static("dpop");

const NO_KEY: ClientError = ClientError::Unsendable("the device has no key");

/// Enrolls devices at Countersign's public listener.
#[derive(Debug, Clone)]
pub struct Enrollment {
    public: Endpoint,
}

impl Enrollment {
    /// Enrollments at the public listener.
    pub const fn new(public: Endpoint) -> Self {
        Self { public }
    }

    /// Enrolls the device by its key, with what its platform says of it.
    ///
    /// `gather` gets what the evidence has to be about; `None` is a device that nothing vouches for.
    /// The device takes over the installation id that the server answers.
    ///
    /// # Errors
    /// [`ClientError::Refused`] with the reason; [`ClientError::Unsendable`] for a device without a
    /// key.
    pub async fn enroll(
        &self,
        device: &Device,
        gather: impl FnOnce(&Transcript<'_>) -> Option<Evidence> + Send,
    ) -> Result<Enrolled, ClientError> {
        let client_id = device.client_id();
        let purpose = Purpose::Enroll;
        let challenge = self.challenge(AskChallenge { client_id, purpose }).await?;
        let transcript = Transcript {
            purpose,
            challenge: &challenge.challenge,
            client: client_id,
            action: None,
        };
        let evidence = gather(&transcript);
        let mut report = device.report();
        // These go with a login.
        report.push = None;
        report.device_secret = None;
        let body = Enroll {
            client_id,
            challenge: challenge.challenge,
            device: report,
            evidence,
        };
        let enrolled: Enrolled = self
            .prove(device, &["v1", "enrollments"], &body)
            .await?
            .json()?;
        device.adopt_installation(enrolled.installation_id);
        Ok(enrolled)
    }

    /// Signs with the device's own key that its user wants this action done: for the app's backend to
    /// hand on with [`ServiceClient::assert`](crate::ServiceClient::assert).
    ///
    /// # Errors
    /// As for every call; [`ClientError::Unsendable`] for a device without a key.
    pub async fn assert(&self, device: &Device, action: &str) -> Result<Assert, ClientError> {
        let (client_id, purpose) = (device.client_id(), Purpose::Assert);
        let challenge = self.challenge(AskChallenge { client_id, purpose }).await?;
        let transcript = Transcript {
            purpose,
            challenge: &challenge.challenge,
            client: client_id,
            action: Some(action),
        };
        let jws = device.assertion(&transcript);
        let jws = jws.map_err(|_| ClientError::Unsendable("the assertion cannot be signed"))?;
        let jws = jws.ok_or(NO_KEY)?;
        Ok(Assert {
            challenge: challenge.challenge,
            action: action.to_owned(),
            assertion: Assertion::Key { jws },
        })
    }

    /// Gives the device's key up: its sessions end, and nobody accepts the key any more.
    ///
    /// # Errors
    /// As for every call; [`ClientError::Unsendable`] for a device without a key.
    pub async fn unenroll(&self, device: &Device) -> Result<Unenrolled, ClientError> {
        let client_id = device.client_id();
        self.prove(
            device,
            &["v1", "enrollments", "unenroll"],
            &Unenroll { client_id },
        )
        .await?
        .json()
    }

    async fn challenge(&self, body: AskChallenge) -> Result<NewChallenge, ClientError> {
        let url = self.public.url(&["v1", "enrollments", "challenges"])?;
        let call = Call::new(Method::POST, url, HeaderMap::new()).with_json(&body)?;
        self.public.send(call).await?.json()
    }

    /// Sends with a proof, which is made anew where the answer teaches how. The challenge is used up
    /// only once a proof was accepted.
    async fn prove(
        &self,
        device: &Device,
        path: &[&str],
        body: &impl Serialize,
    ) -> Result<Answer, ClientError> {
        let url = self.public.url(path)?;
        let mut retries = Retries::default();
        loop {
            let proof = device.proof("POST", url.as_str(), None);
            let proof = proof.map_err(|_| ClientError::Unsendable("the proof cannot be signed"))?;
            let proof = proof.ok_or(NO_KEY)?;
            let proof = HeaderValue::from_str(&proof)
                .map_err(|_| ClientError::Unsendable("the proof cannot stand in a header"))?;
            let call = Call::new(Method::POST, url.clone(), HeaderMap::new());
            let call = call.with_header(DPOP, proof).with_json(body)?;
            let sent_at = device.now();
            let answer = self.public.send(call).await?;
            let learned = device.learn(answer.nonce(), answer.date(), sent_at);
            match answer.check() {
                Err(error) if retries.may_retry(error.code(), learned) => {}
                outcome => return outcome.map(|()| answer),
            }
        }
    }
}
