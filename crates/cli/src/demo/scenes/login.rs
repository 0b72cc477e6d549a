//! Every device makes a key, logs in, and calls the app's API.

use crate::demo::{
    cast::{Cast, Player, Role},
    check::{self, DemoError, failed},
    narrator::{Narrator, Tone},
    stage::Stage,
};
use countersign_client::api_types::device::OwnDeviceFilter;
use countersign_core::device::Platform;

pub(in crate::demo) async fn play(
    stage: &Stage,
    out: &mut Narrator<'_>,
) -> Result<Cast, DemoError> {
    out.scene("Each device makes a key and logs in; the session is bound to that key")?;
    let cast = Cast {
        phone: enter(stage, out, "alice's phone", "alice", Platform::Ios).await?,
        laptop: enter(stage, out, "alice's laptop", "alice", Platform::Desktop).await?,
        browser: enter(stage, out, "alice's browser", "alice", Platform::Web).await?,
        tablet: enter(stage, out, "bob's tablet", "bob", Platform::Android).await?,
    };
    sees_own_devices(stage, out, &cast).await?;
    Ok(cast)
}

async fn enter(
    stage: &Stage,
    out: &mut Narrator<'_>,
    name: &'static str,
    user: &str,
    platform: Platform,
) -> Result<Player, DemoError> {
    let user = user
        .parse()
        .map_err(|_| DemoError::Unusable("the id of a user"))?;
    let role = Role {
        name,
        user,
        platform,
        relay: stage.relay.clone(),
    };
    let player = Player::enter(stage, role).await?;
    let thumbprint = player.device.key().map(|key| key.thumbprint().to_string());
    let jkt: String = thumbprint.unwrap_or_default().chars().take(8).collect();
    let saw = format!("{}, key {jkt}", player.device_id);
    out.tell(name, "makes a P-256 key, logs in", Tone::Plain, &saw)?;
    let (judged, allowed) = player.passes(stage, "the first request").await?;
    let does = match judged.requests {
        1 => "receives its first request, asks",
        _ => "receives its first request, hands it a nonce",
    };
    let saw = format!(
        "allowed: {} on {}, trust {}",
        &*allowed.user_id, allowed.platform, allowed.trust
    );
    out.tell("app backend", does, Tone::Good, &saw)?;
    Ok(player)
}

async fn sees_own_devices(
    stage: &Stage,
    out: &mut Narrator<'_>,
    cast: &Cast,
) -> Result<(), DemoError> {
    let step = "listing one's own devices";
    let phone = &cast.phone;
    let devices = phone
        .session
        .own_devices(OwnDeviceFilter::Active)
        .await
        .map_err(failed(step))?;
    check::equal(step, &devices.len(), &3)?;
    let current: Vec<_> = devices.iter().filter(|device| device.is_current).collect();
    check::equal(step, &current.len(), &1)?;
    let is_phone = current
        .iter()
        .all(|device| device.device_id == phone.device_id);
    check::holds(
        step,
        is_phone,
        "the phone to be the current device",
        &current,
    )?;
    let names: Vec<_> = devices
        .iter()
        .filter_map(|device| device.name.as_deref())
        .collect();
    let is_strange = names.contains(&cast.tablet.name);
    check::holds(step, !is_strange, "nobody else's devices", &names)?;
    let saw = format!("{} devices, this one marked", devices.len());
    out.tell(phone.name, "opens \"Your devices\"", Tone::Plain, &saw)?;
    let renamed = phone
        .session
        .rename_device(phone.device_id, "Alice's iPhone".to_owned())
        .await
        .map_err(failed(step))?;
    check::equal(step, &renamed.name.as_deref(), &Some("Alice's iPhone"))?;
    let _ = stage;
    Ok(())
}
