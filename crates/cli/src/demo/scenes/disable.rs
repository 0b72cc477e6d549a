//! An admin disables a user.

use super::{is_cut_off, told};
use crate::demo::{
    cast::Cast,
    check::{self, DemoError, failed},
    narrator::{Narrator, Tone},
    stage::{Stage, user},
};
use countersign_client::{Session, api_types::ErrorCode};
use countersign_core::decision::Refusal;
use std::sync::Arc;

pub(in crate::demo) async fn play(
    stage: &Stage,
    cast: &Cast,
    out: &mut Narrator<'_>,
) -> Result<(), DemoError> {
    out.scene("A disabled user is out everywhere, and can come back only by a login")?;
    let tablet = &cast.tablet;
    tablet.passes(stage, "the tablet's last request").await?;
    let step = "disabling a user";
    let standing = stage
        .service
        .disable_user(&tablet.user)
        .await
        .map_err(failed(step))?;
    let ended_at = stage.now();
    check::holds(step, standing.is_disabled, "a disabled user", &standing)?;
    check::equal(step, &standing.ended, &1)?;
    stage.tally.lock().endings += standing.ended;
    out.tell("admin", "disables bob", Tone::Plain, "1 session ended")?;

    let refused = is_cut_off(stage, tablet, ended_at, Refusal::UserDisabled).await?;
    out.tell(
        "app backend",
        "receives the tablet's next request, asks",
        Tone::Refused,
        &told(&refused),
    )?;
    let outcome = login(stage, cast).await;
    check::refused_call("a disabled user's login", outcome, ErrorCode::UserDisabled)?;
    out.tell(
        tablet.name,
        "logs in again",
        Tone::Refused,
        "refused: user_disabled (403)",
    )?;

    let step = "enabling a user";
    let standing = stage
        .service
        .enable_user(&tablet.user)
        .await
        .map_err(failed(step))?;
    check::holds(step, !standing.is_disabled, "an enabled user", &standing)?;
    let verdict = tablet.call(stage).await?.verdict;
    check::refused(
        "the old session of an enabled user",
        verdict,
        Refusal::UserDisabled,
    )?;
    let session = login(stage, cast)
        .await
        .map_err(failed("an enabled user's login"))?;
    stage.tally.lock().logins += 1;
    let registered = session
        .registered()
        .map_err(failed("an enabled user's login"))?;
    check::equal(
        "an enabled user's login",
        &registered.device_id,
        &tablet.device_id,
    )?;
    check::holds(
        step,
        registered.session_id != tablet.session_id,
        "a new session",
        &registered,
    )?;
    out.tell(
        "admin",
        "enables bob",
        Tone::Plain,
        "his old session stays ended",
    )?;
    out.tell(
        tablet.name,
        "logs in again",
        Tone::Good,
        "a new session, the same device",
    )?;
    Ok(())
}

async fn login(
    stage: &Stage,
    cast: &Cast,
) -> Result<Session<countersign_client::DirectRelay>, countersign_client::SessionError> {
    let (device, public) = (Arc::clone(&cast.tablet.device), stage.public.clone());
    Session::login(
        device,
        stage.relay.clone(),
        public,
        &user(&cast.tablet.user),
    )
    .await
}
