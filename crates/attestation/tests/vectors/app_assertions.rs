//! App Attest's assertions, as recorded on devices.

use crate::folder::{base64, hex, key, recordings, text};
use countersign_attestation::app_attest::assertion::{
    Evidence, Expected, Refused, Verdict, appraise,
};
use countersign_test_authority::app_attest::assertion_object;
use minicbor::Decoder;
use serde_json::Value;

/// An assertion, and everything that can be changed about it.
#[derive(Clone)]
struct Case {
    name: String,
    signature: Vec<u8>,
    data: Vec<u8>,
    client_data: Vec<u8>,
    point: Vec<u8>,
    app_id: String,
    counter: u32,
    made_counter: u32,
}

fn cases() -> Vec<Case> {
    let files = recordings("appattest", &["assertions"]);
    let cases = files.iter().flat_map(|(name, file)| {
        let made = file["assertions"].as_array().unwrap();
        made.iter().map(move |made| case(name, file, made))
    });
    cases.collect()
}

fn case(name: &str, file: &Value, made: &Value) -> Case {
    let bytes = base64(made, "assertionBase64");
    let (signature, data) = decode(&bytes);
    assert_eq!(assertion_object(&signature, &data), bytes, "{name}");
    // One was made by another key than the attested one.
    let signer = Some(made).filter(|made| made.get("publicKeyUncompressedHex").is_some());
    let number = |member: &str| u32::try_from(made[member].as_u64().unwrap()).unwrap();
    Case {
        name: name.to_owned(),
        signature,
        data,
        client_data: base64(made, "clientDataBase64"),
        point: hex(text(signer.unwrap_or(file), "publicKeyUncompressedHex")),
        app_id: text(file, "appId").to_owned(),
        counter: number("previousCounter"),
        made_counter: number("counter"),
    }
}

impl Case {
    fn judge(&self) -> Result<Verdict, Refused> {
        self.judge_bytes(&assertion_object(&self.signature, &self.data))
    }

    fn judge_bytes(&self, bytes: &[u8]) -> Result<Verdict, Refused> {
        let evidence = Evidence {
            assertion: bytes,
            client_data: &self.client_data,
        };
        let expected = Expected {
            key: &key(&self.point),
            app_id: &self.app_id,
            counter: self.counter,
            validation_categories: None,
        };
        appraise(&evidence, &expected).outcome
    }

    fn changed(&self, change: impl FnOnce(&mut Self)) -> Result<Verdict, Refused> {
        let mut case = self.clone();
        change(&mut case);
        case.judge()
    }
}

#[test]
#[ignore = "reads the folder that COUNTERSIGN_VECTORS names"]
fn recorded_assertions_are_accepted() {
    for case in cases() {
        let verdict = case.judge().unwrap();
        assert_eq!(verdict.counter, case.made_counter, "{}", case.name);
    }
}

#[test]
#[ignore = "reads the folder that COUNTERSIGN_VECTORS names"]
fn changed_assertions_are_refused() {
    for case in cases() {
        let name = &case.name;
        let forged = Err(Refused::BadSignature);
        let other_data = case.changed(|case| case.client_data.push(0));
        assert_eq!(other_data, forged, "{name}");
        let used = case.changed(|case| case.counter = case.made_counter);
        assert_eq!(used, Err(Refused::CounterNotRisen), "{name}");
        let elsewhere = case.changed(|case| case.app_id.push('a'));
        assert_eq!(elsewhere, Err(Refused::AppMismatch), "{name}");
        for (other, file) in recordings("appattest", &["publicKeyUncompressedHex"]) {
            let point = hex(text(&file, "publicKeyUncompressedHex"));
            if point != case.point {
                let by_other = case.changed(|case| case.point = point);
                assert_eq!(by_other, forged, "{name} by {other}");
            }
        }
        for at in 0..case.data.len() * 8 {
            let flipped = case.changed(|case| case.data[at / 8] ^= 1 << (at % 8));
            assert!(flipped.is_err(), "{name}: bit {at}");
        }
        let bytes = assertion_object(&case.signature, &case.data);
        for end in 0..bytes.len() {
            assert!(case.judge_bytes(&bytes[..end]).is_err(), "{name}: {end}");
        }
    }
}

/// So no replay is noticed by its signature.
#[test]
#[ignore = "reads the folder that COUNTERSIGN_VECTORS names"]
fn only_the_second_signature_of_the_same_data_is_accepted() {
    for case in cases() {
        let (r, s) = numbers(&case.signature);
        let twin = case.changed(|case| case.signature = written(&r, &minus_from_order(&s)));
        assert_eq!(twin, case.judge(), "{}", case.name);
        let raw = case.changed(|case| case.signature = [r, s].concat());
        assert_eq!(raw, Err(Refused::BadSignature), "{}", case.name);
    }
}

fn decode(bytes: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let mut decoder = Decoder::new(bytes);
    decoder.map().unwrap();
    decoder.str().unwrap();
    let signature = decoder.bytes().unwrap().to_vec();
    decoder.str().unwrap();
    (signature, decoder.bytes().unwrap().to_vec())
}

/// r and s of a signature in DER, 32 bytes each.
fn numbers(signature: &[u8]) -> ([u8; 32], [u8; 32]) {
    let (r, s) = signature[4..].split_at(usize::from(signature[3]));
    (padded(r), padded(&s[2..]))
}

fn padded(number: &[u8]) -> [u8; 32] {
    let digits = &number[number.len().saturating_sub(32)..];
    let mut padded = [0; 32];
    padded[32 - digits.len()..].copy_from_slice(digits);
    padded
}

fn written(r: &[u8], s: &[u8]) -> Vec<u8> {
    use countersign_test_authority::der::{sequence, unsigned};
    sequence(&[unsigned(r), unsigned(s)])
}

/// The order of P-256 (SEC 2 section 2.4.2) minus a number.
fn minus_from_order(number: &[u8]) -> Vec<u8> {
    let order = hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    let mut borrow = 0;
    let mut difference: Vec<u8> = (0..32)
        .rev()
        .map(|at| {
            let value = i16::from(order[at]) - i16::from(number[at]) - borrow;
            borrow = i16::from(value < 0);
            u8::try_from(value.rem_euclid(256)).unwrap()
        })
        .collect();
    difference.reverse();
    difference
}
