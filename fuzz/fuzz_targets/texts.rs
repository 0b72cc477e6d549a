//! What is written as text is read from it again, and no text makes a reader panic.

#![no_main]

use countersign_attestation::dpop::HtuUrl;
use countersign_barrier::Extent;
use countersign_core::{
    AppId, ClientId, SessionId, Thumbprint, Timestamp,
    attestation::policy::Sha256Hex,
    client::{NoncePolicy, Origin},
    fingerprint::Fingerprint,
    ids::DIGITS,
    token::PlainToken,
    trusted_issuer::{EndpointUrl, IssuerUrl},
    user::ExternalUserId,
};
use libfuzzer_sys::fuzz_target;
use std::{fmt::Display, str::FromStr};

fuzz_target!(|text: &str| {
    for id in [
        again::<ClientId>(text),
        again::<SessionId>(text),
        again::<AppId>(text),
    ] {
        assert!(id.is_none_or(|id| id.len() == 4 + DIGITS));
    }
    again::<Timestamp>(text);
    again::<Thumbprint>(text);
    again::<Fingerprint>(text);
    again::<Sha256Hex>(text);
    again::<ExternalUserId>(text);
    again::<NoncePolicy>(text);
    again::<Extent>(text);
    if let Ok(token) = text.parse::<PlainToken>() {
        assert_eq!(token.reveal(), text);
        assert!(!format!("{token:?}").contains(&text[5..]));
    }
    if let Ok(origin) = text.parse::<Origin>() {
        assert_eq!(origin.as_str(), text);
        let url = HtuUrl::parse(&format!("{text}/")).expect("an origin has URLs");
        assert_eq!(url.origin(), text, "a proof of this origin is one of it");
    }
    if let Ok(issuer) = text.parse::<IssuerUrl>() {
        let discovery: EndpointUrl = issuer.discovery_url().parse().expect("a URL");
        assert!(issuer.may_use(&discovery), "its own documents");
    }
});

/// The text that a value has of its own, if this is a text of one.
fn again<T: FromStr + Display + PartialEq>(text: &str) -> Option<String> {
    let value: T = text.parse().ok()?;
    let written = value.to_string();
    let is_same = written.parse().is_ok_and(|again: T| again == value);
    assert!(is_same, "{text:?} was written as {written:?}");
    Some(written)
}
