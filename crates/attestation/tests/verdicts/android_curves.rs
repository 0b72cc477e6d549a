//! Which keys of Android devices can be a device's key.

use crate::android::Phone;
use countersign_attestation::android_key::Refused;
use countersign_test_authority::{Key, android::Android, der};

#[test]
fn keys_are_on_p256() {
    for key in [Key::p384(), Key::rsa(), Key::ed25519()] {
        let phone = Phone::remote().changed(|phone| phone.key = key);
        assert_eq!(phone.refused(), Refused::UnsupportedKey);
    }
    let with =
        |number, value| Phone::remote().hardware(|fields| fields.with(number, der::integer(value)));
    assert_eq!(with(2, 1).refused(), Refused::UnsupportedKey);
    assert_eq!(with(10, 2).refused(), Refused::UnsupportedKey);
    assert_eq!(with(10, 0).refused(), Refused::UnsupportedKey);
    let sized = with(3, 384).hardware(|fields| fields.without(10));
    assert_eq!(sized.refused(), Refused::UnsupportedKey);
    let bare = Phone::remote().hardware(|fields| fields.without(10).without(3));
    assert_eq!(bare.refused(), Refused::UnsupportedKey);
}

/// One key, one thumbprint: a point is written in one way.
#[test]
fn compressed_points_are_refused() {
    let phone = Phone::remote();
    let point = phone.key.public_bytes();
    let sign = 2 + (point[64] & 1);
    let algorithm = ["1.2.840.10045.2.1", "1.2.840.10045.3.1.7"].map(der::oid);
    let compressed = der::bit_string(&[&[sign], &point[1..33]].concat());
    let mut leaf = Android::leaf(&phone.key, &phone.description.encode());
    leaf.spki = der::sequence(&[der::sequence(&algorithm), compressed]);
    let chain = phone.android.present(leaf);
    assert_eq!(phone.refused_chain(&chain), Refused::UnsupportedKey);
}

#[test]
fn points_off_the_curve_are_refused() {
    let phone = Phone::remote();
    let mut leaf = Android::leaf(&phone.key, &phone.description.encode());
    *leaf.spki.last_mut().unwrap() ^= 1;
    let chain = phone.android.present(leaf);
    assert_eq!(phone.refused_chain(&chain), Refused::UnsupportedKey);
}
