//! API keys of backends and admins.

use crate::{ApiKeyId, Timestamp, text::text_enum, token::HashedToken};

text_enum! {
    /// What an API key may do.
    Scope {
        /// Register logins and refreshes, replace adopted tokens.
        SessionsWrite = "sessions:write",
        /// Ask `/v1/verify` and introspection, and revoke tokens.
        Verify = "verify",
        /// Follow the feed and read sessions, for verifiers. Its holder can make nonces.
        FeedRead = "feed:read",
        /// List users' devices.
        DevicesRead = "devices:read",
        /// Rename, log out and remove users' devices.
        DevicesWrite = "devices:write",
        /// Disable and enable users.
        UsersWrite = "users:write",
        /// List clients.
        ClientsRead = "clients:read",
        /// Register and change clients.
        ClientsWrite = "clients:write",
        /// Read the rules that devices are judged by.
        ComplianceRead = "compliance:read",
        /// Put other rules in force.
        ComplianceWrite = "compliance:write",
        /// List the nodes and who follows them.
        NodesRead = "nodes:read",
        /// List API keys.
        ApiKeysRead = "api-keys:read",
        /// Make and revoke API keys. Its holder can give itself any scope.
        ApiKeysWrite = "api-keys:write",
    }
}

/// One API key; the secret itself is not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Its identity.
    pub id: ApiKeyId,
    /// What people call it.
    pub name: String,
    /// Hash of the secret.
    pub hash: HashedToken,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops by itself.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

impl ApiKey {
    /// Neither revoked nor expired.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|expiry| now < expiry)
    }

    /// Whether it may do what the scope names.
    pub fn allows(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }
}
