//! A session as a verifier gets it.

use crate::{schema, text::as_text};
use countersign_core::{
    AppId, ClientId, DeviceId, OwnershipId, SessionId, Thumbprint, Timestamp, UserId,
    client::NoncePolicy,
    device::{DeviceState, Platform},
    session::EndingCause,
    snapshot::{Compliance, Loaded, SessionKind, Snapshot},
    trust::Grounds,
    user::ExternalUserId,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What a token of the app's own stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TokenFacts {
    /// Its session, for ever.
    #[schema(value_type = schema::SessionId)]
    pub session_id: SessionId,
    /// When it expires.
    #[schema(value_type = schema::Timestamp)]
    pub expires_at: Timestamp,
}

/// What speaks for a device and one of its users, each with the time at which it lapses.
#[derive(Debug, utoipa::ToSchema)]
#[expect(dead_code, reason = "describes `Grounds`, which does not know OpenAPI")]
struct GroundsFacts {
    /// Until when the user's confirmation counts.
    #[schema(value_type = Option<schema::Timestamp>)]
    confirmed_until: Option<Timestamp>,
    /// Until when the device counts as managed.
    #[schema(value_type = Option<schema::Timestamp>)]
    managed_until: Option<Timestamp>,
    /// Whether the device meets the rules.
    #[schema(value_type = schema::Compliance)]
    compliance: Compliance,
    /// Until when that is known.
    #[schema(value_type = Option<schema::Timestamp>)]
    compliance_until: Option<Timestamp>,
}

macro_rules! facts {
    (
        { $($(#[$doc:meta])* $field:ident: $type:ty $(as $schema:ty)?,)* }
        { $($(#[$kind_doc:meta])* $kind_field:ident: $kind_type:ty $(as $kind_schema:ty)?,)* }
    ) => {
        /// A session and everything it hangs on.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
        pub struct SessionFacts {
            $($(#[$doc])* $(#[schema(value_type = $schema)])? pub $field: $type,)*
            $($(#[$kind_doc])* $(#[schema(value_type = $kind_schema)])? pub $kind_field: $kind_type,)*
            /// The newest activity.
            #[schema(value_type = schema::Timestamp)]
            pub last_active_at: Timestamp,
        }

        impl SessionFacts {
            /// What a snapshot says.
            pub fn of(snapshot: &Snapshot, last_active_at: Timestamp) -> Self {
                Self {
                    $($field: snapshot.$field.clone(),)*
                    $($kind_field: snapshot.kind.$kind_field.clone().into(),)*
                    last_active_at,
                }
            }
        }

        impl From<SessionFacts> for Loaded {
            fn from(facts: SessionFacts) -> Self {
                let kind = SessionKind { $($kind_field: facts.$kind_field.into(),)* };
                Self {
                    snapshot: Snapshot { kind: Arc::new(kind), $($field: facts.$field,)* },
                    last_active_at: facts.last_active_at,
                }
            }
        }
    };
}

facts! {
    {
        /// The session.
        session_id: SessionId as schema::SessionId,
        /// Its ownership.
        ownership_id: OwnershipId as String,
        /// Its device.
        device_id: DeviceId as schema::DeviceId,
        /// The device's generation.
        app_id: AppId as schema::AppId,
        /// Its user's row.
        user: UserId as String,
        /// The app's own id of the user.
        #[serde(with = "as_text")]
        user_id: ExternalUserId as schema::UserId,
        /// The key that its tokens are bound to.
        jkt: Option<Thumbprint> as Option<String>,
        /// What speaks for the device, if anything does.
        grounds: Option<Box<Grounds>> as Option<GroundsFacts>,
        /// When it ends whatever happens.
        absolute_expiry: Timestamp as schema::Timestamp,
        /// Set once it ended.
        ended: Option<EndingCause> as Option<schema::EndingCause>,
        /// Whether the ownership is past.
        is_ownership_ended: bool,
        /// Where the device stands.
        device_state: DeviceState as schema::DeviceState,
        /// Whether the device's current key is still the session's.
        is_key_current: bool,
        /// Whether the user is disabled.
        is_user_disabled: bool,
        /// Whether the client is disabled or ended all its sessions.
        is_client_ended: bool,
    }
    {
        /// The client.
        client_id: ClientId as schema::ClientId,
        /// When its devices must use nonces.
        nonce_policy: NoncePolicy as schema::NoncePolicy,
        /// What the device is.
        platform: Platform as schema::Platform,
        /// The app's version.
        app_version: Option<Box<str>> as Option<String>,
        /// How the user authenticated.
        amr: Box<[String]> as Vec<String>,
        /// The idle limit, in microseconds.
        idle_micros: i64,
    }
}
