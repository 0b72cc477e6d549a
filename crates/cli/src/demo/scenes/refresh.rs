//! An ordinary refresh.

use crate::demo::{
    cast::Cast,
    check::{self, DemoError, failed},
    narrator::{Narrator, Tone},
    stage::Stage,
};
use countersign_client::api_types::oauth::TokenForm;

pub(in crate::demo) async fn play(
    stage: &Stage,
    cast: &Cast,
    out: &mut Narrator<'_>,
) -> Result<(), DemoError> {
    out.scene("A refresh rotates both tokens")?;
    let phone = &cast.phone;
    let step = "a refresh";
    let old = phone
        .session
        .registered()
        .map_err(failed(step))?
        .refresh_token;
    phone.refresh(stage, step).await?;
    out.tell(
        phone.name,
        "presents its refresh token with a proof",
        Tone::Good,
        "new tokens, same session",
    )?;
    phone.passes(stage, "a request after a refresh").await?;
    out.tell(
        "app backend",
        "receives a request with the new token, asks",
        Tone::Good,
        "allowed",
    )?;
    let new = phone.session.registered().map_err(failed(step))?;
    let token = check::present(step, new.refresh_token, "a refresh token")?;
    check::holds(
        step,
        old.as_ref() != Some(&token),
        "another refresh token",
        &"the same",
    )?;
    let form = TokenForm {
        token,
        token_type_hint: None,
    };
    let worth = stage
        .service
        .introspect(&form)
        .await
        .map_err(failed("introspection"))?;
    check::holds("introspection", worth.active, "an active token", &worth)?;
    check::equal("introspection", &worth.sid, &Some(phone.session_id))?;
    Ok(())
}
