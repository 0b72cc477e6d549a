//! A stand-in for authenticators and their makers (`WebAuthn` sections 6 and 8).

use crate::{
    android::KeyDescription,
    app_attest::NONCE_OID,
    authenticator_data::{AuthenticatorData, Credential, cose_key},
    cbor,
    certificate::{Authority, Draft, Extension},
    der,
    key::Key,
};
use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// The members of a statement, each of which may be changed.
pub type Members = Vec<(&'static str, Vec<u8>)>;

/// The extension that names the model of authenticator.
pub const MODEL_OID: &str = "1.3.6.1.4.1.45724.1.1.4";

/// The app that has credentials made on Android devices.
pub const BROWSER: &str = "com.example.browser";

/// What that app is signed with.
pub const BROWSER_DIGEST: [u8; 32] = [0xd2; 32];

/// A new credential, and what the browser says of who asked for it.
#[derive(Debug)]
pub struct Registration {
    /// The credential's key.
    pub key: Key,
    /// What the authenticator says.
    pub data: AuthenticatorData,
    /// What the browser says.
    pub client_data: Vec<u8>,
}

/// A maker of authenticators: a root, and the key that a model attests with.
#[derive(Debug)]
pub struct Maker {
    /// To be handed to the judge as an anchor.
    pub root: Authority,
    /// What attests.
    pub key: Key,
}

/// Client data as a browser writes it.
pub fn client_data(kind: &str, challenge: &[u8], origin: &str) -> Vec<u8> {
    let challenge = URL_SAFE_NO_PAD.encode(challenge);
    let head = format!(r#"{{"type":"{kind}","challenge":"{challenge}","#);
    format!(r#"{head}"origin":"{origin}","crossOrigin":false}}"#).into_bytes()
}

/// An attestation object of any parts.
pub fn object(format: &str, statement: &[(&str, Vec<u8>)], data: &AuthenticatorData) -> Vec<u8> {
    cbor::text_map(&[
        ("fmt", cbor::text(format)),
        ("attStmt", cbor::text_map(statement)),
        ("authData", cbor::bytes(&data.encode())),
    ])
}

/// Writes certificates as `x5c`.
pub fn x5c(certificates: &[Vec<u8>]) -> Vec<u8> {
    let certificates: Vec<_> = certificates.iter().map(|c| cbor::bytes(c)).collect();
    cbor::array(&certificates)
}

impl Registration {
    /// Of a key that does not leave its authenticator, by a user whom that knew.
    pub fn new(key: Key, rp_id: &str, challenge: &[u8], origin: &str) -> Self {
        let credential = Credential {
            aaguid: [0xaa; 16],
            id: vec![0xc1; 32],
            key: cose_key(&key),
        };
        Self {
            key,
            data: AuthenticatorData {
                subject: rp_id.to_owned(),
                flags: 0x45,
                counter: 0,
                credential: Some(credential),
                rest: Vec::new(),
            },
            client_data: client_data("webauthn.create", challenge, origin),
        }
    }

    /// SHA-256 of the client data.
    pub fn hash(&self) -> Vec<u8> {
        digest(&SHA256, &self.client_data).as_ref().to_vec()
    }

    /// What most statements are over.
    pub fn signed(&self) -> Vec<u8> {
        [self.data.encode(), self.hash()].concat()
    }

    /// The statement of a credential that vouches for itself.
    pub fn by_itself(&self, algorithm: i64) -> Members {
        vec![
            ("alg", cbor::number(algorithm)),
            ("sig", cbor::bytes(&self.key.sign(&self.signed()))),
        ]
    }

    /// The description of the credential's key by Android's hardware, for a browser that has it sign
    /// only for users that it recognised.
    pub fn key_description(&self) -> KeyDescription {
        let mut description = KeyDescription::new(&self.hash(), BROWSER, &BROWSER_DIGEST);
        let hardware = description.hardware.without(503);
        description.hardware = hardware.with(504, der::integer(2));
        description
    }

    /// The certificate that Apple makes for the credential.
    pub fn apple_leaf(&self) -> Draft {
        let nonce = digest(&SHA256, &self.signed());
        let nonce = der::explicit(1, &der::octet_string(nonce.as_ref()));
        Draft::new("a credential", self.key.spki())
            .with(Extension::basic_constraints(false))
            .with(Extension::new(NONCE_OID, der::sequence(&[nonce])))
    }

    /// The public area of a TPM's key that is the credential's, on P-256 or of RSA: made there, never
    /// to leave, to sign.
    pub fn tpm_public_area(&self) -> Vec<u8> {
        self.tpm_public_area_with(0x0004_0072)
    }

    /// The public area of a key with these attributes.
    pub fn tpm_public_area_with(&self, attributes: u32) -> Vec<u8> {
        let head = |kind: u16| {
            let attributes = attributes.to_be_bytes();
            [&kind.to_be_bytes()[..], &[0, 0x0b], &attributes, &[0, 0]].concat()
        };
        let null = [0, 0x10];
        let sized = |bytes: &[u8]| {
            let [.., high, low] = bytes.len().to_be_bytes();
            [&[high, low], bytes].concat()
        };
        if let Some((n, _)) = self.key.rsa_parts() {
            let parameters = [&null[..], &null, &[8, 0], &[0, 0, 0, 0]].concat();
            return [head(0x0001), parameters, sized(&n)].concat();
        }
        let point = self.key.public_bytes();
        let parameters = [&null[..], &null, &[0, 3], &null].concat();
        let unique = [sized(&point[1..33]), sized(&point[33..])].concat();
        [head(0x0023), parameters, unique].concat()
    }
}

impl Default for Maker {
    fn default() -> Self {
        Self::new()
    }
}

impl Maker {
    /// A maker with a new root.
    pub fn new() -> Self {
        Self {
            root: Authority::root("Test Authenticator Root", Key::p256()),
            key: Key::p256(),
        }
    }

    /// The certificate of a model's attestation key.
    pub fn packed_leaf(&self) -> Draft {
        let mut draft = Draft::new("", self.key.spki())
            .with(Extension::basic_constraints(false))
            .with(Extension::new(MODEL_OID, der::octet_string(&[0xaa; 16])));
        draft.subject = der::name(&[
            ("2.5.4.6", "AA"),
            ("2.5.4.10", "Test Maker"),
            ("2.5.4.11", "Authenticator Attestation"),
            ("2.5.4.3", "Test Authenticator"),
        ]);
        draft
    }

    /// The certificate of a TPM's attestation key as Windows has them made: name, policies and
    /// uses are critical.
    pub fn tpm_leaf(&self) -> Draft {
        let named = der::name(&[
            ("2.23.133.2.1", "id:00000000"),
            ("2.23.133.2.2", "Test TPM"),
            ("2.23.133.2.3", "id:00000001"),
        ]);
        let mut draft = Draft::new("", self.key.spki())
            .with(Extension::basic_constraints(false))
            .with(Extension {
                critical: true,
                ..Extension::extended_key_usage(&["2.23.133.8.3"])
            })
            .with(Extension {
                oid: "2.5.29.17",
                critical: true,
                value: der::sequence(&[der::explicit(4, &named)]),
            })
            .with(Extension {
                oid: "2.5.29.32",
                critical: true,
                value: der::sequence(&[der::sequence(&[der::oid("1.3.6.1.4.1.311.21.31")])]),
            })
            .with(Extension::key_usage(0x80));
        draft.subject = der::sequence(&[]);
        draft
    }

    /// A `packed` or `android-key` statement: `alg`, `sig` and `x5c`.
    pub fn sign(&self, key: &Key, signed: &[u8], leaf: Draft) -> Members {
        vec![
            ("alg", cbor::number(-7)),
            ("sig", cbor::bytes(&key.sign(signed))),
            ("x5c", x5c(&[self.root.issue(leaf)])),
        ]
    }

    /// A `fido-u2f` statement.
    pub fn fido_u2f(&self, registration: &Registration) -> Members {
        let data = registration.data.encode();
        let signed = [
            &[0],
            &data[..32],
            &registration.hash(),
            &[0xc1; 32],
            &registration.key.public_bytes(),
        ];
        let mut members = self.sign(&self.key, &signed.concat(), self.packed_leaf());
        members.remove(0);
        members
    }

    /// A `tpm` statement about a public area.
    pub fn tpm(&self, registration: &Registration, public_area: &[u8], leaf: Draft) -> Members {
        let name = [&[0, 0x0b], digest(&SHA256, public_area).as_ref()].concat();
        let extra_data = digest(&SHA256, &registration.signed());
        let info = tpm_certify_info(extra_data.as_ref(), &name);
        let mut members = self.sign(&self.key, &info, leaf);
        members.extend([
            ("ver", cbor::text("2.0")),
            ("pubArea", cbor::bytes(public_area)),
            ("certInfo", cbor::bytes(&info)),
        ]);
        members
    }
}

/// What a TPM signs when it certifies a key of this name.
pub fn tpm_certify_info(extra_data: &[u8], name: &[u8]) -> Vec<u8> {
    tpm_certify_info_by(&[], extra_data, name)
}

/// The same by a key of a certain name.
pub fn tpm_certify_info_by(signer: &[u8], extra_data: &[u8], name: &[u8]) -> Vec<u8> {
    let sized = |bytes: &[u8]| {
        let [.., high, low] = bytes.len().to_be_bytes();
        [&[high, low], bytes].concat()
    };
    [
        vec![0xff, b'T', b'C', b'G', 0x80, 0x17],
        sized(signer),
        sized(extra_data),
        vec![0; 17 + 8],
        sized(name),
        sized(signer),
    ]
    .concat()
}
