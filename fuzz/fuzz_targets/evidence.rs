//! No bytes make the one door of all evidence panic, none that nobody signed open it, and what it
//! would keep of a device is read back as it was.
//!
//! The first byte says what the rest is: an attestation object of App Attest (0), or authenticator
//! data that is certified here (1); an Android chain (2), or what its leaf says of the key, signed
//! here (3); an attestation object of `WebAuthn` (4), or after two bytes of a length authenticator
//! data and client data that nobody vouches for (5) or that a maker signs here (6).

#![no_main]

use base64::{Engine, engine::general_purpose::STANDARD};
use countersign_attestation::{
    android_key::{Roots, StatusList},
    evidence::{self, Anchors, Evidence, Expected, Facts, Refused},
    path,
    transcript::{Purpose, Transcript},
};
use countersign_core::{
    ClientId, Thumbprint, Timestamp,
    attestation::{
        AttestationEnvironment, AttestationLevel,
        policy::{AndroidApp, AndroidApps, AppleApp, ApplePlatform, AttestationPolicy, WebPages},
    },
};
use countersign_test_authority::{
    Key,
    android::Android,
    app_attest::{AppAttest, AttestationObject, key_id, leaf, nonce_extension},
    cbor,
    webauthn::{Maker, client_data, x5c},
};
use libfuzzer_sys::fuzz_target;
use std::sync::{Arc, LazyLock};

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);
const CHALLENGE: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
const ORIGIN: &str = "https://app.example.com";
const DIGEST: &str = "d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1";

/// Everybody who vouches, and the device's key.
struct Scene {
    apple: AppAttest,
    android: Android,
    maker: Maker,
    key: Key,
    jkt: Thumbprint,
    client: ClientId,
    anchors: Anchors,
    policy: AttestationPolicy,
}

static SCENE: LazyLock<Scene> = LazyLock::new(Scene::new);

fuzz_target!(|data: &[u8]| {
    let Some((kind, rest)) = data.split_first() else {
        return;
    };
    let Some((evidence, is_signed)) = SCENE.evidence(*kind, rest) else {
        return;
    };
    let appraisal = SCENE.appraise(&evidence, &SCENE.policy);
    let checks = &appraisal.checks;
    let are_passed = checks.iter().all(|check| check.passed);
    assert_eq!(appraisal.outcome.is_ok(), are_passed);
    let only_last = checks.iter().rev().skip(1).all(|check| check.passed);
    assert!(only_last, "nothing is looked at after what failed");
    if let Ok(verdict) = appraisal.outcome {
        let level = verdict.level;
        let is_unvouched = *kind >= 4 && level == AttestationLevel::Software;
        assert!(is_signed || is_unvouched, "{kind} is worth {level}");
        let is_of_platform = match (&evidence, &verdict.facts) {
            (Evidence::AppAttest { key_id, .. }, Facts::AppAttest(it)) => *key_id == it.key_id,
            (Evidence::AndroidKey { .. }, Facts::AndroidKey(it)) => it.package == "com.example.app",
            (Evidence::Webauthn { .. }, Facts::Webauthn(it)) => it.user_verified,
            _ => false,
        };
        assert!(is_of_platform, "{:?}", verdict.facts);
        let kept = serde_json::to_vec(&verdict.facts).expect("facts are written");
        let read: Facts = serde_json::from_slice(&kept).expect("facts are read");
        assert_eq!(read, verdict.facts);
    }
    let unexpected = SCENE.appraise(&evidence, &AttestationPolicy::default());
    assert_eq!(unexpected.outcome.err(), Some(Refused::Unexpected));
});

impl Scene {
    fn new() -> Self {
        let apple = AppAttest::new();
        let (android, maker, key) = (Android::remote(NOW), Maker::new(), Key::p256());
        let anchor = |certificate| path::Anchors::new([certificate]).expect("a certificate");
        let list = br#"{"entries":{"ab":{"status":"REVOKED"}}}"#;
        let anchors = Anchors {
            apple: anchor(&apple.root.certificate),
            android: Roots::none()
                .with(&android.root.certificate)
                .expect("a root"),
            android_status: Some(Arc::new(StatusList::parse(list, NOW).expect("a list"))),
            authenticators: anchor(&maker.root.certificate),
            ..Anchors::shipped()
        };
        Self {
            jkt: thumbprint(&key),
            client: "cli_00000000000000000000000000".parse().expect("an id"),
            policy: policy(),
            apple,
            android,
            maker,
            key,
            anchors,
        }
    }

    fn transcript(&self) -> Transcript<'_> {
        Transcript {
            purpose: Purpose::Enroll,
            challenge: CHALLENGE,
            client: self.client,
            action: None,
        }
    }

    fn appraise(
        &self,
        evidence: &Evidence,
        policy: &AttestationPolicy,
    ) -> countersign_attestation::appraisal::Appraisal<evidence::Verdict, Refused> {
        let expected = Expected {
            transcript: self.transcript(),
            jkt: &self.jkt,
            policy,
            presented_at: NOW,
            now: NOW,
        };
        evidence::appraise(evidence, &expected, &self.anchors)
    }

    /// What is presented, and whether it was signed here.
    fn evidence(&self, kind: u8, rest: &[u8]) -> Option<(Evidence, bool)> {
        let apple = |attestation| Evidence::AppAttest {
            key_id: key_id(&self.key),
            attestation,
        };
        let android = |certificates| Evidence::AndroidKey { certificates };
        let leaf = || self.android.present(Android::leaf(&self.key, rest));
        Some(match kind {
            0 => (apple(rest.to_vec()), false),
            1 => (apple(self.certify(rest).encode()), true),
            2 => (android(split(rest)), false),
            3 => (android(leaf()), true),
            4 => (webauthn(rest.to_vec(), self.asked()), false),
            5 | 6 => {
                let (length, rest) = rest.split_first_chunk()?;
                let at = rest.len().min(u16::from_be_bytes(*length).into());
                let (data, told) = rest.split_at(at);
                let told = if told.is_empty() {
                    self.asked()
                } else {
                    told.to_vec()
                };
                let (format, statement) = match kind {
                    5 => ("none", cbor::map(&[])),
                    _ => ("packed", self.packed(data, &told)),
                };
                (webauthn(object(format, statement, data), told), kind == 6)
            }
            _ => return None,
        })
    }

    /// The point of the key is not known to the corpus: it stands where authenticator data has it.
    fn certify(&self, data: &[u8]) -> AttestationObject {
        let mut data = data.to_vec();
        let point = self.key.public_bytes();
        let id = STANDARD.decode(key_id(&self.key)).expect("base64");
        for (at, bytes) in [(55, &id[..]), (97, &point[1..33]), (132, &point[33..])] {
            if let Some(place) = data.get_mut(at..at + 32) {
                place.copy_from_slice(bytes);
            }
        }
        let told = self.transcript().with_thumbprint(&self.jkt);
        let leaf = leaf(self.key.spki(), &nonce_extension(&data, &told));
        let intermediate = &self.apple.intermediate;
        AttestationObject {
            format: "apple-appattest".to_owned(),
            certificates: vec![intermediate.issue(leaf), intermediate.certificate.clone()],
            receipt: Vec::new(),
            authenticator_data: data,
        }
    }

    /// The client data that answers the challenge.
    fn asked(&self) -> Vec<u8> {
        let challenge = hash(&self.transcript().with_thumbprint(&self.jkt));
        client_data("webauthn.create", &challenge, ORIGIN)
    }

    fn packed(&self, data: &[u8], told: &[u8]) -> Vec<u8> {
        let signed = [data, &hash(told)].concat();
        let leaf = self.maker.root.issue(self.maker.packed_leaf());
        cbor::text_map(&[
            ("alg", cbor::number(-7)),
            ("sig", cbor::bytes(&self.maker.key.sign(&signed))),
            ("x5c", x5c(&[leaf])),
        ])
    }
}

fn policy() -> AttestationPolicy {
    let apple = |app_id: &str, platform| AppleApp {
        app_id: app_id.to_owned(),
        platform,
        environment: AttestationEnvironment::Production,
    };
    AttestationPolicy {
        apple: vec![
            apple("com.example.app", ApplePlatform::Macos),
            apple("TEAM.com.example.app", ApplePlatform::Ios),
        ],
        android: Some(AndroidApps {
            play_integrity: None,
            apps: vec![AndroidApp {
                package: "com.example.app".to_owned(),
                signing_digests: vec![DIGEST.parse().expect("a digest")],
                min_version: Some(7),
            }],
            min_os_patch_level: Some(202_601),
            self_signed_boot_keys: Vec::new(),
            max_status_list_age_secs: 86_400,
        }),
        web: Some(WebPages {
            rp_id: "example.com".to_owned(),
            origins: vec![ORIGIN.parse().expect("an origin")],
            user_verification: true,
            device_bound: true,
        }),
        ..AttestationPolicy::default()
    }
}

fn webauthn(attestation_object: Vec<u8>, client_data_json: Vec<u8>) -> Evidence {
    Evidence::Webauthn {
        client_data_json,
        attestation_object,
    }
}

fn object(format: &str, statement: Vec<u8>, data: &[u8]) -> Vec<u8> {
    cbor::text_map(&[
        ("fmt", cbor::text(format)),
        ("attStmt", statement),
        ("authData", cbor::bytes(data)),
    ])
}

/// Each certificate after two bytes of its length.
fn split(mut bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut chain = Vec::new();
    while let Some((length, rest)) = bytes.split_first_chunk() {
        let length = usize::from(u16::from_be_bytes(*length)).min(rest.len());
        let (certificate, rest) = rest.split_at(length);
        chain.push(certificate.to_vec());
        bytes = rest;
    }
    chain
}

fn thumbprint(key: &Key) -> Thumbprint {
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use countersign_attestation::jws::PublicKey;
    let point = key.public_bytes();
    let [x, y] = [1..33, 33..65].map(|part| URL_SAFE_NO_PAD.encode(&point[part]));
    PublicKey::from_coordinates(&x, &y)
        .expect("a key")
        .thumbprint()
}

fn hash(bytes: &[u8]) -> Vec<u8> {
    use aws_lc_rs::digest::{SHA256, digest};
    digest(&SHA256, bytes).as_ref().to_vec()
}
