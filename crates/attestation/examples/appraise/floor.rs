//! The bare signature checks that evidence needs.

use crate::Call;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P384_SHA384_ASN1, ParsedPublicKey, VerificationAlgorithm,
};
use countersign_attestation::certificate::{Certificate, Curve, KeyAlgorithm};
use countersign_test_authority::Key;

/// A signature, and the key that checks it.
pub(crate) struct Signed {
    key: ParsedPublicKey,
    message: Vec<u8>,
    signature: Vec<u8>,
}

impl Signed {
    pub(crate) fn new(
        algorithm: &'static dyn VerificationAlgorithm,
        key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Self {
        Self {
            key: ParsedPublicKey::new(algorithm, key).expect("a key"),
            message: message.to_vec(),
            signature: signature.to_vec(),
        }
    }

    /// Signs with a key on P-256.
    pub(crate) fn by(key: &Key, message: &[u8]) -> Self {
        let signature = key.sign(message);
        let algorithm = &ECDSA_P256_SHA256_ASN1;
        Self::new(algorithm, &key.public_bytes(), message, &signature)
    }

    fn is_right(&self) -> bool {
        self.key.verify_sig(&self.message, &self.signature).is_ok()
    }
}

/// Of every certificate but the last by the next one; the last one is an anchor.
pub(crate) fn chain(certificates: &[Vec<u8>]) -> Vec<Signed> {
    let read = certificates.iter().map(|der| Certificate::parse(der));
    let read: Vec<_> = read.map(|one| one.expect("a certificate")).collect();
    let pairs = read.windows(2).map(|pair| {
        let [one, issuer] = pair else {
            unreachable!("windows of two");
        };
        let algorithm: &'static dyn VerificationAlgorithm = match issuer.key.algorithm {
            KeyAlgorithm::Ec(Curve::P256) => &ECDSA_P256_SHA256_ASN1,
            KeyAlgorithm::Ec(Curve::P384) => &ECDSA_P384_SHA384_ASN1,
            other => unreachable!("no authority here has a key of {other:?}"),
        };
        Signed::new(algorithm, issuer.key.bits, one.tbs, one.signature)
    });
    pairs.collect()
}

/// Checks them all.
pub(crate) fn call(signed: Vec<Signed>) -> Call {
    Box::new(move || signed.iter().all(Signed::is_right))
}
