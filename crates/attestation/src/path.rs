//! Paths from a certificate to an anchor as RFC 5280 has them.
//!
//! Anchors are handed in, never fetched and never the system's. Platforms whose certificates keep
//! to the standard use this; Android's do not.

use crate::certificate::{Certificate, InvalidCertificate};
use countersign_core::Timestamp;
use rustls_pki_types::{CertificateDer, SignatureVerificationAlgorithm, TrustAnchor, UnixTime};
use std::time::Duration;
use webpki::{
    EndEntityCert, Error, ExtendedKeyUsageValidator, KeyPurposeIdIter, aws_lc_rs as algorithms,
};

/// The most certificates that evidence may bring along.
pub(crate) const MAX_CERTIFICATES: usize = 8;

/// Certificates that are trusted to issue others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Anchors(Vec<Anchor>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Anchor {
    trusted: TrustAnchor<'static>,
    not_before: Option<Timestamp>,
    not_after: Option<Timestamp>,
}

/// Why there is no path from a certificate to an anchor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// A certificate of the path is not one.
    #[error("a certificate cannot be read")]
    Malformed,
    /// A certificate of the path, or its anchor, is not valid yet.
    #[error("a certificate is not valid yet")]
    NotYetValid,
    /// A certificate of the path, or its anchor, is not valid any more.
    #[error("a certificate has expired")]
    Expired,
    /// No chain of right signatures by authorities leads to an anchor.
    #[error("the certificates lead to no anchor")]
    Untrusted,
}

impl Anchors {
    /// Takes DER certificates, whose own signatures say nothing and are not looked at.
    ///
    /// # Errors
    /// [`InvalidCertificate`] if one of them is none.
    pub fn new<C: AsRef<[u8]>>(
        certificates: impl IntoIterator<Item = C>,
    ) -> Result<Self, InvalidCertificate> {
        let anchors = certificates
            .into_iter()
            .map(|certificate| Anchor::new(certificate.as_ref()));
        anchors.collect::<Result<_, _>>().map(Self)
    }

    /// Whether nothing is trusted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Looks for a path at `now`, and says how many of the `intermediates` it needs.
    ///
    /// What the keys are for (`extKeyUsage`) is not looked at: the anchors issue for one purpose
    /// only, and vendors have changed how they name it.
    pub(crate) fn verify(
        &self,
        leaf: &[u8],
        intermediates: &[&[u8]],
        now: Timestamp,
    ) -> Result<usize, PathError> {
        let leaf = CertificateDer::from_slice(leaf);
        let leaf = EndEntityCert::try_from(&leaf).map_err(|_| PathError::Malformed)?;
        let intermediates: Vec<_> = intermediates
            .iter()
            .map(|der| CertificateDer::from_slice(der))
            .collect();
        let anchors = self.at(now)?;
        let secs = u64::try_from(now.as_secs()).map_err(|_| PathError::NotYetValid)?;
        let path = leaf
            .verify_for_usage(
                ALGORITHMS,
                &anchors,
                &intermediates,
                UnixTime::since_unix_epoch(Duration::from_secs(secs)),
                AnyUsage,
                None,
                None,
            )
            .map_err(|error| PathError::from(&error))?;
        Ok(path.intermediate_certificates().count())
    }

    /// Those that are valid at `now`; where none is, why.
    fn at(&self, now: Timestamp) -> Result<Vec<TrustAnchor<'static>>, PathError> {
        let mut valid = Vec::new();
        let mut error = PathError::Untrusted;
        for anchor in &self.0 {
            match anchor.check(now) {
                Ok(()) => valid.push(anchor.trusted.clone()),
                Err(reason) => error = reason,
            }
        }
        if valid.is_empty() {
            return Err(error);
        }
        Ok(valid)
    }
}

impl Anchor {
    fn new(der: &[u8]) -> Result<Self, InvalidCertificate> {
        let certificate = Certificate::parse(der)?;
        let der = CertificateDer::from_slice(der);
        let trusted = webpki::anchor_from_trusted_cert(&der).map_err(|_| InvalidCertificate)?;
        Ok(Self {
            trusted: trusted.to_owned(),
            not_before: certificate.not_before,
            not_after: certificate.not_after,
        })
    }

    fn check(&self, now: Timestamp) -> Result<(), PathError> {
        if self.not_before.is_none_or(|from| now < from) {
            return Err(PathError::NotYetValid);
        }
        if self.not_after.is_none_or(|until| now > until) {
            return Err(PathError::Expired);
        }
        Ok(())
    }
}

impl From<&Error> for PathError {
    fn from(error: &Error) -> Self {
        match error {
            Error::CertNotValidYet { .. } => Self::NotYetValid,
            Error::CertExpired { .. } => Self::Expired,
            Error::BadDer | Error::BadDerTime | Error::TrailingData(_) => Self::Malformed,
            _ => Self::Untrusted,
        }
    }
}

struct AnyUsage;

impl ExtendedKeyUsageValidator for AnyUsage {
    fn validate(&self, _purposes: KeyPurposeIdIter<'_, '_>) -> Result<(), Error> {
        Ok(())
    }
}

/// Named one by one: the library's default list tries slow ones as well.
const ALGORITHMS: &[&dyn SignatureVerificationAlgorithm] = &[
    algorithms::ECDSA_P256_SHA256,
    algorithms::ECDSA_P384_SHA384,
    algorithms::ECDSA_P384_SHA256,
    algorithms::ECDSA_P256_SHA384,
    algorithms::ECDSA_P521_SHA512,
    algorithms::RSA_PKCS1_2048_8192_SHA256,
    algorithms::RSA_PKCS1_2048_8192_SHA384,
    algorithms::RSA_PKCS1_2048_8192_SHA512,
];
