//! The story, a file a scene.

pub(super) mod assertion;
pub(super) mod ban;
pub(super) mod disable;
pub(super) mod enrollment;
pub(super) mod login;
pub(super) mod lost_answer;
pub(super) mod refresh;
pub(super) mod remote_logout;
pub(super) mod removal;
pub(super) mod theft;

use super::{
    cast::Player,
    check::{self, DemoError},
    stage::Stage,
};
use countersign_client::api_types::verify::Refused;
use countersign_core::{Timestamp, decision::Refusal};

/// The very next request after an ending must be refused, and why. Notes how long that took.
async fn is_cut_off(
    stage: &Stage,
    player: &Player,
    ended_at: Timestamp,
    code: Refusal,
) -> Result<Refused<'static>, DemoError> {
    let step = "the next request after an ending";
    let judged = player.call(stage).await?;
    let took = stage.since(ended_at);
    let refused = check::refused(step, judged.verdict, code)?;
    check::equal(step, &judged.requests, &1)?;
    check::equal(step, &refused.session_id, &Some(player.session_id))?;
    stage.tally.lock().cut_offs.push(took);
    Ok(refused)
}

/// A refusal as the app's backend tells it.
fn told(refused: &Refused<'_>) -> String {
    format!("refused: {} ({})", refused.code, refused.status)
}
