//! Tokens of classic requests: a JWS inside a JWE (RFC 7516 section 7.1), one algorithm each.

use super::{
    appraise::judge,
    keys::{KeyRing, ResponseKeys},
    policy::Expected,
    refused::Refused,
    verdict::Verdict,
};
use crate::{
    appraisal::{Appraisal, Checks},
    jws::{Compact, Text, is_present, read_object},
};
use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    key_wrap::{AES_256, AesKek, KeyWrap},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use zeroize::Zeroizing;

/// The longest token that is looked at; real ones have two or three kB.
pub const MAX_TOKEN_BYTES: usize = 16 * 1024;

/// Of a 256-bit key in `A256KW` (RFC 3394).
const WRAPPED_KEY_BYTES: usize = 40;

/// Decrypts and verifies the token of a classic request, and judges what it says.
pub fn appraise_token(
    token: &str,
    keys: &KeyRing,
    expected: &Expected<'_>,
) -> Appraisal<Verdict, Refused> {
    let mut checks = Checks::default();
    let outcome = open(token, keys, &mut checks)
        .and_then(|payload| judge(read_object(&payload), expected, &mut checks));
    checks.end(outcome)
}

fn open(token: &str, keys: &KeyRing, checks: &mut Checks) -> Result<Vec<u8>, Refused> {
    let is_short = token.len() <= MAX_TOKEN_BYTES;
    checks.ensure("token_size", is_short, Refused::TooLong)?;
    let parts = Parts::split(token).ok_or(Refused::NotCompact);
    let parts = checks.note("token", parts)?;
    checks.note("encryption_header", check_encryption(&parts.header))?;
    let (pair, content_key) = checks.note("wrapped_key", parts.unwrap_key(keys))?;
    let signed = checks.note("ciphertext", parts.decrypt(&content_key))?;
    verify(&signed, pair, checks)
}

fn check_encryption(json: &[u8]) -> Result<(), Refused> {
    let header: EncryptionHeader<'_> = read_object(json).ok_or(Refused::InvalidHeader)?;
    if !is(header.alg.as_ref(), "A256KW") {
        return Err(Refused::WrongKeyWrapping);
    }
    if !is(header.enc.as_ref(), "A256GCM") {
        return Err(Refused::WrongEncryption);
    }
    if header.crit || header.zip {
        return Err(Refused::UnsupportedExtension);
    }
    Ok(())
}

/// What is signed is signed by the other half of the pair that it was encrypted for.
fn verify(signed: &[u8], pair: &ResponseKeys, checks: &mut Checks) -> Result<Vec<u8>, Refused> {
    let jws = str::from_utf8(signed).ok();
    let jws = jws.and_then(|text| Compact::parse(text, MAX_TOKEN_BYTES).ok());
    let jws = checks.note("signed", jws.ok_or(Refused::NotSigned))?;
    checks.note("signature_header", check_signing(&jws.header))?;
    let is_signed = jws.signature.is_some_and(|signature| {
        let message = jws.signing_input.as_bytes();
        pair.verification.is_signed(message, &signature)
    });
    checks.ensure("signature", is_signed, Refused::BadSignature)?;
    Ok(jws.payload)
}

fn check_signing(json: &[u8]) -> Result<(), Refused> {
    let header: SigningHeader<'_> = read_object(json).ok_or(Refused::InvalidHeader)?;
    if !is(header.alg.as_ref(), "ES256") {
        return Err(Refused::WrongAlgorithm);
    }
    if header.crit || header.b64 {
        return Err(Refused::UnsupportedExtension);
    }
    Ok(())
}

fn is(member: Option<&Text<'_>>, value: &str) -> bool {
    member.is_some_and(|member| member.0 == value)
}

/// An encrypted text taken apart.
struct Parts<'a> {
    /// What the tag covers beside the ciphertext.
    protected: &'a str,
    header: Vec<u8>,
    wrapped_key: Vec<u8>,
    iv: Vec<u8>,
    /// With the tag at its end, as the library wants it.
    ciphertext: Vec<u8>,
}

impl<'a> Parts<'a> {
    fn split(token: &'a str) -> Option<Self> {
        let mut parts = token.split('.');
        let mut next = || parts.next();
        let (protected, wrapped_key, iv) = (next()?, next()?, next()?);
        let (ciphertext, tag) = (next()?, next()?);
        if next().is_some() {
            return None;
        }
        let decode = |part| URL_SAFE_NO_PAD.decode(part).ok();
        let tag = decode(tag)?;
        let mut ciphertext = decode(ciphertext)?;
        if tag.len() != AES_256_GCM.tag_len() {
            return None;
        }
        ciphertext.extend_from_slice(&tag);
        Some(Self {
            protected,
            header: decode(protected)?,
            wrapped_key: decode(wrapped_key)?,
            iv: decode(iv)?,
            ciphertext,
        })
    }

    /// The content's key, and the pair of keys that the token is for.
    fn unwrap_key<'k>(
        &self,
        keys: &'k KeyRing,
    ) -> Result<(&'k ResponseKeys, Zeroizing<[u8; 32]>), Refused> {
        if self.wrapped_key.len() != WRAPPED_KEY_BYTES {
            return Err(Refused::UnknownKey);
        }
        let mut key = Zeroizing::new([0; 32]);
        let is_for = |pair: &&ResponseKeys| {
            let wrapping = AesKek::new(&AES_256, pair.decryption.as_slice());
            wrapping.is_ok_and(|wrapping| wrapping.unwrap(&self.wrapped_key, &mut *key).is_ok())
        };
        let pair = keys.pairs().find(is_for).ok_or(Refused::UnknownKey)?;
        Ok((pair, key))
    }

    fn decrypt(&self, key: &[u8; 32]) -> Result<Zeroizing<Vec<u8>>, Refused> {
        let mut text = Zeroizing::new(self.ciphertext.clone());
        let opened = UnboundKey::new(&AES_256_GCM, key)
            .and_then(|key| {
                let iv = Nonce::try_assume_unique_for_key(&self.iv)?;
                let aad = Aad::from(self.protected);
                let text = LessSafeKey::new(key).open_in_place(iv, aad, &mut text)?;
                Ok(text.len())
            })
            .map_err(|_| Refused::BadCiphertext)?;
        text.truncate(opened);
        Ok(text)
    }
}

#[derive(Deserialize)]
struct EncryptionHeader<'a> {
    #[serde(borrow)]
    alg: Option<Text<'a>>,
    #[serde(borrow)]
    enc: Option<Text<'a>>,
    #[serde(default, deserialize_with = "is_present")]
    crit: bool,
    #[serde(default, deserialize_with = "is_present")]
    zip: bool,
}

#[derive(Deserialize)]
struct SigningHeader<'a> {
    #[serde(borrow)]
    alg: Option<Text<'a>>,
    #[serde(default, deserialize_with = "is_present")]
    crit: bool,
    #[serde(default, deserialize_with = "is_present")]
    b64: bool,
}
