//! Tokens of classic requests, decrypted and verified here.

use crate::play_payloads::{NONCE, expected, payload, policy};
use countersign_attestation::play_integrity::{
    self, Binding, InvalidResponseKeys, KeyRing, Refused, ResponseKeys, Verdict,
};
use countersign_test_authority::{
    Key,
    play_integrity::{PlayConsole, TokenDraft},
};
use proptest::prelude::*;

fn keys(console: &PlayConsole) -> ResponseKeys {
    let (decryption, verification) = console.response_keys();
    ResponseKeys::parse(&decryption, &verification).unwrap()
}

fn ring(console: &PlayConsole) -> KeyRing {
    KeyRing {
        current: keys(console),
        other: None,
    }
}

fn judge(token: &str, ring: &KeyRing) -> Result<Verdict, Refused> {
    let policy = policy();
    let expected = expected(Binding::Nonce(NONCE), &policy);
    let appraisal = play_integrity::appraise_token(token, ring, &expected);
    let (last, before) = appraisal.checks.split_last().unwrap();
    assert!(before.iter().all(|check| check.passed));
    assert_eq!(last.passed, appraisal.outcome.is_ok());
    appraisal.outcome
}

fn json() -> Vec<u8> {
    serde_json::to_vec(&payload()).unwrap()
}

fn draft() -> TokenDraft {
    TokenDraft::new(&json())
}

#[test]
fn tokens_say_what_answers_say() {
    let console = PlayConsole::new();
    let verdict = judge(&console.issue(&json()), &ring(&console)).unwrap();
    let policy = policy();
    let expected = expected(Binding::Nonce(NONCE), &policy);
    let answer = play_integrity::appraise_payload(&json(), &expected);
    assert_eq!(Ok(verdict), answer.outcome);
}

#[test]
fn two_pairs_of_keys_are_accepted_during_a_change() {
    let consoles = [PlayConsole::new(), PlayConsole::new(), PlayConsole::new()];
    let ring = KeyRing {
        current: keys(&consoles[0]),
        other: Some(keys(&consoles[1])),
    };
    let [first, second, third] = consoles.map(|console| judge(&console.issue(&json()), &ring));
    assert!(first.is_ok() && second.is_ok());
    assert_eq!(third, Err(Refused::UnknownKey));
}

/// Who knows the decryption key of one pair cannot use it with the signing key of another.
#[test]
fn pairs_of_keys_are_not_mixed() {
    let (one, other) = (PlayConsole::new(), PlayConsole::new());
    let (decryption, _) = one.response_keys();
    let (_, verification) = other.response_keys();
    let mixed = KeyRing {
        current: ResponseKeys::parse(&decryption, &verification).unwrap(),
        other: Some(keys(&one)),
    };
    let token = one.issue(&json());
    assert_eq!(judge(&token, &mixed), Err(Refused::BadSignature));
}

#[test]
fn headers_name_the_one_encryption() {
    let console = PlayConsole::new();
    for (header, expected) in [
        (
            r#"{"alg":"dir","enc":"A256GCM"}"#,
            Refused::WrongKeyWrapping,
        ),
        (
            r#"{"alg":"A128KW","enc":"A256GCM"}"#,
            Refused::WrongKeyWrapping,
        ),
        (
            r#"{"alg":"a256kw","enc":"A256GCM"}"#,
            Refused::WrongKeyWrapping,
        ),
        (r#"{"enc":"A256GCM"}"#, Refused::WrongKeyWrapping),
        (
            r#"{"alg":"A256KW","enc":"A128GCM"}"#,
            Refused::WrongEncryption,
        ),
        (r#"{"alg":"A256KW"}"#, Refused::WrongEncryption),
        (
            r#"{"alg":"A256KW","enc":"A256GCM","zip":"DEF"}"#,
            Refused::UnsupportedExtension,
        ),
        (
            r#"{"alg":"A256KW","enc":"A256GCM","crit":[]}"#,
            Refused::UnsupportedExtension,
        ),
        (
            r#"{"alg":"A256KW","alg":"A256KW","enc":"A256GCM"}"#,
            Refused::InvalidHeader,
        ),
        (r#"{"alg":1,"enc":"A256GCM"}"#, Refused::InvalidHeader),
        ("[]", Refused::InvalidHeader),
        ("", Refused::InvalidHeader),
    ] {
        let draft = TokenDraft {
            encryption_header: header.to_owned(),
            ..draft()
        };
        let token = console.issue_draft(&draft);
        assert_eq!(judge(&token, &ring(&console)), Err(expected), "{header}");
    }
    let header = r#"{"alg":"A256KW","enc":"A256GCM","kid":"1"}"#;
    let draft = TokenDraft {
        encryption_header: header.to_owned(),
        ..draft()
    };
    assert!(judge(&console.issue_draft(&draft), &ring(&console)).is_ok());
}

#[test]
fn headers_name_the_one_signature() {
    let console = PlayConsole::new();
    for (header, expected) in [
        (r#"{"alg":"none"}"#, Refused::WrongAlgorithm),
        (r#"{"alg":"HS256"}"#, Refused::WrongAlgorithm),
        (r#"{"alg":"es256"}"#, Refused::WrongAlgorithm),
        ("{}", Refused::WrongAlgorithm),
        (
            r#"{"alg":"ES256","crit":["b64"]}"#,
            Refused::UnsupportedExtension,
        ),
        (
            r#"{"alg":"ES256","b64":false}"#,
            Refused::UnsupportedExtension,
        ),
        ("null", Refused::InvalidHeader),
    ] {
        let draft = TokenDraft {
            signing_header: header.to_owned(),
            ..draft()
        };
        let token = console.issue_draft(&draft);
        assert_eq!(judge(&token, &ring(&console)), Err(expected), "{header}");
    }
}

#[test]
fn encryption_alone_is_not_believed() {
    let console = PlayConsole::new();
    let header = draft().encryption_header;
    for plain in [json().as_slice(), b"", b"a.b", b"\xff", b"e30.e30.e30.e30"] {
        let token = console.encrypt(&header, plain);
        assert_eq!(judge(&token, &ring(&console)), Err(Refused::NotSigned));
    }
    let token = console.encrypt(&header, b"eyJhbGciOiJFUzI1NiJ9.e30.e30");
    assert_eq!(judge(&token, &ring(&console)), Err(Refused::BadSignature));
}

#[test]
fn what_is_no_token_is_refused() {
    let console = PlayConsole::new();
    let ring = ring(&console);
    let good = console.issue(&json());
    for text in [
        String::new(),
        "....".to_owned(),
        format!("{good}."),
        format!("{good}="),
        format!(" {good}"),
        good.replacen('.', "", 1),
    ] {
        assert_eq!(judge(&text, &ring), Err(Refused::NotCompact), "{text}");
    }
    let huge = "a".repeat(16 * 1024 + 1);
    assert_eq!(judge(&huge, &ring), Err(Refused::TooLong));
    let parts: Vec<_> = good.split('.').collect();
    let short_key = [parts[0], "AAAA", parts[2], parts[3], parts[4]].join(".");
    assert_eq!(judge(&short_key, &ring), Err(Refused::UnknownKey));
    let short_iv = [parts[0], parts[1], "AAAA", parts[3], parts[4]].join(".");
    assert_eq!(judge(&short_iv, &ring), Err(Refused::BadCiphertext));
    let no_payload = console.issue(b"[]");
    assert_eq!(judge(&no_payload, &ring), Err(Refused::InvalidPayload));
}

#[test]
fn every_flipped_bit_is_noticed() {
    let console = PlayConsole::new();
    let ring = ring(&console);
    let good = console.issue(&json());
    for at in 0..good.len() {
        for bit in 0..7 {
            let mut bytes = good.clone().into_bytes();
            bytes[at] ^= 1 << bit;
            let token = String::from_utf8(bytes).unwrap();
            assert!(judge(&token, &ring).is_err(), "bit {bit} of byte {at}");
        }
    }
    for length in 0..good.len() {
        assert!(judge(&good[..length], &ring).is_err());
    }
}

#[test]
fn keys_are_of_the_right_kind() {
    let (decryption, verification) = PlayConsole::new().response_keys();
    let parse = |one: &str, other: &str| ResponseKeys::parse(one, other).map(|_| ());
    let spaced = format!(" {decryption}\n");
    assert_eq!(parse(&spaced, &verification), Ok(()));
    for wrong in ["", "AAAA", &decryption[..40], &verification, "*"] {
        assert_eq!(
            parse(wrong, &verification),
            Err(InvalidResponseKeys::Decryption)
        );
    }
    let encode = |bytes: Vec<u8>| {
        use base64::{Engine, engine::general_purpose::STANDARD};
        STANDARD.encode(bytes)
    };
    let others = [
        Key::p384().spki(),
        Key::rsa().spki(),
        Key::p256().public_bytes(),
    ];
    for wrong in others.map(encode).iter().chain([&decryption]) {
        assert_eq!(
            parse(&decryption, wrong),
            Err(InvalidResponseKeys::Verification)
        );
    }
}

#[test]
fn keys_do_not_show_themselves() {
    let console = PlayConsole::new();
    let (decryption, _) = console.response_keys();
    let shown = format!("{:?}", ring(&console));
    assert!(shown.contains("ResponseKeys(") && !shown.contains(&decryption));
    assert!(shown.len() < 200, "{shown}");
}

proptest! {
    #[test]
    fn any_text_is_refused(text in "\\PC{0,80}|[A-Za-z0-9_.-]{0,200}") {
        let console = PlayConsole::new();
        prop_assert!(judge(&text, &ring(&console)).is_err());
    }

    #[test]
    fn any_signed_bytes_are_refused(payload: Vec<u8>) {
        let console = PlayConsole::new();
        let token = console.issue(&payload);
        prop_assert_eq!(judge(&token, &ring(&console)), Err(Refused::InvalidPayload));
    }
}
