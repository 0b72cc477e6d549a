//! Which device is this? Every login and refresh registers the device it came from.
//!
//! A key proves a device. An installation id proves nothing: it finds a device again only for
//! someone who has it already. Whoever presents somebody else's gets a new device under an id
//! made here, and the other's row stays as it was (invariant I11).

use super::{SessionError, ending};
use crate::journal::Journal;
use countersign_core::{
    AppId, ClientId, DeviceId, Rng, SessionId, Thumbprint, UserId,
    activity::{Action, Target},
    client::{Client, ProofOfPossession},
    device::{Device, DeviceState, Facts},
    session::EndingCause,
    token::{HashedToken, PlainToken, TokenKind},
    user::User,
};
use countersign_storage::{ConstraintKind, StoreError, Tx};
use uuid::Uuid;

/// What a device presents.
#[derive(Debug, Clone)]
pub struct DeviceClaim {
    /// The UUID that the app keeps.
    pub installation_id: Uuid,
    /// What it says of itself.
    pub facts: Facts,
    /// The key whose proof was checked.
    pub jkt: Option<Thumbprint>,
    /// The device secret, from a device without a key.
    pub secret: Option<HashedToken>,
}

/// The device that a claim turned out to be.
#[derive(Debug)]
pub(crate) struct Registered {
    pub(crate) device: Device,
    pub(crate) is_new: bool,
    /// A device secret to hand out, when one was made.
    pub(super) secret: Option<PlainToken>,
}

enum Recognition {
    /// The same device, proven by its key or its secret.
    Proven(Device),
    /// The user's own device, back with another key or secret, or with its first key.
    Returned(Device),
    /// A device never seen, under the installation id it presents.
    New,
    /// Somebody else has that installation id.
    Taken,
}

/// Finds or makes the device, locks it, and writes what it says of itself.
pub(super) async fn register(
    tx: &mut Tx,
    journal: &Journal,
    client: &Client,
    user: &User,
    claim: &DeviceClaim,
) -> Result<Registered, SessionError> {
    if claim.jkt.is_none() && client.proof_of_possession == ProofOfPossession::Required {
        return Err(SessionError::ProofRequired);
    }
    let registered = match recognise(tx, client, user, claim).await? {
        Recognition::Proven(device) => return update(tx, device, &claim.facts, journal).await,
        Recognition::Returned(device) => renew(tx, journal, device, user, claim).await?,
        Recognition::New => insert(tx, journal, client, Some(user), claim, false).await?,
        Recognition::Taken => insert(tx, journal, client, Some(user), claim, true).await?,
    };
    check_key(tx, client, claim).await?;
    Ok(registered)
}

/// A key that a device gave up stays dead. Asked last: once a row holds the key, no other can give
/// it up, and this sees every one that did before.
async fn check_key(tx: &mut Tx, client: &Client, claim: &DeviceClaim) -> Result<(), SessionError> {
    match &claim.jkt {
        Some(jkt) if tx.is_key_retired(client.id, jkt).await? => Err(SessionError::KeyRetired),
        _ => Ok(()),
    }
}

/// Finds the device with this key, or makes one that nobody owns yet.
///
/// An installation id that is taken proves nothing: the device gets one made here.
pub(crate) async fn enroll(
    tx: &mut Tx,
    journal: &Journal,
    client: &Client,
    claim: &DeviceClaim,
) -> Result<Registered, SessionError> {
    let jkt = claim.jkt.as_ref().ok_or(SessionError::ProofRequired)?;
    if let Some(device) = tx.lock_device_by_key(client.id, jkt).await? {
        return update(tx, check_state(device)?, &claim.facts, journal).await;
    }
    let found = tx.lock_device_by_installation(client.id, claim.installation_id);
    let is_taken = found.await?.is_some();
    let registered = insert(tx, journal, client, None, claim, is_taken).await?;
    check_key(tx, client, claim).await?;
    Ok(registered)
}

async fn recognise(
    tx: &mut Tx,
    client: &Client,
    user: &User,
    claim: &DeviceClaim,
) -> Result<Recognition, SessionError> {
    if let Some(jkt) = &claim.jkt
        && let Some(device) = tx.lock_device_by_key(client.id, jkt).await?
    {
        return Ok(Recognition::Proven(check_state(device)?));
    }
    let found = find_by_installation(tx, client.id, user.id, claim.installation_id).await?;
    let Some(device) = found else {
        return Ok(Recognition::New);
    };
    let proves_secret = device.secret.is_some() && device.secret == claim.secret;
    let is_own =
        tx.has_owned(device.id, user.id).await? && !tx.has_other_owner(device.id, user.id).await?;
    match (device.jkt, claim.jkt) {
        (Some(_), None) if is_own => Err(SessionError::ProofRequired),
        (None, None) if proves_secret => Ok(Recognition::Proven(check_state(device)?)),
        (None, Some(_)) if proves_secret => Ok(Recognition::Returned(check_state(device)?)),
        (_, Some(_)) | (None, None) if is_own => Ok(Recognition::Returned(check_state(device)?)),
        _ => Ok(Recognition::Taken),
    }
}

/// The device that an installation id means to this user: the one made for the user because the
/// id was somebody else's, or whoever's it is.
pub(super) async fn find_by_installation(
    tx: &mut Tx,
    client: ClientId,
    user: UserId,
    installation_id: Uuid,
) -> Result<Option<Device>, SessionError> {
    let split = tx.lock_split_device(client, installation_id, user).await?;
    match split {
        Some(device) => Ok(Some(device)),
        None => Ok(tx
            .lock_device_by_installation(client, installation_id)
            .await?),
    }
}

pub(crate) fn check_state(device: Device) -> Result<Device, SessionError> {
    match device.state {
        DeviceState::Active => Ok(device),
        DeviceState::Suspended => Err(SessionError::DeviceSuspended),
        DeviceState::Revoked => Err(SessionError::DeviceRevoked),
        DeviceState::Banned => Err(SessionError::DeviceBanned),
    }
}

/// The same device: only its facts are new.
pub(super) async fn update(
    tx: &mut Tx,
    device: Device,
    facts: &Facts,
    journal: &Journal,
) -> Result<Registered, SessionError> {
    let device = with_facts(device, facts, journal);
    tx.update_device(&device).await?;
    Ok(Registered {
        device,
        is_new: false,
        secret: None,
    })
}

/// The user's device is back without what proved it: a new generation. The old key is dead, and
/// so is everything that hung on it.
async fn renew(
    tx: &mut Tx,
    journal: &Journal,
    device: Device,
    user: &User,
    claim: &DeviceClaim,
) -> Result<Registered, SessionError> {
    // The login writes to it later, and it comes before the sessions in the order of locks.
    tx.lock_active_ownership(device.id, user.id).await?;
    if let Some(old) = &device.jkt {
        tx.retire_key(&device, old, journal.now).await?;
    }
    let sessions = tx.lock_devices_sessions(device.id).await?;
    ending::end(tx, journal, &sessions, EndingCause::KeyReplaced).await?;
    let secret = new_secret(claim, &*journal.rng);
    let mut device = with_facts(device, &claim.facts, journal);
    device.jkt = claim.jkt;
    device.secret = secret.as_ref().map(PlainToken::hash);
    device.app_id = AppId::generate(journal.now, &*journal.rng);
    device.generation += 1;
    match tx.update_device(&device).await {
        // Another login brought the same new key a moment ago.
        Err(StoreError::Constraint {
            kind: ConstraintKind::Unique,
            ..
        }) => return Err(SessionError::Raced),
        updated => updated?,
    }
    journal.record(tx, Action::DeviceRekeyed, target(&device), None);
    Ok(Registered {
        device,
        is_new: false,
        secret,
    })
}

async fn insert(
    tx: &mut Tx,
    journal: &Journal,
    client: &Client,
    user: Option<&User>,
    claim: &DeviceClaim,
    is_taken: bool,
) -> Result<Registered, SessionError> {
    let secret = new_secret(claim, &*journal.rng);
    let own_id = || SessionId::generate(journal.now, &*journal.rng).as_uuid();
    let device = Device {
        id: DeviceId::generate(journal.now, &*journal.rng),
        client_id: client.id,
        installation_id: if is_taken {
            own_id()
        } else {
            claim.installation_id
        },
        app_id: AppId::generate(journal.now, &*journal.rng),
        generation: 1,
        jkt: claim.jkt,
        secret: secret.as_ref().map(PlainToken::hash),
        state: DeviceState::Active,
        facts: claim.facts.clone(),
        created_at: journal.now,
        last_seen_at: journal.now,
    };
    let claimed = is_taken.then_some(claim.installation_id);
    if !tx.insert_device(&device, claimed).await? {
        // Another login made it a moment ago: the caller looks again in a new transaction.
        return Err(SessionError::Raced);
    }
    let target = Target {
        user: user.map(|user| user.id),
        ..target(&device)
    };
    journal.record(tx, Action::DeviceRegistered, target, None);
    Ok(Registered {
        device,
        is_new: true,
        secret,
    })
}

fn new_secret(claim: &DeviceClaim, rng: &dyn Rng) -> Option<PlainToken> {
    claim
        .jkt
        .is_none()
        .then(|| PlainToken::generate(TokenKind::DeviceSecret, rng))
}

fn with_facts(device: Device, facts: &Facts, journal: &Journal) -> Device {
    Device {
        facts: device.facts.updated_by(facts.clone()),
        last_seen_at: journal.now.max(device.last_seen_at),
        ..device
    }
}

/// The device and its client, for an activity record.
pub(crate) fn target(device: &Device) -> Target {
    Target {
        client: Some(device.client_id),
        device: Some(device.id),
        ..Target::default()
    }
}
