//! `attestation` of a client: what its devices have to show of themselves.

use crate::{
    FieldError, object,
    play_integrity::PlayIntegrityItem,
    schema, seconds,
    validate::{check_count, check_text},
};
use countersign_core::{
    attestation::{
        AttestationEnvironment, AttestationLevel,
        policy::{
            AndroidApp, AndroidApps, AppleApp, ApplePlatform, AttestationMode, AttestationPolicy,
            Demand, Reaction, Sha256Hex, WebPages,
        },
    },
    client::Origin,
};
use serde::{Deserialize, Serialize};

/// The most apps, digests, keys or origins in one list.
const MOST: usize = 16;
const MAX_APP_ID: usize = 255;
/// Without a limit of its own, the list of revoked certificates may be a week old.
const STATUS_LIST_SECONDS: u64 = 7 * 24 * 3600;
/// Up to here JSON's numbers are exact everywhere.
const MAX_VERSION_CODE: u64 = (1 << 53) - 1;
const DAY: u64 = 24 * 3600;

/// What a client demands of its devices' evidence.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AttestationPolicyItem {
    /// Apps that App Attest may vouch for, at most 16.
    #[serde(
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "object::list"
    )]
    #[schema(max_items = 16)]
    pub apple: Vec<AppleAppItem>,
    /// Apps on Android that its hardware may vouch for a key of, or Google for them.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "object::optional"
    )]
    pub android: Option<AndroidAppsItem>,
    /// Pages that an authenticator may vouch for a key of.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "object::optional"
    )]
    pub web: Option<WebPagesItem>,
    /// Demanded of enrollments and new keys.
    #[serde(deserialize_with = "object::one")]
    pub enroll: DemandItem,
    /// Demanded of logins.
    #[serde(deserialize_with = "object::one")]
    pub login: DemandItem,
    /// Demanded of refreshes.
    #[serde(deserialize_with = "object::one")]
    pub refresh: DemandItem,
    /// Demanded of what a device asserts for one action of its app.
    #[serde(deserialize_with = "object::one")]
    pub sensitive: DemandItem,
}

/// What one kind of action demands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DemandItem {
    /// `off`: evidence is not looked at. `telemetry`: it is judged and kept, nobody is refused.
    /// `soft_fail`: only evidence that is wrong is refused. `enforce`: whoever does not show what is
    /// demanded is refused.
    #[schema(value_type = schema::AttestationMode)]
    pub mode: AttestationMode,
    /// The least that has to be shown.
    #[schema(value_type = schema::AttestationLevel)]
    pub level: AttestationLevel,
    /// How long ago it may have been shown: 60 seconds to 400 days; not for enrollments.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "seconds::optional"
    )]
    #[schema(value_type = Option<schema::SessionSeconds>)]
    pub max_age_seconds: Option<u64>,
    /// Under `soft_fail`: what becomes of evidence that is wrong.
    #[schema(value_type = schema::Reaction)]
    pub on_invalid: Reaction,
    /// Under `enforce`: of evidence that cannot be judged, for want of a list, key or root.
    #[schema(value_type = schema::Reaction)]
    pub on_unevaluated: Reaction,
    /// Under `enforce`: where the platform's own service does not answer.
    #[schema(value_type = schema::Reaction)]
    pub on_timeout: Reaction,
}

/// An app on Apple's systems.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AppleAppItem {
    /// The team id, a full stop and the bundle id; on macOS the code's signing identifier.
    #[schema(value_type = schema::Audience)]
    pub app_id: String,
    /// `ios` when absent, which stands for those that came from it too.
    #[serde(default = "ios")]
    #[schema(value_type = schema::ApplePlatform)]
    pub platform: ApplePlatform,
    /// `production` when absent. The other one's attestations are refused.
    #[serde(default = "production")]
    #[schema(value_type = schema::AttestationEnvironment)]
    pub environment: AttestationEnvironment,
}

/// Apps on Android, and what is demanded of the devices under them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AndroidAppsItem {
    /// 1 to 16.
    #[serde(deserialize_with = "object::list")]
    #[schema(min_items = 1, max_items = 16)]
    pub apps: Vec<AndroidAppItem>,
    /// The oldest patch level of the system, as `YYYYMM`.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "seconds::optional"
    )]
    #[schema(value_type = Option<schema::PatchLevel>)]
    pub min_os_patch_level: Option<u64>,
    /// Keys of systems that owners put in and that are believed (`verifiedBootKey`), at most 16.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<schema::Sha256>, max_items = 16)]
    pub self_signed_boot_keys: Vec<Sha256Hex>,
    /// How old the list of revoked certificates may be: 60 seconds to 400 days, a week when absent.
    #[serde(default = "a_week", deserialize_with = "seconds::required")]
    #[schema(value_type = schema::SessionSeconds)]
    pub max_status_list_age_seconds: u64,
    /// What Google has to say of the apps; without it, Play Integrity is no evidence here.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "object::optional"
    )]
    pub play_integrity: Option<PlayIntegrityItem>,
}

/// An app on Android.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AndroidAppItem {
    /// Its package name.
    #[schema(value_type = schema::Audience)]
    pub package: String,
    /// SHA-256 of the certificates that it may be signed with, 1 to 16.
    #[schema(value_type = Vec<schema::Sha256>, min_items = 1, max_items = 16)]
    pub signing_digests: Vec<Sha256Hex>,
    /// Its oldest version code.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "seconds::optional"
    )]
    #[schema(value_type = Option<schema::VersionCode>)]
    pub min_version: Option<u64>,
}

/// Pages of a site whose authenticators vouch for keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WebPagesItem {
    /// The relying party's id: a domain.
    #[schema(value_type = schema::Audience)]
    pub rp_id: String,
    /// The pages' origins, 1 to 16.
    #[schema(value_type = Vec<schema::Origin>, min_items = 1, max_items = 16)]
    pub origins: Vec<Origin>,
    /// Whether the authenticator must know the user, and not only that somebody is there.
    #[serde(default)]
    pub user_verification: bool,
    /// Whether a credential that may leave its authenticator is refused.
    #[serde(default)]
    pub device_bound: bool,
}

const fn ios() -> ApplePlatform {
    ApplePlatform::Ios
}

const fn production() -> AttestationEnvironment {
    AttestationEnvironment::Production
}

const fn a_week() -> u64 {
    STATUS_LIST_SECONDS
}

impl AttestationPolicyItem {
    /// Adds what is wrong with it.
    pub(crate) fn check(&self, errors: &mut Vec<FieldError>) {
        check_count(errors, "/attestation/apple", self.apple.len(), MOST);
        for (index, app) in self.apple.iter().take(MOST).enumerate() {
            let pointer = format!("/attestation/apple/{index}/app_id");
            check_text(errors, pointer, &app.app_id, MAX_APP_ID);
        }
        if let Some(android) = &self.android {
            android.check(errors);
        }
        if let Some(web) = &self.web {
            check_text(errors, "/attestation/web/rp_id", &web.rp_id, MAX_APP_ID);
            check_some(errors, "/attestation/web/origins", web.origins.len());
        }
        let has_apps = !self.apple.is_empty() || self.android.is_some() || self.web.is_some();
        for (action, demand) in [
            ("enroll", self.enroll),
            ("login", self.login),
            ("refresh", self.refresh),
            ("sensitive", self.sensitive),
        ] {
            demand.check(errors, action, has_apps);
        }
    }
}

impl AndroidAppsItem {
    fn check(&self, errors: &mut Vec<FieldError>) {
        check_some(errors, "/attestation/android/apps", self.apps.len());
        for (index, app) in self.apps.iter().take(MOST).enumerate() {
            let pointer = format!("/attestation/android/apps/{index}");
            check_text(
                errors,
                format!("{pointer}/package"),
                &app.package,
                MAX_APP_ID,
            );
            let digests = app.signing_digests.len();
            check_some(errors, format!("{pointer}/signing_digests"), digests);
            if app
                .min_version
                .is_some_and(|version| version > MAX_VERSION_CODE)
            {
                let detail = format!("at most {MAX_VERSION_CODE}");
                errors.push(FieldError::new(format!("{pointer}/min_version"), detail));
            }
        }
        if let Some(wanted) = &self.play_integrity {
            wanted.check(errors);
        }
        let keys = self.self_signed_boot_keys.len();
        check_count(
            errors,
            "/attestation/android/self_signed_boot_keys",
            keys,
            MOST,
        );
        let mut check = |name: &str, holds: bool, detail: &'static str| {
            if !holds {
                let pointer = format!("/attestation/android/{name}");
                errors.push(FieldError::new(pointer, detail));
            }
        };
        let is_month = |level: u64| {
            (1..=12).contains(&(level % 100)) && (2000..=9999).contains(&(level / 100))
        };
        let is_level = self.min_os_patch_level.is_none_or(is_month);
        check(
            "min_os_patch_level",
            is_level,
            "a year and month, as 202601",
        );
        let is_age = (60..=400 * DAY).contains(&self.max_status_list_age_seconds);
        check(
            "max_status_list_age_seconds",
            is_age,
            "60 seconds to 400 days",
        );
    }
}

impl DemandItem {
    fn check(&self, errors: &mut Vec<FieldError>, action: &str, has_apps: bool) {
        let mut refuse = |member: &str, detail: &'static str| {
            let pointer = format!("/attestation/{action}/{member}");
            errors.push(FieldError::new(pointer, detail));
        };
        let is_enforced = self.mode == AttestationMode::Enforce;
        if is_enforced && self.level > AttestationLevel::Software && !has_apps {
            refuse(
                "level",
                "nobody could show this: no apps or pages are named",
            );
        }
        match self.max_age_seconds {
            Some(_) if action == "enroll" => {
                refuse("max_age_seconds", "an enrollment shows its evidence now");
            }
            Some(seconds) if !(60..=400 * DAY).contains(&seconds) => {
                refuse("max_age_seconds", "60 seconds to 400 days");
            }
            _ => {}
        }
    }
}

impl Default for DemandItem {
    fn default() -> Self {
        Demand::default().into()
    }
}

/// Adds an error unless there are 1 to [`MOST`].
fn check_some(errors: &mut Vec<FieldError>, pointer: impl Into<String>, count: usize) {
    if !(1..=MOST).contains(&count) {
        let detail = format!("1 to {MOST} are needed");
        errors.push(FieldError::new(pointer.into(), detail));
    }
}

impl From<AttestationPolicyItem> for AttestationPolicy {
    fn from(item: AttestationPolicyItem) -> Self {
        Self {
            apple: item.apple.into_iter().map(Into::into).collect(),
            android: item.android.map(Into::into),
            web: item.web.map(Into::into),
            enroll: item.enroll.into(),
            login: item.login.into(),
            refresh: item.refresh.into(),
            sensitive: item.sensitive.into(),
        }
    }
}

impl From<AttestationPolicy> for AttestationPolicyItem {
    fn from(policy: AttestationPolicy) -> Self {
        Self {
            apple: policy.apple.into_iter().map(Into::into).collect(),
            android: policy.android.map(Into::into),
            web: policy.web.map(Into::into),
            enroll: policy.enroll.into(),
            login: policy.login.into(),
            refresh: policy.refresh.into(),
            sensitive: policy.sensitive.into(),
        }
    }
}

/// The item and the domain's type have the same members.
macro_rules! same_members {
    ($($item:ident = $domain:ident { $($member:ident),* } $(, $own:ident = $theirs:ident)?;)*) => {$(
        impl From<$item> for $domain {
            fn from(item: $item) -> Self {
                Self { $($member: item.$member,)* $($theirs: item.$own,)? }
            }
        }

        impl From<$domain> for $item {
            fn from(domain: $domain) -> Self {
                Self { $($member: domain.$member,)* $($own: domain.$theirs,)? }
            }
        }
    )*};
}

same_members! {
    AppleAppItem = AppleApp { app_id, platform, environment };
    AndroidAppItem = AndroidApp { package, signing_digests, min_version };
    WebPagesItem = WebPages { rp_id, origins, user_verification, device_bound };
    DemandItem = Demand { mode, level, on_invalid, on_unevaluated, on_timeout }, max_age_seconds = max_age_secs;
}

impl From<AndroidAppsItem> for AndroidApps {
    fn from(item: AndroidAppsItem) -> Self {
        Self {
            apps: item.apps.into_iter().map(Into::into).collect(),
            // Checked to be a year and month.
            min_os_patch_level: item
                .min_os_patch_level
                .map(|level| u32::try_from(level).unwrap_or(u32::MAX)),
            self_signed_boot_keys: item.self_signed_boot_keys,
            max_status_list_age_secs: item.max_status_list_age_seconds,
            play_integrity: item.play_integrity.map(Into::into),
        }
    }
}

impl From<AndroidApps> for AndroidAppsItem {
    fn from(apps: AndroidApps) -> Self {
        Self {
            apps: apps.apps.into_iter().map(Into::into).collect(),
            min_os_patch_level: apps.min_os_patch_level.map(u64::from),
            self_signed_boot_keys: apps.self_signed_boot_keys,
            max_status_list_age_seconds: apps.max_status_list_age_secs,
            play_integrity: apps.play_integrity.map(Into::into),
        }
    }
}
