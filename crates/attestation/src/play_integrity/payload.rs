//! The verdict as JSON. Every member may be absent, and unknown ones are passed over.

use crate::jws::{Object, Text, is_present};
use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use std::fmt;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Payload<'a> {
    #[serde(borrow)]
    pub(super) request_details: Option<Object<RequestDetails<'a>>>,
    #[serde(borrow)]
    pub(super) app_integrity: Option<Object<AppIntegrity<'a>>>,
    #[serde(borrow)]
    pub(super) device_integrity: Option<Object<DeviceIntegrity<'a>>>,
    #[serde(borrow)]
    pub(super) account_details: Option<Object<AccountDetails<'a>>>,
    #[serde(borrow)]
    pub(super) environment_details: Option<Object<EnvironmentDetails<'a>>>,
    #[serde(default, deserialize_with = "is_present")]
    pub(super) testing_details: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RequestDetails<'a> {
    #[serde(borrow)]
    pub(super) request_package_name: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) nonce: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) request_hash: Option<Text<'a>>,
    pub(super) timestamp_millis: Option<Number>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AppIntegrity<'a> {
    #[serde(borrow)]
    pub(super) app_recognition_verdict: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) package_name: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) certificate_sha256_digest: Option<Vec<Text<'a>>>,
    pub(super) version_code: Option<Number>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DeviceIntegrity<'a> {
    #[serde(borrow)]
    pub(super) device_recognition_verdict: Option<Vec<Text<'a>>>,
    #[serde(borrow)]
    pub(super) recent_device_activity: Option<Object<RecentDeviceActivity<'a>>>,
    pub(super) device_attributes: Option<Object<DeviceAttributes>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RecentDeviceActivity<'a> {
    #[serde(borrow)]
    pub(super) device_activity_level: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DeviceAttributes {
    pub(super) sdk_version: Option<Number>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AccountDetails<'a> {
    #[serde(borrow)]
    pub(super) app_licensing_verdict: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EnvironmentDetails<'a> {
    #[serde(borrow)]
    pub(super) app_access_risk_verdict: Option<Object<AppAccessRiskVerdict<'a>>>,
    #[serde(borrow)]
    pub(super) play_protect_verdict: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AppAccessRiskVerdict<'a> {
    #[serde(borrow)]
    pub(super) apps_detected: Option<Vec<Text<'a>>>,
}

/// A whole number, written as one or as text; `None` for everything else, which is as good as absent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Number(pub(super) Option<u64>);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberVisitor)
    }
}

struct NumberVisitor;

impl<'de> Visitor<'de> for NumberVisitor {
    type Value = Number;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number")
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Number, E> {
        Ok(Number(Some(number)))
    }

    fn visit_i64<E: Error>(self, _negative: i64) -> Result<Number, E> {
        Ok(Number(None))
    }

    fn visit_bool<E: Error>(self, _flag: bool) -> Result<Number, E> {
        Ok(Number(None))
    }

    fn visit_f64<E: Error>(self, _fraction: f64) -> Result<Number, E> {
        Ok(Number(None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Number, A::Error> {
        while values.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Number(None))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Number, A::Error> {
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Number(None))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Number, E> {
        let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
        Ok(Number(text.parse().ok().filter(|_| is_plain)))
    }
}
