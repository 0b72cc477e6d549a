//! The one decision function: may this request go through?
//!
//! Every door (`/v1/verify`, introspection, reverse proxies, a user's own calls, and later
//! verifiers) asks [`decide`]. What stands before it, in this order: parse, signature and expiry, denylist,
//! resolver.

use crate::{
    Thumbprint, Timestamp, device::DeviceState, session::EndingCause, snapshot::Snapshot,
    text::text_enum, trust::TrustLevel,
};

text_enum! {
    /// Why a request is refused. Closed, documented, stable.
    Refusal {
        /// No token, or the text is neither an access token nor an adopted one.
        TokenInvalid = "token_invalid",
        /// The token's time is over; refresh.
        TokenExpired = "token_expired",
        /// The session of the token is over; log in again.
        SessionEnded = "session_ended",
        /// The session passed its idle or absolute limit; log in again.
        SessionExpired = "session_expired",
        /// The client is disabled, or ended all its sessions.
        ClientEnded = "client_ended",
        /// The token is bound to a key and the request carries no proof.
        ProofRequired = "proof_required",
        /// A bound token came as `Bearer`, or an unbound one as `DPoP`.
        SchemeMismatch = "scheme_mismatch",
        /// The proof is malformed or its signature is wrong.
        ProofInvalid = "proof_invalid",
        /// The proof is for another method, URL or token.
        ProofMismatch = "proof_mismatch",
        /// The proof is older or newer than allowed.
        ProofExpired = "proof_expired",
        /// The proof was used before.
        ProofReplayed = "proof_replayed",
        /// The proof must carry the nonce that this answer gives.
        UseDpopNonce = "use_dpop_nonce",
        /// The proof is by another key than the token's.
        KeyMismatch = "key_mismatch",
        /// The user is disabled.
        UserDisabled = "user_disabled",
        /// The device was removed from the user's account.
        DeviceRemoved = "device_removed",
        /// The device made room for another one of the user.
        DeviceEvicted = "device_evicted",
        /// The device is suspended.
        DeviceSuspended = "device_suspended",
        /// The device is revoked.
        DeviceRevoked = "device_revoked",
        /// The device is banned.
        DeviceBanned = "device_banned",
        /// The device is trusted less than the caller demands.
        InsufficientTrust = "insufficient_trust",
        /// The device does not meet the rules that the caller demands.
        NotCompliant = "not_compliant",
        /// The caller demands a device key and the session has none.
        KeyRequired = "key_required",
    }
}

impl From<EndingCause> for Refusal {
    /// What the bearer of a token is told whose session ended for this cause.
    fn from(cause: EndingCause) -> Self {
        match cause {
            EndingCause::UserDisabled => Self::UserDisabled,
            EndingCause::Removed => Self::DeviceRemoved,
            EndingCause::Evicted => Self::DeviceEvicted,
            EndingCause::DeviceRevoked => Self::DeviceRevoked,
            EndingCause::DeviceBanned => Self::DeviceBanned,
            EndingCause::Expired => Self::SessionExpired,
            EndingCause::ClientDisabled => Self::ClientEnded,
            _ => Self::SessionEnded,
        }
    }
}

/// What the caller demands beyond a live session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Demands {
    /// The least trust level.
    pub min_trust: Option<TrustLevel>,
    /// The device must be known to meet the rules.
    pub require_compliant: bool,
    /// The session must be bound to a device key.
    pub require_key: bool,
    /// The answer must rest on a read of the store that began after the question: the concern of
    /// whoever reads, not of [`decide`].
    pub strict: bool,
}

/// Judges a request of the session.
///
/// `token_key` is the key that the token names, if it names one: a session whose device has another
/// one by now takes it no more. `last_active_at` is the newest activity this node knows of, that of the load included. `check_proof` gets the session's
/// key and is called at most once, only for a session that is live: what a proof costs is not
/// spent on a dead one, and a proof is not marked as used by a request that fails before it.
///
/// # Errors
/// The first reason in the order: session, client, proof, user, ownership, device, demands.
pub fn decide(
    snapshot: &Snapshot,
    token_key: Option<&Thumbprint>,
    last_active_at: Timestamp,
    demands: &Demands,
    now: Timestamp,
    check_proof: impl FnOnce(Option<&Thumbprint>) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    session(snapshot, last_active_at, now)?;
    if token_key.is_some_and(|key| Some(key) != snapshot.jkt.as_ref()) {
        return Err(Refusal::KeyMismatch);
    }
    check_proof(snapshot.jkt.as_ref())?;
    standing(snapshot)?;
    demanded(snapshot, *demands, now)
}

fn session(snapshot: &Snapshot, last_active_at: Timestamp, now: Timestamp) -> Result<(), Refusal> {
    if let Some(cause) = snapshot.ended {
        return Err(cause.into());
    }
    if snapshot.is_client_ended {
        return Err(Refusal::ClientEnded);
    }
    if now >= snapshot.absolute_expiry || now >= snapshot.idle_expiry(last_active_at) {
        return Err(Refusal::SessionExpired);
    }
    if snapshot.is_key_current {
        Ok(())
    } else {
        Err(Refusal::SessionEnded)
    }
}

fn standing(snapshot: &Snapshot) -> Result<(), Refusal> {
    if snapshot.is_user_disabled {
        return Err(Refusal::UserDisabled);
    }
    if snapshot.is_ownership_ended {
        return Err(Refusal::DeviceRemoved);
    }
    match snapshot.device_state {
        DeviceState::Active if snapshot.is_blocked() => Err(Refusal::NotCompliant),
        DeviceState::Active => Ok(()),
        DeviceState::Suspended => Err(Refusal::DeviceSuspended),
        DeviceState::Revoked => Err(Refusal::DeviceRevoked),
        DeviceState::Banned => Err(Refusal::DeviceBanned),
    }
}

fn demanded(snapshot: &Snapshot, demands: Demands, now: Timestamp) -> Result<(), Refusal> {
    if demands
        .min_trust
        .is_some_and(|least| snapshot.trust_at(now) < least)
    {
        return Err(Refusal::InsufficientTrust);
    }
    if demands.require_compliant && !snapshot.compliance_at(now).holds() {
        return Err(Refusal::NotCompliant);
    }
    if demands.require_key && snapshot.jkt.is_none() {
        return Err(Refusal::KeyRequired);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        AppId, ClientId, DeviceId, OwnershipId, SessionId, UserId, client::NoncePolicy,
        device::Platform, snapshot::SessionKind, trust::Grounds,
    };
    use std::{cell::Cell, sync::Arc, time::Duration};
    use uuid::Uuid;

    const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

    fn live() -> Snapshot {
        let id = Uuid::nil();
        Snapshot {
            session_id: SessionId::from_uuid(id),
            ownership_id: OwnershipId::from_uuid(id),
            device_id: DeviceId::from_uuid(id),
            app_id: AppId::from_uuid(id),
            kind: Arc::new(kind()),
            user: UserId::from_uuid(id),
            user_id: "42".parse().unwrap(),
            jkt: None,
            grounds: None,
            absolute_expiry: NOW.plus(Duration::from_hours(1)),
            ended: None,
            is_ownership_ended: false,
            device_state: DeviceState::Active,
            is_key_current: true,
            is_user_disabled: false,
            is_client_ended: false,
        }
    }

    fn kind() -> SessionKind {
        SessionKind {
            client_id: ClientId::from_uuid(Uuid::nil()),
            nonce_policy: NoncePolicy::WhenNeeded,
            platform: Platform::Ios,
            app_version: None,
            amr: Box::default(),
            idle_micros: 60_000_000,
        }
    }

    fn judge(snapshot: &Snapshot, demands: Demands, now: Timestamp) -> Result<(), Refusal> {
        decide(snapshot, None, NOW, &demands, now, |_| Ok(()))
    }

    #[test]
    fn the_first_reason_in_order_is_given() {
        // From the last question to the first: each one added takes precedence.
        let demands = Demands {
            require_key: true,
            strict: false,
            require_compliant: true,
            min_trust: Some(TrustLevel::Trusted),
        };
        let mut snapshot = live();
        let key_only = Demands {
            require_key: true,
            ..Demands::default()
        };
        assert_eq!(judge(&snapshot, key_only, NOW), Err(Refusal::KeyRequired));
        let with_rules = Demands {
            require_compliant: true,
            ..key_only
        };
        assert_eq!(
            judge(&snapshot, with_rules, NOW),
            Err(Refusal::NotCompliant)
        );
        assert_eq!(
            judge(&snapshot, demands, NOW),
            Err(Refusal::InsufficientTrust)
        );
        snapshot.device_state = DeviceState::Suspended;
        assert_eq!(
            judge(&snapshot, demands, NOW),
            Err(Refusal::DeviceSuspended)
        );
        snapshot.is_ownership_ended = true;
        assert_eq!(judge(&snapshot, demands, NOW), Err(Refusal::DeviceRemoved));
        snapshot.is_user_disabled = true;
        assert_eq!(judge(&snapshot, demands, NOW), Err(Refusal::UserDisabled));
        let unproven = decide(&snapshot, None, NOW, &demands, NOW, |_| {
            Err(Refusal::ProofRequired)
        });
        assert_eq!(unproven, Err(Refusal::ProofRequired));
        snapshot.is_key_current = false;
        assert_eq!(judge(&snapshot, demands, NOW), Err(Refusal::SessionEnded));
        snapshot.absolute_expiry = NOW;
        assert_eq!(judge(&snapshot, demands, NOW), Err(Refusal::SessionExpired));
        snapshot.is_client_ended = true;
        assert_eq!(judge(&snapshot, demands, NOW), Err(Refusal::ClientEnded));
        snapshot.ended = Some(EndingCause::Logout);
        assert_eq!(judge(&snapshot, demands, NOW), Err(Refusal::SessionEnded));
    }

    #[test]
    fn a_token_that_names_another_key_than_the_sessions_is_refused() {
        let named = Thumbprint::from_bytes([1; 32]);
        for (jkt, expected) in [
            (Some(named), Ok(())),
            (
                Some(Thumbprint::from_bytes([2; 32])),
                Err(Refusal::KeyMismatch),
            ),
            (None, Err(Refusal::KeyMismatch)),
        ] {
            let snapshot = Snapshot { jkt, ..live() };
            let demands = Demands::default();
            let judged = decide(&snapshot, Some(&named), NOW, &demands, NOW, |_| Ok(()));
            assert_eq!(judged, expected);
        }
    }

    #[test]
    fn no_proof_is_spent_on_a_dead_session() {
        for cause in EndingCause::ALL {
            let snapshot = Snapshot {
                ended: Some(*cause),
                ..live()
            };
            let asked = Cell::new(false);
            let judged = decide(&snapshot, None, NOW, &Demands::default(), NOW, |_| {
                asked.set(true);
                Ok(())
            });
            assert_eq!(judged, Err(Refusal::from(*cause)));
            assert!(!asked.get());
        }
    }

    #[test]
    fn activity_that_only_this_node_knows_keeps_a_session_alive() {
        let later = NOW.plus(Duration::from_mins(1));
        let snapshot = live();
        assert_eq!(
            judge(&snapshot, Demands::default(), later),
            Err(Refusal::SessionExpired)
        );
        let active = NOW.plus(Duration::from_micros(1));
        assert_eq!(
            decide(&snapshot, None, active, &Demands::default(), later, |_| Ok(
                ()
            )),
            Ok(())
        );
    }

    #[test]
    fn lapsed_trust_counts_as_unknown() {
        let grounds = Grounds {
            confirmed_until: Some(NOW.plus(Duration::from_secs(10))),
            ..Grounds::NONE
        };
        let snapshot = Snapshot {
            jkt: Some(Thumbprint::from_bytes([1; 32])),
            grounds: Some(Box::new(grounds)),
            ..live()
        };
        let demands = Demands {
            min_trust: Some(TrustLevel::Trusted),
            ..Demands::default()
        };
        assert_eq!(
            judge(&snapshot, demands, NOW.plus(Duration::from_secs(9))),
            Ok(())
        );
        let lapsed = judge(&snapshot, demands, NOW.plus(Duration::from_secs(10)));
        assert_eq!(lapsed, Err(Refusal::InsufficientTrust));
        // Whatever speaks for a device without a key, it is not known to be that one.
        let keyless = Snapshot {
            jkt: None,
            ..snapshot
        };
        assert_eq!(
            judge(&keyless, demands, NOW),
            Err(Refusal::InsufficientTrust)
        );
    }

    #[test]
    fn every_device_state_but_active_refuses() {
        for state in DeviceState::ALL {
            let snapshot = Snapshot {
                device_state: *state,
                ..live()
            };
            let is_admitted = judge(&snapshot, Demands::default(), NOW).is_ok();
            assert_eq!(is_admitted, *state == DeviceState::Active, "{state}");
        }
    }
}
