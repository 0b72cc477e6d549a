//! `/v1/clients`.

use crate::{
    FieldError, Validate,
    admission::AdmissionItem,
    attestation_policy::AttestationPolicyItem,
    limit::DeviceLimitsItem,
    object,
    receipt::EndingReceipt,
    schema, seconds,
    session::MAX_NAME,
    trust::TrustPolicyItem,
    trusted_issuer::{TrustedIssuerItem, check_issuers},
    validate::{check_count, check_optional, check_text},
};
use countersign_core::{
    ClientId, Timestamp,
    client::{Client, NoncePolicy, Origin, ProofOfPossession},
    device::Platform,
    lifetime::{InvalidLifetimes, Lifetimes, Preset},
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

const MAX_AUDIENCE: usize = 255;

/// One client application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ClientItem {
    /// Its identity.
    #[schema(value_type = schema::ClientId)]
    pub client_id: ClientId,
    /// What people call it.
    pub name: String,
    /// What its devices are.
    #[schema(value_type = schema::Platform)]
    pub platform: Platform,
    /// Whether its devices must have a key.
    #[schema(value_type = schema::ProofOfPossession)]
    pub proof_of_possession: ProofOfPossession,
    /// When its devices must put a server nonce into their proofs.
    #[schema(value_type = schema::NoncePolicy)]
    pub nonce_policy: NoncePolicy,
    /// Origins whose URLs a proof may name.
    #[schema(value_type = Vec<schema::Origin>)]
    pub origins: Vec<Origin>,
    /// Issuers whose ID tokens log its users in.
    pub issuers: Vec<TrustedIssuerItem>,
    /// What its devices have to show of themselves.
    pub attestation: AttestationPolicyItem,
    /// Whom it lets in only after somebody has looked, and what bad proofs cost.
    pub admission: AdmissionItem,
    /// How many devices its users may have.
    pub limits: DeviceLimitsItem,
    /// What counts as a confirmation of a device by its user.
    pub trust: TrustPolicyItem,
    /// `aud` of its access tokens.
    pub audience: String,
    /// How long its sessions and tokens live.
    pub lifetimes: LifetimesItem,
    /// When it was registered.
    #[schema(value_type = schema::Timestamp)]
    pub created_at: Timestamp,
    /// When it was disabled, if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Timestamp>)]
    pub disabled_at: Option<Timestamp>,
    /// Counts changes; the number in the `ETag`.
    pub version: i64,
    /// Where a change has arrived; in the answer to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<EndingReceipt>,
}

/// Lifetimes in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LifetimesItem {
    /// Of an access token: 30 to 3600.
    pub access_seconds: u64,
    /// A session ends after this long without activity: 60 to `absolute_seconds`.
    pub idle_seconds: u64,
    /// A session ends this long after its login: at most 400 days.
    pub absolute_seconds: u64,
}

/// A client to register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateClient {
    /// 1 to 120 characters.
    #[schema(value_type = schema::Name)]
    pub name: String,
    /// What its devices are.
    #[schema(value_type = schema::Platform)]
    pub platform: Platform,
    /// `aud` of its access tokens, 1 to 255 characters.
    #[schema(value_type = schema::Audience)]
    pub audience: String,
    /// `required` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::ProofOfPossession>)]
    pub proof_of_possession: Option<ProofOfPossession>,
    /// `when_needed` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::NoncePolicy>)]
    pub nonce_policy: Option<NoncePolicy>,
    /// At most 32.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<schema::Origin>, max_items = 32)]
    pub origins: Vec<Origin>,
    /// Issuers whose ID tokens log its users in, at most 8, each once.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "object::list"
    )]
    #[schema(max_items = 8)]
    pub issuers: Vec<TrustedIssuerItem>,
    /// What its devices have to show of themselves: nothing when absent.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "object::optional"
    )]
    pub attestation: Option<AttestationPolicyItem>,
    /// Whom it lets in only after somebody has looked: nobody waits when absent.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "object::optional"
    )]
    pub admission: Option<AdmissionItem>,
    /// How many devices its users may have: as many as they like when absent.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "object::optional"
    )]
    pub limits: Option<DeviceLimitsItem>,
    /// What counts as a confirmation of a device by its user: `mfa` for 30 days when absent.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "object::optional"
    )]
    pub trust: Option<TrustPolicyItem>,
    /// `aal1` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Preset>)]
    pub preset: Option<Preset>,
    /// Takes the place of single lifetimes of the preset.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "object::optional"
    )]
    pub lifetimes: Option<LifetimesChange>,
}

/// Settings of a client to change; what is absent stays as it is (RFC 7396).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct UpdateClient {
    /// 1 to 120 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Name>)]
    pub name: Option<String>,
    /// `aud` of access tokens made from now on, 1 to 255 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Audience>)]
    pub audience: Option<String>,
    /// Whether its devices must have a key.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::ProofOfPossession>)]
    pub proof_of_possession: Option<ProofOfPossession>,
    /// When its devices must put a server nonce into their proofs.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::NoncePolicy>)]
    pub nonce_policy: Option<NoncePolicy>,
    /// Takes the place of the whole list, at most 32.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<schema::Origin>>, max_items = 32)]
    pub origins: Option<Vec<Origin>>,
    /// Takes the place of the whole list, at most 8, each once.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "object::optional_list"
    )]
    #[schema(max_items = 8)]
    pub issuers: Option<Vec<TrustedIssuerItem>>,
    /// Takes the place of the whole policy.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "object::optional"
    )]
    pub attestation: Option<AttestationPolicyItem>,
    /// Takes the place of all of it; what is absent in it is as at first.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "object::optional"
    )]
    pub admission: Option<AdmissionItem>,
    /// Takes the place of all of it. A lowered limit is kept by each user's next login.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "object::optional"
    )]
    pub limits: Option<DeviceLimitsItem>,
    /// Takes the place of all of it. What confirmed a device before goes on doing so.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "object::optional"
    )]
    pub trust: Option<TrustPolicyItem>,
    /// Lifetimes of sessions made from now on.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "object::optional"
    )]
    pub lifetimes: Option<LifetimesChange>,
    /// `true` refuses everything of the client and ends its sessions; `false` accepts logins again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disabled: Option<bool>,
}

/// Single lifetimes in seconds; what is absent stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LifetimesChange {
    /// Of an access token: 30 to 3600.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "seconds::optional"
    )]
    #[schema(value_type = Option<schema::AccessSeconds>)]
    pub access_seconds: Option<u64>,
    /// The idle limit: 60 to `absolute_seconds`.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "seconds::optional"
    )]
    #[schema(value_type = Option<schema::SessionSeconds>)]
    pub idle_seconds: Option<u64>,
    /// The absolute limit: at most 400 days.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "seconds::optional"
    )]
    #[schema(value_type = Option<schema::SessionSeconds>)]
    pub absolute_seconds: Option<u64>,
}

impl LifetimesChange {
    /// The lifetimes after the change, unchecked.
    pub fn applied_to(self, lifetimes: Lifetimes) -> Lifetimes {
        let or = |seconds: Option<u64>, old| seconds.map_or(old, Duration::from_secs);
        Lifetimes {
            access: or(self.access_seconds, lifetimes.access),
            idle: or(self.idle_seconds, lifetimes.idle),
            absolute: or(self.absolute_seconds, lifetimes.absolute),
        }
    }
}

impl CreateClient {
    /// The preset's lifetimes with the changes.
    ///
    /// # Errors
    /// Names the first lifetime that is out of range.
    pub fn lifetimes(&self) -> Result<Lifetimes, InvalidLifetimes> {
        let preset = self.preset.unwrap_or(Preset::Aal1).lifetimes();
        let change = self.lifetimes.unwrap_or_default();
        change.applied_to(preset).validate()
    }
}

impl From<InvalidLifetimes> for FieldError {
    fn from(invalid: InvalidLifetimes) -> Self {
        let pointer = match invalid {
            InvalidLifetimes::Access => "/lifetimes/access_seconds",
            InvalidLifetimes::Idle => "/lifetimes/idle_seconds",
            InvalidLifetimes::Absolute => "/lifetimes/absolute_seconds",
        };
        Self::new(pointer, invalid.to_string())
    }
}

impl Validate for CreateClient {
    fn validate(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        check_text(&mut errors, "/name", &self.name, MAX_NAME);
        check_text(&mut errors, "/audience", &self.audience, MAX_AUDIENCE);
        check_count(
            &mut errors,
            "/origins",
            self.origins.len(),
            Client::MAX_ORIGINS,
        );
        check_issuers(&mut errors, &self.issuers);
        self.attestation
            .iter()
            .for_each(|policy| policy.check(&mut errors));
        self.admission
            .iter()
            .for_each(|admission| admission.check(&mut errors));
        self.limits
            .iter()
            .for_each(|limits| limits.check(&mut errors));
        self.trust
            .iter()
            .for_each(|policy| policy.check(&mut errors));
        errors.extend(self.lifetimes().err().map(FieldError::from));
        errors
    }
}

impl Validate for UpdateClient {
    /// Lifetimes are checked once they are applied to what is stored.
    fn validate(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        check_optional(&mut errors, "/name", self.name.as_ref(), MAX_NAME);
        check_optional(
            &mut errors,
            "/audience",
            self.audience.as_ref(),
            MAX_AUDIENCE,
        );
        let origins = self.origins.as_ref().map_or(0, Vec::len);
        check_count(&mut errors, "/origins", origins, Client::MAX_ORIGINS);
        check_issuers(&mut errors, self.issuers.as_deref().unwrap_or_default());
        self.attestation
            .iter()
            .for_each(|policy| policy.check(&mut errors));
        self.admission
            .iter()
            .for_each(|admission| admission.check(&mut errors));
        self.limits
            .iter()
            .for_each(|limits| limits.check(&mut errors));
        self.trust
            .iter()
            .for_each(|policy| policy.check(&mut errors));
        errors
    }
}

impl From<Lifetimes> for LifetimesItem {
    fn from(lifetimes: Lifetimes) -> Self {
        Self {
            access_seconds: lifetimes.access.as_secs(),
            idle_seconds: lifetimes.idle.as_secs(),
            absolute_seconds: lifetimes.absolute.as_secs(),
        }
    }
}

impl From<Client> for ClientItem {
    fn from(client: Client) -> Self {
        Self {
            client_id: client.id,
            name: client.name,
            platform: client.platform,
            proof_of_possession: client.proof_of_possession,
            nonce_policy: client.nonce_policy,
            origins: client.origins,
            issuers: client.issuers.into_iter().map(Into::into).collect(),
            attestation: client.attestation.into(),
            admission: client.admission.into(),
            limits: client.limits.into(),
            trust: client.trust.into(),
            audience: client.audience,
            lifetimes: client.lifetimes.into(),
            created_at: client.created_at,
            disabled_at: client.disabled_at,
            version: client.version,
            receipt: None,
        }
    }
}

/// A client in a path.
#[derive(Debug, Clone, Copy, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Path)]
pub struct ClientPath {
    /// The client.
    #[param(value_type = schema::ClientId, inline)]
    pub client_id: ClientId,
}
