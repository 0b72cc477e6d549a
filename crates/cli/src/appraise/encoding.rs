//! Bytes as text.

use base64::{
    Engine,
    alphabet::{Alphabet, STANDARD, URL_SAFE},
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use serde::{
    Deserialize, Deserializer,
    de::{Error, SeqAccess, Visitor},
};
use std::fmt;

/// Bytes in base64url or base64, padded or not; white space is passed over.
#[derive(Debug, Clone)]
pub(super) struct Bytes(pub(super) Vec<u8>);

/// Certificates in DER: a text with PEM blocks, or a list of texts, each in PEM or base64 of DER.
#[derive(Debug, Clone)]
pub(super) struct Certificates(pub(super) Vec<Vec<u8>>);

/// The SHA-256 of a certificate: 64 hexadecimal digits, or base64url as Google writes it.
#[derive(Debug, Clone)]
pub(super) struct Digest(pub(super) Vec<u8>);

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        decode(&text)
            .map(Self)
            .ok_or_else(|| D::Error::custom("expected base64url or base64"))
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use countersign_core::attestation::policy::Sha256Hex;
        let text = String::deserialize(deserializer)?;
        // 64 digits in base64 would be 48 bytes, which is no SHA-256.
        match text.parse::<Sha256Hex>() {
            Ok(hash) => Ok(Self(hash.as_bytes().to_vec())),
            Err(_) => decode(&text)
                .map(Self)
                .ok_or_else(|| D::Error::custom("expected a SHA-256 in hexadecimal or base64url")),
        }
    }
}

impl<'de> Deserialize<'de> for Certificates {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CertificatesVisitor)
    }
}

struct CertificatesVisitor;

impl<'de> Visitor<'de> for CertificatesVisitor {
    type Value = Certificates;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("certificates in PEM, or a list of them")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Certificates, E> {
        let certificates = pem(text).ok_or_else(|| E::custom("expected certificates in PEM"))?;
        Ok(Certificates(certificates))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Certificates, A::Error> {
        let mut certificates = Vec::new();
        while let Some(Item(item)) = items.next_element()? {
            certificates.extend(item);
        }
        Ok(Certificates(certificates))
    }
}

/// One text of a list.
struct Item(Vec<Vec<u8>>);

impl<'de> Deserialize<'de> for Item {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        pem(&text)
            .or_else(|| decode(&text).map(|der| vec![der]))
            .map(Self)
            .ok_or_else(|| D::Error::custom("expected a certificate in PEM, base64url or base64"))
    }
}

fn decode(text: &str) -> Option<Vec<u8>> {
    let text: String = text.split_ascii_whitespace().collect();
    let alphabet: &Alphabet = if text.contains(['-', '_']) {
        &URL_SAFE
    } else {
        &STANDARD
    };
    let config =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    GeneralPurpose::new(alphabet, config).decode(text).ok()
}

/// What is in PEM blocks, whatever their labels; nothing if there is no block or one is broken.
fn pem(text: &str) -> Option<Vec<Vec<u8>>> {
    let blocks = text.split("-----BEGIN ").skip(1).map(|block| {
        let (_, rest) = block.split_once("-----")?;
        let (body, _) = rest.split_once("-----END ")?;
        decode(body)
    });
    let blocks: Vec<_> = blocks.collect::<Option<_>>()?;
    (!blocks.is_empty()).then_some(blocks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_read_in_both_alphabets_padded_or_not() {
        for text in ["--__+", "a", "a!==", "===="] {
            assert_eq!(decode(text), None, "{text}");
        }
        for text in ["-_8", "-_8=", "+/8", "+/8=", " +/\n8= "] {
            assert_eq!(decode(text), Some(vec![0xfb, 0xff]), "{text}");
        }
    }

    #[test]
    fn every_block_of_pem_counts() {
        let block = "-----BEGIN CERTIFICATE-----\nAA\nEC\n-----END CERTIFICATE-----\n";
        let two = format!("of the device:\n{block}of the maker:\n{block}");
        assert_eq!(pem(&two), Some(vec![vec![0, 1, 2]; 2]));
        assert_eq!(pem("AAEC"), None);
        assert_eq!(pem(&block.replace("-----END", "")), None);
    }

    #[test]
    fn a_digest_is_read_in_hexadecimal_and_base64url() {
        let hex: Digest = serde_json::from_str(&format!("\"{}\"", "0f".repeat(32))).unwrap();
        let text = "Dw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8";
        let base64: Digest = serde_json::from_str(&format!("\"{text}\"")).unwrap();
        assert_eq!((&hex.0, &base64.0), (&vec![0x0f; 32], &vec![0x0f; 32]));
    }
}
