//! A payment: the device signs for this one action, and the app's backend asks whether it did.

use crate::demo::{
    cast::Cast,
    check::{self, DemoError, failed},
    narrator::{Narrator, Tone},
    stage::Stage,
};
use countersign_client::{
    Enrollment,
    api_types::{ErrorCode, assertion::Assert},
};
use countersign_core::attestation::AttestationLevel;

pub(in crate::demo) async fn play(
    stage: &Stage,
    cast: &Cast,
    out: &mut Narrator<'_>,
) -> Result<(), DemoError> {
    out.scene("A payment is signed by the device, for itself and once")?;
    let (phone, step) = (&cast.phone, "an assertion");
    let enrollment = Enrollment::new(stage.public.clone());
    let sign = || enrollment.assert(&phone.device, "pay 100 EUR to bob");
    let signed = sign().await.map_err(failed(step))?;
    let asserted = stage.service.assert(phone.session_id, &signed).await;
    let asserted = asserted.map_err(failed(step))?;
    check::equal(step, &asserted.device_id, &phone.device_id)?;
    check::equal(step, &asserted.verdict.level, &AttestationLevel::Software)?;
    out.tell(
        "app backend",
        "pays 100 EUR, as the phone signed",
        Tone::Good,
        "asserted: level software",
    )?;

    let again = stage.service.assert(phone.session_id, &signed).await;
    let (step, code) = ("a used assertion", ErrorCode::ChallengeUnknown);
    check::refused_call(step, again.map_err(Into::into), code)?;
    out.tell(
        "somebody",
        "sends the same once more",
        Tone::Refused,
        "refused: challenge_unknown (401)",
    )?;
    let other = Assert {
        action: "pay 900 EUR to mallory".to_owned(),
        ..sign().await.map_err(failed(step))?
    };
    let other = stage.service.assert(phone.session_id, &other).await;
    let (step, code) = ("another action", ErrorCode::AttestationInvalid);
    check::refused_call(step, other.map_err(Into::into), code)?;
    out.tell(
        "somebody",
        "has the phone sign, and asks for another payment",
        Tone::Refused,
        "refused: attestation_invalid (403)",
    )
    .map_err(Into::into)
}
