//! Whose keys end the chains of Android devices.

use crate::android::Phone;
use base64::{Engine, engine::general_purpose::STANDARD};
use countersign_attestation::android_key::{Refused, Roots};
use countersign_core::Timestamp;
use countersign_test_authority::{Authority, Draft, Key, validity};

#[test]
fn only_roots_end_chains() {
    let phone = Phone::remote();
    let mut chain = phone.chain();
    chain.pop();
    assert_eq!(phone.refused_chain(&chain), Refused::NotSelfIssued);
    let mut chain = phone.chain();
    chain.push(phone.android.root.certificate.clone());
    assert_eq!(phone.refused_chain(&chain), Refused::SecondRoot);
}

#[test]
fn other_roots_are_refused() {
    let phone = Phone::remote();
    let mut chain = phone.chain();
    let key = Key::p384();
    let mut draft = Draft::authority("", key.spki());
    draft.subject.clone_from(&phone.android.root.name);
    chain[4] = Authority::self_signed(draft, key).certificate;
    assert_eq!(phone.refused_chain(&chain), Refused::UnknownRoot);
    let refused = phone.appraise_under(&phone.chain(), &Roots::google());
    assert_eq!(refused.outcome.err(), Some(Refused::UnknownRoot));
}

/// The private halves of these keys are public.
#[test]
fn software_roots_are_refused_even_if_configured() {
    let phone = Phone::remote();
    for spki in [
        "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE7l1ex+HA220Dpn7mthvsTWpdamguD/9/SQ59dx9EIm29sa/6Fsv\
        HrcV30lacqrewLVQBXT5DKyqO107sSHVBpA==",
        "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCia63rbi5EYe/VDoLmt5TRdSMfd5tjkWP/96r/C3JHTsAsQ+w\
        zfNes7UA+jCigZtX3hwszl94OuE4TQKuvpSe/lWmgMdsGUmX4RFlXYfC78hdLt0GAZMAoDo9Sd47b0ke2RekZyOmL\
        w9vCkT/X11DEHTVm+Vfkl5YLCazOkjWFmwIDAQAB",
    ] {
        let spki = STANDARD.decode(spki).unwrap();
        let roots = Roots::none().with(&spki).unwrap();
        let mut draft = Draft::authority("", spki);
        draft.subject.clone_from(&phone.android.root.name);
        let mut chain = phone.chain();
        chain[4] = Authority::self_signed(draft, Key::p256()).certificate;
        let refused = phone.appraise_under(&chain, &roots);
        assert_eq!(refused.outcome.err(), Some(Refused::SoftwareRoot));
    }
}

/// The key is in several certificates, with other serials and dates.
#[test]
fn roots_are_keys_and_not_certificates() {
    let mut phone = Phone::remote();
    let roots = Roots::none().with(&phone.android.root.certificate).unwrap();
    let key = std::mem::replace(&mut phone.android.root.key, Key::p256());
    let mut draft = Draft::authority("", key.spki());
    draft.subject.clone_from(&phone.android.root.name);
    draft.serial = vec![0xe8, 0xfa];
    draft.validity = validity(Timestamp::from_secs(0), Timestamp::from_secs(1));
    phone.android.root = Authority::self_signed(draft, key);
    let verdict = phone
        .appraise_under(&phone.chain(), &roots)
        .outcome
        .unwrap();
    assert_eq!(verdict.facts.serials[4], "e8fa");
}
