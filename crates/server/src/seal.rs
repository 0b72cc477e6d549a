//! Sealing what must be readable again: AES-256-GCM under the key-encryption key.
//!
//! A sealed value is `version (1) ‖ key id (8) ‖ nonce (12) ‖ ciphertext ‖ tag (16)`. Its place,
//! `table|row|column`, is authenticated with it, so a value copied into another row does not open.

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hkdf::{HKDF_SHA256, KeyType, Salt},
};
use countersign_core::{Rng, token::PlainToken, token::sha256};
use std::{fmt, sync::Arc};
use uuid::Uuid;
use zeroize::Zeroizing;

/// Where a sealed value belongs.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// The table.
    pub table: &'static str,
    /// The row's id.
    pub row: Uuid,
    /// The column.
    pub column: &'static str,
}

/// The key-encryption key: 32 bytes from a file or a secret store, never in the database.
pub struct Vault {
    secret: Zeroizing<[u8; 32]>,
    key: LessSafeKey,
    id: [u8; ID_LEN],
    rng: Arc<dyn Rng>,
}

/// A sealed value did not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// It was sealed under another key.
    #[error("sealed under another key-encryption key")]
    WrongKey,
    /// It was altered, cut short, or belongs to another place.
    #[error("the sealed value is damaged or belongs elsewhere")]
    Damaged,
}

const VERSION: u8 = 1;
const ID_LEN: usize = 8;
const HEADER: usize = 1 + ID_LEN + NONCE_LEN;

impl Vault {
    /// Takes the 32 bytes of the key.
    pub fn new(secret: Zeroizing<[u8; 32]>, rng: Arc<dyn Rng>) -> Self {
        let key = aes_key(&secret);
        let mut labelled = Zeroizing::new(b"countersign kek id ".to_vec());
        labelled.extend_from_slice(secret.as_ref());
        let id = std::array::from_fn(|i| sha256(&labelled)[i]);
        Self {
            secret,
            key,
            id,
            rng,
        }
    }

    /// Seals a value for one place.
    pub fn seal(&self, place: Place, plain: &[u8]) -> Vec<u8> {
        let mut header = Vec::with_capacity(HEADER + plain.len() + 16);
        header.push(VERSION);
        header.extend_from_slice(&self.id);
        append_sealed(header, &self.key, place.aad(), plain, &*self.rng)
    }

    /// Opens a value sealed for this place.
    ///
    /// # Errors
    /// [`OpenError`] tells a wrong key from a damaged value.
    pub fn open(&self, place: Place, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let (header, body) = sealed
            .split_at_checked(1 + ID_LEN)
            .ok_or(OpenError::Damaged)?;
        if header[0] != VERSION {
            return Err(OpenError::Damaged);
        }
        if header[1..] != self.id {
            return Err(OpenError::WrongKey);
        }
        open_body(&self.key, place.aad(), body).ok_or(OpenError::Damaged)
    }

    /// Derives a 32-byte key for a purpose that every node with this vault shares.
    pub fn derive(&self, purpose: &'static str) -> Zeroizing<[u8; 32]> {
        expand(self.secret.as_ref(), purpose.as_bytes())
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").finish_non_exhaustive()
    }
}

impl Place {
    fn aad(self) -> Vec<u8> {
        format!("{}|{}|{}", self.table, self.row, self.column).into_bytes()
    }
}

/// Seals the token that follows `token`, so that only a holder of `token` can get it again.
pub(crate) fn seal_successor(token: &PlainToken, successor: &PlainToken, rng: &dyn Rng) -> Vec<u8> {
    append_sealed(
        Vec::new(),
        &successor_key(token),
        Vec::new(),
        successor.reveal().as_bytes(),
        rng,
    )
}

/// Opens what [`seal_successor`] sealed; `None` with another token or a damaged value.
pub(crate) fn open_successor(token: &PlainToken, sealed: &[u8]) -> Option<PlainToken> {
    let plain = open_body(&successor_key(token), Vec::new(), sealed)?;
    std::str::from_utf8(&plain).ok()?.parse().ok()
}

fn successor_key(token: &PlainToken) -> LessSafeKey {
    aes_key(&expand(
        token.reveal().as_bytes(),
        b"countersign refresh successor",
    ))
}

fn aes_key(secret: &[u8; 32]) -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM, secret).expect("an AES-256 key has 32 bytes"))
}

fn append_sealed(
    mut out: Vec<u8>,
    key: &LessSafeKey,
    aad: Vec<u8>,
    plain: &[u8],
    rng: &dyn Rng,
) -> Vec<u8> {
    let mut nonce = [0; NONCE_LEN];
    rng.fill(&mut nonce);
    out.extend_from_slice(&nonce);
    let mut body = plain.to_vec();
    // GCM takes up to 64 GiB; a longer plaintext must not leave unsealed.
    key.seal_in_place_append_tag(
        Nonce::assume_unique_for_key(nonce),
        Aad::from(aad),
        &mut body,
    )
    .expect("the plaintext is far below AES-GCM's limit");
    out.append(&mut body);
    out
}

fn open_body(key: &LessSafeKey, aad: Vec<u8>, body: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (nonce, sealed) = body.split_at_checked(NONCE_LEN)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let mut buffer = Zeroizing::new(sealed.to_vec());
    let length = key
        .open_in_place(nonce, Aad::from(aad), &mut buffer)
        .ok()?
        .len();
    buffer.truncate(length);
    Some(buffer)
}

fn expand(secret: &[u8], purpose: &[u8]) -> Zeroizing<[u8; 32]> {
    struct Bytes32;
    impl KeyType for Bytes32 {
        fn len(&self) -> usize {
            32
        }
    }
    let mut key = Zeroizing::new([0; 32]);
    let info = [purpose];
    Salt::new(HKDF_SHA256, b"countersign")
        .extract(secret)
        .expand(&info, Bytes32)
        .and_then(|okm| okm.fill(key.as_mut()))
        .expect("HKDF-SHA256 gives up to 8,160 bytes");
    key
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_core::{SystemRng, token::TokenKind};

    const PLACE: Place = Place {
        table: "ownerships",
        row: Uuid::from_u128(1),
        column: "push_address",
    };

    fn vault(byte: u8) -> Vault {
        Vault::new(Zeroizing::new([byte; 32]), Arc::new(SystemRng))
    }

    #[test]
    fn a_value_opens_only_in_its_place() {
        let sealed = vault(1).seal(PLACE, b"address");
        assert_eq!(
            vault(1).open(PLACE, &sealed).unwrap().as_slice(),
            b"address"
        );
        let elsewhere = Place {
            row: Uuid::from_u128(2),
            ..PLACE
        };
        assert_eq!(vault(1).open(elsewhere, &sealed), Err(OpenError::Damaged));
        assert_eq!(vault(2).open(PLACE, &sealed), Err(OpenError::WrongKey));
    }

    #[test]
    fn any_damage_is_noticed() {
        let sealed = vault(1).seal(PLACE, b"address");
        for at in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[at] ^= 1;
            assert!(vault(1).open(PLACE, &damaged).is_err(), "byte {at}");
            assert!(vault(1).open(PLACE, &sealed[..at]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn a_successor_opens_only_with_the_token_before_it() {
        let token = || PlainToken::generate(TokenKind::Refresh, &SystemRng);
        let (first, second) = (token(), token());
        let sealed = seal_successor(&first, &second, &SystemRng);
        assert_eq!(open_successor(&first, &sealed), Some(second));
        assert_eq!(open_successor(&token(), &sealed), None);
    }

    #[test]
    fn derived_keys_differ_by_purpose() {
        assert_ne!(vault(1).derive("nonce"), vault(1).derive("cursor"));
        assert_eq!(vault(1).derive("nonce"), vault(1).derive("nonce"));
    }
}
