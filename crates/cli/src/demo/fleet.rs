//! The crowd: devices without a role that log in, call, and refresh, many at a time.

use super::{
    cast::{Player, Role},
    check::DemoError,
    narrator::{Narrator, Tone},
    stage::Stage,
};
use countersign_core::{device::Platform, user::ExternalUserId};
use indicatif::ProgressBar;
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use tokio::task::JoinSet;

/// How many devices are under way at the same time.
const WORKERS: usize = 16;

/// How many devices a user of the crowd has.
const DEVICES_PER_USER: usize = 3;

pub(super) async fn play(
    stage: &Arc<Stage>,
    size: usize,
    out: &mut Narrator<'_>,
) -> Result<(), DemoError> {
    if size == 0 {
        return Ok(());
    }
    out.scene(&format!("A crowd of {size} more devices"))?;
    let (bar, next) = (out.progress(size), Arc::new(AtomicUsize::new(0)));
    let start = stage.now();
    let mut workers = JoinSet::new();
    for _ in 0..WORKERS.min(size) {
        workers.spawn(work(
            Arc::clone(stage),
            Arc::clone(&next),
            size,
            bar.clone(),
        ));
    }
    for outcome in workers.join_all().await {
        outcome?;
    }
    bar.finish_and_clear();
    let took = stage.since(start).as_secs_f64();
    let saw = format!("all allowed, in {took:.1} s");
    out.tell(
        "the crowd",
        "logs in, calls, refreshes and calls again",
        Tone::Good,
        &saw,
    )?;
    Ok(())
}

async fn work(
    stage: Arc<Stage>,
    next: Arc<AtomicUsize>,
    size: usize,
    bar: ProgressBar,
) -> Result<(), DemoError> {
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= size {
            return Ok(());
        }
        live(&stage, number).await?;
        bar.inc(1);
    }
}

async fn live(stage: &Stage, number: usize) -> Result<(), DemoError> {
    let user = format!("user-{}", number / DEVICES_PER_USER);
    let user: ExternalUserId = user
        .parse()
        .map_err(|_| DemoError::Unusable("the id of a user"))?;
    let platform = Platform::ALL
        .iter()
        .copied()
        .cycle()
        .nth(number)
        .unwrap_or(Platform::Web);
    let role = Role {
        name: "crowd",
        user,
        platform,
        relay: stage.relay.clone(),
    };
    let player = Player::enter(stage, role).await?;
    player.passes(stage, "a request of the crowd").await?;
    player.refresh(stage, "a refresh of the crowd").await?;
    player
        .passes(stage, "a request of the crowd after its refresh")
        .await?;
    Ok(())
}
