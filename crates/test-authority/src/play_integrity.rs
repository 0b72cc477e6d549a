//! Tokens of Play Integrity's classic requests, right or wrong.

use crate::der;
use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    key_wrap::{AES_256, AesKek, KeyWrap},
    rand,
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use countersign_attestation::jws::SigningKey;

/// Stands for Google and the Play Console of one app.
#[derive(Debug)]
pub struct PlayConsole {
    decryption: [u8; 32],
    signing: SigningKey,
}

/// A token before it is encrypted; every part may be anything.
#[derive(Debug, Clone)]
pub struct TokenDraft {
    /// The header of the JWE.
    pub encryption_header: String,
    /// The header of the JWS.
    pub signing_header: String,
    /// What is signed.
    pub payload: Vec<u8>,
}

impl Default for PlayConsole {
    fn default() -> Self {
        Self::new()
    }
}

impl PlayConsole {
    /// An app's console with new keys.
    pub fn new() -> Self {
        let mut decryption = [0; 32];
        rand::fill(&mut decryption).unwrap_or_else(|_| no_entropy());
        Self {
            decryption,
            signing: SigningKey::generate().unwrap_or_else(|_| no_entropy()),
        }
    }

    /// The texts of the decryption and the verification key, as the console shows them.
    pub fn response_keys(&self) -> (String, String) {
        let jwk = self.signing.jwk();
        let coordinates = [jwk.x, jwk.y].map(|part| {
            let part = URL_SAFE_NO_PAD.decode(part);
            part.unwrap_or_else(|_| no_entropy())
        });
        let algorithm = der::sequence(&[
            der::oid("1.2.840.10045.2.1"),
            der::oid("1.2.840.10045.3.1.7"),
        ]);
        let point = [&[4], coordinates.concat().as_slice()].concat();
        let spki = der::sequence(&[algorithm, der::bit_string(&point)]);
        (STANDARD.encode(self.decryption), STANDARD.encode(spki))
    }

    /// A token that says this.
    pub fn issue(&self, payload: &[u8]) -> String {
        self.issue_draft(&TokenDraft::new(payload))
    }

    /// A token of any shape.
    pub fn issue_draft(&self, draft: &TokenDraft) -> String {
        let input = [draft.signing_header.as_bytes(), &draft.payload].map(encode);
        let input = input.join(".");
        let signature = self.signing.sign(input.as_bytes());
        let signature = signature.unwrap_or_else(|_| no_entropy());
        let signed = format!("{input}.{}", encode(&signature));
        self.encrypt(&draft.encryption_header, signed.as_bytes())
    }

    /// A token that holds this in place of something signed.
    pub fn encrypt(&self, header: &str, plain: &[u8]) -> String {
        let (mut key, mut iv) = ([0; 32], [0; 12]);
        rand::fill(&mut key).unwrap_or_else(|_| no_entropy());
        rand::fill(&mut iv).unwrap_or_else(|_| no_entropy());
        let mut wrapped = [0; 40];
        AesKek::new(&AES_256, &self.decryption)
            .and_then(|wrapping| wrapping.wrap(&key, &mut wrapped).map(|_| ()))
            .unwrap_or_else(|_| no_entropy());
        let protected = encode(header.as_bytes());
        let mut text = plain.to_vec();
        let tag = UnboundKey::new(&AES_256_GCM, &key)
            .and_then(|key| {
                let iv = Nonce::assume_unique_for_key(iv);
                let aad = Aad::from(protected.as_bytes());
                LessSafeKey::new(key).seal_in_place_separate_tag(iv, aad, &mut text)
            })
            .unwrap_or_else(|_| no_entropy());
        let parts = [&wrapped[..], &iv, &text, tag.as_ref()].map(encode);
        format!("{protected}.{}", parts.join("."))
    }
}

impl TokenDraft {
    /// A token as Google makes them.
    pub fn new(payload: &[u8]) -> Self {
        Self {
            encryption_header: r#"{"alg":"A256KW","enc":"A256GCM"}"#.to_owned(),
            signing_header: r#"{"alg":"ES256"}"#.to_owned(),
            payload: payload.to_vec(),
        }
    }
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn no_entropy() -> ! {
    panic!("the library has no entropy or memory")
}
