//! Android's certificates, keys and lists, and Play Integrity's tokens.

use crate::{NOW, Seeds};
use countersign_test_authority::{
    Draft, Key,
    android::{Android, KeyDescription, RootOfTrust},
    der,
    play_integrity::{PlayConsole, TokenDraft},
};

pub(crate) fn all() -> Vec<(&'static str, Seeds)> {
    vec![
        ("certificate", certificates()),
        ("android_key", android_keys()),
        ("android_status", android_statuses()),
        ("play_integrity", play_integrity()),
    ]
}

fn certificates() -> Seeds {
    let android = Android::remote(NOW);
    let factory = Android::factory(NOW);
    let leaf = Android::leaf(&Key::p256(), &description().encode());
    let mut odd = Draft::new("odd", Key::rsa().spki());
    odd.validity = der::sequence(&[der::tlv(0x17, b"yesterday"), der::generalized_time(NOW)]);
    vec![
        ("leaf", android.hardware.issue(leaf)),
        ("odd", android.hardware.issue(odd)),
        ("remote", android.hardware.certificate),
        ("factory", factory.hardware.certificate),
        ("root", android.root.certificate),
    ]
}

/// What is attested, and whole chains: each certificate after two bytes of its length.
fn android_keys() -> Seeds {
    let mut own = RootOfTrust::verified();
    own.boot_state = 1;
    let mut bare = description();
    bare.hardware = bare.hardware.without(10).without(706);
    let mut self_signed = description();
    self_signed.hardware = self_signed.hardware.with(704, own.encode());
    let chain = Android::remote(NOW).attest(&Key::p256(), &description());
    vec![
        ("good", description().encode()),
        ("bare", bare.encode()),
        ("self-signed", self_signed.encode()),
        ("chain", [vec![0], joined(&chain)].concat()),
    ]
}

/// Each certificate after two bytes of its length.
pub(crate) fn joined(chain: &[Vec<u8>]) -> Vec<u8> {
    let each = chain.iter().flat_map(|certificate| {
        let length = u16::try_from(certificate.len()).unwrap();
        [&length.to_be_bytes(), certificate.as_slice()].concat()
    });
    each.collect()
}

fn android_statuses() -> Seeds {
    let list = br#"{"entries":{"cc66":{"status":"SUSPENDED","reason":"KEY_COMPROMISE"},
        "00D50F":{"status":"REVOKED","expires":"2030-01-01","comment":"x"}}}"#;
    vec![
        ("list", list.to_vec()),
        ("empty", br#"{"entries":{}}"#.to_vec()),
    ]
}

/// Tokens; a header and a payload to be signed, with a line feed between; and an answer.
fn play_integrity() -> Seeds {
    let payload = concat!(
        r#"{"requestDetails":{"requestPackageName":"com.example.app","nonce":"bm9uY2U","#,
        r#""timestampMillis":"1799999990000"},"appIntegrity":{"appRecognitionVerdict":"#,
        r#""PLAY_RECOGNIZED","packageName":"com.example.app","certificateSha256Digest":["0dHR"],"#,
        r#""versionCode":42},"deviceIntegrity":{"deviceRecognitionVerdict":["#,
        r#""MEETS_DEVICE_INTEGRITY"],"recentDeviceActivity":{"deviceActivityLevel":"LEVEL_2"},"#,
        r#""deviceAttributes":{"sdkVersion":36}},"accountDetails":{"appLicensingVerdict":"#,
        r#""LICENSED"},"environmentDetails":{"appAccessRiskVerdict":{"appsDetected":["#,
        r#""KNOWN_INSTALLED"]},"playProtectVerdict":"NO_ISSUES"}}"#
    );
    let draft = TokenDraft::new(payload.as_bytes());
    let token = PlayConsole::new().issue_draft(&draft).into_bytes();
    let signed = format!("{}\n{payload}", draft.signing_header);
    let answer = format!(r#"{{"tokenPayloadExternal":{payload}}}"#);
    vec![
        ("token", token),
        ("signed", signed.into_bytes()),
        ("answer", answer.into_bytes()),
    ]
}

fn description() -> KeyDescription {
    KeyDescription::new(&[0xc4; 32], "com.example.app", &[0xd1; 32])
}
