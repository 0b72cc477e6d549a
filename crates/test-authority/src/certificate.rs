//! Certificates (RFC 5280), right or wrong.

use crate::{
    der,
    key::{Hash, Key},
};
use countersign_core::Timestamp;

/// A certificate before it is signed; every field is DER and may be anything.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The serial number's value, big-endian.
    pub serial: Vec<u8>,
    /// Written in place of the issuer's own name.
    pub issuer: Option<Vec<u8>>,
    /// The subject's name.
    pub subject: Vec<u8>,
    /// `Validity`; made by [`validity`].
    pub validity: Vec<u8>,
    /// `SubjectPublicKeyInfo`.
    pub spki: Vec<u8>,
    /// In this order.
    pub extensions: Vec<Extension>,
    /// Another hash than the issuer's key usually goes with.
    pub hash: Option<Hash>,
    /// Written in place of the signature algorithm's `AlgorithmIdentifier`.
    pub algorithm: Option<Vec<u8>>,
}

/// An extension of a certificate.
#[derive(Debug, Clone)]
pub struct Extension {
    /// Its object identifier, dotted.
    pub oid: &'static str,
    /// Whether who does not know it must refuse the certificate.
    pub critical: bool,
    /// What its octet string holds.
    pub value: Vec<u8>,
}

/// Who issues certificates: a certificate and its key.
#[derive(Debug)]
pub struct Authority {
    /// The key that signs.
    pub key: Key,
    /// The name that it issues under.
    pub name: Vec<u8>,
    /// Its own certificate.
    pub certificate: Vec<u8>,
}

impl Draft {
    /// A certificate for an end entity: serial 1, from 2020 to 2040, no extensions.
    pub fn new(common_name: &str, spki: Vec<u8>) -> Self {
        Self {
            serial: vec![1],
            issuer: None,
            subject: der::common_name(common_name),
            validity: validity(
                Timestamp::from_secs(1_577_836_800),
                Timestamp::from_secs(2_208_988_800),
            ),
            spki,
            extensions: Vec::new(),
            hash: None,
            algorithm: None,
        }
    }

    /// A certificate for an authority: as [`new`](Self::new), with the CA flag and `keyCertSign`.
    pub fn authority(common_name: &str, spki: Vec<u8>) -> Self {
        Self::new(common_name, spki)
            .with(Extension::basic_constraints(true))
            .with(Extension::key_usage(0x04))
    }

    /// Adds an extension.
    #[must_use]
    pub fn with(mut self, extension: Extension) -> Self {
        self.extensions.push(extension);
        self
    }

    fn sign(self, issuer: &Key, issuer_name: &[u8]) -> Vec<u8> {
        let hash = self.hash.unwrap_or(issuer.hash());
        let algorithm = self
            .algorithm
            .unwrap_or_else(|| issuer.signature_algorithm(hash));
        let mut fields = vec![
            der::explicit(0, &der::integer(2)),
            der::unsigned(&self.serial),
            algorithm.clone(),
            self.issuer.unwrap_or_else(|| issuer_name.to_vec()),
            self.validity,
            self.subject,
            self.spki,
        ];
        if !self.extensions.is_empty() {
            let extensions: Vec<_> = self.extensions.iter().map(Extension::write).collect();
            fields.push(der::explicit(3, &der::sequence(&extensions)));
        }
        let tbs = der::sequence(&fields);
        let signature = der::bit_string(&issuer.sign_with(hash, &tbs));
        der::sequence(&[tbs, algorithm, signature])
    }
}

impl Extension {
    /// An extension that is not critical.
    pub fn new(oid: &'static str, value: Vec<u8>) -> Self {
        Self {
            oid,
            critical: false,
            value,
        }
    }

    /// `basicConstraints`, critical.
    pub fn basic_constraints(is_authority: bool) -> Self {
        let flag = is_authority.then(|| der::boolean(true));
        Self {
            oid: "2.5.29.19",
            critical: true,
            value: der::sequence(flag.as_slice()),
        }
    }

    /// `keyUsage` from the first octet of its bits, critical.
    pub fn key_usage(bits: u8) -> Self {
        Self {
            oid: "2.5.29.15",
            critical: true,
            value: der::bit_string(&[bits]),
        }
    }

    /// `extKeyUsage`.
    pub fn extended_key_usage(purposes: &[&str]) -> Self {
        let purposes: Vec<_> = purposes.iter().map(|oid| der::oid(oid)).collect();
        Self::new("2.5.29.37", der::sequence(&purposes))
    }

    fn write(&self) -> Vec<u8> {
        let mut fields = vec![der::oid(self.oid)];
        fields.extend(self.critical.then(|| der::boolean(true)));
        fields.push(der::octet_string(&self.value));
        der::sequence(&fields)
    }
}

impl Authority {
    /// A root: certifies itself.
    pub fn root(common_name: &str, key: Key) -> Self {
        let draft = Draft::authority(common_name, key.spki());
        Self::self_signed(draft, key)
    }

    /// A root of any shape.
    pub fn self_signed(draft: Draft, key: Key) -> Self {
        let name = draft.subject.clone();
        Self {
            certificate: draft.sign(&key, &name),
            key,
            name,
        }
    }

    /// An authority below this one.
    #[must_use]
    pub fn subordinate(&self, common_name: &str, key: Key) -> Self {
        let draft = Draft::authority(common_name, key.spki());
        self.subordinate_of(draft, key)
    }

    /// An authority below this one, of any shape.
    #[must_use]
    pub fn subordinate_of(&self, draft: Draft, key: Key) -> Self {
        Self {
            name: draft.subject.clone(),
            certificate: self.issue(draft),
            key,
        }
    }

    /// Signs a certificate.
    pub fn issue(&self, draft: Draft) -> Vec<u8> {
        draft.sign(&self.key, &self.name)
    }
}

/// `Validity` in the form that RFC 5280 demands for certificates until 2049.
pub fn validity(not_before: Timestamp, not_after: Timestamp) -> Vec<u8> {
    der::sequence(&[der::utc_time(not_before), der::utc_time(not_after)])
}
