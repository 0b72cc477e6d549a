//! `countersign demo --nodes`: several nodes on one database, a sidecar, and endings that tell who
//! has them.

mod cluster;
mod process;

use super::{
    DemoOptions, DemoTarget,
    cast::{Player, Role},
    check::{self, DemoError, failed},
    narrator::{Narrator, Tone},
    stage::Stage,
};
use cluster::Cluster;
use countersign_client::api_types::{Secret, receipt::EndingReceipt};
use countersign_core::device::Platform;
use process::House;
use std::{collections::BTreeSet, path::PathBuf};

/// How the nodes are set up.
#[derive(Debug)]
pub struct NodesOptions {
    /// How many nodes there are, two or more.
    pub nodes: usize,
    /// An empty PostgreSQL database; without one, SQLite in the folder.
    pub database: Option<String>,
    /// Where the processes keep their files.
    pub folder: PathBuf,
}

/// The longest that an ending waits for a node that is gone, and what it takes beside.
const LEASE_MS: u64 = 2_300;

/// No lease can have been waited for in less than this.
const QUICK_MS: u64 = 2_000;

/// Plays the demo with several nodes and tells it through `out`.
///
/// # Errors
/// [`DemoError`] as soon as something is not as the story says.
pub async fn run(
    nodes: NodesOptions,
    options: DemoOptions,
    out: &mut Narrator<'_>,
) -> Result<(), DemoError> {
    let place = match &nodes.database {
        Some(_) => "one PostgreSQL database",
        None => "one SQLite file",
    };
    out.title(&format!(
        "{} nodes on {place}, each a process of its own, and a sidecar",
        nodes.nodes
    ))?;
    out.scene("The nodes join")?;
    let house = House::new(nodes.folder, nodes.database, &*options.rng);
    let mut cluster = Cluster::start(&house, nodes.nodes, out).await?;
    let target = DemoTarget {
        public_url: cluster.public_url()?,
        internal_url: cluster.nodes[0].service.endpoint().base().clone(),
        api_key: cluster.api_key.clone(),
    };
    let stage = Stage::set(options, &target, out).await?;
    out.scene("What one node ended, none accepts")?;
    everybody_says_so(&cluster, &stage, out).await?;
    out.scene("A node dies without a word: the ending waits until its leases have ended")?;
    one_is_gone(&mut cluster, &stage, out).await?;
    out.scene("Its row is deleted, and the next ending does not wait for it")?;
    nobody_waits_again(&cluster, &stage, out).await?;
    cluster.stop()?;
    out.gap()?;
    out.title("Everything was as it should be")?;
    Ok(())
}

async fn everybody_says_so(
    cluster: &Cluster,
    stage: &Stage,
    out: &mut Narrator<'_>,
) -> Result<(), DemoError> {
    let (player, token) = enter(stage, out).await?;
    cluster.accepted(&player, &token, out).await?;
    // At another node than the one that the sidecar follows.
    let receipt = cluster.end(&player, 1, out).await?;
    acknowledged_by_all(cluster, &receipt)?;
    cluster.refused(&player, &token, out).await
}

async fn one_is_gone(
    cluster: &mut Cluster,
    stage: &Stage,
    out: &mut Narrator<'_>,
) -> Result<(), DemoError> {
    let step = "an ending while a node is gone";
    let (player, token) = enter(stage, out).await?;
    cluster.accepted(&player, &token, out).await?;
    let gone = cluster.kill_one(out)?;
    let receipt = cluster.end(&player, 0, out).await?;
    check::equal(step, &receipt.lapsed, &vec![gone])?;
    let saw = gone.to_string();
    out.tell("receipt", "names who said nothing", Tone::Refused, &saw)?;
    let acknowledged: BTreeSet<_> = receipt.acknowledged.iter().copied().collect();
    check::equal(step, &acknowledged, &cluster.ids())?;
    let is_in_time = receipt.waited_ms <= LEASE_MS;
    check::holds(step, is_in_time, "at most 2.3 seconds", &receipt)?;
    cluster.refused(&player, &token, out).await
}

async fn nobody_waits_again(
    cluster: &Cluster,
    stage: &Stage,
    out: &mut Narrator<'_>,
) -> Result<(), DemoError> {
    cluster.sees_itself().await?;
    let saw = format!("{} nodes", cluster.nodes.len());
    out.tell("node 1", "lists the nodes", Tone::Plain, &saw)?;
    let (player, token) = enter(stage, out).await?;
    cluster.accepted(&player, &token, out).await?;
    let receipt = cluster.end(&player, 0, out).await?;
    acknowledged_by_all(cluster, &receipt)?;
    cluster.refused(&player, &token, out).await
}

/// A new device of alice's, and its access token.
async fn enter(stage: &Stage, out: &mut Narrator<'_>) -> Result<(Player, Secret), DemoError> {
    let step = "logging in";
    let user = "alice".parse();
    let role = Role {
        name: "alice's phone",
        user: user.map_err(|_| DemoError::Unusable("the id of a user"))?,
        platform: Platform::Ios,
        relay: stage.relay.clone(),
    };
    let player = Player::enter(stage, role).await?;
    let registered = player.session.registered().map_err(failed(step))?;
    let token = check::present(step, registered.access_token, "an access token")?;
    let saw = player.session_id.to_string();
    out.tell(
        player.name,
        "makes a key and logs in at node 1",
        Tone::Plain,
        &saw,
    )?;
    Ok((player, token))
}

fn acknowledged_by_all(cluster: &Cluster, receipt: &EndingReceipt) -> Result<(), DemoError> {
    let step = "an ending with every node there";
    let acknowledged: BTreeSet<_> = receipt.acknowledged.iter().copied().collect();
    check::equal(step, &acknowledged, &cluster.ids())?;
    check::equal(step, &receipt.lapsed, &Vec::new())?;
    let is_quick = receipt.waited_ms < QUICK_MS;
    check::holds(step, is_quick, "no lease to be waited for", receipt)
}
