//! How the domain's types look in `OpenAPI`; name one in `#[schema(value_type = …)]`.

use crate::error_code;
use countersign_core::{
    self as domain, activity, api_key, client, decision, device, session, snapshot, trust,
    trusted_issuer,
};
use utoipa::openapi::{
    KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, schema::SchemaType, schema::Type,
};

macro_rules! described {
    ($($(#[$doc:meta])* $name:ident => $schema:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub enum $name {}

        impl utoipa::PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                $schema.into()
            }
        }

        impl utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                std::borrow::Cow::Borrowed(stringify!($name))
            }
        }
    )*};
}

described! {
    /// A client's id.
    ClientId => id(domain::ClientId::PREFIX);
    /// A device's id.
    DeviceId => id(domain::DeviceId::PREFIX);
    /// A generation's id.
    AppId => id(domain::AppId::PREFIX);
    /// A session's id.
    SessionId => id(domain::SessionId::PREFIX);
    /// An API key's id.
    ApiKeyId => id(domain::ApiKeyId::PREFIX);
    /// The app's own id of a user.
    UserId => text().min_length(Some(1)).max_length(Some(255)).examples(["42"]);
    /// A point in time.
    Timestamp => text()
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
        .examples(["2026-01-31T12:00:00.000000Z"]);
    /// A SHA-256.
    Sha256 => text().pattern(Some("^[0-9a-fA-F]{64}$"));
    /// An IP address.
    IpAddress => text().examples(["203.0.113.7"]);
    /// An installation id.
    InstallationId => text().format(Some(SchemaFormat::Custom("uuid".to_owned())));
    /// A web origin.
    Origin => text().examples(["https://app.example"]);
    /// An issuer's identifier.
    IssuerUrl => text().max_length(Some(512)).examples(["https://login.example"]);
    /// The URL of a document.
    EndpointUrl => text().max_length(Some(512)).examples(["https://login.example/keys"]);
    /// A secret.
    Secret => text().format(Some(SchemaFormat::KnownFormat(KnownFormat::Password)));
    /// A device's platform.
    Platform => one_of(device::Platform::ALL.iter().map(|value| value.as_str()));
    /// A device's state.
    DeviceState => one_of(device::DeviceState::ALL.iter().map(|value| value.as_str()));
    /// What a device says of its storage.
    Encryption => one_of(device::Encryption::ALL.iter().map(|value| value.as_str()));
    /// Who delivers a push.
    PushProvider => one_of(device::PushProvider::ALL.iter().map(|value| value.as_str()));
    /// A trust level.
    TrustLevel => one_of(trust::TrustLevel::ALL.iter().map(|value| value.as_str()));
    /// Whether a device meets the rules.
    Compliance => one_of(snapshot::Compliance::ALL.iter().map(|value| value.as_str()));
    /// Whether a key is required.
    ProofOfPossession => one_of(client::ProofOfPossession::ALL.iter().map(|value| value.as_str()));
    /// When nonces are required.
    NoncePolicy => one_of(client::NoncePolicy::ALL.iter().map(|value| value.as_str()));
    /// What an ID token may be signed with.
    IdTokenAlgorithm => one_of(trusted_issuer::IdTokenAlgorithm::ALL.iter().map(|value| value.as_str()));
    /// What the `nonce` of an ID token must be.
    IdTokenNonce => one_of(trusted_issuer::IdTokenNonce::ALL.iter().map(|value| value.as_str()));
    /// Lifetimes by assurance level.
    Preset => one_of(["aal1", "aal2", "aal3"].into_iter());
    /// What an API key may do.
    Scope => one_of(api_key::Scope::ALL.iter().map(|value| value.as_str()));
    /// Why a request is refused.
    Refusal => one_of(decision::Refusal::ALL.iter().map(|value| value.as_str()));
    /// What was done.
    Action => one_of(activity::Action::ALL.iter().map(|value| value.as_str()));
    /// Why a request failed.
    ErrorCode => one_of(error_code::ErrorCode::ALL.iter().map(|value| value.as_str()));
    /// How a past device ended.
    EndCause => one_of(end_causes());
    /// Always true.
    True => constant(true);
    /// Always false.
    False => constant(false);
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::new(Type::String))
}

fn id(prefix: &str) -> ObjectBuilder {
    text()
        .pattern(Some(format!("^{prefix}_[0-7][0-9a-hjkmnp-tv-z]{{25}}$")))
        .examples([format!("{prefix}_01k6q2v7w8x9yzabcdefghjkmn")])
}

fn one_of(values: impl Iterator<Item = &'static str>) -> ObjectBuilder {
    text().enum_values(Some(values))
}

fn constant(value: bool) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(SchemaType::new(Type::Boolean))
        .enum_values(Some([value]))
}

fn end_causes() -> impl Iterator<Item = &'static str> {
    let ownership = device::OwnershipEndCause::ALL.iter();
    let session = session::EndingCause::ALL.iter();
    let both: std::collections::BTreeSet<_> = ownership
        .map(|cause| cause.as_str())
        .chain(session.map(|cause| cause.as_str()))
        .collect();
    both.into_iter()
}
