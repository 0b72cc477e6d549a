//! Following the feed: what other processes wrote.

use super::JobError;
use crate::app::App;
use countersign_storage::FeedPosition;
use tokio::sync::Mutex;

/// Where this node stands in the feed.
#[derive(Debug)]
pub(crate) struct FeedReader(Mutex<FeedPosition>);

impl FeedReader {
    pub(crate) fn starting_at(position: FeedPosition) -> Self {
        Self(Mutex::new(position))
    }
}

/// Applies every entry since the last call. What this process wrote itself is applied already
/// and costs one look each.
pub(super) async fn follow(app: &App) -> Result<(), JobError> {
    let mut position = app.feed.0.lock().await;
    let mut conn = app.store().read().await?;
    // The horizon is read first: what commits between the two reads is read again next time.
    let horizon = conn.feed_horizon().await?;
    let entries = conn.read_feed(*position).await?;
    drop(conn);
    app.node.apply(&entries);
    *position = horizon;
    drop(position);
    if app.issuer.keys.is_stale() {
        app.issuer.keys.reload(app.store()).await?;
    }
    Ok(())
}
