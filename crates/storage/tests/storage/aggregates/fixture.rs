//! One of everything that a session hangs on.

use super::write;
use crate::harness::{Harness, NOW};
use countersign_core::{
    AppId, ClientId, DeviceId, OwnershipId, SessionId, Thumbprint, UserId,
    admission::{Activation, Admission},
    attestation::policy::{AttestationMode, AttestationPolicy, Demand, WebPages},
    client::{Client, NoncePolicy, ProofOfPossession},
    device::{
        Device, DeviceState, Encryption, Facts, HardwareIdentity, Origin, Ownership, Platform,
    },
    fingerprint::Fingerprint,
    lifetime::Preset,
    limit::DeviceLimits,
    session::{RefreshState, Session},
    token::HashedToken,
    trust::TrustPolicy,
    trusted_issuer::{IdTokenAlgorithm, IdTokenNonce, TrustedIssuer},
    user::ExternalUserId,
};
use uuid::Uuid;

pub(super) fn uuid(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

pub(super) fn hash(number: u8) -> HashedToken {
    HashedToken::from_bytes([number; 32])
}

pub(super) fn client() -> Client {
    Client {
        id: ClientId::from_uuid(uuid(1)),
        name: "Käse – 日本".to_owned(),
        platform: Platform::Ios,
        proof_of_possession: ProofOfPossession::Optional,
        nonce_policy: NoncePolicy::WhenNeeded,
        origins: vec!["https://app.example".parse().unwrap()],
        issuers: vec![issuer()],
        attestation: attestation(),
        admission: Admission {
            activation: Activation::Approval,
            ..Admission::default()
        },
        trust: TrustPolicy {
            mfa_secs: 60,
            ..TrustPolicy::default()
        },
        limits: DeviceLimits {
            max: Some(3),
            ..DeviceLimits::default()
        },
        audience: "https://api.example".to_owned(),
        lifetimes: Preset::Aal2.lifetimes(),
        epoch: 3,
        created_at: NOW,
        version: 1,
        disabled_at: None,
    }
}

pub(super) fn attestation() -> AttestationPolicy {
    AttestationPolicy {
        web: Some(WebPages {
            rp_id: "app.example".to_owned(),
            origins: vec!["https://app.example".parse().unwrap()],
            user_verification: true,
            device_bound: false,
        }),
        enroll: Demand {
            mode: AttestationMode::Enforce,
            max_age_secs: Some(60),
            ..Demand::default()
        },
        ..AttestationPolicy::default()
    }
}

pub(super) fn issuer() -> TrustedIssuer {
    TrustedIssuer {
        issuer: "https://login.example/".parse().unwrap(),
        audiences: vec!["app".to_owned()],
        algorithms: IdTokenAlgorithm::ALL.to_vec(),
        jwks_uri: Some("https://login.example/keys?p=1".parse().unwrap()),
        nonce: IdTokenNonce::Key,
        user_prefix: Some("example:".to_owned()),
    }
}

pub(super) fn user_name(number: u128) -> ExternalUserId {
    format!("user {number}").parse().unwrap()
}

pub(super) fn device(number: u128) -> Device {
    let byte = u8::try_from(number).unwrap();
    Device {
        id: DeviceId::from_uuid(uuid(number)),
        client_id: client().id,
        installation_id: uuid(100 + number),
        app_id: AppId::from_uuid(uuid(200 + number)),
        generation: 1,
        jkt: Some(Thumbprint::from_bytes([byte; 32])),
        secret: None,
        hardware_identity: Some(HardwareIdentity::from_bytes([byte; 32])),
        state: DeviceState::Active,
        suspended_until: Some(NOW),
        facts: Facts {
            name: Some("Phone".to_owned()),
            model: Some("iPhone18,1".to_owned()),
            os_version: Some("26.1".to_owned()),
            app_version: Some("2.3.4".to_owned()),
            encryption: Some(Encryption::Enabled),
            fingerprint: Some(Fingerprint::from_bytes([9; 32])),
        },
        created_at: NOW,
        last_seen_at: NOW,
    }
}

pub(super) fn ownership(number: u128) -> Ownership {
    Ownership {
        id: OwnershipId::from_uuid(uuid(number)),
        device_id: device(number).id,
        user_id: UserId::from_uuid(uuid(1)),
        client_id: client().id,
        name: None,
        is_recognised: true,
        created_at: NOW,
        last_active_at: NOW,
        last_origin: Origin {
            ip: Some("2001:db8::1".parse().unwrap()),
            user_agent: Some("agent".to_owned()),
            city: Some("Zürich".to_owned()),
            country: Some("CH".to_owned()),
        },
        ended: None,
    }
}

pub(super) fn session(number: u128) -> Session {
    let byte = u8::try_from(number).unwrap();
    Session {
        id: SessionId::from_uuid(uuid(number)),
        ownership_id: ownership(number).id,
        device_id: device(number).id,
        user_id: ownership(number).user_id,
        client_id: client().id,
        app_id: device(number).app_id,
        jkt: device(number).jkt,
        amr: vec!["pwd".to_owned(), "otp".to_owned()],
        client_epoch: 3,
        created_at: NOW,
        last_active_at: NOW,
        lifetimes: client().lifetimes,
        ended: None,
        refresh: Some(RefreshState {
            current: hash(byte),
            previous: None,
        }),
    }
}

/// Stores a client, a user, and for each number a device with an ownership and a session.
pub(super) async fn store(harness: &Harness, numbers: &[u128]) {
    write!(harness, numbers.to_vec(), |tx, numbers| {
        tx.insert_client(&client()).await?;
        tx.upsert_user(ownership(1).user_id, &user_name(1), NOW)
            .await?;
        for number in numbers {
            assert!(tx.insert_device(&device(*number), None).await?);
            tx.insert_ownership(&ownership(*number)).await?;
            tx.insert_session(&session(*number)).await?;
        }
        Ok(())
    });
}
