//! Access tokens: what is signed is read back, and every change has its reason.

use crate::forge::{encode, replace, sign, split};
use AccessTokenError::*;
use countersign_attestation::{
    access_token::{self, AccessTokenError, Claims, Expected, VerifiedToken},
    jws::{PublicKey, SigningKey},
};
use countersign_core::{
    ClientId, SessionId, SigningKeyId, SystemRng, Thumbprint, Timestamp, decision::Refusal,
    user::ExternalUserId,
};
use std::time::Duration;

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);
const ISSUER: &str = "https://countersign.example";
const HEADER: &str = r#"{"alg":"ES256","typ":"at+jwt","kid":"KID"}"#;
const CLAIMS: &str = r#"{"iss":"https://countersign.example","sub":"42","aud":"api","client_id":"CLIENT","iat":1800000000,"exp":1800000300,"jti":"t1","sid":"SESSION","cnf":{"jkt":"0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"},"amr":["pwd"]}"#;

struct Issuer {
    kid: SigningKeyId,
    key: SigningKey,
    public: PublicKey,
    client_id: ClientId,
    session_id: SessionId,
}

impl Issuer {
    fn new() -> Self {
        let key = SigningKey::generate().unwrap();
        Self {
            kid: SigningKeyId::generate(NOW, &SystemRng),
            public: key.public_key().unwrap(),
            key,
            client_id: ClientId::generate(NOW, &SystemRng),
            session_id: SessionId::generate(NOW, &SystemRng),
        }
    }

    fn verify(&self, token: &str) -> Result<VerifiedToken, AccessTokenError> {
        self.verify_at(token, NOW)
    }

    fn verify_at(&self, token: &str, now: Timestamp) -> Result<VerifiedToken, AccessTokenError> {
        let expected = Expected {
            issuer: ISSUER,
            now,
        };
        access_token::verify(token, &expected, |kid| {
            (kid == self.kid).then_some(&self.public)
        })
    }

    fn header(&self) -> String {
        HEADER.replace("KID", &self.kid.to_string())
    }

    fn claims(&self) -> String {
        CLAIMS
            .replace("CLIENT", &self.client_id.to_string())
            .replace("SESSION", &self.session_id.to_string())
    }

    fn sign(&self, header: &str, claims: &str) -> String {
        sign(&self.key, header, claims)
    }
}

#[test]
fn signed_token_is_read_back() {
    let issuer = Issuer::new();
    let sub: ExternalUserId = "user \"42\" ü".parse().unwrap();
    let jkt = Thumbprint::from_bytes([9; 32]);
    for (jkt, amr) in [
        (None, vec![]),
        (Some(jkt), vec!["pwd".to_owned(), "otp".to_owned()]),
    ] {
        let claims = Claims {
            iss: ISSUER,
            sub: &sub,
            aud: "api",
            client_id: issuer.client_id,
            iat: NOW,
            exp: NOW.plus(Duration::from_mins(5)),
            jti: "t1",
            sid: issuer.session_id,
            jkt,
            amr: &amr,
        };
        let token = access_token::sign(&claims, issuer.kid, &issuer.key).unwrap();
        assert!(token.len() < 700, "{}", token.len());
        let read = issuer.verify(&token).unwrap();
        assert_eq!(
            (read.session_id, read.client_id),
            (issuer.session_id, issuer.client_id)
        );
        assert_eq!(
            (read.sub, read.aud.as_str(), read.jti.as_str()),
            (sub.clone(), "api", "t1")
        );
        assert_eq!((read.issued_at, read.expires_at), (claims.iat, claims.exp));
        assert_eq!((read.jkt, read.amr, read.key_id), (jkt, amr, issuer.kid));
    }
}

#[test]
fn header_says_what_rfc_9068_asks_for() {
    let issuer = Issuer::new();
    let sub = "42".parse().unwrap();
    let claims = Claims {
        iss: ISSUER,
        sub: &sub,
        aud: "api",
        client_id: issuer.client_id,
        iat: NOW,
        exp: NOW,
        jti: "t1",
        sid: issuer.session_id,
        jkt: None,
        amr: &[],
    };
    let token = access_token::sign(&claims, issuer.kid, &issuer.key).unwrap();
    assert!(token.starts_with(&encode(issuer.header())), "{token}");
}

/// (text in the header, what replaces it, the reason)
const HEADERS: &[(&str, &str, AccessTokenError)] = &[
    ("at+jwt", "JWT", WrongType),
    ("at+jwt", "dpop+jwt", WrongType),
    ("at+jwt", "AT+JWT", WrongType),
    ("at+jwt", "application/at+jwt", WrongType),
    (r#","typ":"at+jwt""#, "", Malformed),
    ("ES256", "none", WrongAlgorithm),
    ("ES256", "HS256", WrongAlgorithm),
    ("ES256", "RS256", WrongAlgorithm),
    ("ES256", "ES384", WrongAlgorithm),
    (r#""alg""#, r#""alg":"ES256","alg""#, Malformed),
    (r#""alg""#, r#""a":1,"a":2,"alg""#, Malformed),
    (
        r#""alg""#,
        r#""jku":"https://evil.example","alg""#,
        ForbiddenHeader,
    ),
    (
        r#""alg""#,
        r#""x5u":"https://evil.example","alg""#,
        ForbiddenHeader,
    ),
    (r#""alg""#, r#""x5c":[],"alg""#, ForbiddenHeader),
    (r#""alg""#, r#""jwk":{},"alg""#, ForbiddenHeader),
    (r#""alg""#, r#""crit":["exp"],"alg""#, ForbiddenHeader),
    (r#""alg""#, r#""b64":false,"alg""#, ForbiddenHeader),
    (r#""kid""#, r#""kib""#, Malformed),
    ("sig_", "sig-", UnknownKey),
    ("sig_", "sig_0", UnknownKey),
];

#[test]
fn changed_headers() {
    let issuer = Issuer::new();
    for (from, to, error) in HEADERS {
        let token = issuer.sign(&replace(&issuer.header(), from, to), &issuer.claims());
        assert_eq!(issuer.verify(&token).unwrap_err(), *error, "{from} -> {to}");
    }
}

/// (text in the claims, what replaces it, the reason)
const CHANGES: &[(&str, &str, AccessTokenError)] = &[
    ("countersign.example", "countersign.example/", WrongIssuer),
    ("countersign.example", "evil.example", WrongIssuer),
    (r#""iss""#, r#""isn""#, Malformed),
    (r#""42""#, "42", Malformed),
    (r#""42""#, r#""""#, Malformed),
    (r#""exp":1800000300"#, r#""exp":1800000000"#, Expired),
    (r#""exp":1800000300"#, r#""exp":0"#, Expired),
    (r#""exp":1800000300"#, r#""exp":"1800000300""#, Malformed),
    (r#","exp":1800000300"#, "", Malformed),
    (r#""exp""#, r#""exp":1900000000,"exp""#, Malformed),
    (r#""sid":"ses_"#, r#""sid":"usr_"#, Malformed),
    (r#""client_id":"cli_"#, r#""client_id":"ses_"#, Malformed),
    (r#"{"jkt":"#, r#"{"x":1,"jkt":1,"jkt":"#, Malformed),
    (r#"{"jkt":"0"#, r#"{"jkt":""#, Malformed),
    (r#"{"jkt""#, r#"{"x5t#S256""#, Malformed),
    (r#"["pwd"]"#, r#""pwd""#, Malformed),
];

#[test]
fn changed_claims() {
    let issuer = Issuer::new();
    for (from, to, error) in CHANGES {
        let token = issuer.sign(&issuer.header(), &replace(&issuer.claims(), from, to));
        assert_eq!(issuer.verify(&token).unwrap_err(), *error, "{from} -> {to}");
    }
}

#[test]
fn changed_texts() {
    let issuer = Issuer::new();
    let good = issuer.sign(&issuer.header(), &issuer.claims());
    let (input, signature) = split(&good);
    let other = SigningKey::generate().unwrap();
    for (token, error) in [
        (String::new(), Malformed),
        (format!("{good}."), Malformed),
        (format!("{good}="), Malformed),
        (input.to_owned(), Malformed),
        (format!("{input}."), BadSignature),
        (
            format!("{input}.{}", encode(&signature[..63])),
            BadSignature,
        ),
        (sign(&other, issuer.header(), issuer.claims()), BadSignature),
        // Nothing of claims that nobody signed is looked at.
        (sign(&other, issuer.header(), "no claims"), BadSignature),
        (issuer.sign(&issuer.header(), "no claims"), Malformed),
        ("a".repeat(8193), TooLong),
    ] {
        assert_eq!(issuer.verify(&token).unwrap_err(), error, "{token}");
    }
}

#[test]
fn token_lives_until_exp() {
    let issuer = Issuer::new();
    let token = issuer.sign(&issuer.header(), &issuer.claims());
    let exp = NOW.plus(Duration::from_mins(5));
    let read = issuer
        .verify_at(&token, exp.minus(Duration::from_micros(1)))
        .unwrap();
    assert!(!read.is_expired_at(exp.minus(Duration::from_micros(1))));
    assert!(read.is_expired_at(exp));
    assert_eq!(issuer.verify_at(&token, exp), Err(Expired));
    assert_eq!(Expired.refusal(), Refusal::TokenExpired);
    assert_eq!(BadSignature.refusal(), Refusal::TokenInvalid);
}

#[test]
fn every_flipped_bit_is_noticed() {
    let issuer = Issuer::new();
    let good = issuer.sign(&issuer.header(), &issuer.claims());
    for at in 0..good.len() {
        for bit in 0..7 {
            let mut bytes = good.clone().into_bytes();
            bytes[at] ^= 1 << bit;
            let text = String::from_utf8(bytes).unwrap();
            assert!(issuer.verify(&text).is_err(), "bit {bit} of byte {at}");
        }
    }
}
