//! A login: the user's identity, vouched for by the backend or an issuer, is bound to a device.

use super::{
    DeviceClaim, SessionError, UsedIdToken, UsedProof, admission, adoption,
    adoption::AdoptedPair,
    ending,
    limit::{self, Coming, Evicted},
    registration::{self, Registered},
    waiting,
};
use crate::{
    enrollment,
    journal::Journal,
    seal::{Place, Vault},
    trust,
};
use countersign_core::{
    ClientId, OwnershipId, SessionId, UserId,
    activity::{Action, Actor},
    admission::ApprovalCause,
    attestation::policy::AttestedAction,
    client::Client,
    device::{Device, Origin, Ownership, PushProvider},
    session::{EndingCause, RefreshState, Session},
    token::{PlainToken, TokenKind},
    trust::Grounds,
    user::{ExternalUserId, User},
};
use countersign_storage::{SealedPushAddress, Tx};
use std::sync::Arc;
use zeroize::Zeroizing;

/// What is known of a signup or login.
#[derive(Debug)]
pub struct Login {
    /// Who makes the change, and when; with an ID token, the user does.
    pub journal: Journal,
    /// The client.
    pub client_id: ClientId,
    /// The user that the backend or the issuer authenticated.
    pub user_id: ExternalUserId,
    /// Where the login came from.
    pub origin: Origin,
    /// What the backend says the user is; as before, if it does not say.
    pub roles: Option<Vec<String>>,
    /// How they did (RFC 8176).
    pub amr: Vec<String>,
    /// The device.
    pub device: DeviceClaim,
    /// The proof, checked but not yet used up.
    pub proof: Option<UsedProof>,
    /// The ID token, checked but not yet used up, where the device comes by itself.
    pub id_token: Option<UsedIdToken>,
    /// The device's push address for this user.
    pub push: Option<PushAddress>,
    /// The backend's own tokens, instead of ours.
    pub adopted: Option<AdoptedPair>,
    /// Seals the push address.
    pub vault: Arc<Vault>,
}

/// Where to reach a user on a device.
#[derive(Debug, Clone)]
pub struct PushAddress {
    /// The service that delivers; derived from the platform unless named.
    pub provider: Option<PushProvider>,
    /// The service's token.
    pub token: Zeroizing<String>,
}

/// A session that has just begun or gone on.
#[derive(Debug)]
pub struct Started {
    /// The client.
    pub client: Client,
    /// Whose session it is.
    pub user_id: ExternalUserId,
    /// The session.
    pub session: Session,
    /// Its device.
    pub device: Device,
    /// Whether the device was never seen before.
    pub is_new_device: bool,
    /// Whether it looks like one that the user has or had.
    pub is_recognised: bool,
    /// The refresh token to hand out, unless tokens are adopted.
    pub refresh: Option<PlainToken>,
    /// The device secret to hand out, when one was made.
    pub device_secret: Option<PlainToken>,
    /// What speaks for the device.
    pub(crate) grounds: Grounds,
    /// The user's devices that made room.
    pub(crate) evicted: Vec<Evicted>,
}

/// Who logs in, on which device: everything that is locked before the ownership.
struct Arrival {
    client: Client,
    user: User,
    journal: Journal,
    registered: Registered,
}

/// Starts a session (invariants I4, I5): locks in the documented order, ends what is there, inserts.
pub(super) async fn start(tx: &mut Tx, login: &Login) -> Result<Started, SessionError> {
    let Arrival {
        client,
        user,
        journal,
        registered,
    } = arrive(tx, login).await?;
    let journal = &journal;
    let (ownership, evicted) = own(tx, login, journal, &client, &user, &registered.device).await?;
    if let Some(push) = &login.push {
        attach(tx, &client, &ownership, push, &login.vault).await?;
    }
    end_previous(tx, journal, &client, &ownership).await?;
    // Last, as in a refresh: the same proof in both would otherwise be waited for crosswise.
    use_up(tx, login).await?;
    let started = begin(tx, login, journal, client, registered, ownership).await?;
    Ok(Started { evicted, ..started })
}

/// Keeps the device, and asks that it be let in: the login itself is refused.
pub(super) async fn ask(
    tx: &mut Tx,
    login: &Login,
    cause: ApprovalCause,
) -> Result<(), SessionError> {
    if login.device.jkt.is_none() && login.device.installation_id.is_none() {
        // Nothing would find the device again: each try would wait as another one.
        return Err(SessionError::InstallationIdRequired);
    }
    let Arrival {
        client,
        user,
        journal,
        registered,
    } = arrive(tx, login).await?;
    let device = waiting::keep(tx, registered).await?;
    admission::ask_for_user(tx, &journal, &client, &user, &device, cause).await?;
    use_up(tx, login).await
}

async fn arrive(tx: &mut Tx, login: &Login) -> Result<Arrival, SessionError> {
    let client = tx
        .lock_client(login.client_id)
        .await?
        .ok_or(SessionError::ClientUnknown)?;
    if client.disabled_at.is_some() {
        return Err(SessionError::ClientDisabled);
    }
    let user = find_user(tx, login).await?;
    let journal = match login.id_token {
        Some(_) => login.journal.by(Actor::User(user.id)),
        None => login.journal.clone(),
    };
    let registered = registration::register(tx, &journal, &client, &user, &login.device).await?;
    let (device, action) = (&registered.device, AttestedAction::Login);
    enrollment::check(tx, &client, device, action, journal.now)
        .await?
        .map_err(SessionError::Attestation)?;
    Ok(Arrival {
        client,
        user,
        journal,
        registered,
    })
}

async fn use_up(tx: &mut Tx, login: &Login) -> Result<(), SessionError> {
    if let Some(id_token) = &login.id_token {
        id_token.use_up(tx, login.device.jkt.as_ref()).await?;
    }
    match &login.proof {
        Some(proof) => proof.use_up(tx).await,
        None => Ok(()),
    }
}

async fn find_user(tx: &mut Tx, login: &Login) -> Result<User, SessionError> {
    let journal = &login.journal;
    let new_id = UserId::generate(journal.now, &*journal.rng);
    let user = tx.upsert_user(new_id, &login.user_id, journal.now).await?;
    if user.disabled_at.is_some() {
        return Err(SessionError::UserDisabled);
    }
    match &login.roles {
        Some(roles) if *roles != user.roles => {
            tx.set_user_roles(user.id, roles).await?;
            let roles = roles.clone();
            Ok(User { roles, ..user })
        }
        _ => Ok(user),
    }
}

async fn own(
    tx: &mut Tx,
    login: &Login,
    journal: &Journal,
    client: &Client,
    user: &User,
    device: &Device,
) -> Result<(Ownership, Vec<Evicted>), SessionError> {
    let coming = |ownership, is_new| Coming {
        client,
        user,
        ownership,
        is_new,
    };
    if let Some(ownership) = tx.lock_active_ownership(device.id, user.id).await? {
        tx.visit_ownership(ownership.id, journal.now, &login.origin)
            .await?;
        let evicted = limit::keep(tx, journal, &coming(&ownership, false)).await?;
        return Ok((ownership, evicted));
    }
    if user.frozen_at.is_some() {
        return Err(SessionError::AccountFrozen);
    }
    admission::check_user(tx, client, user, device).await?;
    let is_recognised = match &device.facts.fingerprint {
        Some(fingerprint) => {
            tx.has_fingerprint_twin(user.id, fingerprint, device.id)
                .await?
        }
        None => false,
    };
    let ownership = Ownership {
        id: OwnershipId::generate(journal.now, &*journal.rng),
        device_id: device.id,
        user_id: user.id,
        client_id: device.client_id,
        name: None,
        is_recognised,
        created_at: journal.now,
        last_active_at: journal.now,
        last_origin: login.origin.clone(),
        ended: None,
    };
    let evicted = limit::keep(tx, journal, &coming(&ownership, true)).await?;
    tx.insert_ownership(&ownership).await?;
    Ok((ownership, evicted))
}

async fn attach(
    tx: &mut Tx,
    client: &Client,
    ownership: &Ownership,
    push: &PushAddress,
    vault: &Vault,
) -> Result<(), SessionError> {
    let provider = push
        .provider
        .or_else(|| PushProvider::of(client.platform))
        .ok_or(SessionError::PushProviderRequired)?;
    let place = Place {
        table: "ownerships",
        row: ownership.id.as_uuid(),
        column: "push_address",
    };
    let sealed = vault.seal(place, push.token.as_bytes());
    Ok(tx
        .set_push_address(ownership.id, &SealedPushAddress { provider, sealed })
        .await?)
}

async fn end_previous(
    tx: &mut Tx,
    journal: &Journal,
    client: &Client,
    ownership: &Ownership,
) -> Result<(), SessionError> {
    if let Some(previous) = tx.lock_ownerships_session(ownership.id).await? {
        let cause = if previous.client_epoch != client.epoch {
            EndingCause::ClientDisabled
        } else if previous.is_live(journal.now) {
            EndingCause::Replaced
        } else {
            EndingCause::Expired
        };
        ending::end(tx, journal, &[previous], cause).await?;
    }
    Ok(())
}

async fn begin(
    tx: &mut Tx,
    login: &Login,
    journal: &Journal,
    client: Client,
    registered: Registered,
    ownership: Ownership,
) -> Result<Started, SessionError> {
    let refresh = match login.adopted {
        Some(_) => None,
        None => Some(PlainToken::generate(TokenKind::Refresh, &*journal.rng)),
    };
    let session = Session {
        id: SessionId::generate(journal.now, &*journal.rng),
        ownership_id: ownership.id,
        device_id: registered.device.id,
        user_id: ownership.user_id,
        client_id: client.id,
        app_id: registered.device.app_id,
        jkt: registered.device.jkt,
        amr: login.amr.clone(),
        client_epoch: client.epoch,
        created_at: journal.now,
        last_active_at: journal.now,
        lifetimes: client.lifetimes,
        ended: None,
        refresh: refresh.as_ref().map(|token| RefreshState {
            current: token.hash(),
            previous: None,
        }),
    };
    tx.insert_session(&session).await?;
    if let Some(pair) = &login.adopted {
        adoption::adopt(tx, &session, pair).await?;
    }
    journal.record(tx, Action::SessionStarted, ending::target(&session), None);
    let device = &registered.device;
    trust::confirm(tx, journal, &client, device, ownership.id, &login.amr).await?;
    Ok(Started {
        grounds: tx.find_grounds(ownership.id).await?,
        client,
        user_id: login.user_id.clone(),
        session,
        is_new_device: registered.is_new,
        is_recognised: ownership.is_recognised,
        device: registered.device,
        refresh,
        device_secret: registered.secret,
        evicted: Vec::new(),
    })
}
