//! `tpm` (section 8.3): a TPM certifies that it keeps the credential's key.

use super::{Doubt, Kind, Statement, StatementError, Voucher, certificates, signature_algorithm};
use crate::{
    appraisal::Checks,
    cbor::Value,
    certificate::{Certificate, KeyAlgorithm},
    cose::{CredentialKey, Parts},
    der::without_leading_zeros,
};
use aws_lc_rs::{
    digest::{Algorithm, SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA384, SHA512, digest},
    signature::{RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, UnparsedPublicKey},
};

/// RSA with SHA-1, which many TPMs sign with. A collision is of no use to who makes one: what the
/// TPM certifies is named by a better hash.
const RS1: i128 = -65535;

pub(super) fn verify<'a>(
    statement: &Statement<'a>,
    checks: &mut Checks,
) -> Result<Voucher<'a>, StatementError> {
    let parts = Members::read(statement);
    let parts = checks.note("statement", parts)?;
    let public = Public::parse(parts.public).ok_or(StatementError::Malformed);
    let public = checks.note("tpm_public_area", public)?;
    let is_key = public.is_key(statement.key);
    checks.ensure("statement_key", is_key, StatementError::KeyMismatch)?;

    let hash = hash_of_signature(parts.algorithm).ok_or(StatementError::WrongAlgorithm);
    let hash = checks.note("algorithm", hash)?;
    let certified = Certified::parse(parts.certified).ok_or(StatementError::Malformed);
    let certified = checks.note("tpm_certificate_info", certified)?;
    let is_about = certified.extra_data == digest(hash, &statement.signed()).as_ref();
    checks.ensure("tpm_extra_data", is_about, StatementError::DataMismatch)?;
    let is_named = public.name(parts.public).as_deref() == Some(certified.name);
    checks.ensure("tpm_name", is_named, StatementError::KeyMismatch)?;

    let (leaf, certificates) = statement.certificates(checks)?;
    let is_signed = is_signed(&leaf, &parts);
    checks.ensure(
        "statement_signature",
        is_signed,
        StatementError::BadSignature,
    )?;
    let unsuitable = StatementError::UnsuitableCertificate;
    checks.ensure(
        "certificate_subject",
        certificates::is_tpm(&leaf),
        unsuitable,
    )?;
    certificates::check(&leaf, statement.credential.aaguid, checks)?;
    Ok(Voucher::Chain {
        kind: Kind::Tpm,
        certificates,
        doubt: (!public.is_bound()).then_some(Doubt::MovableKey),
    })
}

struct Members<'a> {
    algorithm: i128,
    signature: &'a [u8],
    public: &'a [u8],
    certified: &'a [u8],
}

impl<'a> Members<'a> {
    fn read(statement: &Statement<'a>) -> Result<Self, StatementError> {
        let version = statement.members.text_key("ver").and_then(Value::as_text);
        if version != Some("2.0") {
            return Err(StatementError::Malformed);
        }
        Ok(Self {
            algorithm: statement.number("alg")?,
            signature: statement.bytes("sig")?,
            public: statement.bytes("pubArea")?,
            certified: statement.bytes("certInfo")?,
        })
    }
}

fn hash_of_signature(cose: i128) -> Option<&'static Algorithm> {
    match cose {
        -7 | -257 => Some(&SHA256),
        -35 | -258 => Some(&SHA384),
        -36 | -259 => Some(&SHA512),
        RS1 => Some(&SHA1_FOR_LEGACY_USE_ONLY),
        _ => None,
    }
}

fn is_signed(leaf: &Certificate<'_>, parts: &Members<'_>) -> bool {
    if parts.algorithm == RS1 && leaf.key.algorithm == KeyAlgorithm::Rsa {
        let key =
            UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, leaf.key.bits);
        return key.verify(parts.certified, parts.signature).is_ok();
    }
    signature_algorithm(parts.algorithm).is_ok_and(|algorithm| {
        leaf.key
            .is_signed(algorithm, parts.certified, parts.signature)
    })
}

/// `TPMS_ATTEST` of a certified key (TPM 2.0 Library, part 2, section 10.12.8).
struct Certified<'a> {
    extra_data: &'a [u8],
    name: &'a [u8],
}

impl<'a> Certified<'a> {
    fn parse(bytes: &'a [u8]) -> Option<Self> {
        let mut reader = Reader(bytes);
        // TPM_GENERATED_VALUE, TPM_ST_ATTEST_CERTIFY
        if reader.take(6)? != [0xff, b'T', b'C', b'G', 0x80, 0x17] {
            return None;
        }
        let _qualified_signer = reader.sized_up_to(MAX_NAME_BYTES)?;
        let extra_data = reader.sized_up_to(MAX_NAME_BYTES)?;
        let _clock_and_firmware = reader.take(17 + 8)?;
        let name = reader.sized_up_to(MAX_NAME_BYTES)?;
        let _qualified_name = reader.sized_up_to(MAX_NAME_BYTES)?;
        reader.0.is_empty().then_some(Self { extra_data, name })
    }
}

/// The longest name of an object, and as much data as a caller may have attested: the longest hash,
/// and which one it is (part 2, sections 10.4.3 and 10.5.3).
const MAX_NAME_BYTES: usize = 2 + 64;

/// `TPMT_PUBLIC` (part 2, section 12.2.4).
struct Public<'a> {
    name_algorithm: u16,
    attributes: u32,
    key: PublicKey<'a>,
}

enum PublicKey<'a> {
    Rsa {
        n: &'a [u8],
        e: u32,
    },
    Ecc {
        curve: u16,
        x: &'a [u8],
        y: &'a [u8],
    },
}

/// `fixedTPM`, `fixedParent` and `sensitiveDataOrigin` (part 2, section 8.3.2).
const BOUND: u32 = 1 << 1 | 1 << 4 | 1 << 5;

/// `TPM_ALG_NULL`: no parameters follow.
const NULL: u16 = 0x0010;

impl<'a> Public<'a> {
    fn parse(bytes: &'a [u8]) -> Option<Self> {
        let mut reader = Reader(bytes);
        let (kind, name_algorithm) = (reader.u16()?, reader.u16()?);
        let attributes = reader.u32()?;
        let _policy = reader.sized()?;
        if reader.u16()? != NULL {
            let _symmetric = reader.take(4)?;
        }
        reader.scheme()?;
        let key = match kind {
            0x0001 => {
                let _bits = reader.u16()?;
                let e = reader.u32()?;
                PublicKey::Rsa {
                    // 0 stands for the usual exponent (part 2, section 12.2.3.5).
                    e: if e == 0 { 65537 } else { e },
                    n: reader.sized()?,
                }
            }
            0x0023 => {
                let curve = reader.u16()?;
                reader.scheme()?;
                let (x, y) = (reader.sized()?, reader.sized()?);
                PublicKey::Ecc { curve, x, y }
            }
            _ => return None,
        };
        reader.0.is_empty().then_some(Self {
            name_algorithm,
            attributes,
            key,
        })
    }

    /// Whether the TPM made the key and never lets it out: a key that was brought in, or may leave, is
    /// in other places too.
    const fn is_bound(&self) -> bool {
        self.attributes & BOUND == BOUND
    }

    fn is_key(&self, key: &CredentialKey) -> bool {
        let same = |one, other| without_leading_zeros(one) == without_leading_zeros(other);
        match (&self.key, key.parts()) {
            (PublicKey::Rsa { n, e }, Parts::Rsa(other_n, other_e)) => {
                same(n, other_n) && same(&e.to_be_bytes(), other_e)
            }
            (PublicKey::Ecc { curve, x, y }, Parts::Point(other_x, other_y)) => {
                // TPM_ECC_NIST_P256 and those after it.
                let is_curve = matches!((curve, other_x.len()), (3, 32) | (4, 48) | (5, 66));
                is_curve && same(x, other_x) && same(y, other_y)
            }
            _ => false,
        }
    }

    /// The name of an object: which hash, and the hash of its public area (part 1, section 16).
    fn name(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let hash = match self.name_algorithm {
            0x000b => &SHA256,
            0x000c => &SHA384,
            0x000d => &SHA512,
            _ => return None,
        };
        let hash = digest(hash, bytes);
        Some([&self.name_algorithm.to_be_bytes(), hash.as_ref()].concat())
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn u16(&mut self) -> Option<u16> {
        Some(u16::from_be_bytes(*self.take(2)?.as_array()?))
    }

    fn u32(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(*self.take(4)?.as_array()?))
    }

    fn sized_up_to(&mut self, max: usize) -> Option<&'a [u8]> {
        self.sized().filter(|bytes| bytes.len() <= max)
    }

    /// Bytes with their length before them.
    fn sized(&mut self) -> Option<&'a [u8]> {
        let length = self.u16()?;
        self.take(length.into())
    }

    /// A scheme and the hash that it is used with.
    fn scheme(&mut self) -> Option<()> {
        if self.u16()? != NULL {
            self.u16()?;
        }
        Some(())
    }
}
