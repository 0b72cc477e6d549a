//! Android Key Attestation, and Play Integrity's classic requests.

use crate::{
    Kind, NOW,
    apple::public,
    floor::{self, Signed},
    web::{door, transcript},
};
use aws_lc_rs::signature::ECDSA_P256_SHA256_FIXED;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_attestation::{
    android_key::{Roots, StatusList},
    evidence::{self, Anchors},
    jws::SigningKey,
    play_integrity::{self, Binding, Expected, KeyRing, Policy, ResponseKeys, appraise_token},
};
use countersign_core::attestation::policy::{AndroidApp, AndroidApps, AttestationPolicy};
use countersign_test_authority::{
    Key,
    android::{Android, KeyDescription},
    play_integrity::{PlayConsole, TokenDraft},
};
use std::sync::Arc;

const PACKAGE: &str = "com.example.app";

/// A key of a device whose hardware Google's server certified: leaf, hardware and an intermediate
/// signed by keys on P-256, the one below the root and the root itself by a key on P-384.
pub(crate) fn key_attestation() -> Kind {
    let (android, key) = (Android::remote(NOW), Key::p256());
    let challenge = transcript().without_key();
    let description = KeyDescription::new(&challenge, PACKAGE, &[0xd1; 32]);
    let chain = android.attest(&key, &description);
    // The root's own too: its serial number is looked up, and is only as good as its signature.
    let root = android.root.certificate.clone();
    let signed = [chain.as_slice(), &[root]].concat();
    let signatures = floor::call(floor::chain(&signed));
    let roots = Roots::google().with(&android.root.certificate);
    let anchors = Anchors {
        android: roots.expect("a root"),
        android_status: Some(Arc::new(status_list())),
        ..Anchors::shipped()
    };
    let policy = AttestationPolicy {
        android: Some(AndroidApps {
            play_integrity: None,
            apps: vec![AndroidApp {
                package: PACKAGE.to_owned(),
                signing_digests: vec!["d1".repeat(32).parse().expect("a digest")],
                min_version: Some(1),
            }],
            min_os_patch_level: Some(202_601),
            self_signed_boot_keys: Vec::new(),
            max_status_list_age_secs: 86_400,
        }),
        ..AttestationPolicy::default()
    };
    let evidence = evidence::Evidence::AndroidKey {
        certificates: chain,
    };
    Kind {
        name: "android_key",
        appraise: door(evidence, public(&key).thumbprint(), policy, anchors),
        signatures,
    }
}

/// As long as Google's was in 2026.
fn status_list() -> StatusList {
    let entries: Vec<_> = (0..2_000)
        .map(|serial| format!(r#""ab{serial:030x}":{{"status":"REVOKED"}}"#))
        .collect();
    let list = format!(r#"{{"entries":{{{}}}}}"#, entries.join(","));
    StatusList::parse(list.as_bytes(), NOW).expect("a list")
}

/// A token, which is encrypted too.
pub(crate) fn play_integrity() -> Kind {
    let console = PlayConsole::new();
    let (decryption, verification) = console.response_keys();
    let ring = KeyRing {
        current: ResponseKeys::parse(&decryption, &verification).expect("keys"),
        other: None,
    };
    let draft = TokenDraft::new(PAYLOAD.as_bytes());
    let parts = [draft.signing_header.as_bytes(), &draft.payload];
    let signed = parts.map(|part| URL_SAFE_NO_PAD.encode(part)).join(".");
    let token = console.issue_draft(&draft);
    let policy = Policy::usual(play_integrity::App {
        package: PACKAGE.to_owned(),
        signing_digests: vec![vec![0xd1; 3]],
        min_version: None,
    });
    let appraise = move || {
        let expected = Expected {
            binding: Binding::Nonce("bm9uY2U"),
            policy: &policy,
            presented_at: NOW,
            now: NOW,
        };
        appraise_token(&token, &ring, &expected).outcome.is_ok()
    };
    Kind {
        name: "play_integrity",
        appraise: Box::new(appraise),
        signatures: floor::call(vec![of_a_token(signed.as_bytes())]),
    }
}

/// A signature like the one in a token, whose key is the console's own.
fn of_a_token(message: &[u8]) -> Signed {
    let key = SigningKey::generate().expect("a key");
    let signature = key.sign(message).expect("a signature");
    let jwk = key.jwk();
    let coordinates = [jwk.x, jwk.y].map(|text| URL_SAFE_NO_PAD.decode(text).expect("base64url"));
    let point = [&[4], coordinates.concat().as_slice()].concat();
    Signed::new(&ECDSA_P256_SHA256_FIXED, &point, message, &signature)
}

const PAYLOAD: &str = concat!(
    r#"{"requestDetails":{"requestPackageName":"com.example.app","nonce":"bm9uY2U","#,
    r#""timestampMillis":"1799999990000"},"appIntegrity":{"appRecognitionVerdict":"#,
    r#""PLAY_RECOGNIZED","packageName":"com.example.app","certificateSha256Digest":["0dHR"],"#,
    r#""versionCode":"42"},"deviceIntegrity":{"deviceRecognitionVerdict":["#,
    r#""MEETS_DEVICE_INTEGRITY"],"recentDeviceActivity":{"deviceActivityLevel":"LEVEL_2"},"#,
    r#""deviceAttributes":{"sdkVersion":36}},"accountDetails":{"appLicensingVerdict":"#,
    r#""LICENSED"},"environmentDetails":{"appAccessRiskVerdict":{"appsDetected":["#,
    r#""KNOWN_INSTALLED"]},"playProtectVerdict":"NO_ISSUES"}}"#
);
