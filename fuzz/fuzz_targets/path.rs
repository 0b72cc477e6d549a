//! Whatever certificates say, no path holds that was not signed link by link from the anchor, or
//! that goes through somebody who is no authority.
//!
//! The input describes certificates that are signed here: how many authorities there are, then for
//! each of them, from the anchor down, and last for the leaf, a byte of what is odd about it and its
//! extensions.

#![no_main]

use countersign_attestation::{
    path,
    webauthn::{
        Anchors, Ceremony,
        registration::{Evidence, Expected, appraise},
    },
};
use countersign_core::Timestamp;
use countersign_test_authority::{
    Authority, Draft, Extension, Key, cbor, der, validity,
    webauthn::{MODEL_OID, Maker, Registration, object, x5c},
};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);
const PAST: Timestamp = Timestamp::from_secs(1_700_000_000);
const ORIGIN: &str = "https://app.example.com";
const BASIC_CONSTRAINTS: &str = "2.5.29.19";

/// What extensions are named by; nobody understands the last three.
const OIDS: [&str; 8] = [
    BASIC_CONSTRAINTS,
    "2.5.29.15",
    "2.5.29.17",
    "2.5.29.32",
    "2.5.29.37",
    MODEL_OID,
    "2.5.29.30",
    "1.2.3.4",
];
const UNDERSTOOD: &[&str] = OIDS.split_at(5).0;

/// What is odd about a certificate: the first four make it wrong.
const OTHER_ISSUER: u8 = 1;
const EXPIRED: u8 = 2;
const OTHER_ALGORITHM: u8 = 4;
const BAD_SIGNATURE: u8 = 8;
const WRONG: u8 = 15;
const NAMED_AS_ISSUER: u8 = 16;

struct Scene {
    maker: Maker,
    /// Whose keys stand for all authorities below the anchor.
    authorities: [Authority; 2],
    registration: Registration,
    signature: Vec<u8>,
    anchors: Anchors,
}

static SCENE: LazyLock<Scene> = LazyLock::new(|| {
    let maker = Maker::new();
    let root = path::Anchors::new([&maker.root.certificate]);
    let registration = Registration::new(Key::p256(), "example.com", &[7; 32], ORIGIN);
    Scene {
        authorities: ["one", "other"].map(|name| Authority::root(name, Key::p256())),
        signature: maker.key.sign(&registration.signed()),
        registration,
        anchors: Anchors {
            authenticators: root.expect("a certificate"),
            ..Anchors::none()
        },
        maker,
    }
});

fuzz_target!(|data: &[u8]| {
    let mut input = Input(data);
    let count = input.byte() % 7;
    let mut is_right = count <= 4;
    let mut chain = Vec::new();
    let mut issuer = &SCENE.maker.root;
    for number in 0..=count {
        let odd = input.byte();
        let extensions = input.extensions();
        is_right &= odd & WRONG == 0 && is_suitable(&extensions, number == count);
        let own = SCENE.below(issuer, odd);
        let mut draft = if number == count {
            SCENE.maker.packed_leaf()
        } else {
            let mut draft = Draft::new("", own.key.spki());
            draft.subject.clone_from(&own.name);
            draft
        };
        draft
            .extensions
            .retain(|kept| kept.oid == BASIC_CONSTRAINTS);
        draft.extensions.extend(extensions);
        chain.insert(0, sign(issuer, draft, odd));
        issuer = own;
    }
    assert!(is_right || !SCENE.is_accepted(&chain));
});

impl Scene {
    fn below(&self, issuer: &Authority, odd: u8) -> &Authority {
        let [one, other] = &self.authorities;
        let is_one = issuer.name == one.name;
        if is_one == (odd & NAMED_AS_ISSUER != 0) {
            one
        } else {
            other
        }
    }

    fn is_accepted(&self, chain: &[Vec<u8>]) -> bool {
        let statement = [
            ("alg", cbor::number(-7)),
            ("sig", cbor::bytes(&self.signature)),
            ("x5c", x5c(chain)),
        ];
        let evidence = Evidence {
            client_data_json: &self.registration.client_data,
            attestation_object: &object("packed", &statement, &self.registration.data),
        };
        let expected = Expected {
            ceremony: Ceremony {
                challenge: &[7; 32],
                origins: &[ORIGIN],
                top_origins: None,
                rp_id: "example.com",
                user_verification: true,
            },
            device_bound: true,
            presented_at: NOW,
            now: NOW,
        };
        appraise(&evidence, &expected, &self.anchors)
            .outcome
            .is_ok()
    }
}

fn sign(issuer: &Authority, mut draft: Draft, odd: u8) -> Vec<u8> {
    if odd & OTHER_ISSUER != 0 {
        draft.issuer = Some(der::common_name("somebody else"));
    }
    if odd & EXPIRED != 0 {
        draft.validity = validity(PAST, PAST);
    }
    if odd & OTHER_ALGORITHM != 0 {
        draft.algorithm = Some(der::sequence(&[der::oid("1.2.840.10045.4.3.3")]));
    }
    let mut certificate = issuer.issue(draft);
    if odd & BAD_SIGNATURE != 0
        && let Some(last) = certificate.last_mut()
    {
        *last ^= 1;
    }
    certificate
}

/// Whether a certificate with these may stand where it does.
fn is_suitable(extensions: &[Extension], is_leaf: bool) -> bool {
    // A BOOLEAN that is not zero: some devices write another one than DER has.
    let is_true = |flag: &[u8]| matches!(flag, [1, 1, byte] if *byte != 0);
    let is_authority = extensions
        .iter()
        .any(|found| found.oid == BASIC_CONSTRAINTS && found.value.windows(3).any(is_true));
    let is_understood = |found: &Extension| !found.critical || UNDERSTOOD.contains(&found.oid);
    is_authority != is_leaf && extensions.iter().all(is_understood)
}

struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    /// The next one; 0 at the end.
    fn byte(&mut self) -> u8 {
        self.take(1).first().copied().unwrap_or_default()
    }

    fn take(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(count.min(self.0.len()));
        self.0 = rest;
        taken
    }

    /// A count; and of each the number of its name, its length and its value.
    fn extensions(&mut self) -> Vec<Extension> {
        let count = self.byte() % 5;
        let extensions = (0..count).map(|_| {
            let name = self.byte();
            let length = self.byte();
            Extension {
                oid: OIDS[usize::from(name) % OIDS.len()],
                critical: name & 0x80 != 0,
                value: self.take(length.into()).to_vec(),
            }
        });
        extensions.collect()
    }
}
