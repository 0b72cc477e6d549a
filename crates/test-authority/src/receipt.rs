//! A stand-in for who signs App Attest's receipts (RFC 5652).

use crate::{
    certificate::{Authority, Draft, Extension},
    der,
    key::Key,
};
use countersign_core::Timestamp;

/// The certificate extension of those who sign receipts.
pub const SIGNER_OID: &str = "1.2.840.113635.100.12.15";

/// Who signs receipts.
#[derive(Debug)]
pub struct ReceiptSigner {
    /// To be handed to the judge as the only anchor.
    pub root: Authority,
    /// Certifies signers.
    pub intermediate: Authority,
    /// Signs.
    pub signer: Authority,
}

/// How lengths are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// In front.
    Definite,
    /// By end markers, and the content in chunks.
    Indefinite,
}

impl Default for ReceiptSigner {
    fn default() -> Self {
        Self::new(&[Extension::new(SIGNER_OID, der::null())])
    }
}

impl ReceiptSigner {
    /// A signer with these extensions in its certificate, under a new root.
    pub fn new(extensions: &[Extension]) -> Self {
        let root = Authority::root("Test Root CA - G3", Key::p384());
        let intermediate = root.subordinate("Test Integration CA", Key::p256());
        let key = Key::p256();
        let mut draft = Draft::new("Test Receipt Signing", key.spki());
        draft.extensions = extensions.to_vec();
        let signer = intermediate.subordinate_of(draft, key);
        Self {
            root,
            intermediate,
            signer,
        }
    }

    /// Signs any content.
    pub fn sign(&self, content: &[u8], form: Form) -> Vec<u8> {
        let chunks = match form {
            Form::Definite => der::octet_string(content),
            Form::Indefinite => {
                let chunks = content.chunks(1000).map(der::octet_string);
                form.constructed(0x24, &chunks.collect::<Vec<_>>())
            }
        };
        let sha256 = der::sequence(&[der::oid("2.16.840.1.101.3.4.2.1"), der::null()]);
        let content_info = [
            der::oid("1.2.840.113549.1.7.1"),
            form.constructed(0xa0, &[chunks]),
        ];
        let mut certificates = [&self.signer, &self.intermediate, &self.root];
        // A set: they may stand in any order.
        if form == Form::Definite {
            certificates.reverse();
        }
        let certificates = certificates.map(|authority| authority.certificate.clone());
        let key = &self.signer.key;
        let signer = der::sequence(&[
            der::integer(1),
            der::sequence(&[self.intermediate.name.clone(), der::integer(1)]),
            sha256.clone(),
            key.signature_algorithm(key.hash()),
            der::octet_string(&key.sign(content)),
        ]);
        let fields = [
            der::integer(1),
            der::set(&[sha256]),
            form.constructed(0x30, &content_info),
            form.constructed(0xa0, &certificates),
            der::set(&[signer]),
        ];
        let signed_data = form.constructed(0x30, &fields);
        let message = [
            der::oid("1.2.840.113549.1.7.2"),
            form.constructed(0xa0, &[signed_data]),
        ];
        form.constructed(0x30, &message)
    }
}

impl Form {
    fn constructed(self, tag: u8, values: &[Vec<u8>]) -> Vec<u8> {
        let content = values.concat();
        match self {
            Self::Definite => der::tlv(tag, &content),
            Self::Indefinite => [&[tag, 0x80], content.as_slice(), &[0, 0]].concat(),
        }
    }
}

/// The fields of a receipt that came with an attestation in the development environment.
pub fn fields(app_id: &str, leaf: &[u8], created_at: Timestamp) -> Vec<(u64, Vec<u8>)> {
    let until = created_at.plus(std::time::Duration::from_hours(24 * 90));
    vec![
        (2, app_id.as_bytes().to_vec()),
        (3, leaf.to_vec()),
        (4, b"a hash".to_vec()),
        (5, b"a token".to_vec()),
        (6, b"ATTEST".to_vec()),
        (7, b"sandbox".to_vec()),
        (12, created_at.to_string().into_bytes()),
        (21, until.to_string().into_bytes()),
    ]
}

/// Writes fields as the content of a receipt.
pub fn content(fields: &[(u64, Vec<u8>)]) -> Vec<u8> {
    let fields = fields.iter().map(|(kind, value)| {
        der::sequence(&[
            der::integer(*kind),
            der::integer(1),
            der::octet_string(value),
        ])
    });
    der::set(&fields.collect::<Vec<_>>())
}
