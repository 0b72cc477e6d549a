//! What both doors share: reading what a device says, and answering a session with its tokens.

use super::{DeviceClaim, Evicted, Grant, PushAddress, SessionError, Sessions, Started, UsedProof};
use crate::signing::IssueError;
use countersign_api_types::{
    Secret,
    limit::EvictedDevice,
    session::{DeviceReport, RegisteredSession, TokenType},
};
use countersign_core::{
    device::Facts,
    token::{HashedToken, PlainToken, TokenKind},
    trust::TrustLevel,
};
use zeroize::Zeroizing;

/// What a device says of itself.
pub(crate) fn facts(report: &DeviceReport) -> Facts {
    Facts {
        name: report.name.clone(),
        model: report.model.clone(),
        os_version: report.os_version.clone(),
        app_version: report.app_version.clone(),
        encryption: report.encryption,
        fingerprint: report.fingerprint,
    }
}

impl DeviceClaim {
    /// A device as it reports itself, with the proof that was checked.
    pub(crate) fn new(report: &DeviceReport, proof: Option<&UsedProof>) -> Self {
        let secret = report.device_secret.as_ref();
        Self {
            installation_id: Some(report.installation_id),
            facts: facts(report),
            jkt: proof.map(|proof| proof.jkt),
            secret: secret.map(|secret| HashedToken::of(secret.reveal())),
            hardware_identity: None,
        }
    }
}

impl PushAddress {
    /// The push address that a device reports.
    pub(crate) fn of(report: &DeviceReport) -> Option<Self> {
        let push = report.push.as_ref()?;
        Some(Self {
            provider: push.provider,
            token: Zeroizing::new(push.token.reveal().to_owned()),
        })
    }
}

impl Grant {
    /// A refresh token as it was presented.
    ///
    /// # Errors
    /// [`SessionError::RefreshUnknown`] for anything else.
    pub(crate) fn parse(text: &str) -> Result<Self, SessionError> {
        let token: Result<PlainToken, _> = text.parse();
        match token {
            Ok(token) if token.kind() == TokenKind::Refresh => Ok(Self::RefreshToken(token)),
            _ => Err(SessionError::RefreshUnknown),
        }
    }
}

impl From<&Evicted> for EvictedDevice {
    fn from(evicted: &Evicted) -> Self {
        Self {
            device_id: evicted.device_id,
            name: evicted.name.clone(),
            last_seen_at: evicted.last_active_at,
        }
    }
}

impl Sessions {
    /// The session with its tokens, the access token issued now.
    ///
    /// # Errors
    /// [`IssueError`] when no key can sign.
    pub(crate) fn answer(&self, started: &Started) -> Result<RegisteredSession, IssueError> {
        let now = self.now();
        let session = &started.session;
        let access = match started.refresh {
            Some(_) => {
                let user_id = &started.user_id;
                Some(self.issuer.issue(&started.client, session, user_id, now)?)
            }
            None => None,
        };
        Ok(RegisteredSession {
            session_id: session.id,
            user_id: started.user_id.clone(),
            device_id: started.device.id,
            app_id: started.device.app_id,
            installation_id: started.device.installation_id,
            is_new_device: started.is_new_device,
            is_recognised: started.is_recognised,
            trust: TrustLevel::of(false, session.jkt.is_some(), &started.grounds, now),
            token_type: match (&access, session.jkt) {
                (None, _) => TokenType::Adopted,
                (Some(_), Some(_)) => TokenType::DPoP,
                (Some(_), None) => TokenType::Bearer,
            },
            expires_in: access
                .as_ref()
                .map(|access| access.expires_at.since(now).as_secs()),
            access_token: access.map(|access| Secret::from(access.text)),
            refresh_token: started.refresh.as_ref().map(Secret::from),
            session_expires_at: session.absolute_expiry(),
            idle_expires_at: session.idle_expiry(),
            device_secret: started.device_secret.as_ref().map(Secret::from),
            evicted: started.evicted.iter().map(Into::into).collect(),
            dpop_nonce: session.jkt.map(|_| self.nonces.issue(now)),
        })
    }
}
