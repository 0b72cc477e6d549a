//! `POST /v1/verify`: the hot path, so texts are read in place and answers borrow.

mod answer;

use crate::{FieldError, SecretText, Text, Validate, schema, secret, validate::check_opaque};
use countersign_core::{
    AppId, ClientId, DeviceId, SessionId, Timestamp,
    decision::{Demands, Refusal},
    device::Platform,
    snapshot::Compliance,
    trust::TrustLevel,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{borrow::Cow, net::IpAddr};

const MAX_TOKEN_BYTES: usize = 8 * 1024;
const MAX_PROOF_BYTES: usize = crate::session::MAX_PROOF_BYTES;
const MAX_METHOD_BYTES: usize = 32;
const MAX_URL_BYTES: usize = 8 * 1024;

/// A request that the backend received and wants judged.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct VerifyRequest<'a> {
    /// The access token as it was presented.
    #[serde(borrow, serialize_with = "secret::hand_out_text")]
    #[schema(value_type = String, max_length = 8192)]
    pub token: SecretText<'a>,
    /// The scheme it was presented with; when absent, `DPoP` if there is a proof, else `Bearer`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheme: Option<Scheme>,
    /// The `DPoP` header.
    #[serde(
        default,
        borrow,
        skip_serializing_if = "Option::is_none",
        serialize_with = "secret::hand_out_optional_text"
    )]
    #[schema(value_type = Option<schema::Token>)]
    pub proof: Option<SecretText<'a>>,
    /// The request's method; needed with a proof.
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Method>)]
    pub method: Option<Text<'a>>,
    /// The request's absolute URL as the device called it; needed with a proof.
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 8192)]
    pub url: Option<Text<'a>>,
    /// The least trust level.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::TrustLevel>)]
    pub min_trust: Option<TrustLevel>,
    /// The device must be known to meet the rules.
    #[serde(default, skip_serializing_if = "is_false")]
    pub require_compliant: bool,
    /// The session must be bound to a device key.
    #[serde(default, skip_serializing_if = "is_false")]
    pub require_key: bool,
    /// The answer must rest on a read of the store that began after the question came: slower, and
    /// without relying on any clock.
    #[serde(default, skip_serializing_if = "is_false")]
    pub strict: bool,
    /// The device's address as the backend saw it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::IpAddress>)]
    pub client_ip: Option<IpAddr>,
}

/// An HTTP authentication scheme; read without regard to case (RFC 9110 section 11.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, utoipa::ToSchema)]
pub enum Scheme {
    /// RFC 9449.
    DPoP,
    /// RFC 6750.
    Bearer,
}

/// The judgement; answered with status 200 either way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(untagged)]
pub enum VerifyResponse<'a> {
    /// Let it through.
    #[serde(borrow)]
    Allowed(Allowed<'a>),
    /// Refuse it.
    Refused(Refused<'a>),
}

/// Whose request it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Allowed<'a> {
    /// Always true.
    #[schema(value_type = schema::True)]
    pub allowed: Yes,
    /// The session.
    #[schema(value_type = schema::SessionId)]
    pub session_id: SessionId,
    /// The app's own id of the user.
    #[serde(borrow)]
    #[schema(value_type = schema::UserId)]
    pub user_id: Text<'a>,
    /// The client application.
    #[schema(value_type = schema::ClientId)]
    pub client_id: ClientId,
    /// The device.
    #[schema(value_type = schema::DeviceId)]
    pub device_id: DeviceId,
    /// The device's generation.
    #[schema(value_type = schema::AppId)]
    pub app_id: AppId,
    /// How far the device is trusted for the user.
    #[schema(value_type = schema::TrustLevel)]
    pub trust: TrustLevel,
    /// Whether the device meets the rules.
    #[schema(value_type = schema::Compliance)]
    pub compliance: Compliance,
    /// What the device is.
    #[schema(value_type = schema::Platform)]
    pub platform: Platform,
    /// The app's version.
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub app_version: Option<Text<'a>>,
    /// How the user authenticated (RFC 8176).
    #[schema(value_type = Vec<String>)]
    pub amr: Cow<'a, [String]>,
    /// Whether the session is bound to a device key.
    pub key_bound: bool,
    /// When the token expires.
    #[schema(value_type = schema::Timestamp)]
    pub expires_at: Timestamp,
    /// The nonce for the device's next proof (`DPoP-Nonce`).
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub dpop_nonce: Option<Text<'a>>,
}

/// Why a request is refused, and what to answer the device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Refused<'a> {
    /// Always false.
    #[schema(value_type = schema::False)]
    pub allowed: No,
    /// Why.
    #[schema(value_type = schema::Refusal)]
    pub code: Refusal,
    /// The status to answer the device with: 401 or 403.
    pub status: u16,
    /// The `WWW-Authenticate` header to answer the device with.
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub www_authenticate: Option<Text<'a>>,
    /// The `DPoP-Nonce` header to answer the device with.
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub dpop_nonce: Option<Text<'a>>,
    /// The session, if the token names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::SessionId>)]
    pub session_id: Option<SessionId>,
    /// The device, if the token's session is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::DeviceId>)]
    pub device_id: Option<DeviceId>,
}

/// `true`, and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Yes;

/// `false`, and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct No;

impl VerifyRequest<'_> {
    /// What the caller demands beyond a live session.
    pub fn demands(&self) -> Demands {
        Demands {
            min_trust: self.min_trust,
            require_compliant: self.require_compliant,
            require_key: self.require_key,
            strict: self.strict,
        }
    }

    /// The scheme that was presented, or the one that what was presented implies.
    pub fn scheme(&self) -> Scheme {
        match (self.scheme, &self.proof) {
            (Some(scheme), _) => scheme,
            (None, Some(_)) => Scheme::DPoP,
            (None, None) => Scheme::Bearer,
        }
    }
}

impl Validate for VerifyRequest<'_> {
    fn validate(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        // An empty token is judged, not refused here: the answer is `token_invalid`.
        if self.token.reveal().len() > MAX_TOKEN_BYTES {
            check_opaque(&mut errors, "/token", self.token.reveal(), MAX_TOKEN_BYTES);
        }
        if let Some(proof) = &self.proof {
            check_opaque(&mut errors, "/proof", proof.reveal(), MAX_PROOF_BYTES);
        }
        match &self.method {
            Some(method) => check_opaque(&mut errors, "/method", method, MAX_METHOD_BYTES),
            None if self.proof.is_some() => errors.push(missing("/method")),
            None => {}
        }
        match &self.url {
            Some(url) => check_opaque(&mut errors, "/url", url, MAX_URL_BYTES),
            None if self.proof.is_some() => errors.push(missing("/url")),
            None => {}
        }
        errors
    }
}

impl VerifyResponse<'_> {
    /// Copies what it borrows.
    pub fn into_owned(self) -> VerifyResponse<'static> {
        match self {
            Self::Allowed(allowed) => VerifyResponse::Allowed(Allowed {
                user_id: allowed.user_id.into_owned(),
                app_version: allowed.app_version.map(Text::into_owned),
                amr: Cow::Owned(allowed.amr.into_owned()),
                dpop_nonce: allowed.dpop_nonce.map(Text::into_owned),
                ..allowed
            }),
            Self::Refused(refused) => VerifyResponse::Refused(Refused {
                www_authenticate: refused.www_authenticate.map(Text::into_owned),
                dpop_nonce: refused.dpop_nonce.map(Text::into_owned),
                ..refused
            }),
        }
    }
}

impl Scheme {
    /// The scheme's name as its standard writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DPoP => "DPoP",
            Self::Bearer => "Bearer",
        }
    }

    /// Reads the name without regard to case.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::DPoP, Self::Bearer]
            .into_iter()
            .find(|scheme| scheme.as_str().eq_ignore_ascii_case(name))
    }
}

impl<'de> Deserialize<'de> for Scheme {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = Text::deserialize(deserializer)?;
        Self::parse(&name).ok_or_else(|| de::Error::custom("expected DPoP or Bearer"))
    }
}

impl Serialize for Yes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bool(true)
    }
}

impl<'de> Deserialize<'de> for Yes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if bool::deserialize(deserializer)? {
            Ok(Self)
        } else {
            Err(de::Error::custom("expected true"))
        }
    }
}

impl Serialize for No {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bool(false)
    }
}

impl<'de> Deserialize<'de> for No {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if bool::deserialize(deserializer)? {
            Err(de::Error::custom("expected false"))
        } else {
            Ok(Self)
        }
    }
}

fn missing(pointer: &'static str) -> FieldError {
    FieldError::new(pointer, "is needed with a proof")
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde's skip_serializing_if passes a reference"
)]
fn is_false(value: &bool) -> bool {
    !value
}
