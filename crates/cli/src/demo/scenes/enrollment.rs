//! Devices show what they are, before anybody logs in on them.
//!
//! No platform vouches for anything here: a binary that carried keys to make evidence with would be
//! worth nothing. So one device says honestly that nothing vouches for it, and one makes evidence up.

use crate::demo::{
    check::{self, DemoError, failed},
    narrator::{Narrator, Tone},
    stage::Stage,
};
use countersign_client::{
    Enrollment,
    api_types::{ErrorCode, enrollment::Evidence},
};
use countersign_core::{
    attestation::{AttestationLevel, policy::Shortfall},
    device::Platform,
};

pub(in crate::demo) async fn play(stage: &Stage, out: &mut Narrator<'_>) -> Result<(), DemoError> {
    out.scene("A device shows what it is, before anybody logs in on it")?;
    let enrollment = Enrollment::new(stage.public.clone());
    let step = "an enrollment";
    let desktop = stage.new_device(Platform::Desktop, "Workstation")?;
    let enrolled = enrollment.enroll(&desktop, |_| None).await;
    let enrolled = enrolled.map_err(failed(step))?;
    check::equal(step, &enrolled.verdict.level, &AttestationLevel::Software)?;
    out.tell(
        "workstation",
        "enrolls its key, and nothing vouches for it",
        Tone::Plain,
        "level software",
    )?;

    let phone = stage.new_device(Platform::Ios, "Phone")?;
    let refused = enrollment.enroll(&phone, |_| Some(made_up())).await;
    let code = refused.err().and_then(|error| error.code());
    check::equal(
        "made-up evidence",
        &code,
        &Some(ErrorCode::AttestationInvalid),
    )?;
    out.tell(
        "phone",
        "enrolls with evidence that it made up",
        Tone::Refused,
        "attestation_invalid",
    )?;
    let enrolled = enrollment.enroll(&phone, |_| None).await;
    let enrolled = enrolled.map_err(failed(step))?;
    let shortfall = enrolled.verdict.shortfall;
    check::equal(step, &shortfall, &Some(Shortfall::Missing))?;
    out.tell(
        "phone",
        "enrolls without evidence; its client lets it in",
        Tone::Plain,
        "level software, with a shortfall",
    )
    .map_err(Into::into)
}

fn made_up() -> Evidence {
    Evidence::AppAttest {
        key_id: "bWFkZSB1cA==".to_owned(),
        attestation: "bWFkZSB1cA".to_owned(),
    }
}
