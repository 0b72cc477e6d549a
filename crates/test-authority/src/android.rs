//! Android devices whose secure hardware attests keys.

use crate::{Authority, Draft, Extension, Key, der, validity};
use countersign_core::Timestamp;
use std::time::Duration;

/// The object identifier of what hardware says of a key.
pub const ATTESTATION: &str = "1.3.6.1.4.1.11129.2.1.17";
/// The object identifier of what a server says of a device whose key it certified.
pub const PROVISIONING: &str = "1.3.6.1.4.1.11129.2.1.30";

/// A device's hardware and everybody above it.
#[derive(Debug)]
pub struct Android {
    /// Stands for Google.
    pub root: Authority,
    /// Between the root and the hardware, the one next to the root first.
    pub intermediates: Vec<Authority>,
    /// The hardware: attests keys.
    pub hardware: Authority,
}

/// What hardware and system say of a key; every part may be made wrong.
#[derive(Debug, Clone)]
pub struct KeyDescription {
    /// The version of the format.
    pub attestation_version: u64,
    /// Where the attestation is made: 0 in software, 1 in the trusted environment, 2 in an
    /// element of its own.
    pub attestation_level: u64,
    /// The version of the hardware's interface.
    pub keymint_version: u64,
    /// Where the key is kept.
    pub keymint_level: u64,
    /// What the app handed over.
    pub challenge: Vec<u8>,
    /// What the system says.
    pub software: Fields,
    /// What the hardware says.
    pub hardware: Fields,
}

/// Numbered values in DER, in the order in which they are written.
#[derive(Debug, Clone, Default)]
pub struct Fields(pub Vec<(u64, Vec<u8>)>);

/// What was started.
#[derive(Debug, Clone)]
pub struct RootOfTrust {
    /// Whose system it is.
    pub boot_key: Vec<u8>,
    /// What is written for the boot loader's lock: zero for an open one.
    pub locked: u8,
    /// 0 for the manufacturer's system, 1 for the owner's, 2 for any, 3 for none.
    pub boot_state: u64,
    /// What it is.
    pub boot_hash: Option<Vec<u8>>,
}

impl Android {
    /// A device with a key from the factory, whose certificates all ended before `now`.
    pub fn factory(now: Timestamp) -> Self {
        Self::factory_in(["TEE", "TEE"], now)
    }

    /// As [`factory`](Self::factory), for the kinds of hardware that the titles of the hardware's
    /// certificate and of the one above it name.
    pub fn factory_in([title, title_above]: [&str; 2], now: Timestamp) -> Self {
        let valid = validity(years(now, -10), years(now, -1));
        let root = Self::root_at("f92009e853b6b045", valid.clone());
        let below = |above: &Authority, serial, title, number| {
            let key = Key::p256();
            let mut draft = Draft::authority("", key.spki());
            draft.subject = der::name(&[("2.5.4.5", serial), ("2.5.4.12", title)]);
            draft.validity.clone_from(&valid);
            draft.serial = number;
            above.subordinate_of(draft, key)
        };
        let intermediate = below(&root, "87f4514475ba0a2b", title_above, vec![0x03, 0x88]);
        let serial = "3e7fb6a1ee4bd568";
        let hardware = below(&intermediate, serial, title, vec![0, 0xcc, 0x66]);
        Self {
            root,
            intermediates: vec![intermediate],
            hardware,
        }
    }

    /// A device whose key a server certified a week before `now`, for three weeks.
    pub fn remote(now: Timestamp) -> Self {
        Self::remote_in("TEE", now)
    }

    /// As [`remote`](Self::remote), for the kind of hardware that `organization` names.
    pub fn remote_in(organization: &str, now: Timestamp) -> Self {
        let root = Self::root_at("f92009e853b6b045", validity(years(now, -5), years(now, 5)));
        let valid = validity(now.minus(WEEK), now.plus(WEEK * 2));
        let below = |above: &Authority, subject: Vec<u8>, number, valid: Vec<u8>| {
            let key = Key::p256();
            let mut draft = Draft::authority("", key.spki());
            draft.subject = subject;
            draft.validity = valid;
            draft.serial = number;
            if above.name == google("Droid CA3") {
                // CBOR: {1: 16}, so many certificates were issued.
                let value = der::octet_string(&[0xa1, 0x01, 0x10]);
                draft = draft.with(Extension::new(PROVISIONING, value));
            }
            above.subordinate_of(draft, key)
        };
        let long = validity(years(now, -2), years(now, 2));
        let second = below(&root, google("Droid CA2"), vec![0x38, 0x82], long);
        let third = below(
            &second,
            google("Droid CA3"),
            vec![0xbf, 0xc6],
            valid.clone(),
        );
        let name = der::name(&[("2.5.4.10", organization), ("2.5.4.3", "4f47dffa")]);
        let hardware = below(&third, name, vec![0x4f, 0x47], valid);
        Self {
            root,
            intermediates: vec![second, third],
            hardware,
        }
    }

    /// The chain that the device presents for a key, its certificate first.
    pub fn attest(&self, key: &Key, description: &KeyDescription) -> Vec<Vec<u8>> {
        self.present(Self::leaf(key, &description.encode()))
    }

    /// The certificate of a key before it is signed, with any attestation.
    pub fn leaf(key: &Key, attestation: &[u8]) -> Draft {
        Draft::new("Android Keystore Key", key.spki())
            .with(Extension::key_usage(0x80))
            .with(Extension::new(ATTESTATION, attestation.to_vec()))
    }

    /// Any leaf under the device's hardware.
    pub fn present(&self, leaf: Draft) -> Vec<Vec<u8>> {
        let mut chain = vec![self.hardware.issue(leaf), self.hardware.certificate.clone()];
        let above = self.intermediates.iter().rev().chain([&self.root]);
        chain.extend(above.map(|authority| authority.certificate.clone()));
        chain
    }

    fn root_at(serial: &str, validity: Vec<u8>) -> Authority {
        let key = Key::p384();
        let mut draft = Draft::authority("", key.spki());
        draft.subject = der::name(&[("2.5.4.5", serial)]);
        draft.validity = validity;
        draft.serial = vec![0xd5, 0x0f];
        Authority::self_signed(draft, key)
    }
}

impl KeyDescription {
    /// A signing key in the trusted environment of a locked device with the manufacturer's system,
    /// asked for by version 7 of the app.
    pub fn new(challenge: &[u8], package: &str, signing_digest: &[u8]) -> Self {
        let application = application(&[(package, 7)], &[signing_digest]);
        Self {
            attestation_version: 300,
            attestation_level: 1,
            keymint_version: 300,
            keymint_level: 1,
            challenge: challenge.to_vec(),
            software: Fields::default()
                .with(701, der::integer(1_800_000_000_000))
                .with(709, der::octet_string(&application)),
            hardware: Fields::default()
                .with(1, der::set(&[der::integer(2)]))
                .with(2, der::integer(3))
                .with(3, der::integer(256))
                .with(5, der::set(&[der::integer(4)]))
                .with(10, der::integer(1))
                .with(503, der::null())
                .with(702, der::integer(0))
                .with(704, RootOfTrust::verified().encode())
                .with(705, der::integer(160_000))
                .with(706, der::integer(202_612))
                .with(718, der::integer(20_261_205))
                .with(719, der::integer(20_261_201)),
        }
    }

    /// The attestation as certificates hold it.
    pub fn encode(&self) -> Vec<u8> {
        der::sequence(&[
            der::integer(self.attestation_version),
            der::enumerated(self.attestation_level),
            der::integer(self.keymint_version),
            der::enumerated(self.keymint_level),
            der::octet_string(&self.challenge),
            der::octet_string(&[]),
            self.software.encode(),
            self.hardware.encode(),
        ])
    }
}

impl Fields {
    /// Replaces a value, or adds it at the end.
    #[must_use]
    pub fn with(mut self, number: u64, value: Vec<u8>) -> Self {
        match self.0.iter_mut().find(|(other, _)| *other == number) {
            Some(field) => field.1 = value,
            None => self.0.push((number, value)),
        }
        self
    }

    /// Takes a value away.
    #[must_use]
    pub fn without(mut self, number: u64) -> Self {
        self.0.retain(|(other, _)| *other != number);
        self
    }

    fn encode(&self) -> Vec<u8> {
        let fields: Vec<_> = self
            .0
            .iter()
            .map(|(number, value)| der::explicit(*number, value))
            .collect();
        der::sequence(&fields)
    }
}

impl RootOfTrust {
    /// The manufacturer's system on a locked device.
    pub fn verified() -> Self {
        Self {
            boot_key: vec![0xb0; 32],
            locked: 0xff,
            boot_state: 0,
            boot_hash: Some(vec![0xb1; 32]),
        }
    }

    /// The value of the field.
    pub fn encode(&self) -> Vec<u8> {
        let mut fields = vec![
            der::octet_string(&self.boot_key),
            der::tlv(0x01, &[self.locked]),
            der::enumerated(self.boot_state),
        ];
        fields.extend(self.boot_hash.as_deref().map(der::octet_string));
        der::sequence(&fields)
    }
}

/// `AttestationApplicationId`: packages with their versions, and what they are signed with.
pub fn application(packages: &[(&str, u64)], signing_digests: &[&[u8]]) -> Vec<u8> {
    let packages: Vec<_> = packages
        .iter()
        .map(|(name, version)| {
            der::sequence(&[der::octet_string(name.as_bytes()), der::integer(*version)])
        })
        .collect();
    let digests: Vec<_> = signing_digests
        .iter()
        .map(|digest| der::octet_string(digest))
        .collect();
    der::sequence(&[der::set(&packages), der::set(&digests)])
}

const WEEK: Duration = Duration::from_hours(7 * 24);

fn google(common_name: &str) -> Vec<u8> {
    der::name(&[("2.5.4.3", common_name), ("2.5.4.10", "Google LLC")])
}

fn years(now: Timestamp, years: i32) -> Timestamp {
    let time = WEEK * 52 * years.unsigned_abs();
    if years < 0 {
        now.minus(time)
    } else {
        now.plus(time)
    }
}
