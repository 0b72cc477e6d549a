//! One of the user's devices logs another one out.

use super::{is_cut_off, told};
use crate::demo::{
    cast::Cast,
    check::{self, DemoError, failed},
    narrator::{Narrator, Tone},
    stage::Stage,
};
use countersign_client::api_types::ErrorCode;
use countersign_core::decision::Refusal;

pub(in crate::demo) async fn play(
    stage: &Stage,
    cast: &Cast,
    out: &mut Narrator<'_>,
) -> Result<(), DemoError> {
    out.scene("A remote logout takes effect on the very next request")?;
    let (phone, browser) = (&cast.phone, &cast.browser);
    let step = "a remote logout";
    browser.passes(stage, "the browser's last request").await?;
    out.tell(browser.name, "calls the app's API", Tone::Good, "allowed")?;

    let outcome = cast.tablet.session.log_out_device(browser.device_id).await;
    check::refused_call("a stranger's remote logout", outcome, ErrorCode::NotFound)?;
    let saw = "not_found (404): not bob's";
    out.tell(
        cast.tablet.name,
        "tries to log alice's browser out",
        Tone::Refused,
        saw,
    )?;

    let ended = phone
        .session
        .log_out_device(browser.device_id)
        .await
        .map_err(failed(step))?;
    let ended_at = stage.now();
    check::equal(step, &ended.ended, &1)?;
    stage.tally.lock().endings += ended.ended;
    out.tell(
        phone.name,
        "logs alice's browser out",
        Tone::Plain,
        "1 session ended",
    )?;

    let refused = is_cut_off(stage, browser, ended_at, Refusal::SessionEnded).await?;
    out.tell(
        "app backend",
        "receives the browser's next request, asks",
        Tone::Refused,
        &told(&refused),
    )?;
    let outcome = browser.session.refresh().await;
    check::refused_call(
        "a refresh after a remote logout",
        outcome,
        ErrorCode::SessionEnded,
    )?;
    let saw = "refused: session_ended (401)";
    out.tell(
        browser.name,
        "presents its refresh token",
        Tone::Refused,
        saw,
    )?;

    phone
        .passes(stage, "the phone's request after it logged the browser out")
        .await?;
    out.tell(phone.name, "calls the app's API", Tone::Good, "allowed")?;
    Ok(())
}
