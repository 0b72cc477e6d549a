//! What whole appraisals of App Attest and `WebAuthn` evidence cost beside their bare signatures.
//!
//! `cargo run --release -p countersign-attestation --example appraisal_cost`
//!
//! The calls take turns one by one, so that a busy machine slows them alike; medians are printed.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_attestation::{
    app_attest::{assertion, attestation},
    certificate::{Certificate, Hash, SignatureAlgorithm},
    cose::CredentialKey,
    jws::PublicKey,
    path::Anchors as Path,
    webauthn::{self, Anchors, Ceremony, registration},
};
use countersign_core::{Timestamp, attestation::AttestationEnvironment};
use countersign_test_authority::{
    Key,
    app_attest::{self, AppAttest, PRODUCTION},
    authenticator_data::{AuthenticatorData, cose_key},
    webauthn::{Maker, Registration, client_data, object},
};
use std::{
    hint::black_box,
    time::{Duration, Instant},
};

const ROUNDS: usize = 501;
const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);
const APP: &str = "TEAM.com.example.app";
const ORIGIN: &str = "https://app.example.com";

type Call = Box<dyn Fn() -> bool>;

fn main() {
    let pairs = [
        ("App Attest attestation", app_attest_attestation()),
        ("App Attest assertion", app_attest_assertion()),
        ("WebAuthn registration, packed", webauthn_registration()),
        ("WebAuthn assertion", webauthn_assertion()),
    ];
    for (name, (whole, bare)) in pairs {
        let mut runs: [Vec<Duration>; 2] = Default::default();
        for _ in 0..ROUNDS {
            for (call, times) in [&whole, &bare].into_iter().zip(&mut runs) {
                times.push(timed(call));
            }
        }
        report(name, runs.map(median));
    }
}

#[expect(clippy::print_stdout, reason = "its purpose is to print")]
fn report(name: &str, [whole, bare]: [Duration; 2]) {
    let share = bare.as_secs_f64() / whole.as_secs_f64();
    let rate = 1.0 / whole.as_secs_f64();
    println!("{name}: {whole:?}, {rate:.0} a second; signatures alone {bare:?}, {share:.2} of it");
}

#[expect(clippy::disallowed_methods, reason = "measures this machine")]
fn timed(call: &Call) -> Duration {
    let start = Instant::now();
    assert!(black_box(call()));
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn app_attest_attestation() -> (Call, Call) {
    let (service, key) = (AppAttest::new(), Key::p256());
    let data = app_attest::new_key(&key, APP, PRODUCTION);
    let object = service.attest(&key, &data, b"data");
    let anchors = Path::new([&service.root.certificate]).expect("a certificate");
    let (bytes, key_id) = (object.encode(), app_attest::key_id(&key));
    let whole = move || {
        let evidence = attestation::Evidence {
            attestation: &bytes,
            key_id: &key_id,
            client_data: b"data",
        };
        let expected = attestation::Expected {
            app_id: APP,
            platform: attestation::Platform::Ios,
            environment: AttestationEnvironment::Production,
            validation_categories: None,
            presented_at: NOW,
            now: NOW,
        };
        let appraisal = attestation::appraise(&evidence, &expected, &anchors);
        appraisal.outcome.is_ok()
    };
    let mut chain = object.certificates;
    chain.push(service.root.certificate);
    (Box::new(whole), signatures(chain))
}

/// Whether every certificate of a chain is signed by the next.
fn signatures(chain: Vec<Vec<u8>>) -> Call {
    let chain: Vec<Certificate<'static>> = chain
        .into_iter()
        .map(|der| Certificate::parse(der.leak()).expect("a certificate"))
        .collect();
    Box::new(move || chain.windows(2).all(|pair| pair[0].is_signed_by(&pair[1])))
}

fn app_attest_assertion() -> (Call, Call) {
    let key = Key::p256();
    let bytes = app_attest::assert(&key, &app_attest::used_key(APP, 3), b"data");
    let point = key.public_bytes();
    let [x, y] = [1..33, 33..65].map(|part| URL_SAFE_NO_PAD.encode(&point[part]));
    let public = PublicKey::from_coordinates(&x, &y).expect("a key");
    let whole = move || {
        let evidence = assertion::Evidence {
            assertion: &bytes,
            client_data: b"data",
        };
        let expected = assertion::Expected {
            key: &public,
            app_id: APP,
            counter: 2,
            validation_categories: None,
        };
        assertion::appraise(&evidence, &expected).outcome.is_ok()
    };
    (Box::new(whole), signature(&key))
}

/// One bare check of a signature by a key on P-256.
fn signature(key: &Key) -> Call {
    let public = CredentialKey::from_cose(&cose_key(key)).expect("a key");
    let signature = key.sign(b"message");
    Box::new(move || public.is_signed(b"message", &signature))
}

const CEREMONY: Ceremony<'static> = Ceremony {
    challenge: &[7; 32],
    origins: &[ORIGIN],
    top_origins: None,
    rp_id: "example.com",
    user_verification: true,
};

fn webauthn_registration() -> (Call, Call) {
    let maker = Maker::new();
    let made = Registration::new(Key::p256(), "example.com", &[7; 32], ORIGIN);
    let leaf = maker.root.issue(maker.packed_leaf());
    let statement = maker.sign(&maker.key, &made.signed(), maker.packed_leaf());
    let object = object("packed", &statement, &made.data);
    let mut anchors = Anchors::none();
    anchors.authenticators = Path::new([&maker.root.certificate]).expect("a certificate");
    let signed = made.signed();
    let client_data = made.client_data;
    let whole = move || {
        let evidence = registration::Evidence {
            client_data_json: &client_data,
            attestation_object: &object,
        };
        let expected = registration::Expected {
            ceremony: CEREMONY,
            device_bound: true,
            presented_at: NOW,
            now: NOW,
        };
        let appraisal = registration::appraise(&evidence, &expected, &anchors);
        appraisal.outcome.is_ok()
    };
    let signature = maker.key.sign(&signed);
    let parsed = Certificate::parse(leaf.clone().leak()).expect("a certificate");
    let chain = signatures(vec![leaf, maker.root.certificate]);
    let algorithm = SignatureAlgorithm::Ecdsa(Hash::Sha256);
    let bare = move || chain() && parsed.key.is_signed(algorithm, &signed, &signature);
    (Box::new(whole), Box::new(bare))
}

fn webauthn_assertion() -> (Call, Call) {
    use aws_lc_rs::digest::{SHA256, digest};
    use webauthn::assertion::{Evidence, Expected, appraise};
    let key = Key::p256();
    let data = AuthenticatorData {
        subject: "example.com".to_owned(),
        flags: 0x05,
        counter: 3,
        credential: None,
        rest: Vec::new(),
    };
    let (data, client_data) = (data.encode(), client_data("webauthn.get", &[7; 32], ORIGIN));
    let signed = [data.as_slice(), digest(&SHA256, &client_data).as_ref()].concat();
    let made = key.sign(&signed);
    let public = CredentialKey::from_cose(&cose_key(&key)).expect("a key");
    let whole = move || {
        let evidence = Evidence {
            client_data_json: &client_data,
            authenticator_data: &data,
            signature: &made,
        };
        let expected = Expected {
            ceremony: CEREMONY,
            key: &public,
            sign_count: 2,
            backup_eligible: false,
        };
        appraise(&evidence, &expected).outcome.is_ok()
    };
    (Box::new(whole), signature(&key))
}
