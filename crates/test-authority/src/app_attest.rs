//! A stand-in for Apple's App Attest service and the devices that use it.

use crate::{
    authenticator_data::{AuthenticatorData, Credential, cose_key},
    cbor,
    certificate::{Authority, Draft, Extension},
    der,
    key::Key,
};
use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::STANDARD};

/// `aaguid` of Apple's production service.
pub const PRODUCTION: [u8; 16] = *b"appattest\0\0\0\0\0\0\0";

/// `aaguid` of Apple's development service.
pub const DEVELOPMENT: [u8; 16] = *b"appattestdevelop";

/// The certificate extension that holds the nonce.
pub const NONCE_OID: &str = "1.2.840.113635.100.8.2";

/// The service: a root, and the intermediate authority that certifies keys.
#[derive(Debug)]
pub struct AppAttest {
    /// To be handed to the judge as the only anchor.
    pub root: Authority,
    /// Certifies keys.
    pub intermediate: Authority,
}

/// An attestation object before it is written; every field may be anything.
#[derive(Debug, Clone)]
pub struct AttestationObject {
    /// `fmt`.
    pub format: String,
    /// `x5c`.
    pub certificates: Vec<Vec<u8>>,
    /// `receipt`.
    pub receipt: Vec<u8>,
    /// `authData`.
    pub authenticator_data: Vec<u8>,
}

impl Default for AppAttest {
    fn default() -> Self {
        Self::new()
    }
}

impl AppAttest {
    /// A service under a new root.
    pub fn new() -> Self {
        let root = Authority::root("Test App Attestation Root CA", Key::p384());
        let intermediate = root.subordinate("Test App Attestation CA 1", Key::p384());
        Self { root, intermediate }
    }

    /// The object that a device makes for a new key, as Apple would.
    pub fn attest(
        &self,
        key: &Key,
        data: &AuthenticatorData,
        client_data: &[u8],
    ) -> AttestationObject {
        let authenticator_data = data.encode();
        let nonce = nonce_extension(&authenticator_data, client_data);
        let leaf = leaf(key.spki(), &nonce);
        AttestationObject {
            format: "apple-appattest".to_owned(),
            certificates: vec![
                self.intermediate.issue(leaf),
                self.intermediate.certificate.clone(),
            ],
            receipt: b"a receipt".to_vec(),
            authenticator_data,
        }
    }
}

impl AttestationObject {
    /// Writes it as the system's library does.
    pub fn encode(&self) -> Vec<u8> {
        let certificates: Vec<_> = self.certificates.iter().map(|c| cbor::bytes(c)).collect();
        let statement = cbor::text_map(&[
            ("x5c", cbor::array(&certificates)),
            ("receipt", cbor::bytes(&self.receipt)),
        ]);
        cbor::text_map(&[
            ("fmt", cbor::text(&self.format)),
            ("attStmt", statement),
            ("authData", cbor::bytes(&self.authenticator_data)),
        ])
    }
}

/// The leaf certificate for a key, with the extended key usage of those from 2026.
pub fn leaf(spki: Vec<u8>, nonce_extension: &[u8]) -> Draft {
    Draft::new("an attested key", spki)
        .with(Extension::basic_constraints(false))
        .with(Extension::key_usage(0xf0))
        .with(Extension::extended_key_usage(&["1.2.840.113635.100.4.24"]))
        .with(Extension::new(NONCE_OID, nonce_extension.to_vec()))
}

/// The value of the extension that holds the nonce.
pub fn nonce_extension(authenticator_data: &[u8], client_data: &[u8]) -> Vec<u8> {
    let nonce = der::octet_string(&nonce(authenticator_data, client_data));
    der::sequence(&[der::explicit(1, &nonce)])
}

/// The extension of who may use a key, as certificates of Macs have it.
pub fn access_control(octets: &[u8]) -> Extension {
    let value = der::sequence(&[der::explicit(3, &der::octet_string(octets))]);
    Extension::new("1.2.840.113635.100.8.6", value)
}

/// The key's id as the app has it.
pub fn key_id(key: &Key) -> String {
    STANDARD.encode(digest(&SHA256, &key.public_bytes()))
}

/// Authenticator data for a new key of an app, as iOS until 26 writes it.
pub fn new_key(key: &Key, app_id: &str, aaguid: [u8; 16]) -> AuthenticatorData {
    AuthenticatorData {
        subject: app_id.to_owned(),
        flags: 0x40,
        counter: 0,
        credential: Some(Credential {
            aaguid,
            id: digest(&SHA256, &key.public_bytes()).as_ref().to_vec(),
            key: cose_key(key),
        }),
        rest: Vec::new(),
    }
}

/// Authenticator data for a use of a key.
pub fn used_key(app_id: &str, counter: u32) -> AuthenticatorData {
    AuthenticatorData {
        subject: app_id.to_owned(),
        flags: 0x40,
        counter,
        credential: None,
        rest: Vec::new(),
    }
}

/// The map that iOS 27 appends to authenticator data.
pub fn extensions(category: u32, version: &str) -> Vec<u8> {
    cbor::text_map(&[
        ("apple_bundle_version_01", cbor::text(version)),
        (
            "apple_validation_category_01",
            cbor::bytes(&category.to_le_bytes()),
        ),
    ])
}

/// The assertion that a key makes.
pub fn assert(key: &Key, data: &AuthenticatorData, client_data: &[u8]) -> Vec<u8> {
    let data = data.encode();
    let signature = key.sign(&nonce(&data, client_data));
    assertion_object(&signature, &data)
}

/// An assertion of any signature and authenticator data.
pub fn assertion_object(signature: &[u8], authenticator_data: &[u8]) -> Vec<u8> {
    cbor::text_map(&[
        ("signature", cbor::bytes(signature)),
        ("authenticatorData", cbor::bytes(authenticator_data)),
    ])
}

fn nonce(authenticator_data: &[u8], client_data: &[u8]) -> Vec<u8> {
    let hash = digest(&SHA256, client_data);
    let both = [authenticator_data, hash.as_ref()].concat();
    digest(&SHA256, &both).as_ref().to_vec()
}
