//! Paths from a certificate to an anchor (RFC 5280 section 6), as far as makers of devices use them.
//!
//! A path is one line: each certificate is issued by the next one, and the last one by an anchor.
//! Nothing is searched for, so nobody can make the search long. Anchors are handed in, never fetched
//! and never the system's. Platforms whose certificates keep to the standard use this; Android's do
//! not.

use crate::certificate::{Certificate, InvalidCertificate, KeyAlgorithm, Name, SubjectPublicKey};
use countersign_core::Timestamp;

/// The most certificates of a path, the anchor's not counted.
pub(crate) const MAX_CERTIFICATES: usize = 5;

/// Keys that are shorter have signed nothing that is believed.
const MIN_RSA_BYTES: usize = 256;

/// Certificates that are trusted to issue others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Anchors(Vec<Anchor>);

/// A name and a key; nothing else of an anchor's certificate limits whom it may certify.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Anchor {
    subject: Vec<u8>,
    key: Vec<u8>,
    not_before: Option<Timestamp>,
    not_after: Option<Timestamp>,
}

/// Why there is no path from a certificate to an anchor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// A certificate of the path is not one, or its dates cannot be read.
    #[error("a certificate cannot be read")]
    Malformed,
    /// A certificate of the path demands to be understood, and is not.
    #[error("a certificate has a critical extension that is not known")]
    UnknownExtension,
    /// No line of right signatures by authorities leads to an anchor.
    #[error("the certificates lead to no anchor")]
    Untrusted,
    /// A certificate of the path, or its anchor, is not valid yet.
    #[error("a certificate is not valid yet")]
    NotYetValid,
    /// A certificate of the path, or its anchor, is not valid any more.
    #[error("a certificate has expired")]
    Expired,
    /// A certificate of the path was taken back; only of Android's is it known.
    #[error("a certificate was taken back")]
    Revoked,
}

impl Anchors {
    /// Takes DER certificates, whose own signatures say nothing and are not looked at.
    ///
    /// # Errors
    /// [`InvalidCertificate`] if one of them is none, or says that it issues no others: the key of a
    /// device must not become an authority by being listed.
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

    /// Judges a path at a time, and says how many certificates stand between the first one and the
    /// anchor. An anchor's own certificate may stand in the path, and ends it.
    ///
    /// What the keys are for (`extKeyUsage`) is not looked at: the anchors issue for one purpose
    /// only, and vendors have changed how they name it.
    pub(crate) fn verify(
        &self,
        certificates: &[Certificate<'_>],
        at: Timestamp,
    ) -> Result<usize, PathError> {
        let path = self.up_to_anchor(certificates);
        let (leaf, authorities) = path.split_first().ok_or(PathError::Untrusted)?;
        if path.len() > MAX_CERTIFICATES {
            return Err(PathError::Untrusted);
        }
        check_extensions(path)?;
        check_uses(leaf, authorities)?;
        let last = path.last().unwrap_or(leaf);
        let issuers = self.0.iter().filter(|anchor| anchor.has_issued(last));
        let issuers: Vec<_> = issuers.collect();
        let mut links = path.iter().zip(authorities).rev();
        let are_linked = links.all(|(one, issuer)| is_issued(one, issuer.subject, &issuer.key));
        if issuers.is_empty() || !are_linked {
            return Err(PathError::Untrusted);
        }
        for one in path {
            check_dates(one.not_before, one.not_after, at)?;
        }
        check_any(&issuers, at)?;
        Ok(authorities.len())
    }

    fn up_to_anchor<'c, 'a>(&self, certificates: &'c [Certificate<'a>]) -> &'c [Certificate<'a>] {
        let is_anchor = |one: &Certificate<'_>| self.0.iter().any(|anchor| anchor.is(one));
        let above_leaf = certificates.iter().skip(1);
        let below_anchor = above_leaf.take_while(|one| !is_anchor(one)).count();
        let (path, _) = certificates
            .split_at_checked(below_anchor.saturating_add(1))
            .unwrap_or((certificates, &[]));
        path
    }
}

impl Anchor {
    fn new(der: &[u8]) -> Result<Self, InvalidCertificate> {
        let certificate = Certificate::parse(der)?;
        let constraints = certificate.basic_constraints();
        let constraints = constraints.map_err(|_| InvalidCertificate)?;
        if constraints.is_some_and(|found| !found.is_authority) {
            return Err(InvalidCertificate);
        }
        Ok(Self {
            subject: certificate.subject.raw().to_vec(),
            key: certificate.key.raw.to_vec(),
            not_before: certificate.not_before,
            not_after: certificate.not_after,
        })
    }

    /// Both were read from a certificate.
    fn parts(&self) -> Option<(Name<'_>, SubjectPublicKey<'_>)> {
        let subject = Name::parse(&self.subject).ok()?;
        Some((subject, SubjectPublicKey::parse(&self.key).ok()?))
    }

    fn is(&self, certificate: &Certificate<'_>) -> bool {
        self.parts()
            .is_some_and(|parts| parts == (certificate.subject, certificate.key))
    }

    fn has_issued(&self, certificate: &Certificate<'_>) -> bool {
        self.parts()
            .is_some_and(|(subject, key)| is_issued(certificate, subject, &key))
    }
}

/// Refuses what demands to be understood and is neither read below nor knowingly passed over.
fn check_extensions(path: &[Certificate<'_>]) -> Result<(), PathError> {
    let is_known = path.iter().flat_map(|one| &one.extensions).all(|found| {
        !found.is_critical || READ.contains(&found.oid) || PASSED_OVER.contains(&found.oid)
    });
    is_known.then_some(()).ok_or(PathError::UnknownExtension)
}

/// The first certificate is nobody's authority, the others are.
fn check_uses(leaf: &Certificate<'_>, authorities: &[Certificate<'_>]) -> Result<(), PathError> {
    let constraints = |one: &Certificate<'_>| one.basic_constraints().map_err(|_| MALFORMED);
    if constraints(leaf)?.is_some_and(|found| found.is_authority) {
        return Err(PathError::Untrusted);
    }
    let mut below: u64 = 0;
    for one in authorities {
        let found = constraints(one)?.filter(|found| found.is_authority);
        let found = found.ok_or(PathError::Untrusted)?;
        let is_short = found.max_path_length.is_none_or(|max| below <= max);
        let signs = one.may_sign_certificates().map_err(|_| MALFORMED)?;
        if !is_short || !signs {
            return Err(PathError::Untrusted);
        }
        // Those who certify themselves do not make a path longer (RFC 5280 section 4.2.1.9).
        below = below.saturating_add(u64::from(one.issuer != one.subject));
    }
    Ok(())
}

fn is_issued(one: &Certificate<'_>, issuer: Name<'_>, key: &SubjectPublicKey<'_>) -> bool {
    let is_strong = key.algorithm != KeyAlgorithm::Rsa
        || key.rsa_parts().is_ok_and(|(n, _)| n.len() >= MIN_RSA_BYTES);
    one.issuer == issuer
        && is_strong
        && key.is_signed(one.signature_algorithm, one.tbs, one.signature)
}

/// An authority may be an anchor by several certificates of one key; one of them has to be valid.
fn check_any(anchors: &[&Anchor], at: Timestamp) -> Result<(), PathError> {
    let mut outcome = Err(PathError::Untrusted);
    for anchor in anchors {
        outcome = check_dates(anchor.not_before, anchor.not_after, at);
        if outcome.is_ok() {
            break;
        }
    }
    outcome
}

fn check_dates(
    not_before: Option<Timestamp>,
    not_after: Option<Timestamp>,
    at: Timestamp,
) -> Result<(), PathError> {
    if at < not_before.ok_or(MALFORMED)? {
        return Err(PathError::NotYetValid);
    }
    if at > not_after.ok_or(MALFORMED)? {
        return Err(PathError::Expired);
    }
    Ok(())
}

const MALFORMED: PathError = PathError::Malformed;

/// Kinds of extensions that are read: `basicConstraints` and `keyUsage`.
const READ: [&[u8]; 2] = [&[0x55, 0x1d, 0x13], &[0x55, 0x1d, 0x0f]];

/// Kinds of extensions that change nothing here even where they are critical: `subjectAltName` says
/// who somebody is, and whoever needs that reads it; `certificatePolicies` by which rules it was
/// issued, and no policy is demanded (RFC 5280 section 6.1.1); `extKeyUsage` what for, see above. TPMs'
/// certificates from Windows have all three.
const PASSED_OVER: [&[u8]; 3] = [
    &[0x55, 0x1d, 0x11],
    &[0x55, 0x1d, 0x20],
    &[0x55, 0x1d, 0x25],
];

#[cfg(test)]
mod tests;
