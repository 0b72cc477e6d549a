//! The chain: whose keys vouch for the leaf, and whether they may still.
//!
//! Not RFC 5280: there are devices in the field whose intermediates are no authorities by their
//! own account, or point to revocation lists that never were.

use super::{
    policy::{Expected, Revocation},
    refused::Refused,
    roots::{Roots, is_public_software_root},
    status::StatusList,
};
use crate::{
    appraisal::Checks,
    certificate::{Certificate, MAX_CERTIFICATE_BYTES, Name, attribute},
};
use countersign_core::Timestamp;
use serde::{Deserialize, Serialize};

/// The most certificates of a chain: six have been seen, and manufacturers may add some.
pub const MAX_CHAIN_CERTIFICATES: usize = 8;

/// The most bytes of a whole chain.
pub const MAX_CHAIN_BYTES: usize = 48 * 1024;

const MIN_CHAIN_CERTIFICATES: usize = 3;

/// How a device came by the key that vouches for others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Provisioning {
    /// Put in at the factory, the same for many devices and for the device's life.
    Factory,
    /// Certified by Google's server for weeks at a time, for one device.
    Remote,
    /// Neither can be told.
    Unknown,
}

/// `id-attestation`: what the hardware says of a key.
pub(crate) const ATTESTATION: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0xd6, 0x79, 0x02, 0x01, 0x11];

/// What Google's server says of a device whose key it certified, 1.3.6.1.4.1.11129.2.1.30.
const PROVISIONING: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0xd6, 0x79, 0x02, 0x01, 0x1e];

/// What Google's server certifies for virtual machines, 1.3.6.1.4.1.11129.2.1.29.1: their keys are in
/// the hands of whoever runs them.
const VIRTUAL_MACHINE: &[u8] = &[
    0x2b, 0x06, 0x01, 0x04, 0x01, 0xd6, 0x79, 0x02, 0x01, 0x1d, 0x01,
];

/// The most authorities between a leaf and a root that Google's server had no part in.
const MAX_FACTORY_AUTHORITIES: usize = 2;

/// A chain that leads to a trusted key, every certificate signed by the one above.
#[derive(Debug)]
pub(crate) struct Chain<'a> {
    certificates: Vec<Certificate<'a>>,
    /// Whether the last certificate is a root's, by its own account.
    has_root: bool,
    pub(super) provisioning: Provisioning,
}

impl<'a> Chain<'a> {
    /// Reads the certificates, the leaf first; nothing is verified.
    pub(super) fn parse(certificates: &'a [Vec<u8>], checks: &mut Checks) -> Result<Self, Refused> {
        let count = certificates.len();
        let is_number_right = (MIN_CHAIN_CERTIFICATES..=MAX_CHAIN_CERTIFICATES).contains(&count);
        checks.ensure("chain_length", is_number_right, Refused::ChainLength)?;
        let bytes = certificates
            .iter()
            .fold(0, |sum: usize, one| sum.saturating_add(one.len()));
        let is_small = bytes <= MAX_CHAIN_BYTES
            && certificates
                .iter()
                .all(|one| one.len() <= MAX_CERTIFICATE_BYTES);
        checks.ensure("chain_size", is_small, Refused::TooLong)?;
        let read: Result<Vec<_>, _> = certificates
            .iter()
            .map(|der| Certificate::parse(der))
            .collect();
        let certificates = checks.note(
            "certificates",
            read.map_err(|_| Refused::InvalidCertificate),
        )?;
        Ok(Self::of(certificates))
    }

    /// Takes certificates that came in other evidence, the leaf first, with or without a root's.
    pub(crate) fn of(certificates: Vec<Certificate<'a>>) -> Self {
        let mut chain = Self {
            has_root: certificates
                .iter()
                .skip(1)
                .last()
                .is_some_and(is_self_issued),
            certificates,
            provisioning: Provisioning::Unknown,
        };
        chain.provisioning = chain.told_provisioning();
        chain
    }

    /// Checks everything about the chain that does not depend on what the leaf attests.
    pub(super) fn check(
        &self,
        roots: &Roots,
        status: Option<&StatusList>,
        expected: &Expected<'_>,
        checks: &mut Checks,
    ) -> Result<(), Refused> {
        let is_root = self.certificates.last().is_some_and(is_self_issued);
        checks.ensure("root_self_issued", is_root, Refused::NotSelfIssued)?;
        self.check_path(roots, expected.presented_at, checks)?;
        self.check_status(status, expected.policy.revocation, expected.now, checks)
    }

    /// Checks that the chain leads to a root, whose certificate may be left out.
    pub(crate) fn check_path(
        &self,
        roots: &Roots,
        at: Timestamp,
        checks: &mut Checks,
    ) -> Result<(), Refused> {
        self.check_root(roots, checks)?;
        self.check_signatures(checks)?;
        checks.note("validity", self.check_validity(at))
    }

    /// The certificate of the attested key.
    pub(super) fn leaf(&self) -> Result<&Certificate<'a>, Refused> {
        self.certificates.first().ok_or(Refused::ChainLength)
    }

    /// Whether those that vouch for the leaf are said to be of an element of its own: Google's server
    /// writes it in one place, factories wrote it into either certificate and in any case.
    pub(super) fn is_strongbox(&self) -> bool {
        if self.provisioning == Provisioning::Remote {
            return self.organization() == Some("StrongBox");
        }
        let names = self.authorities().take(2).map(|one| one.subject);
        names.flat_map(Name::attributes).any(|attribute| {
            str::from_utf8(attribute.value)
                .is_ok_and(|value| value.to_ascii_lowercase().contains("strongbox"))
        })
    }

    /// The serial numbers, the leaf's first, as the status list has them.
    pub(crate) fn serials(&self) -> Vec<String> {
        self.certificates
            .iter()
            .map(Certificate::serial_hex)
            .collect()
    }

    /// The leaf attests, and nobody above it: whoever holds an attested key can sign one more
    /// certificate with whatever it likes to say.
    pub(crate) fn attestation(&self, checks: &mut Checks) -> Result<&'a [u8], Refused> {
        let found = self.leaf()?.extension(ATTESTATION);
        let found = checks.note("attestation_on_leaf", found.ok_or(Refused::NoAttestation))?;
        let is_only = self
            .above_leaf()
            .all(|certificate| certificate.extension(ATTESTATION).is_none());
        checks.ensure(
            "attestation_only_on_leaf",
            is_only,
            Refused::AttestationAboveLeaf,
        )?;
        Ok(found)
    }

    /// The leaf is signed by the hardware's own key, and not by a key that the hardware made for
    /// somebody, who could sign whatever they like.
    pub(crate) fn check_attester(&self, checks: &mut Checks) -> Result<(), Refused> {
        let is_virtual = |one: &Certificate<'_>| one.extension(VIRTUAL_MACHINE).is_some();
        let is_hardware = match self.provisioning {
            Provisioning::Remote => {
                matches!(self.organization(), Some("TEE" | "StrongBox"))
            }
            Provisioning::Factory | Provisioning::Unknown => {
                self.authorities().count() <= MAX_FACTORY_AUTHORITIES
            }
        };
        let is_hardware = is_hardware && !self.certificates.iter().any(is_virtual);
        checks.ensure("attester", is_hardware, Refused::NotAnAttester)
    }

    /// What Google's server says of where the key is that vouches for the leaf.
    fn organization(&self) -> Option<&'a str> {
        let attester = self.certificates.get(1)?;
        attester.subject.text(attribute::ORGANIZATION)
    }

    /// Told from what stands above the leaf, which whoever holds the device's key cannot choose.
    fn told_provisioning(&self) -> Provisioning {
        let is_remote = self.above_leaf().any(|certificate| {
            let name = certificate.subject.text(attribute::COMMON_NAME);
            certificate.extension(PROVISIONING).is_some()
                || name.is_some_and(|name| name.starts_with("Droid CA"))
        });
        let below_root = self.authorities().last();
        let is_factory =
            below_root.is_some_and(|below| below.subject.text(attribute::SERIAL_NUMBER).is_some());
        match (is_remote, is_factory) {
            (true, _) => Provisioning::Remote,
            (false, true) => Provisioning::Factory,
            (false, false) => Provisioning::Unknown,
        }
    }

    fn above_leaf(&self) -> impl Iterator<Item = &Certificate<'a>> {
        self.certificates.iter().skip(1)
    }

    /// What stands between the leaf and the root's certificate.
    fn authorities(&self) -> impl Iterator<Item = &Certificate<'a>> {
        let roots = usize::from(self.has_root);
        let count = self.certificates.len().saturating_sub(roots);
        self.certificates.iter().take(count).skip(1)
    }

    fn check_root(&self, roots: &Roots, checks: &mut Checks) -> Result<(), Refused> {
        let last = self.certificates.last().ok_or(Refused::ChainLength)?;
        // A root that stands there twice would pass for the authority below it.
        let is_one = !self.authorities().any(is_self_issued);
        checks.ensure("one_root", is_one, Refused::SecondRoot)?;
        let is_hardware = !is_public_software_root(&last.key);
        checks.ensure("root_not_software", is_hardware, Refused::SoftwareRoot)?;
        let is_known = if self.has_root {
            roots.contain(&last.key)
        } else {
            roots.have_signed(last)
        };
        checks.ensure("root_key", is_known, Refused::UnknownRoot)
    }

    /// From the root down, so that nothing is verified with a key that nobody vouched for.
    fn check_signatures(&self, checks: &mut Checks) -> Result<(), Refused> {
        let issuers = self.certificates.iter().skip(1);
        let are_named = self
            .certificates
            .iter()
            .zip(issuers.clone())
            .all(|(certificate, issuer)| certificate.issuer == issuer.subject);
        checks.ensure("issuer_names", are_named, Refused::WrongIssuer)?;
        let root = self.certificates.last().filter(|_| self.has_root);
        let issuers = issuers.chain(root);
        let mut pairs: Vec<_> = self.certificates.iter().zip(issuers).collect();
        pairs.reverse();
        let are_signed = pairs
            .iter()
            .all(|(certificate, issuer)| certificate.is_signed_by(issuer));
        checks.ensure("signatures", are_signed, Refused::BadSignature)
    }

    /// The leaf's dates are the device's and say nothing; the root is a key and has none.
    fn check_validity(&self, at: Timestamp) -> Result<(), Refused> {
        for certificate in self.authorities() {
            let not_before = certificate.not_before.ok_or(Refused::UnreadableDate)?;
            if at < not_before {
                return Err(Refused::NotYetValid);
            }
            // Factories put in certificates that ended while the devices lived on.
            if self.provisioning == Provisioning::Factory {
                continue;
            }
            let not_after = certificate.not_after.ok_or(Refused::UnreadableDate)?;
            if at > not_after {
                return Err(Refused::Expired);
            }
        }
        Ok(())
    }

    pub(super) fn check_status(
        &self,
        status: Option<&StatusList>,
        revocation: Revocation,
        now: Timestamp,
        checks: &mut Checks,
    ) -> Result<(), Refused> {
        let Revocation::Checked { max_age } = revocation else {
            return Ok(());
        };
        let list = checks.note("status_list", status.ok_or(Refused::NoStatusList))?;
        let is_fresh = list.is_fresh(now, max_age);
        checks.ensure("status_list_age", is_fresh, Refused::StaleStatusList)?;
        let found = list.find_listed(self.certificates.iter().map(Certificate::serial_hex));
        let result = found.map_or(Ok(()), |(serial, status)| {
            Err(Refused::Revoked { serial, status })
        });
        checks.note("revocation", result)
    }
}

fn is_self_issued(one: &Certificate<'_>) -> bool {
    one.issuer == one.subject
}
