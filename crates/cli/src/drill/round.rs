//! One round: a session that is accepted everywhere, its ending, and how soon nobody accepts it.

use super::{
    Drill,
    probe::{Probe, Seen},
};
use crate::bench::Stopwatch;
use anyhow::{Context as _, bail};
use countersign_client::{AssertedUser, DirectRelay, Session};
use std::{sync::Arc, time::Duration};
use tokio::time::{sleep, timeout};

/// How long a probe is asked that does not refuse: longer than any lease lasts.
const PATIENCE: Duration = Duration::from_secs(3);

/// How long a probe is left alone that did not refuse.
const PAUSE: Duration = Duration::from_millis(10);

/// Who ends the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// The backend, with its API key.
    Backend,
    /// The device, with its own token.
    Device,
}

/// What a round showed.
#[derive(Debug)]
pub(super) struct Round {
    pub(super) by: By,
    /// How long the ending took.
    pub(super) ending: Duration,
    /// One for each probe, in their order.
    pub(super) cut_offs: Vec<CutOff>,
}

/// How a probe stopped accepting.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct CutOff {
    /// Calls that began after the ending returned, and were accepted.
    pub(super) accepted: u32,
    /// How long after it the last of them began.
    pub(super) after: Duration,
    /// What it said instead of refusing, if it never did.
    pub(super) unclear: Option<String>,
}

impl By {
    /// Rounds end in turns by the one and by the other.
    pub(super) const fn turn(round: u64) -> Self {
        if round.is_multiple_of(2) {
            Self::Backend
        } else {
            Self::Device
        }
    }

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Backend => "backend",
            Self::Device => "device",
        }
    }
}

/// Plays one round.
pub(super) async fn play(drill: &Drill, number: u64) -> anyhow::Result<Round> {
    let by = By::turn(number);
    let user = AssertedUser::with_password(drill.user.clone());
    let (device, relay) = (Arc::clone(&drill.device), drill.relay.clone());
    let session = Session::login(device, relay, drill.public.clone(), &user);
    let session = session.await.context("the drill could not log in")?;
    let registered = session.registered()?;
    drill.device_id.get_or_init(|| registered.device_id);
    let token = registered
        .access_token
        .context("the login answered no access token")?;
    let token = token.reveal();
    let seen = all(drill, |probe| probe.ask(&drill.device, token)).await;
    for (probe, seen) in drill.probes.iter().zip(seen) {
        if seen != Seen::Accepted {
            bail!("{} does not accept a fresh session: {seen:?}", probe.name);
        }
    }
    let ending = Stopwatch::start();
    match by {
        By::Backend => end(drill, registered.device_id).await?,
        By::Device => end_own(&session).await?,
    }
    let (ending, ended) = (ending.elapsed(), Stopwatch::start());
    let cut_offs = all(drill, |probe| cut_off(drill, probe, token, ended)).await;
    Ok(Round {
        by,
        ending,
        cut_offs,
    })
}

async fn end(drill: &Drill, device: countersign_core::DeviceId) -> anyhow::Result<()> {
    let ended = drill.service.log_out_user_device(&drill.user, device).await;
    let ended = ended.context("the session could not be ended")?;
    if let Some(receipt) = ended.receipt
        && !receipt.lapsed.is_empty()
    {
        tracing::warn!(lapsed = ?receipt.lapsed, "nodes did not acknowledge the ending");
    }
    Ok(())
}

async fn end_own(session: &Session<DirectRelay>) -> anyhow::Result<()> {
    let ended = session.logout().await;
    ended.context("the session could not be ended")
}

/// Asks until it refuses.
async fn cut_off(drill: &Drill, probe: &Probe, token: &str, ended: Stopwatch) -> CutOff {
    let mut cut_off = CutOff::default();
    loop {
        let begun = ended.elapsed();
        let Some(left) = PATIENCE.checked_sub(begun) else {
            return cut_off;
        };
        cut_off.unclear = match timeout(left, probe.ask(&drill.device, token)).await {
            Ok(Seen::Refused) => {
                cut_off.unclear = None;
                return cut_off;
            }
            Ok(Seen::Accepted) => {
                cut_off.accepted += 1;
                cut_off.after = begun;
                None
            }
            Ok(Seen::Unclear(said)) => Some(said),
            Err(_) => Some("gave no answer in time".to_owned()),
        };
        sleep(PAUSE).await;
    }
}

/// The same of every probe at the same time.
async fn all<'d, F: Future>(drill: &'d Drill, of: impl FnMut(&'d Probe) -> F) -> Vec<F::Output> {
    futures_util::future::join_all(drill.probes.iter().map(of)).await
}
