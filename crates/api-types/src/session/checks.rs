//! What a registration's members may look like.

use super::{
    AdoptedTokens, DeviceReport, MAX_NAME, MAX_PROOF_BYTES, MAX_ROLE, RegisterSession, SessionEvent,
};
use crate::{
    FieldError, Validate,
    validate::{check_count, check_opaque, check_optional, check_text},
};

const MAX_MODEL: usize = 120;
const MAX_VERSION: usize = 64;
const MAX_PUSH_TOKEN_BYTES: usize = 4096;
const MAX_USER_AGENT: usize = 4096;
const MAX_URL_BYTES: usize = 2048;
const MAX_METHOD_BYTES: usize = 32;
const MAX_TOKEN_BYTES: usize = 512;
const MAX_AMR: usize = 16;
const MAX_AMR_CHARS: usize = 32;
const MAX_ROLES: usize = 16;

impl Validate for RegisterSession {
    fn validate(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        check_count(&mut errors, "/amr", self.amr.len(), MAX_AMR);
        for (index, method) in self.amr.iter().take(MAX_AMR).enumerate() {
            check_text(&mut errors, format!("/amr/{index}"), method, MAX_AMR_CHARS);
        }
        let roles = self.roles.as_deref().unwrap_or_default();
        check_count(&mut errors, "/roles", roles.len(), MAX_ROLES);
        for (index, role) in roles.iter().take(MAX_ROLES).enumerate() {
            check_text(&mut errors, format!("/roles/{index}"), role, MAX_ROLE);
        }
        self.device.check(&mut errors);
        if let Some(proof) = &self.proof {
            check_opaque(&mut errors, "/proof/jwt", &proof.jwt, MAX_PROOF_BYTES);
            check_opaque(&mut errors, "/proof/htm", &proof.htm, MAX_METHOD_BYTES);
            check_opaque(&mut errors, "/proof/htu", &proof.htu, MAX_URL_BYTES);
        }
        if let Some(agent) = self.user_agent.as_ref().filter(|agent| !agent.is_empty()) {
            check_text(&mut errors, "/user_agent", agent, MAX_USER_AGENT);
        }
        self.check_tokens(&mut errors);
        errors
    }
}

impl RegisterSession {
    fn check_tokens(&self, errors: &mut Vec<FieldError>) {
        if let Some(token) = &self.refresh_token {
            check_opaque(errors, "/refresh_token", token.reveal(), MAX_TOKEN_BYTES);
        }
        match (self.event, &self.refresh_token, &self.tokens) {
            (_, Some(_), Some(_)) => errors.push(FieldError::new(
                "/refresh_token",
                "a session has adopted tokens or a refresh token, not both",
            )),
            (SessionEvent::Refresh, None, None) => errors.push(FieldError::new(
                "/refresh_token",
                "a refresh needs the refresh token, or the adopted tokens",
            )),
            (SessionEvent::Login | SessionEvent::Signup, Some(_), None) => errors.push(
                FieldError::new("/refresh_token", "only a refresh takes a refresh token"),
            ),
            _ => {}
        }
        if let Some(tokens) = &self.tokens {
            tokens.check(errors, "/tokens/refresh/sha256");
        }
    }
}

impl DeviceReport {
    /// Adds what is wrong with it, as the member `device` of a body.
    pub(crate) fn check(&self, errors: &mut Vec<FieldError>) {
        check_optional(errors, "/device/name", self.name.as_ref(), MAX_NAME);
        check_optional(errors, "/device/model", self.model.as_ref(), MAX_MODEL);
        let os_version = self.os_version.as_ref();
        check_optional(errors, "/device/os_version", os_version, MAX_VERSION);
        let app_version = self.app_version.as_ref();
        check_optional(errors, "/device/app_version", app_version, MAX_VERSION);
        if let Some(secret) = &self.device_secret {
            let text = secret.reveal();
            check_opaque(errors, "/device/device_secret", text, MAX_TOKEN_BYTES);
        }
        if let Some(push) = &self.push {
            let text = push.token.reveal();
            check_opaque(errors, "/device/push/token", text, MAX_PUSH_TOKEN_BYTES);
        }
    }
}

impl AdoptedTokens {
    fn check(&self, errors: &mut Vec<FieldError>, pointer: &'static str) {
        let twice = self.refresh.as_ref();
        if twice.is_some_and(|refresh| refresh.sha256 == self.access.sha256) {
            let detail = "the access and the refresh token must be different tokens";
            errors.push(FieldError::new(pointer, detail));
        }
    }
}

impl Validate for AdoptedTokens {
    fn validate(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        self.check(&mut errors, "/refresh/sha256");
        errors
    }
}
