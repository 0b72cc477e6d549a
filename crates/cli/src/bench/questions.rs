//! Questions with a proof each, for a load generator: signed before its clock starts.

use super::{
    sessions::Keyed,
    verify::{METHOD, URL, proofs_of},
};
use anyhow::Context as _;
use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    routing::get,
};
use std::{fmt::Write as _, sync::Arc};
use tokio::task::spawn_blocking;

/// `/questions/{count}`: so many, one on a line, of one device after the other.
pub(super) fn router(devices: Vec<Keyed>) -> Router {
    Router::new()
        .route("/questions/{count}", get(questions))
        .with_state(Arc::new(devices))
}

async fn questions(
    State(devices): State<Arc<Vec<Keyed>>>,
    Path(count): Path<usize>,
) -> Result<String, StatusCode> {
    let signing = spawn_blocking(move || written(&devices, count));
    match signing.await {
        Ok(Ok(lines)) => Ok(lines),
        _ => Err(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

fn written(devices: &[Keyed], count: usize) -> anyhow::Result<String> {
    let mut lines = String::new();
    for ready in proofs_of(devices, count)? {
        let question = serde_json::json!({
            "token": ready.token, "scheme": "DPoP", "proof": ready.proof, "method": METHOD, "url": URL,
        });
        writeln!(lines, "{question}").context("text grows")?;
    }
    Ok(lines)
}
