//! The server rotates the tokens and the answer never arrives.

use crate::demo::{
    cast::Cast,
    check::{self, DemoError, failed},
    lossy::LossyNetwork,
    narrator::{Narrator, Tone},
    stage::Stage,
};
use countersign_client::{Session, Url};
use std::{net::SocketAddr, sync::Arc};

pub(in crate::demo) async fn play(
    stage: &Stage,
    cast: &Cast,
    out: &mut Narrator<'_>,
) -> Result<(), DemoError> {
    out.scene("The answer to a refresh is lost; nobody is signed out")?;
    let step = "a refresh whose answer is lost";
    let laptop = &cast.laptop;
    let network = LossyNetwork::start(address(stage.internal_url()).await?).await?;
    let mut url = stage.internal_url().clone();
    let by_ip = url.set_ip_host(network.address().ip());
    let by_port = url.set_port(Some(network.address().port()));
    let changed = by_ip.and(by_port);
    changed.map_err(|()| DemoError::Unusable("the internal URL"))?;

    // The same session, whose device now reaches its app's backend through the bad network.
    let saved = laptop.session.save().map_err(failed(step))?;
    let old = saved.registered.clone();
    let (device, relay) = (Arc::clone(&laptop.device), stage.relay_by(url)?);
    let session = Session::resume(device, relay, stage.public.clone(), saved.clone())
        .map_err(failed(step))?;

    network.lose_next_answer();
    let start = stage.now();
    session.refresh().await.map_err(failed(step))?;
    let took = stage.since(start);
    let lost = network.lost_answers();
    check::equal(step, &lost.len(), &1)?;
    {
        let mut numbers = stage.tally.lock();
        numbers.lost_answers += 1;
        numbers.refreshes.push(took);
    }
    out.tell(
        laptop.name,
        "refreshes: the server rotates, the answer is lost",
        Tone::Plain,
        "connection closed",
    )?;

    let new = session.registered().map_err(failed(step))?;
    check::equal(step, &new.session_id, &old.session_id)?;
    let token = new
        .refresh_token
        .as_ref()
        .map(|token| token.reveal().to_owned())
        .unwrap_or_default();
    let is_same = lost
        .iter()
        .all(|answer| !token.is_empty() && answer.contains(&token));
    check::holds(
        step,
        is_same,
        "the successor that the lost answer held",
        &"another refresh token",
    )?;
    out.tell(
        laptop.name,
        "presents the same token again, fresh proof",
        Tone::Good,
        "the same successor",
    )?;

    // The laptop's first session object still holds the old token, like a backup of the device:
    // until the successor is used, even that is answered.
    laptop
        .refresh(stage, "a third presentation of the same token")
        .await?;
    laptop
        .passes(stage, "a request after the lost answer")
        .await?;
    out.tell(
        "app backend",
        "receives the laptop's next request, asks",
        Tone::Good,
        "allowed, same session",
    )?;
    Ok(())
}

async fn address(url: &Url) -> Result<SocketAddr, DemoError> {
    let host = url.host_str().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let port = url.port_or_known_default().unwrap_or_default();
    let mut found = tokio::net::lookup_host((host, port)).await?;
    found
        .next()
        .ok_or(DemoError::Unusable("the host of the internal URL"))
}
