//! Devices show what they are, before anybody logs in on them.
//!
//! No platform vouches for anything here: a binary that carried keys to make evidence with would be
//! worth nothing. So each device says honestly that nothing vouches for it, and one makes evidence up.

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
    enrollment::EnrollmentState,
};

/// One device of each platform; the client of the first asks for evidence.
const DEVICES: [(Platform, &str); 4] = [
    (Platform::Ios, "iPhone"),
    (Platform::Android, "android phone"),
    (Platform::Web, "browser"),
    (Platform::Desktop, "workstation"),
];

pub(in crate::demo) async fn play(stage: &Stage, out: &mut Narrator<'_>) -> Result<(), DemoError> {
    out.scene("A device shows what it is, before anybody logs in on it")?;
    let enrollment = Enrollment::new(stage.public.clone());
    for (platform, name) in DEVICES {
        enroll(stage, out, &enrollment, platform, name).await?;
    }
    let phone = stage.new_device(Platform::Ios, "Tampered phone")?;
    let refused = enrollment.enroll(&phone, |_| Some(made_up())).await;
    let code = refused.err().and_then(|error| error.code());
    check::equal(
        "made-up evidence",
        &code,
        &Some(ErrorCode::AttestationInvalid),
    )?;
    out.tell(
        "tampered phone",
        "enrolls with evidence that it made up",
        Tone::Refused,
        "refused: attestation_invalid (403)",
    )
    .map_err(Into::into)
}

async fn enroll(
    stage: &Stage,
    out: &mut Narrator<'_>,
    enrollment: &Enrollment,
    platform: Platform,
    name: &str,
) -> Result<(), DemoError> {
    let step = "an enrollment";
    let device = stage.new_device(platform, name)?;
    let enrolled = enrollment.enroll(&device, |_| None).await;
    let enrolled = enrolled.map_err(failed(step))?;
    check::equal(step, &enrolled.state, &EnrollmentState::Active)?;
    check::equal(step, &enrolled.verdict.level, &AttestationLevel::Software)?;
    let is_asked = platform == Platform::Ios;
    let shortfall = is_asked.then_some(Shortfall::Missing);
    check::equal(step, &enrolled.verdict.shortfall, &shortfall)?;
    let (does, saw) = if is_asked {
        (
            "enrolls without the evidence that is asked for",
            "level software, with a shortfall",
        )
    } else {
        (
            "enrolls its key, and nothing vouches for it",
            "level software",
        )
    };
    out.tell(name, does, Tone::Plain, saw).map_err(Into::into)
}

fn made_up() -> Evidence {
    Evidence::AppAttest {
        key_id: "bWFkZSB1cA==".to_owned(),
        attestation: "bWFkZSB1cA".to_owned(),
    }
}
