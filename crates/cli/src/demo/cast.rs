//! Who plays: a user's device with its session.

use super::{
    check::{self, DemoError, failed},
    stage::{API, Presented, Stage, user},
};
use countersign_client::{
    Device, DirectRelay, Session,
    api_types::{
        session::TokenType,
        verify::{Allowed, VerifyResponse},
    },
};
use countersign_core::{
    AppId, DeviceId, SessionId, decision::Refusal, device::Platform, user::ExternalUserId,
};
use std::sync::Arc;

/// How many devices have a role.
pub(super) const ROLES: usize = 4;

/// The devices with a role: three of one user, one of another.
pub(super) struct Cast {
    pub(super) phone: Player,
    pub(super) laptop: Player,
    pub(super) browser: Player,
    pub(super) tablet: Player,
}

/// A user's device that is logged in.
pub(super) struct Player {
    pub(super) name: &'static str,
    pub(super) user: ExternalUserId,
    pub(super) device: Arc<Device>,
    pub(super) session: Session<DirectRelay>,
    pub(super) session_id: SessionId,
    pub(super) device_id: DeviceId,
    pub(super) app_id: AppId,
    pub(super) platform: Platform,
}

/// A device that is to log in for the first time.
pub(super) struct Role {
    pub(super) name: &'static str,
    pub(super) user: ExternalUserId,
    pub(super) platform: Platform,
    pub(super) relay: DirectRelay,
}

/// One request of a device, and what the app's backend was told.
pub(super) struct Judged {
    pub(super) presented: Presented,
    pub(super) verdict: VerifyResponse<'static>,
    /// How many requests it took: two when the first lacked a nonce.
    pub(super) requests: u32,
}

impl Player {
    /// Makes a key and logs in, as a device that was never seen.
    pub(super) async fn enter(stage: &Stage, role: Role) -> Result<Self, DemoError> {
        let step = "logging in";
        let device = stage.new_device(role.platform, role.name)?;
        let (clone, public) = (Arc::clone(&device), stage.public.clone());
        let session = Session::login(clone, role.relay, public, &user(&role.user))
            .await
            .map_err(failed(step))?;
        stage.tally.lock().logins += 1;
        let registered = session.registered().map_err(failed(step))?;
        check::equal(step, &registered.token_type, &TokenType::DPoP)?;
        check::equal(step, &registered.user_id, &role.user)?;
        check::holds(step, registered.is_new_device, "a new device", &registered)?;
        Ok(Self {
            name: role.name,
            user: role.user,
            device,
            session,
            session_id: registered.session_id,
            device_id: registered.device_id,
            app_id: registered.app_id,
            platform: role.platform,
        })
    }

    /// Calls the app's API, again with the nonce if the answer demands one.
    pub(super) async fn call(&self, stage: &Stage) -> Result<Judged, DemoError> {
        let first = self.call_once(stage).await?;
        let VerifyResponse::Refused(refused) = &first.verdict else {
            return Ok(first);
        };
        let Some(nonce) = refused
            .dpop_nonce
            .as_ref()
            .filter(|_| refused.code == Refusal::UseDpopNonce)
        else {
            return Ok(first);
        };
        self.device.learn_nonce(nonce);
        Ok(Judged {
            requests: 2,
            ..self.call_once(stage).await?
        })
    }

    /// Calls the app's API; the request must go through, as this device's.
    pub(super) async fn passes(
        &self,
        stage: &Stage,
        step: &'static str,
    ) -> Result<(Judged, Allowed<'static>), DemoError> {
        let judged = self.call(stage).await?;
        let allowed = check::allowed(step, judged.verdict.clone())?;
        check::equal(step, &&*allowed.user_id, &self.user.as_str())?;
        check::equal(step, &allowed.session_id, &self.session_id)?;
        check::equal(step, &allowed.device_id, &self.device_id)?;
        check::equal(step, &allowed.app_id, &self.app_id)?;
        check::equal(step, &allowed.platform, &self.platform)?;
        check::holds(
            step,
            allowed.key_bound,
            "a session bound to the key",
            &allowed,
        )?;
        Ok((judged, allowed))
    }

    /// Has its tokens rotated; the session must stay the same.
    pub(super) async fn refresh(&self, stage: &Stage, step: &'static str) -> Result<(), DemoError> {
        let before = self.session.registered().map_err(failed(step))?;
        let start = stage.now();
        self.session.refresh().await.map_err(failed(step))?;
        let took = stage.since(start);
        stage.tally.lock().refreshes.push(took);
        let after = self.session.registered().map_err(failed(step))?;
        check::equal(step, &after.session_id, &before.session_id)?;
        check::equal(step, &after.device_id, &before.device_id)?;
        let rotated = after.refresh_token != before.refresh_token
            && after.access_token != before.access_token;
        check::holds(step, rotated, "new tokens", &after)
    }

    async fn call_once(&self, stage: &Stage) -> Result<Judged, DemoError> {
        let step = "signing a request";
        let headers = self
            .session
            .authorize("GET", API)
            .await
            .map_err(failed(step))?;
        let read = Presented::read(&headers, API);
        let presented = check::present(step, read, "a token with its scheme")?;
        let verdict = stage.judge(&presented).await?;
        Ok(Judged {
            presented,
            verdict,
            requests: 1,
        })
    }
}
