//! Authenticator data, right or wrong (`WebAuthn` section 6.1).

use crate::{cbor, key::Key};
use aws_lc_rs::digest::{SHA256, digest};

/// Authenticator data before it is written; every field may be anything.
#[derive(Debug, Clone)]
pub struct AuthenticatorData {
    /// What it is hashed for: an app id, or a relying party's.
    pub subject: String,
    /// As the flags of `WebAuthn`.
    pub flags: u8,
    /// How often the key was used.
    pub counter: u32,
    /// What is said of a new credential.
    pub credential: Option<Credential>,
    /// Appended as it is: the map of extensions, or anything.
    pub rest: Vec<u8>,
}

/// A new credential.
#[derive(Debug, Clone)]
pub struct Credential {
    /// What kind of authenticator it is in.
    pub aaguid: [u8; 16],
    /// How the authenticator finds it.
    pub id: Vec<u8>,
    /// Its key as a `COSE_Key`; made by [`cose_key`].
    pub key: Vec<u8>,
}

impl AuthenticatorData {
    /// Writes it.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = digest(&SHA256, self.subject.as_bytes()).as_ref().to_vec();
        bytes.push(self.flags);
        bytes.extend(self.counter.to_be_bytes());
        if let Some(credential) = &self.credential {
            bytes.extend(credential.aaguid);
            let [.., high, low] = credential.id.len().to_be_bytes();
            bytes.extend([high, low]);
            bytes.extend(&credential.id);
            bytes.extend(&credential.key);
        }
        bytes.extend(&self.rest);
        bytes
    }
}

/// A key as a `COSE_Key` (RFC 9053), by the algorithm that it usually signs with.
pub fn cose_key(key: &Key) -> Vec<u8> {
    let bytes = key.public_bytes();
    let point = |curve, algorithm| {
        let (x, y) = bytes[1..].split_at(bytes.len() / 2);
        vec![(1, cbor::number(2)), (3, cbor::number(algorithm))]
            .into_iter()
            .chain([(-1, cbor::number(curve))])
            .chain([(-2, cbor::bytes(x)), (-3, cbor::bytes(y))])
            .collect()
    };
    let members: Vec<(i64, Vec<u8>)> = match (bytes.len(), key.rsa_parts()) {
        (_, Some((n, e))) => vec![
            (1, cbor::number(3)),
            (3, cbor::number(-257)),
            (-1, cbor::bytes(&n)),
            (-2, cbor::bytes(&e)),
        ],
        (65, None) => point(1, -7),
        (97, None) => point(2, -35),
        (133, None) => point(3, -36),
        _ => vec![
            (1, cbor::number(1)),
            (3, cbor::number(-8)),
            (-1, cbor::number(6)),
            (-2, cbor::bytes(&bytes)),
        ],
    };
    let members: Vec<_> = members
        .into_iter()
        .map(|(key, value)| (cbor::number(key), value))
        .collect();
    cbor::map(&members)
}
