//! Which device is this? Every login and refresh registers the device it came from.
//!
//! A key proves a device. An installation id proves nothing: it finds a device again only for
//! someone who has it already. Whoever presents somebody else's gets a new device under an id
//! made here, and the other's row stays as it was (invariant I11).

use super::{SessionError, admission, generation, waiting};
use crate::{device::lift, journal::Journal};
use countersign_core::{
    AppId, ClientId, DeviceId, Rng, SessionId, Thumbprint, UserId,
    activity::{Action, Target},
    attestation::policy::Shortfall,
    client::{Client, ProofOfPossession},
    device::{Device, DeviceState, Facts, HardwareIdentity},
    token::{HashedToken, PlainToken, TokenKind},
    user::User,
};
use countersign_storage::Tx;
use uuid::Uuid;

/// What a device presents.
#[derive(Debug, Clone)]
pub struct DeviceClaim {
    /// The UUID that the app keeps, if it keeps one.
    pub installation_id: Option<Uuid>,
    /// What it says of itself.
    pub facts: Facts,
    /// The key whose proof was checked.
    pub jkt: Option<Thumbprint>,
    /// The device secret, from a device without a key.
    pub secret: Option<HashedToken>,
    /// The machine, as evidence that was accepted attests it.
    pub hardware_identity: Option<HardwareIdentity>,
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
    /// Without a key, and nobody was let in on it so far: it waits, or was just approved.
    Waiting(Device),
    /// The same, but it enrolled with the new key before anybody logged in.
    Reenrolled {
        /// The user's own device.
        device: Device,
        /// What it enrolled as.
        enrolled: Box<Device>,
    },
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
    let registered = match recognise(tx, journal, client, user, claim).await? {
        Recognition::Proven(device) => return update(tx, device, &claim.facts, journal).await,
        Recognition::Returned(device) => {
            let app_id = AppId::generate(journal.now, &*journal.rng);
            generation::renew(tx, journal, device, Some(user), claim, app_id).await?
        }
        Recognition::Waiting(device) => {
            return waiting::go_on(tx, journal, device, claim).await;
        }
        Recognition::Reenrolled { device, enrolled } => {
            generation::absorb(tx, journal, device, user, claim, *enrolled).await?
        }
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

/// Finds the device with this key or of this machine, or makes one that nobody owns yet.
///
/// An installation id that is taken proves nothing: the device gets one made here.
pub(crate) async fn enroll(
    tx: &mut Tx,
    journal: &Journal,
    client: &Client,
    claim: &DeviceClaim,
) -> Result<Registered, SessionError> {
    let jkt = claim.jkt.as_ref().ok_or(SessionError::ProofRequired)?;
    if let Some(machine) = &claim.hardware_identity {
        admission::check_hardware(tx, machine).await?;
    }
    if let Some(device) = tx.lock_device_by_key(client.id, jkt).await? {
        let device = identify(
            check_state(tx, journal, device).await?,
            claim.hardware_identity,
        )?;
        return update(tx, device, &claim.facts, journal).await;
    }
    admission::check_key(tx, jkt).await?;
    if let Some(machine) = &claim.hardware_identity
        && let Some(device) = tx.lock_device_by_hardware(client.id, machine).await?
    {
        let device = check_return(tx, journal, device).await?;
        let app_id = AppId::generate(journal.now, &*journal.rng);
        let registered = generation::renew(tx, journal, device, None, claim, app_id).await?;
        check_key(tx, client, claim).await?;
        return Ok(registered);
    }
    let is_taken = match claim.installation_id {
        Some(id) => tx
            .lock_device_by_installation(client.id, id)
            .await?
            .is_some(),
        None => false,
    };
    let registered = insert(tx, journal, client, None, claim, is_taken).await?;
    check_key(tx, client, claim).await?;
    Ok(registered)
}

async fn recognise(
    tx: &mut Tx,
    journal: &Journal,
    client: &Client,
    user: &User,
    claim: &DeviceClaim,
) -> Result<Recognition, SessionError> {
    if let Some(jkt) = &claim.jkt {
        if let Some(device) = tx.lock_device_by_key(client.id, jkt).await? {
            let enrolled = check_state(tx, journal, device).await?;
            return Ok(
                match find_earlier(tx, journal, user, claim, &enrolled).await? {
                    Some(device) => Recognition::Reenrolled {
                        device,
                        enrolled: Box::new(enrolled),
                    },
                    None => Recognition::Proven(enrolled),
                },
            );
        }
        admission::check_key(tx, jkt).await?;
    }
    let Some(installation_id) = claim.installation_id else {
        return Ok(Recognition::New);
    };
    let found = find_by_installation(tx, client.id, user.id, installation_id).await?;
    let Some(device) = found else {
        return Ok(Recognition::New);
    };
    let proves_secret = device.secret.is_some() && device.secret == claim.secret;
    let is_own = is_own(tx, &device, user).await?;
    match (device.jkt, claim.jkt) {
        (Some(_), None) if is_own => Err(SessionError::ProofRequired),
        (None, None) if proves_secret => {
            Ok(Recognition::Proven(check_state(tx, journal, device).await?))
        }
        (None, Some(_)) if proves_secret => Ok(Recognition::Returned(
            check_return(tx, journal, device).await?,
        )),
        (_, Some(_)) | (None, None) if is_own => Ok(Recognition::Returned(
            check_return(tx, journal, device).await?,
        )),
        (_, None) => Ok(
            match waiting::find(tx, journal, client, user, installation_id).await? {
                Some(device) => Recognition::Waiting(device),
                None => Recognition::Taken,
            },
        ),
        (_, Some(_)) => Ok(Recognition::Taken),
    }
}

/// The user's own device under the installation id that is presented, when the one with the key is
/// another that nobody has logged in on: an app that lost its key enrolls before its user is known.
async fn find_earlier(
    tx: &mut Tx,
    journal: &Journal,
    user: &User,
    claim: &DeviceClaim,
    enrolled: &Device,
) -> Result<Option<Device>, SessionError> {
    let Some(installation_id) = claim.installation_id else {
        return Ok(None);
    };
    if enrolled.installation_id == installation_id || tx.has_owner(enrolled.id).await? {
        return Ok(None);
    }
    let found = find_by_installation(tx, enrolled.client_id, user.id, installation_id).await?;
    match found {
        Some(device) if device.id != enrolled.id && is_own(tx, &device, user).await? => {
            check_return(tx, journal, device).await.map(Some)
        }
        _ => Ok(None),
    }
}

/// Whether the user has or had the device, and nobody else has it now.
async fn is_own(tx: &mut Tx, device: &Device, user: &User) -> Result<bool, SessionError> {
    Ok(tx.has_owned(device.id, user.id).await? && !tx.has_other_owner(device.id, user.id).await?)
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

/// The device, if it is in use; a suspension whose time is over is lifted, for everybody.
pub(crate) async fn check_state(
    tx: &mut Tx,
    journal: &Journal,
    device: Device,
) -> Result<Device, SessionError> {
    match device.state_at(journal.now) {
        DeviceState::Active if device.state == DeviceState::Suspended => {
            Ok(lift(tx, journal, device).await?)
        }
        DeviceState::Active => Ok(device),
        DeviceState::Suspended => Err(SessionError::DeviceSuspended),
        DeviceState::Revoked => Err(SessionError::DeviceRevoked),
        DeviceState::Banned => Err(SessionError::DeviceBanned),
    }
}

/// The device with the machine that its evidence attests, which never becomes another one.
pub(crate) fn identify(
    device: Device,
    attested: Option<HardwareIdentity>,
) -> Result<Device, SessionError> {
    match (device.hardware_identity, attested) {
        (Some(known), Some(attested)) if known != attested => {
            Err(SessionError::Attestation(Shortfall::Invalid))
        }
        (known, attested) => Ok(Device {
            hardware_identity: attested.or(known),
            ..device
        }),
    }
}

/// The device, if it may have another generation: a revoked one may, a banned one may not.
async fn check_return(
    tx: &mut Tx,
    journal: &Journal,
    device: Device,
) -> Result<Device, SessionError> {
    let state = match device.state {
        DeviceState::Revoked => DeviceState::Active,
        state => state,
    };
    check_state(tx, journal, Device { state, ..device }).await
}

/// The same device: only its facts are new.
pub(super) async fn update(
    tx: &mut Tx,
    device: Device,
    facts: &Facts,
    journal: &Journal,
) -> Result<Registered, SessionError> {
    let before = device.facts.clone();
    let device = with_facts(device, facts, journal);
    tx.update_device(&device).await?;
    if device.facts != before {
        tx.call_standing(device.id, journal.now).await?;
    }
    Ok(Registered {
        device,
        is_new: false,
        secret: None,
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
        installation_id: match claim.installation_id {
            Some(id) if !is_taken => id,
            _ => own_id(),
        },
        app_id: AppId::generate(journal.now, &*journal.rng),
        generation: 1,
        jkt: claim.jkt,
        secret: secret.as_ref().map(PlainToken::hash),
        hardware_identity: claim.hardware_identity,
        state: DeviceState::Active,
        suspended_until: None,
        facts: claim.facts.clone(),
        created_at: journal.now,
        last_seen_at: journal.now,
    };
    let claimed = claim.installation_id.filter(|_| is_taken);
    if !tx.insert_device(&device, claimed).await? {
        // Another login made it a moment ago: the caller looks again in a new transaction.
        return Err(SessionError::Raced);
    }
    let target = Target {
        user: user.map(|user| user.id),
        ..target(&device)
    };
    journal.record(tx, Action::DeviceRegistered, target, None);
    tx.call_standing(device.id, journal.now).await?;
    admission::ask_for_new(tx, journal, client, user, &device).await?;
    Ok(Registered {
        device,
        is_new: true,
        secret,
    })
}

pub(super) fn new_secret(claim: &DeviceClaim, rng: &dyn Rng) -> Option<PlainToken> {
    claim
        .jkt
        .is_none()
        .then(|| PlainToken::generate(TokenKind::DeviceSecret, rng))
}

pub(super) fn with_facts(device: Device, facts: &Facts, journal: &Journal) -> Device {
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
