//! How the domain's types look in `OpenAPI`; name one in `#[schema(value_type = …)]`.

use crate::{error_code, token};
use countersign_core::{
    self as domain, activity, admission, api_key,
    attestation::{self, play_integrity, policy},
    ban, client,
    compliance::{evaluate, posture, rules, version},
    decision, device, enrollment, limit, session, snapshot, trust, trusted_issuer,
};
use utoipa::openapi::{
    ArrayBuilder, KnownFormat, ObjectBuilder, OneOfBuilder, RefOr, Schema, SchemaFormat,
    schema::SchemaType, schema::Type,
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
    /// A ban's id.
    BanId => id(domain::BanId::PREFIX);
    /// A request for approval.
    ApprovalId => id(domain::ApprovalId::PREFIX);
    /// A client's id.
    ClientId => id(domain::ClientId::PREFIX);
    /// A device's id.
    DeviceId => id(domain::DeviceId::PREFIX);
    /// A generation's id.
    AppId => id(domain::AppId::PREFIX);
    /// A session's id.
    SessionId => id(domain::SessionId::PREFIX);
    /// A node's process.
    NodeId => id(domain::NodeId::PREFIX);
    /// A verifier's process.
    VerifierId => id(domain::VerifierId::PREFIX);
    /// An entry of the feed.
    FeedEntryId => id(domain::ids::FeedEntryId::PREFIX);
    /// An API key's id.
    ApiKeyId => id(domain::ApiKeyId::PREFIX);
    /// The app's own id of a user; not `.` or `..`, which no path can name.
    UserId => line(255).pattern(Some(USER_ID)).examples(["42"]);
    /// What people call something.
    Name => line(120);
    /// What an admin writes about something.
    Reason => line(500);
    /// An action in the app's own words.
    SensitiveAction => line(1024);
    /// A part of an assertion.
    AssertionPart => opaque(8 * 1024);
    /// A key's thumbprint (RFC 7638).
    Thumbprint => text().pattern(Some("^[0-9A-Za-z_-]{42}[AEIMQUYcgkosw048]$"));
    /// A version, as its maker writes it.
    Version => line(64);
    /// Whom tokens are for.
    Audience => line(255);
    /// What is put before an issuer's own id of a user.
    UserPrefix => line(32);
    /// How a user authenticated (RFC 8176).
    AuthenticationMethod => line(32);
    /// A user agent.
    UserAgent => text().max_length(Some(4096)).pattern(Some("^[^\\u0000-\\u001f\\u007f-\\u009f]*$"));
    /// What a user is in the app, in its own words.
    Role => line(64);
    /// How many devices a user may have.
    MaxDevices => number(1, limit::DeviceLimits::LARGEST.into());
    /// How many entries to skip.
    Offset => number(0, u32::MAX.into());
    /// How many entries at most; a larger number than 100 is lowered to it.
    Limit => number(0, u32::MAX.into());
    /// Seconds that an access token lives.
    AccessSeconds => number(30, 3600);
    /// Seconds that a session lives, without activity or at all.
    SessionSeconds => number(60, 400 * 24 * 3600);
    /// Seconds up to a day.
    DaySeconds => number(60, 24 * 3600);
    /// A point in time.
    Timestamp => text()
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
        .examples(["2026-01-31T12:00:00.000000Z"]);
    /// A SHA-256.
    Sha256 => text().pattern(Some("^[0-9a-fA-F]{64}$"));
    /// An IP address.
    IpAddress => OneOfBuilder::new()
        .item(text().format(Some(SchemaFormat::KnownFormat(KnownFormat::Ipv4))))
        .item(text().format(Some(SchemaFormat::KnownFormat(KnownFormat::Ipv6))))
        .examples(["203.0.113.7"]);
    /// An installation id.
    InstallationId => text().format(Some(SchemaFormat::Custom("uuid".to_owned())));
    /// A web origin.
    Origin => url("", 255).examples(["https://app.example"]);
    /// An issuer's identifier.
    IssuerUrl => url("(/[!$-;=@-\\[\\]-_a-~]*)?", 512).examples(["https://login.example"]);
    /// The URL of a document.
    EndpointUrl => url("([/?][!$-;=?-\\[\\]-_a-~]*)?", 512).examples(["https://login.example/keys"]);
    /// A secret.
    Secret => opaque(16 * 1024);
    /// An access or refresh token, or a proof.
    Token => opaque(8 * 1024);
    /// A refresh token or a device secret.
    StoredSecret => opaque(512);
    /// A push service's token.
    PushToken => opaque(4096);
    /// A method of HTTP.
    Method => text().min_length(Some(1)).max_length(Some(32)).examples(["GET"]);
    /// What is asked of the token endpoint.
    GrantType => one_of([token::TOKEN_EXCHANGE, token::REFRESH_TOKEN].into_iter());
    /// What a token exchange takes.
    SubjectTokenType => one_of([token::ID_TOKEN_TYPE].into_iter());
    /// What a token exchange gives.
    RequestedTokenType => one_of([token::ACCESS_TOKEN_TYPE].into_iter());
    /// `*`, or the version of a resource as its `ETag` has it.
    IfMatch => text().pattern(Some("^(\\*|\"[0-9]{1,18}\")$")).examples(["*"]);
    /// A device's platform.
    Platform => one_of(device::Platform::ALL.iter().map(|value| value.as_str()));
    /// A device's state.
    DeviceState => one_of(device::DeviceState::ALL.iter().map(|value| value.as_str()));
    /// How a new device comes into use.
    Activation => one_of(admission::Activation::ALL.iter().map(|value| value.as_str()));
    /// What a ban of one device means for the next one of its user.
    AfterBan => one_of(admission::AfterBan::ALL.iter().map(|value| value.as_str()));
    /// A rule file.
    RulesText => opaque(60 * 1024);
    /// An operating system.
    OsFamily => one_of(version::OsFamily::ALL.iter().map(|value| value.as_str()));
    /// How a volume is encrypted.
    DiskEncryption => one_of(posture::DiskEncryption::ALL.iter().map(|value| value.as_str()));
    /// Who says what a device is like.
    PostureSource => one_of(posture::PostureSource::ALL.iter().map(|value| value.as_str()));
    /// Why nobody can say whether a rule is met.
    UnknownReason => one_of(posture::UnknownReason::ALL.iter().map(|value| value.as_str()));
    /// What a rule says of a device.
    ResultKind => one_of(evaluate::ResultKind::ALL.iter().map(|value| value.as_str()));
    /// What comes of failing a rule.
    Effect => one_of(rules::Effect::ALL.iter().map(|value| value.as_str()));
    /// A reason to trust a device.
    TrustEvidenceId => id(domain::ids::TrustEvidenceId::PREFIX);
    /// What speaks for a device.
    TrustKind => one_of(trust::TrustKind::ALL.iter().map(|value| value.as_str()));
    /// Who said so.
    TrustSource => one_of(trust::TrustSource::ALL.iter().map(|value| value.as_str()));
    /// Why it counts no longer.
    TrustEnd => one_of(trust::TrustEnd::ALL.iter().map(|value| value.as_str()));
    /// What a login means on one device too many.
    Overflow => one_of(limit::Overflow::ALL.iter().map(|value| value.as_str()));
    /// Why somebody has to look.
    ApprovalCause => one_of(admission::ApprovalCause::ALL.iter().map(|value| value.as_str()));
    /// What a ban is about.
    BanScope => one_of(ban::BanScope::ALL.iter().map(|value| value.as_str()));
    /// Whether a device that enrolled is in use.
    EnrollmentState => one_of(enrollment::EnrollmentState::ALL.iter().map(|value| value.as_str()));
    /// What a device says of its storage.
    Encryption => one_of(device::Encryption::ALL.iter().map(|value| value.as_str()));
    /// What vouches for a device's key, in rising order.
    AttestationLevel => one_of(attestation::AttestationLevel::ALL.iter().map(|value| value.as_str()));
    /// Which of a platform's worlds evidence comes from.
    AttestationEnvironment => one_of(attestation::AttestationEnvironment::ALL.iter().map(|value| value.as_str()));
    /// What evidence is for.
    Purpose => one_of(attestation::Purpose::ALL.iter().map(|value| value.as_str()));
    /// How strictly evidence is demanded.
    AttestationMode => one_of(policy::AttestationMode::ALL.iter().map(|value| value.as_str()));
    /// What becomes of a device that falls short.
    Reaction => one_of(policy::Reaction::ALL.iter().map(|value| value.as_str()));
    /// How a device falls short.
    Shortfall => one_of(policy::Shortfall::ALL.iter().map(|value| value.as_str()));
    /// One of Apple's systems.
    ApplePlatform => one_of(policy::ApplePlatform::ALL.iter().map(|value| value.as_str()));
    /// What Google says that a device meets.
    DeviceIntegrity => one_of(play_integrity::DeviceIntegrity::ALL.iter().map(|value| value.as_str()));
    /// What a client reads tokens of Play Integrity with.
    PlayCredentialKind => one_of(play_integrity::PlayCredentialKind::ALL.iter().map(|value| value.as_str()));
    /// A word of Google's.
    PlayWord => text().min_length(Some(1)).max_length(Some(64)).pattern(Some("^[A-Z0-9_]+$")).examples(["HIGH_RISK"]);
    /// A token of Play Integrity.
    PlayToken => opaque(16 * 1024);
    /// How long ago something may have been asked, in seconds.
    RequestSeconds => number(60, 24 * 3600);
    /// A key as the Play Console shows it, in base64.
    ResponseKey => opaque(512);
    /// What a service account's key file says that it is.
    ServiceAccountType => one_of(["service_account"].into_iter());
    /// A patch level, as `YYYYMM`.
    PatchLevel => number(200_001, 999_912);
    /// A version code of an app.
    VersionCode => number(0, (1 << 53) - 1);
    /// A challenge.
    Challenge => text().pattern(Some("^[A-Za-z0-9_-]{43}$"));
    /// Bytes, in unpadded base64url.
    Base64Url => text().min_length(Some(1)).max_length(Some(48 * 1024)).pattern(Some("^[A-Za-z0-9_-]+$"));
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
    /// What an API key may do, each once.
    Scopes => set(Scope::schema());
    /// What ID tokens may be signed with, each once.
    IdTokenAlgorithms => set(IdTokenAlgorithm::schema());
    /// What an API key may do.
    Scope => one_of(api_key::Scope::ALL.iter().map(|value| value.as_str()));
    /// Why a request is refused.
    Refusal => one_of(decision::Refusal::ALL.iter().map(|value| value.as_str()));
    /// What was done.
    Action => one_of(activity::Action::ALL.iter().map(|value| value.as_str()));
    /// Why a request failed.
    ErrorCode => one_of(error_code::ErrorCode::ALL.iter().map(|value| value.as_str()));
    /// How a session ended.
    EndingCause => one_of(session::EndingCause::ALL.iter().map(|value| value.as_str()));
    /// How a past device ended.
    EndCause => one_of(end_causes());
    /// Always true.
    True => constant(true);
    /// Always false.
    False => constant(false);
}

/// Neither empty nor with control characters, and neither `.` nor `..`.
const USER_ID: &str =
    "^(\\.{3}|\\.{0,2}[^.\\u0000-\\u001f\\u007f-\\u009f])[^\\u0000-\\u001f\\u007f-\\u009f]*$";

/// The pattern of a web origin, up to its end.
const ORIGIN: &str = "^(https://([a-z0-9.-]+|\\[(IPV6)\\])|http://(localhost|127\\.0\\.0\\.1|\\[::1\\]))\
    (:([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?";

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::new(Type::String))
}

/// Text of 1 to `max` characters without control characters.
fn line(max: usize) -> ObjectBuilder {
    let bounded = text().min_length(Some(1)).max_length(Some(max));
    bounded.pattern(Some("^[^\\u0000-\\u001f\\u007f-\\u009f]+$"))
}

/// A secret of 1 to `max` bytes.
fn opaque(max: usize) -> ObjectBuilder {
    let bounded = text().min_length(Some(1)).max_length(Some(max));
    bounded.format(Some(SchemaFormat::KnownFormat(KnownFormat::Password)))
}

/// An origin, and what may follow it.
fn url(rest: &str, max: usize) -> ObjectBuilder {
    let bounded = text().max_length(Some(max));
    let origin = ORIGIN.replace("IPV6", &ipv6());
    bounded.pattern(Some(format!("{origin}{rest}$")))
}

/// One or more of a schema's values, each once.
fn set(of: RefOr<Schema>) -> ArrayBuilder {
    let values = ArrayBuilder::new().items(of);
    values.min_items(Some(1)).unique_items(true)
}

/// The pattern of an IPv6 address: eight groups, or fewer around one `::` (RFC 4291 section 2.2).
fn ipv6() -> String {
    let group = "[0-9a-f]{1,4}";
    let around = (1..=6).map(|after| {
        let before = 7 - after;
        format!("({group}:){{1,{before}}}(:{group}){{1,{after}}}")
    });
    let others = [
        format!("({group}:){{7}}{group}"),
        format!("({group}:){{1,7}}:"),
        format!(":((:{group}){{1,7}}|:)"),
    ];
    others
        .into_iter()
        .chain(around)
        .collect::<Vec<_>>()
        .join("|")
}

fn number(least: u64, most: u64) -> ObjectBuilder {
    let number = ObjectBuilder::new().schema_type(SchemaType::new(Type::Integer));
    number.minimum(Some(least)).maximum(Some(most))
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
