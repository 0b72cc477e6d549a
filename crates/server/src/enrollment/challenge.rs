//! Challenges: each serves once, for the client and purpose that it was given out for.

use super::{EnrollmentError, Enrollments};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_core::{
    ClientId,
    attestation::Purpose,
    client::Client,
    enrollment::{CHALLENGE_LIFETIME, Challenge},
    token::sha256,
};
use countersign_storage::StoreError;

/// A challenge that was just made.
#[derive(Debug)]
pub(super) struct GivenOut {
    /// Its text.
    pub(super) text: String,
    /// What is kept of it.
    pub(super) kept: Challenge,
}

impl Enrollments {
    /// Gives a challenge out.
    pub(super) async fn give_out(
        &self,
        client_id: ClientId,
        purpose: Purpose,
    ) -> Result<GivenOut, EnrollmentError> {
        let client = self.find_client(client_id).await?;
        let ledger = &self.sessions.ledger;
        let mut bytes = [0; 32];
        ledger.rng.fill(&mut bytes);
        let text = URL_SAFE_NO_PAD.encode(bytes);
        let kept = Challenge {
            hash: sha256(text.as_bytes()),
            client_id: client.id,
            purpose,
            expires_at: ledger.clock.now().plus(CHALLENGE_LIFETIME),
        };
        let written: Result<(), StoreError> = ledger
            .store
            .write(kept, |tx, kept| Box::pin(tx.insert_challenge(kept)))
            .await;
        written?;
        Ok(GivenOut { text, kept })
    }

    /// Takes a challenge: whatever comes of the rest, it is used up.
    pub(super) async fn take(
        &self,
        text: &str,
        client: &Client,
        purpose: Purpose,
    ) -> Result<(), EnrollmentError> {
        let ledger = &self.sessions.ledger;
        let taken: Result<_, StoreError> = ledger
            .store
            .write(sha256(text.as_bytes()), |tx, hash| {
                Box::pin(tx.take_challenge(hash))
            })
            .await;
        let challenge = taken?.ok_or(EnrollmentError::ChallengeUnknown)?;
        if challenge.client_id != client.id || challenge.purpose != purpose {
            return Err(EnrollmentError::ChallengeMismatch);
        }
        if challenge.expires_at <= ledger.clock.now() {
            return Err(EnrollmentError::ChallengeExpired);
        }
        Ok(())
    }
}
