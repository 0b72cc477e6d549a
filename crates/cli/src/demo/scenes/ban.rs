//! An admin bans a phone, and it comes back in every way that it can.
//!
//! Where a platform attests the machine, a ban covers that too. Nothing does here, so a wiped phone is
//! a new device, and what keeps its user from going on is that an admin has to look first.

use super::{is_cut_off, told};
use crate::demo::{
    cast::{Player, Role},
    check::{self, DemoError, failed},
    narrator::{Narrator, Tone},
    stage::{Stage, user},
};
use countersign_client::{
    Device, DirectRelay, Enrollment, Session, SessionError,
    api_types::{
        ErrorCode,
        approval::{ApprovalItem, ApprovalsQuery},
        ban::CreateBan,
        enrollment::Enrolled,
    },
};
use countersign_core::{
    admission::ApprovalCause, decision::Refusal, device::Platform, user::ExternalUserId,
};
use std::sync::Arc;

pub(in crate::demo) async fn play(stage: &Stage, out: &mut Narrator<'_>) -> Result<(), DemoError> {
    out.scene("A banned phone stays out, and its user's next one waits for an admin")?;
    let carol = "carol"
        .parse()
        .map_err(|_| DemoError::Unusable("the id of a user"))?;
    let role = Role {
        name: "carol's phone",
        user: carol,
        platform: Platform::Android,
        relay: stage.relay.clone(),
    };
    let phone = Player::enter(stage, role).await?;
    phone.passes(stage, "the phone's last request").await?;
    ban(stage, out, &phone).await?;

    let again = log_in(stage, &phone.user, &phone.device).await;
    let does = "logs in again with its key";
    is_banned(out, phone.name, does, again)?;
    let reinstalled = stage.reinstalled(&phone.device)?;
    let again = log_in(stage, &phone.user, &reinstalled).await;
    let does = "is reinstalled, logs in with a new key";
    is_banned(out, phone.name, does, again)?;
    comes_back_as_another(stage, out, &phone).await
}

async fn ban(stage: &Stage, out: &mut Narrator<'_>, phone: &Player) -> Result<(), DemoError> {
    let step = "a ban";
    let subject = CreateBan {
        device_id: Some(phone.device_id),
        user_id: None,
        jkt: None,
        reason: Some("Stolen.".to_owned()),
    };
    let banned = stage.service.ban(&subject).await.map_err(failed(step))?;
    let ended_at = stage.now();
    check::equal(step, &banned.ended, &Some(1))?;
    check::equal(step, &banned.covers_hardware, &false)?;
    stage.tally.lock().endings += 1;
    out.tell(
        "admin",
        "bans carol's phone; nothing attests the machine",
        Tone::Plain,
        "its key is banned, 1 session ended",
    )?;
    let refused = is_cut_off(stage, phone, ended_at, Refusal::DeviceBanned).await?;
    out.tell(
        "app backend",
        "receives the phone's next request, asks",
        Tone::Refused,
        &told(&refused),
    )
    .map_err(Into::into)
}

fn is_banned(
    out: &mut Narrator<'_>,
    who: &str,
    does: &'static str,
    outcome: Result<Session<DirectRelay>, SessionError>,
) -> Result<(), DemoError> {
    check::refused_call(does, outcome, ErrorCode::DeviceBanned)?;
    out.tell(who, does, Tone::Refused, "refused: device_banned (403)")
        .map_err(Into::into)
}

/// Everything of it is gone: to the service it is another phone of the same user.
async fn comes_back_as_another(
    stage: &Stage,
    out: &mut Narrator<'_>,
    phone: &Player,
) -> Result<(), DemoError> {
    let step = "an enrollment after a ban";
    let wiped = stage.new_device(phone.platform, phone.name)?;
    let enrollment = Enrollment::new(stage.public.clone());
    let enrolled: Enrolled = enrollment
        .enroll(&wiped, |_| None)
        .await
        .map_err(failed(step))?;
    check::holds(step, enrolled.is_new_device, "a new device", &enrolled)?;
    let does = "is wiped, enrolls with a new key";
    out.tell(phone.name, does, Tone::Plain, "a new device")?;
    let outcome = log_in(stage, &phone.user, &wiped).await;
    let step = "a login after a ban";
    check::refused_call(step, outcome, ErrorCode::ApprovalPending)?;
    let saw = "refused: approval_pending (403)";
    out.tell(phone.name, "logs in", Tone::Refused, saw)?;

    let asked = asked(stage).await?;
    check::equal(step, &asked.device_id, &enrolled.device_id)?;
    check::equal(step, &asked.user_id.as_ref(), &Some(&phone.user))?;
    check::equal(step, &asked.cause, &ApprovalCause::AfterBan)?;
    let approved = stage.service.approve(asked.approval_id).await;
    approved.map_err(failed(step))?;
    let does = "looks, and lets carol in on it";
    out.tell("admin", does, Tone::Plain, "approved")?;
    let session = log_in(stage, &phone.user, &wiped).await;
    let session = session.map_err(failed(step))?;
    stage.tally.lock().logins += 1;
    let registered = session.registered().map_err(failed(step))?;
    check::equal(step, &registered.device_id, &enrolled.device_id)?;
    out.tell(
        phone.name,
        "logs in",
        Tone::Good,
        "a session on the new device",
    )
    .map_err(Into::into)
}

/// The one request that waits for an admin.
async fn asked(stage: &Stage) -> Result<ApprovalItem, DemoError> {
    let step = "the requests for approval";
    let query = ApprovalsQuery::default();
    let page = stage.service.approvals(&query).await;
    let page = page.map_err(failed(step))?;
    check::equal(step, &page.total, &1)?;
    check::present(step, page.data.into_iter().next(), "one request")
}

async fn log_in(
    stage: &Stage,
    id: &ExternalUserId,
    device: &Arc<Device>,
) -> Result<Session<DirectRelay>, SessionError> {
    let (relay, public) = (stage.relay.clone(), stage.public.clone());
    Session::login(Arc::clone(device), relay, public, &user(id)).await
}
