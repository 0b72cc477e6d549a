//! The test vectors of `WebAuthn` Level 3: every registration, and every assertion of its key.

use crate::folder::{hex, recordings, text};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_attestation::{
    android_key::Roots,
    cose::{CredentialKey, InvalidCredentialKey},
    path::{self, PathError},
    webauthn::{
        Anchors, AndroidKeys, AuthenticatorError, Ceremony, ClientDataError, assertion,
        registration,
    },
};
use countersign_core::{Timestamp, attestation::AttestationLevel};
use serde_json::Value;

/// One vector, and the page that asked.
#[derive(Clone)]
struct Case {
    name: String,
    challenge: Vec<u8>,
    client_data: Vec<u8>,
    attestation: Vec<u8>,
    credential_id: Vec<u8>,
    next_challenge: Vec<u8>,
    next_client_data: Vec<u8>,
    authenticator_data: Vec<u8>,
    signature: Vec<u8>,
    origin: String,
    top_origin: String,
    rp_id: String,
}

fn files() -> Vec<(String, Value)> {
    recordings("webauthn", &["vectors", "attestationRootCertHex"])
}

fn cases() -> Vec<Case> {
    let files = files();
    let cases = files.iter().flat_map(|(_, file)| {
        let vectors = file["vectors"].as_array().unwrap();
        vectors.iter().map(|vector| case(file, vector))
    });
    cases.collect()
}

fn case(file: &Value, vector: &Value) -> Case {
    let of = |part: &str, member| hex(text(&vector[part], member));
    Case {
        name: text(vector, "name").to_owned(),
        challenge: of("registration", "challenge"),
        client_data: of("registration", "clientDataJSON"),
        attestation: of("registration", "attestationObject"),
        credential_id: of("registration", "credential_id"),
        next_challenge: of("authentication", "challenge"),
        next_client_data: of("authentication", "clientDataJSON"),
        authenticator_data: of("authentication", "authenticatorData"),
        signature: of("authentication", "signature"),
        origin: text(file, "origin").to_owned(),
        top_origin: text(file, "topOrigin").to_owned(),
        rp_id: text(file, "rpId").to_owned(),
    }
}

/// The root of the vectors as everybody's anchor.
fn anchors() -> Anchors {
    let files = files();
    let roots: Vec<_> = files
        .iter()
        .map(|(_, file)| hex(text(file, "attestationRootCertHex")))
        .collect();
    let anchors = path::Anchors::new(&roots).unwrap();
    let mut android_key = AndroidKeys::none();
    android_key.roots = roots
        .iter()
        .fold(Roots::none(), |all, root| all.with(root).unwrap());
    Anchors {
        authenticators: anchors.clone(),
        tpm: anchors.clone(),
        apple: anchors,
        android_key,
    }
}

impl Case {
    fn register(&self, anchors: &Anchors) -> Result<registration::Verdict, registration::Refused> {
        self.register_with(anchors, |_| {})
    }

    fn register_with(
        &self,
        anchors: &Anchors,
        change: impl FnOnce(&mut registration::Expected<'_>),
    ) -> Result<registration::Verdict, registration::Refused> {
        let evidence = registration::Evidence {
            client_data_json: &self.client_data,
            attestation_object: &self.attestation,
        };
        let (origins, top_origins) = ([self.origin.as_str()], [self.top_origin.as_str()]);
        let mut expected = registration::Expected {
            ceremony: self.ceremony(&self.challenge, &origins, &top_origins),
            device_bound: false,
            presented_at: Timestamp::from_secs(1_780_000_000),
            now: Timestamp::from_secs(1_780_000_000),
        };
        change(&mut expected);
        registration::appraise(&evidence, &expected, anchors).outcome
    }

    fn assert(&self, key: &CredentialKey) -> Result<assertion::Verdict, assertion::Refused> {
        let evidence = assertion::Evidence {
            client_data_json: &self.next_client_data,
            authenticator_data: &self.authenticator_data,
            signature: &self.signature,
        };
        let (origins, top_origins) = ([self.origin.as_str()], [self.top_origin.as_str()]);
        let expected = assertion::Expected {
            ceremony: self.ceremony(&self.next_challenge, &origins, &top_origins),
            key,
            sign_count: 0,
            backup_eligible: self.authenticator_data[32] & 8 != 0,
        };
        assertion::appraise(&evidence, &expected).outcome
    }

    fn ceremony<'a>(
        &'a self,
        challenge: &'a [u8],
        origins: &'a [&'a str],
        top_origins: &'a [&'a str],
    ) -> Ceremony<'a> {
        Ceremony {
            challenge,
            origins,
            top_origins: Some(top_origins),
            rp_id: &self.rp_id,
            user_verification: false,
        }
    }

    /// The library has no Ed448, so neither has this.
    fn is_spoken(&self) -> bool {
        !self.name.contains("ed448")
    }
}

#[test]
#[ignore = "reads the folder that COUNTERSIGN_VECTORS names"]
fn every_registration_and_assertion_is_accepted() {
    let anchors = anchors();
    for case in cases() {
        let verdict = case.register(&anchors);
        if !case.is_spoken() {
            let unknown = registration::Refused::Key(InvalidCredentialKey::UnknownAlgorithm);
            assert_eq!(verdict.unwrap_err(), unknown);
            continue;
        }
        let verdict = verdict.unwrap_or_else(|refused| panic!("{}: {refused:?}", case.name));
        // By its own account the key of the android-key vector is in software, and that of the tpm
        // vector may leave.
        let is_vouched_for = !["none", "self", "android-key", "tpm"]
            .iter()
            .any(|kind| case.name.contains(kind));
        let level = if is_vouched_for {
            AttestationLevel::Authenticator
        } else {
            AttestationLevel::Software
        };
        assert_eq!(verdict.level, level, "{}", case.name);
        let id = URL_SAFE_NO_PAD.encode(&case.credential_id);
        assert_eq!(verdict.facts.credential_id, id, "{}", case.name);
        let asserted = case.assert(&verdict.key);
        asserted.unwrap_or_else(|refused| panic!("{}: {refused:?}", case.name));
    }
}

#[test]
#[ignore = "reads the folder that COUNTERSIGN_VECTORS names"]
fn without_the_anchor_nobody_vouches() {
    use registration::Refused;
    for case in cases().iter().filter(|case| case.is_spoken()) {
        let verdict = case.register(&Anchors::none());
        if case.name.contains("none") || case.name.contains("self") {
            verdict.unwrap();
        } else {
            let untrusted = Refused::NoPath(PathError::Untrusted);
            assert_eq!(verdict.unwrap_err(), untrusted, "{}", case.name);
        }
    }
}

#[test]
#[ignore = "reads the folder that COUNTERSIGN_VECTORS names"]
fn registrations_for_something_else_are_refused() {
    use registration::Refused;
    let anchors = anchors();
    let client_data = |error| Refused::ClientData(error);
    for case in cases().iter().filter(|case| case.is_spoken()) {
        let refused = |change: &dyn Fn(&mut registration::Expected<'_>)| {
            case.register_with(&anchors, change).unwrap_err()
        };
        let challenge = refused(&|expected| expected.ceremony.challenge = &[7; 32]);
        assert_eq!(challenge, client_data(ClientDataError::ChallengeMismatch));
        let origin = refused(&|expected| expected.ceremony.origins = &["https://example.com"]);
        assert_eq!(origin, client_data(ClientDataError::OriginMismatch));
        let party = refused(&|expected| expected.ceremony.rp_id = "example.com");
        let mismatch = AuthenticatorError::RelyingPartyMismatch;
        assert_eq!(party, Refused::Authenticator(mismatch));
        let is_framed = case.name.contains("rossOrigin") || case.name.contains("topOrigin");
        let framed = case.register_with(&anchors, |expected| expected.ceremony.top_origins = None);
        assert_eq!(framed.is_err(), is_framed, "{}", case.name);
    }
}

/// Every bit of what is signed. What nobody signs without an attestation is the credential itself.
#[test]
#[ignore = "reads the folder that COUNTERSIGN_VECTORS names"]
fn registrations_with_a_flipped_bit_are_refused() {
    let anchors = anchors();
    for case in cases().iter().filter(|case| case.is_spoken()) {
        for at in 0..case.client_data.len() * 8 {
            let mut flipped = case.clone();
            flipped.client_data[at / 8] ^= 1 << (at % 8);
            let is_signed = !case.name.contains("none");
            if let Ok(verdict) = flipped.register(&anchors) {
                assert!(!is_signed, "{}: bit {at} of the client data", case.name);
                assert_eq!(verdict.level, AttestationLevel::Software);
            }
        }
        let is_attested = !case.name.contains("none") && !case.name.contains("self");
        if !is_attested {
            continue;
        }
        for at in 0..case.attestation.len() * 8 {
            let mut flipped = case.clone();
            flipped.attestation[at / 8] ^= 1 << (at % 8);
            // The statement of fido-u2f does not cover flags, counter and model.
            if let Ok(verdict) = flipped.register(&anchors) {
                assert!(case.name.contains("u2f"), "{}: bit {at}", case.name);
                assert_eq!(verdict.facts.credential_id.len(), 43);
            }
        }
    }
}

#[test]
#[ignore = "reads the folder that COUNTERSIGN_VECTORS names"]
fn changed_assertions_are_refused() {
    use assertion::Refused;
    let anchors = anchors();
    for case in cases().iter().filter(|case| case.is_spoken()) {
        let key = case.register(&anchors).unwrap().key;
        let changed = |change: &dyn Fn(&mut Case)| {
            let mut case = case.clone();
            change(&mut case);
            case.assert(&key).unwrap_err()
        };
        for at in 0..case.authenticator_data.len() * 8 {
            changed(&|case| case.authenticator_data[at / 8] ^= 1 << (at % 8));
        }
        for at in 0..case.next_client_data.len() * 8 {
            changed(&|case| case.next_client_data[at / 8] ^= 1 << (at % 8));
        }
        for end in 0..case.signature.len() {
            let cut = changed(&|case| case.signature.truncate(end));
            assert_eq!(cut, Refused::BadSignature, "{}", case.name);
        }
        let swapped = changed(&|case| case.next_client_data.clone_from(&case.client_data));
        let wrong = Refused::ClientData(ClientDataError::WrongType);
        assert_eq!(swapped, wrong, "{}", case.name);
    }
}

#[test]
#[ignore = "reads the folder that COUNTERSIGN_VECTORS names"]
fn cut_registrations_are_refused() {
    let anchors = anchors();
    for case in cases() {
        for end in 0..case.attestation.len() {
            let mut cut = case.clone();
            cut.attestation.truncate(end);
            assert!(
                cut.register(&anchors).is_err(),
                "{}: {end} bytes",
                case.name
            );
        }
    }
}
