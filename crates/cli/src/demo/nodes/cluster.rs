//! The nodes, the sidecar, and what is asked of all of them.

use super::process::{House, Process};
use crate::{
    demo::{
        cast::Player,
        check::{self, DemoError, failed},
        narrator::{Narrator, Tone},
    },
    drill::{Probe, Seen},
};
use countersign_client::{
    Endpoint, ServiceClient, Url,
    api_types::{Secret, node::NodeList, receipt::EndingReceipt},
};
use countersign_core::{NodeId, api_key::Scope};
use futures_util::future::join_all;
use std::{collections::BTreeSet, time::Duration};
use tokio::time::{sleep, timeout};

/// How long is waited for what must come about by itself.
const PATIENCE: Duration = Duration::from_secs(20);

/// How often it is looked at.
const PAUSE: Duration = Duration::from_millis(50);

/// Nodes on one database, and a sidecar that follows the first.
pub(super) struct Cluster {
    pub(super) nodes: Vec<Node>,
    pub(super) api_key: Secret,
    sidecar: Process,
    sidecar_probe: Probe,
}

/// One node.
pub(super) struct Node {
    pub(super) name: String,
    pub(super) id: NodeId,
    pub(super) service: ServiceClient,
    pub(super) process: Process,
    probe: Probe,
}

impl Cluster {
    /// Starts all of them.
    pub(super) async fn start(
        house: &House,
        count: usize,
        out: &mut Narrator<'_>,
    ) -> Result<Self, DemoError> {
        let first = house.serve(None)?;
        let public = first.url("public")?;
        let api_key = house.api_key("demo", Scope::ALL)?;
        let mut nodes = vec![Node::new(1, first, &api_key).await?];
        for number in 2..=count {
            nodes.push(Node::new(number, house.serve(Some(&public))?, &api_key).await?);
        }
        for node in &nodes {
            let does = format!("serves, as process {}", node.process.id());
            out.tell(&node.name, &does, Tone::Plain, &node.id.to_string())?;
        }
        let of_sidecar = house.api_key("sidecar", &[Scope::FeedRead])?;
        let sidecar = house.sidecar(nodes[0].service.endpoint().base(), &of_sidecar)?;
        let sidecar_probe = probe(&sidecar.url("sidecar")?, &api_key)?;
        let does = format!("follows node 1, as process {}", sidecar.id());
        out.tell("sidecar", &does, Tone::Plain, "answers from memory")?;
        let cluster = Self {
            nodes,
            api_key,
            sidecar,
            sidecar_probe,
        };
        cluster.sees_itself().await?;
        Ok(cluster)
    }

    pub(super) fn public_url(&self) -> Result<Url, DemoError> {
        self.nodes[0].process.url("public")
    }

    /// Every place where a request can be judged.
    fn places(&self) -> impl Iterator<Item = (&str, &Probe)> {
        let nodes = self
            .nodes
            .iter()
            .map(|node| (node.name.as_str(), &node.probe));
        nodes.chain([("sidecar", &self.sidecar_probe)])
    }

    pub(super) fn ids(&self) -> BTreeSet<NodeId> {
        self.nodes.iter().map(|node| node.id).collect()
    }

    /// Every place must let the device in; the sidecar may still be catching up.
    pub(super) async fn accepted(
        &self,
        player: &Player,
        token: &Secret,
        out: &mut Narrator<'_>,
    ) -> Result<(), DemoError> {
        let step = "a request at every node and at the sidecar";
        let asked = self.places().map(|(_, probe)| async move {
            let settled = async {
                loop {
                    let seen = probe.ask(&player.device, token.reveal()).await;
                    if !matches!(seen, Seen::Unclear(_)) {
                        return seen;
                    }
                    sleep(PAUSE).await;
                }
            };
            timeout(PATIENCE, settled).await.ok()
        });
        for ((place, _), seen) in self.places().zip(join_all(asked).await) {
            check::equal(step, &seen, &Some(Seen::Accepted))?;
            out.tell(
                place,
                "is asked about the phone's request",
                Tone::Good,
                "allowed",
            )?;
        }
        Ok(())
    }

    /// Every place must refuse, and at the first time of asking.
    pub(super) async fn refused(
        &self,
        player: &Player,
        token: &Secret,
        out: &mut Narrator<'_>,
    ) -> Result<(), DemoError> {
        let step = "the same token after the ending returned";
        let asked = self
            .places()
            .map(|(_, probe)| probe.ask(&player.device, token.reveal()));
        for ((place, _), seen) in self.places().zip(join_all(asked).await) {
            check::equal(step, &seen, &Seen::Refused)?;
            out.tell(
                place,
                "is asked about the same token",
                Tone::Refused,
                "refused",
            )?;
        }
        Ok(())
    }

    /// Ends a session at one node.
    pub(super) async fn end(
        &self,
        player: &Player,
        at: usize,
        out: &mut Narrator<'_>,
    ) -> Result<EndingReceipt, DemoError> {
        let step = "ending a session";
        let service = &self.nodes[at].service;
        let ended = service
            .log_out_user_device(&player.user, player.device_id)
            .await;
        let ended = ended.map_err(failed(step))?;
        check::equal(step, &ended.ended, &1)?;
        let receipt = check::present(step, ended.receipt, "a receipt")?;
        check::holds(step, receipt.is_complete, "all nodes to be known", &receipt)?;
        check::holds(step, receipt.signature.is_some(), "a signature", &receipt)?;
        let does = format!("ends the session at {}", self.nodes[at].name);
        let saw = format!(
            "acknowledged by {}, lapsed {}, in {} ms",
            receipt.acknowledged.len(),
            receipt.lapsed.len(),
            receipt.waited_ms
        );
        out.tell("admin", &does, Tone::Plain, &saw)?;
        Ok(receipt)
    }

    /// Kills the last node.
    pub(super) fn kill_one(&mut self, out: &mut Narrator<'_>) -> Result<NodeId, DemoError> {
        let mut node = check::present("killing a node", self.nodes.pop(), "a node")?;
        node.process.kill()?;
        let saw = "its row stays, and leases it gave may run";
        out.tell(&node.name, "is killed", Tone::Refused, saw)?;
        Ok(node.id)
    }

    /// Waits until the first node lists exactly the nodes that there are.
    pub(super) async fn sees_itself(&self) -> Result<(), DemoError> {
        let listed = async {
            loop {
                let list = self.nodes[0].list().await?;
                if list
                    .nodes
                    .iter()
                    .map(|node| node.node_id)
                    .collect::<BTreeSet<_>>()
                    == self.ids()
                {
                    return Ok(());
                }
                sleep(PAUSE).await;
            }
        };
        let in_time = timeout(PATIENCE, listed).await;
        in_time.unwrap_or(Err(DemoError::Unusable("nodes that do not see each other")))
    }

    /// Ends all of it.
    pub(super) fn stop(mut self) -> Result<(), DemoError> {
        self.sidecar.kill()?;
        for node in &mut self.nodes {
            node.process.kill()?;
        }
        Ok(())
    }
}

impl Node {
    async fn new(number: usize, process: Process, api_key: &Secret) -> Result<Self, DemoError> {
        let internal = process.url("internal")?;
        let probe = probe(&internal, api_key)?;
        let service = ServiceClient::new(Endpoint::new(internal)?, api_key)?;
        let list = service.nodes().await.map_err(failed("listing the nodes"))?;
        let this = list.nodes.into_iter().find(|node| node.is_this);
        let this = check::present("listing the nodes", this, "the node that is asked")?;
        Ok(Self {
            name: format!("node {number}"),
            id: this.node_id,
            service,
            process,
            probe,
        })
    }

    async fn list(&self) -> Result<NodeList, DemoError> {
        self.service
            .nodes()
            .await
            .map_err(failed("listing the nodes"))
    }
}

fn probe(base: &Url, api_key: &Secret) -> Result<Probe, DemoError> {
    let url = base.join("/v1/verify");
    let url = url.map_err(|_| DemoError::Unusable("the URL of a node"))?;
    Probe::new(&url, api_key).map_err(|_| DemoError::Unusable("the URL of a node"))
}
