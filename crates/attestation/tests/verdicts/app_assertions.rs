//! App Attest assertions in every wrong shape.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_attestation::{
    app_attest::assertion::{Evidence, Expected, Refused, Verdict, appraise},
    jws::PublicKey,
};
use countersign_test_authority::{
    Key,
    app_attest::{assert as assertion, assertion_object, extensions, used_key},
    authenticator_data::AuthenticatorData,
    cbor,
};

const APP: &str = "TEAM.com.example.app";
const DATA: &[u8] = b"what the app had hashed";

/// The first use of an attested key.
struct Scene {
    key: Key,
    data: AuthenticatorData,
    client_data: Vec<u8>,
    app_id: String,
    counter: u32,
    validation_categories: Option<&'static [u32]>,
}

impl Scene {
    fn new() -> Self {
        Self {
            key: Key::p256(),
            data: used_key(APP, 3),
            client_data: DATA.to_vec(),
            app_id: APP.to_owned(),
            counter: 0,
            validation_categories: None,
        }
    }

    fn assertion(&self) -> Vec<u8> {
        assertion(&self.key, &self.data, DATA)
    }

    fn judge(&self, assertion: &[u8]) -> Result<Verdict, Refused> {
        self.judge_by(&public(&self.key), assertion)
    }

    fn judge_by(&self, key: &PublicKey, assertion: &[u8]) -> Result<Verdict, Refused> {
        let evidence = Evidence {
            assertion,
            client_data: &self.client_data,
        };
        let expected = Expected {
            key,
            app_id: &self.app_id,
            counter: self.counter,
            validation_categories: self.validation_categories,
        };
        appraise(&evidence, &expected).outcome
    }
}

fn public(key: &Key) -> PublicKey {
    let point = key.public_bytes();
    let [x, y] = [1..33, 33..65].map(|part| URL_SAFE_NO_PAD.encode(&point[part]));
    PublicKey::from_coordinates(&x, &y).unwrap()
}

fn refused(change: impl FnOnce(&mut Scene)) -> Refused {
    let mut scene = Scene::new();
    change(&mut scene);
    scene.judge(&scene.assertion()).unwrap_err()
}

#[test]
fn assertions_of_every_system_are_accepted() {
    for (flags, rest, category) in [
        (0x40, vec![], None),
        (0x40, extensions(2, "7"), Some(2)),
        (0xc0, extensions(2, "7"), Some(2)),
        (0x00, vec![], None),
    ] {
        let mut scene = Scene::new();
        scene.data.flags = flags;
        scene.data.rest = rest;
        let verdict = scene.judge(&scene.assertion()).unwrap();
        assert_eq!(verdict.counter, 3);
        assert_eq!(verdict.extensions.validation_category, category);
    }
}

#[test]
fn counter_rises() {
    for (stored, is_accepted) in [
        (0, true),
        (2, true),
        (3, false),
        (4, false),
        (u32::MAX, false),
    ] {
        let mut scene = Scene::new();
        scene.counter = stored;
        let outcome = scene.judge(&scene.assertion());
        let expected = if is_accepted {
            Ok(3)
        } else {
            Err(Refused::CounterNotRisen)
        };
        assert_eq!(outcome.map(|verdict| verdict.counter), expected, "{stored}");
    }
    let first = refused(|scene| scene.data.counter = 0);
    assert_eq!(first, Refused::CounterNotRisen);
}

#[test]
fn long_input_is_refused_unread() {
    assert_eq!(
        Scene::new().judge(&[0; 5000]).unwrap_err(),
        Refused::TooLong
    );
    let long = refused(|scene| scene.client_data = vec![0; 70_000]);
    assert_eq!(long, Refused::TooLong);
}

#[test]
fn assertion_is_one_map_of_two_byte_strings() {
    let scene = Scene::new();
    let good = scene.assertion();
    let after = [&good[..], &[0]].concat();
    let text = cbor::text_map(&[
        ("signature", cbor::text("a")),
        ("authenticatorData", cbor::bytes(&scene.data.encode())),
    ]);
    for bytes in [after, text, cbor::map(&[]), vec![]] {
        assert_eq!(scene.judge(&bytes).unwrap_err(), Refused::Malformed);
    }
    for end in 0..good.len() {
        assert_eq!(scene.judge(&good[..end]).unwrap_err(), Refused::Malformed);
    }
}

#[test]
fn authenticator_data_ends_after_one_map() {
    let two = [extensions(2, "7"), cbor::map(&[])].concat();
    for rest in [two, vec![1], vec![0xa1]] {
        let reason = refused(|scene| scene.data.rest = rest);
        assert_eq!(reason, Refused::InvalidAuthenticatorData);
    }
    let scene = Scene::new();
    let data = scene.data.encode();
    for end in 0..data.len() {
        let cut = assertion_object(b"", &data[..end]);
        let reason = scene.judge(&cut).unwrap_err();
        assert_eq!(reason, Refused::InvalidAuthenticatorData);
    }
}

#[test]
fn signature_is_the_keys_over_the_nonce() {
    let forged = Refused::BadSignature;
    let scene = Scene::new();
    let good = scene.assertion();
    let by_other = scene.judge_by(&public(&Key::p256()), &good);
    assert_eq!(by_other.unwrap_err(), forged);
    assert_eq!(refused(|scene| scene.client_data.push(0)), forged);
    let data = scene.data.encode();
    let hash = {
        use aws_lc_rs::digest::{SHA256, digest};
        digest(&SHA256, DATA)
    };
    // Signed as WebAuthn does: hashed once.
    let once = scene.key.sign(&[&data, hash.as_ref()].concat());
    let once = scene.judge(&assertion_object(&once, &data));
    assert_eq!(once.unwrap_err(), forged);
    let empty = scene.judge(&assertion_object(&[], &data));
    assert_eq!(empty.unwrap_err(), forged);
}

#[test]
fn other_apps_are_refused() {
    let reason = refused(|scene| scene.app_id.push('a'));
    assert_eq!(reason, Refused::AppMismatch);
}

#[test]
fn extensions_of_another_type_are_refused() {
    let rest = cbor::text_map(&[("apple_validation_category_01", cbor::text("4"))]);
    let reason = refused(|scene| scene.data.rest = rest);
    assert_eq!(reason, Refused::InvalidExtensions);
}

#[test]
fn every_flipped_bit_of_the_data_is_noticed() {
    let mut scene = Scene::new();
    scene.data.rest = extensions(2, "7");
    let good = scene.assertion();
    let at = good.len() - scene.data.encode().len();
    for bit in at * 8..good.len() * 8 {
        let mut flipped = good.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(scene.judge(&flipped).is_err(), "bit {bit}");
    }
}

#[test]
fn app_came_in_a_way_that_is_accepted() {
    let judge = |categories, rest: Vec<u8>| {
        let mut scene = Scene::new();
        scene.validation_categories = categories;
        scene.data.rest = rest;
        scene.judge(&scene.assertion()).map(|_| ())
    };
    let mismatch = Err(Refused::CategoryMismatch);
    assert_eq!(judge(Some(&[2, 4]), extensions(2, "1")), Ok(()));
    assert_eq!(judge(Some(&[2, 4]), extensions(3, "1")), mismatch);
    assert_eq!(judge(None, extensions(3, "1")), Ok(()));
    assert_eq!(judge(Some(&[4]), vec![]), Ok(()));
}
