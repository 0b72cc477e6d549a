//! Whose request it is.

use countersign_api_types::{ErrorCode, verify::Allowed};
use countersign_core::{
    AppId, ClientId, DeviceId, SessionId, Timestamp, decision::Demands, device::Platform,
    snapshot::Compliance, trust::TrustLevel,
};

/// The device of a request that was let through, in the request's extensions.
///
/// A test of a handler can make one and insert it itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceSession {
    /// The session.
    pub session_id: SessionId,
    /// The app's own id of the user.
    pub user_id: String,
    /// The client application.
    pub client_id: ClientId,
    /// The device.
    pub device_id: DeviceId,
    /// The device's generation.
    pub app_id: AppId,
    /// How far the device is trusted for the user.
    pub trust: TrustLevel,
    /// Whether the device meets the rules.
    pub compliance: Compliance,
    /// What the device is.
    pub platform: Platform,
    /// The app's version, as the device says.
    pub app_version: Option<String>,
    /// How the user authenticated (RFC 8176).
    pub amr: Vec<String>,
    /// Whether the session is bound to a device key.
    pub key_bound: bool,
    /// When the token expires.
    pub expires_at: Timestamp,
}

impl DeviceSession {
    /// The first demand that it does not meet, in the service's order.
    ///
    /// For a request that was judged already: its proof cannot be presented a second time.
    pub(crate) fn unmet(&self, demands: Demands) -> Option<ErrorCode> {
        if demands.min_trust.is_some_and(|least| self.trust < least) {
            return Some(ErrorCode::InsufficientTrust);
        }
        if demands.require_compliant && !self.compliance.holds() {
            return Some(ErrorCode::NotCompliant);
        }
        (demands.require_key && !self.key_bound).then_some(ErrorCode::KeyRequired)
    }
}

impl From<Allowed<'_>> for DeviceSession {
    fn from(allowed: Allowed<'_>) -> Self {
        Self {
            session_id: allowed.session_id,
            user_id: allowed.user_id.to_string(),
            client_id: allowed.client_id,
            device_id: allowed.device_id,
            app_id: allowed.app_id,
            trust: allowed.trust,
            compliance: allowed.compliance,
            platform: allowed.platform,
            app_version: allowed.app_version.map(|version| version.to_string()),
            amr: allowed.amr.into_owned(),
            key_bound: allowed.key_bound,
            expires_at: allowed.expires_at,
        }
    }
}
