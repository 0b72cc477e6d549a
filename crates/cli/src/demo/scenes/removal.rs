//! A device leaves its user's account.

use super::{is_cut_off, told};
use crate::demo::{
    cast::Cast,
    check::{self, DemoError, failed},
    narrator::{Narrator, Tone},
    stage::Stage,
};
use countersign_client::api_types::device::{
    DeviceFilter, EndCause, OwnDeviceFilter, UserDevicesQuery,
};
use countersign_core::{decision::Refusal, device::OwnershipEndCause};

pub(in crate::demo) async fn play(
    stage: &Stage,
    cast: &Cast,
    out: &mut Narrator<'_>,
) -> Result<(), DemoError> {
    out.scene("A removed device is out of the account, and stays in its history")?;
    let (phone, laptop) = (&cast.phone, &cast.laptop);
    let step = "a removal";
    laptop.passes(stage, "the laptop's last request").await?;
    let ended = phone
        .session
        .remove_device(laptop.device_id)
        .await
        .map_err(failed(step))?;
    let ended_at = stage.now();
    check::equal(step, &ended.ended, &1)?;
    stage.tally.lock().endings += ended.ended;
    out.tell(
        phone.name,
        "removes alice's laptop",
        Tone::Plain,
        "1 session ended",
    )?;

    let refused = is_cut_off(stage, laptop, ended_at, Refusal::DeviceRemoved).await?;
    out.tell(
        "app backend",
        "receives the laptop's next request, asks",
        Tone::Refused,
        &told(&refused),
    )?;

    let active = phone
        .session
        .own_devices(OwnDeviceFilter::Active)
        .await
        .map_err(failed(step))?;
    let is_listed = active
        .iter()
        .any(|device| device.device_id == laptop.device_id);
    check::holds(
        step,
        !is_listed,
        "the laptop to be gone from the list",
        &active,
    )?;
    let query = UserDevicesQuery {
        state: DeviceFilter::Past,
        ..UserDevicesQuery::default()
    };
    let past = stage
        .service
        .all_user_devices(&laptop.user, query)
        .await
        .map_err(failed(step))?;
    let removed = past
        .iter()
        .find(|device| device.device_id == laptop.device_id);
    let cause = removed.and_then(|device| device.ended).map(|end| end.cause);
    check::equal(
        step,
        &cause,
        &Some(EndCause::Ownership(OwnershipEndCause::Removed)),
    )?;
    out.tell(
        "admin",
        "lists alice's past devices",
        Tone::Plain,
        "the laptop: removed",
    )?;
    Ok(())
}
