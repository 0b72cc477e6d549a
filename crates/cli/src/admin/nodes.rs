//! Nodes.

use crate::output::{self, Format, Output};
use countersign_api_types::node::{NodeItem, NodeList};
use countersign_server::App;
use std::time::Duration;
use tokio::time::sleep;

#[derive(Debug, Clone, Copy, clap::Args)]
#[command(after_help = "\
A node renews its row four times a second. One that shows to have stood still for half a second or more is gone or
frozen; somebody deletes its row after 2.2 seconds, if anybody is there.

Examples:
  countersign nodes
  countersign nodes --output json")]
pub(crate) struct NodesArgs {
    #[command(flatten)]
    output: Output,
}

/// Twice as long as a node takes to renew.
const WATCHED_FOR: Duration = Duration::from_millis(500);

pub(super) async fn show(app: &App, args: NodesArgs) -> anyhow::Result<()> {
    // Only who watches sees which rows stand still.
    app.roster().await?;
    sleep(WATCHED_FOR).await;
    let list = NodeList::from(app.roster().await?);
    match args.output.output {
        Format::Table => {
            let rows: Vec<[String; 6]> = list.nodes.iter().map(row).collect();
            let head = ["NODE", "HOST", "VERSION", "JOINED", "HAS", "STILL FOR"];
            output::table(head, &rows)?;
            Ok(())
        }
        Format::Json => output::json(&list),
    }
}

fn row(node: &NodeItem) -> [String; 6] {
    [
        node.node_id.to_string(),
        node.host.clone(),
        node.version.clone(),
        node.joined_at.to_string(),
        node.acknowledged.clone().unwrap_or_default(),
        format!("{} ms", node.still_for_ms),
    ]
}
