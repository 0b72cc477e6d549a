//! What holds for every attestation by an Android device.

use crate::android::Phone;
use proptest::prelude::*;

#[test]
fn every_flipped_bit_is_noticed() {
    for phone in [Phone::remote(), Phone::factory()] {
        let good = phone.chain();
        for at in 0..good.len() {
            for byte in 0..good[at].len() {
                let mut chain = good.clone();
                chain[at][byte] ^= 1 << (byte % 8);
                let outcome = phone.appraise_chain(&chain).outcome;
                assert!(outcome.is_err(), "byte {byte} of certificate {at}");
            }
        }
    }
}

#[test]
fn every_truncation_is_refused() {
    let phone = Phone::remote();
    let good = phone.chain();
    for at in 0..good.len() {
        for length in 0..good[at].len() {
            let mut chain = good.clone();
            chain[at].truncate(length);
            assert!(phone.appraise_chain(&chain).outcome.is_err());
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_are_refused(chain in prop::collection::vec(any::<Vec<u8>>(), 0..8)) {
        prop_assert!(Phone::remote().appraise_chain(&chain).outcome.is_err());
    }

    /// Whatever one byte of what is attested is changed to before it is signed.
    #[test]
    fn changed_attestations_are_judged(at in 0usize..300, to: u8) {
        let phone = Phone::remote();
        let mut attestation = phone.description.encode();
        prop_assume!(at < attestation.len());
        attestation[at] = to;
        let leaf = countersign_test_authority::android::Android::leaf(&phone.key, &attestation);
        let chain = phone.android.present(leaf);
        if let Ok(verdict) = phone.appraise_chain(&chain).outcome {
            prop_assert!(verdict.facts.is_locked);
            prop_assert_eq!(verdict.facts.package, crate::android::PACKAGE);
        }
    }
}
