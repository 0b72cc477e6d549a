//! A thief read everything that the phone sent and stores, except its key.

use crate::demo::{
    cast::{Cast, Player},
    check::{self, DemoError, failed},
    narrator::{Narrator, Tone},
    scenes::told,
    stage::{API, OTHER_API, Presented, Stage},
};
use countersign_client::{
    Session,
    api_types::{ErrorCode, verify::Scheme},
};
use countersign_core::{decision::Refusal, device::Platform};

pub(in crate::demo) async fn play(
    stage: &Stage,
    cast: &Cast,
    out: &mut Narrator<'_>,
) -> Result<(), DemoError> {
    out.scene("A thief has the phone's tokens and a request of it, but not its key")?;
    let phone = &cast.phone;
    let (judged, _) = phone
        .passes(stage, "the request that the thief reads")
        .await?;
    let tries = tries(stage, &judged.presented)?;
    for (does, presented, code) in tries {
        let verdict = stage.judge(&presented).await?;
        let refused = check::refused("a thief's request", verdict, code)?;
        out.tell("thief", does, Tone::Refused, &told(&refused))?;
    }
    refresh(stage, phone, out).await?;
    phone
        .passes(stage, "the phone's request after the theft")
        .await?;
    phone
        .refresh(stage, "the phone's refresh after the theft")
        .await?;
    phone
        .passes(stage, "the phone's request after its refresh")
        .await?;
    out.tell(
        phone.name,
        "goes on: calls, refreshes, calls",
        Tone::Good,
        "allowed, same session",
    )?;
    Ok(())
}

type Try = (&'static str, Presented, Refusal);

/// What the thief makes of one request that went through.
fn tries(stage: &Stage, seen: &Presented) -> Result<Vec<Try>, DemoError> {
    let device = stage.new_device(Platform::Ios, "thief")?;
    let own_proof = device.proof("GET", API, Some(&seen.token))?;
    let bearer = Presented {
        scheme: Scheme::Bearer,
        proof: None,
        ..seen.clone()
    };
    let bare = Presented {
        proof: None,
        ..seen.clone()
    };
    let own = Presented {
        proof: own_proof,
        ..seen.clone()
    };
    let elsewhere = Presented {
        url: OTHER_API,
        ..seen.clone()
    };
    Ok(vec![
        (
            "sends the access token as Bearer, like curl",
            bearer,
            Refusal::SchemeMismatch,
        ),
        (
            "sends the access token without a proof",
            bare,
            Refusal::ProofRequired,
        ),
        (
            "makes a proof with a key of its own",
            own,
            Refusal::KeyMismatch,
        ),
        (
            "sends the phone's request a second time",
            seen.clone(),
            Refusal::ProofReplayed,
        ),
        (
            "uses the phone's proof for another URL",
            elsewhere,
            Refusal::ProofMismatch,
        ),
    ])
}

/// The refresh token, without a key and with the thief's own.
async fn refresh(stage: &Stage, phone: &Player, out: &mut Narrator<'_>) -> Result<(), DemoError> {
    let step = "a thief's refresh";
    let stolen = phone.session.save().map_err(failed(step))?;
    let keyless = stage.keyless_device(phone.platform);
    let keyed = stage.new_device(phone.platform, "thief")?;
    for (device, does, code) in [
        (
            keyless,
            "presents the refresh token without a proof",
            ErrorCode::ProofRequired,
        ),
        (
            keyed,
            "presents the refresh token with its own key",
            ErrorCode::KeyMismatch,
        ),
    ] {
        let (relay, public) = (stage.relay.clone(), stage.public.clone());
        let session =
            Session::resume(device, relay, public, stolen.clone()).map_err(failed(step))?;
        check::refused_call(step, session.refresh().await, code)?;
        stage.tally.lock().refused += 1;
        let saw = format!("refused: {code} ({})", code.status());
        out.tell("thief", does, Tone::Refused, &saw)?;
    }
    Ok(())
}
