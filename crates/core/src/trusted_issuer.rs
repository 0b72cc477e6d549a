//! OpenID Connect issuers whose ID tokens a client's devices may log in with.

use crate::{
    client::{InvalidOrigin, Origin},
    text::{self, text_enum},
};
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// An issuer whose ID tokens a client accepts, and what they must be.
///
/// An issuer vouches for every `sub` it names: two issuers may use the same one for different
/// people, and then need a `user_prefix`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrustedIssuer {
    /// `iss`, compared character by character.
    pub issuer: IssuerUrl,
    /// Which `aud` is accepted: what the app is called there.
    pub audiences: Vec<String>,
    /// What its ID tokens may be signed with.
    #[serde(default = "IdTokenAlgorithm::default_list")]
    pub algorithms: Vec<IdTokenAlgorithm>,
    /// Where its keys are; found by discovery when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<EndpointUrl>,
    /// What `nonce` must be.
    #[serde(default)]
    pub nonce: IdTokenNonce,
    /// Put before `sub` to make the user's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_prefix: Option<String>,
}

impl TrustedIssuer {
    /// The most issuers one client may trust: an app has a handful of ways to log in.
    pub const MAX_PER_CLIENT: usize = 8;
    /// The most audiences of one: an app has one name per platform there, rarely more.
    pub const MAX_AUDIENCES: usize = 8;
    /// The most characters of an audience, as of a client's own.
    pub const MAX_AUDIENCE_CHARS: usize = 255;
    /// The most characters of a prefix: most of a user's id is left for `sub`.
    pub const MAX_PREFIX_CHARS: usize = 32;
}

text_enum! {
    /// A signature algorithm of ID tokens (RFC 7518 section 3.1, RFC 8037 section 3.1). Never
    /// `none`, never a secret that two sides share.
    IdTokenAlgorithm {
        /// ECDSA on P-256 with SHA-256.
        Es256 = "ES256",
        /// ECDSA on P-384 with SHA-384.
        Es384 = "ES384",
        /// RSASSA-PKCS1-v1_5 with SHA-256.
        Rs256 = "RS256",
        /// RSASSA-PSS with SHA-256.
        Ps256 = "PS256",
        /// Ed25519.
        EdDsa = "EdDSA",
    }
}

impl IdTokenAlgorithm {
    /// What is accepted unless a client says otherwise: what nearly every issuer signs with.
    pub const DEFAULT: [Self; 2] = [Self::Es256, Self::Rs256];

    fn default_list() -> Vec<Self> {
        Self::DEFAULT.to_vec()
    }
}

text_enum! {
    /// What the `nonce` of an ID token must be (OpenID Connect Core section 2).
    #[derive(Default)]
    IdTokenNonce {
        /// What the device's request says it is, where it says anything.
        #[default]
        Optional = "optional",
        /// The RFC 7638 thumbprint of the device's key: a stolen ID token is then useless.
        Key = "key",
    }
}

/// An issuer's identifier: a URL without query and fragment (OpenID Connect Core section 2),
/// `https`, or `http` for loopback. It is kept as written: a slash at the end counts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct IssuerUrl(String);

/// The URL of a document: `https`, or `http` for loopback; no user information, no fragment.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EndpointUrl(String);

/// The text is not such a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be https://host[:port][/path] (http for loopback only), at most 512 characters")]
pub struct InvalidUrl;

const MAX_URL_CHARS: usize = 512;

impl IssuerUrl {
    /// The identifier as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Where its metadata are (OpenID Connect Discovery section 4).
    pub fn discovery_url(&self) -> String {
        let base = self.0.strip_suffix('/').unwrap_or(&self.0);
        format!("{base}/.well-known/openid-configuration")
    }

    /// Whether documents of this issuer may be at `url`: one that is reached over `https` cannot
    /// send this service to a plain address of its own machine.
    pub fn may_use(&self, url: &EndpointUrl) -> bool {
        !self.0.starts_with("https://") || url.0.starts_with("https://")
    }
}

impl EndpointUrl {
    /// The URL as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for IssuerUrl {
    type Err = InvalidUrl;

    fn from_str(text: &str) -> Result<Self, InvalidUrl> {
        check(text)?;
        if text.contains('?') {
            return Err(InvalidUrl);
        }
        Ok(Self(text.to_owned()))
    }
}

impl FromStr for EndpointUrl {
    type Err = InvalidUrl;

    fn from_str(text: &str) -> Result<Self, InvalidUrl> {
        check(text).map(|()| Self(text.to_owned()))
    }
}

/// An origin, then visible characters that a URL may hold.
fn check(url: &str) -> Result<(), InvalidUrl> {
    text::check(url, MAX_URL_CHARS).map_err(|_| InvalidUrl)?;
    let (scheme, rest) = url.split_once("://").ok_or(InvalidUrl)?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, rest) = rest.split_at(end);
    let origin: Result<Origin, InvalidOrigin> = format!("{scheme}://{authority}").parse();
    let is_plain =
        |c: char| c.is_ascii_graphic() && !matches!(c, '#' | '\\' | '"' | '<' | '>' | '`');
    if origin.is_err() || !rest.chars().all(is_plain) {
        return Err(InvalidUrl);
    }
    Ok(())
}

macro_rules! text_conversions {
    ($($name:ident)*) => {$(
        impl TryFrom<String> for $name {
            type Error = InvalidUrl;

            fn try_from(text: String) -> Result<Self, InvalidUrl> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(url: $name) -> Self {
                url.0
            }
        }
    )*};
}

text_conversions! { IssuerUrl EndpointUrl }

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issuers_are_https_without_query_and_fragment() {
        for good in [
            "https://accounts.example",
            "https://tenant.example/",
            "https://login.example/realms/app",
            "http://127.0.0.1:8080/realms/app",
        ] {
            assert_eq!(good.parse::<IssuerUrl>().unwrap().as_str(), good);
        }
        for bad in [
            "http://accounts.example",
            "https://accounts.example?tenant=a",
            "https://accounts.example/#a",
            "https://user@accounts.example",
            "https://accounts.example/a b",
            "https://accounts.example\\a",
            "accounts.example",
            "",
        ] {
            assert_eq!(bad.parse::<IssuerUrl>(), Err(InvalidUrl), "{bad}");
        }
        let queried = "https://login.example/keys?p=app";
        assert!(queried.parse::<EndpointUrl>().is_ok());
    }

    #[test]
    fn discovery_is_below_the_issuer_with_one_slash() {
        let url = |text: &str| text.parse::<IssuerUrl>().unwrap().discovery_url();
        let expected = "https://a.example/x/.well-known/openid-configuration";
        assert_eq!(url("https://a.example/x"), expected);
        assert_eq!(url("https://a.example/x/"), expected);
    }

    #[test]
    fn what_is_stored_may_leave_out_what_has_a_default() {
        let json = r#"{"issuer":"https://a.example","audiences":["app"]}"#;
        let issuer: TrustedIssuer = serde_json::from_str(json).unwrap();
        assert_eq!(issuer.algorithms, IdTokenAlgorithm::DEFAULT);
        assert_eq!(issuer.nonce, IdTokenNonce::Optional);
        assert!(
            !issuer
                .issuer
                .may_use(&"http://127.0.0.1/keys".parse().unwrap())
        );
    }
}
