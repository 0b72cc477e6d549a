//! `countersign demo`: real clients with real keys against a running server, each claim checked.
//!
//! The caller starts the server on a fresh database and makes the API key; this module plays the
//! devices, their app's backend, a thief and an admin, and tells what each of them saw. An answer
//! that is not the expected one ends the demo with an error that says what was expected.
//!
//! To add a scene: a file in `scenes/` with one `play`, which tells what happens through the
//! [`Narrator`] and checks every claim through `check`, and a line in [`run`].

mod cast;
mod check;
mod fleet;
mod lossy;
mod narrator;
pub mod nodes;
mod report;
mod scenes;
mod stage;
mod tally;

pub use check::DemoError;
pub use narrator::{Look, Narrator};
pub use report::DemoReport;

use countersign_client::{Url, api_types::Secret};
use countersign_core::{Clock, Rng};
use stage::Stage;
use std::sync::Arc;

/// The fewest devices that the story can be told with.
pub const MIN_DEVICES: usize = cast::ROLES;

/// How the demo is played.
#[derive(Debug)]
pub struct DemoOptions {
    /// How many devices there are: [`MIN_DEVICES`] with a role, the others to make it a crowd.
    pub devices: usize,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub rng: Arc<dyn Rng>,
}

/// The server that it is played against, with a fresh database.
#[derive(Debug)]
pub struct DemoTarget {
    /// The public listener, as the server's `public_url` names it.
    pub public_url: Url,
    /// The internal listener.
    pub internal_url: Url,
    /// An API key with every scope.
    pub api_key: Secret,
}

/// Plays the demo and tells it through `out`.
///
/// # Errors
/// [`DemoError::Unexpected`] as soon as the server answers something else than the story says.
pub async fn run(
    options: DemoOptions,
    target: DemoTarget,
    out: &mut Narrator<'_>,
) -> Result<DemoReport, DemoError> {
    if options.devices < MIN_DEVICES {
        return Err(DemoError::TooFewDevices);
    }
    let crowd = options.devices - MIN_DEVICES;
    out.title(&format!(
        "{} devices, each with its own key, over HTTP",
        options.devices
    ))?;
    let stage = Arc::new(Stage::set(options, &target, out).await?);
    scenes::enrollment::play(&stage, out).await?;
    let cast = scenes::login::play(&stage, out).await?;
    fleet::play(&stage, crowd, out).await?;
    scenes::refresh::play(&stage, &cast, out).await?;
    scenes::assertion::play(&stage, &cast, out).await?;
    scenes::lost_answer::play(&stage, &cast, out).await?;
    scenes::theft::play(&stage, &cast, out).await?;
    scenes::remote_logout::play(&stage, &cast, out).await?;
    scenes::removal::play(&stage, &cast, out).await?;
    scenes::disable::play(&stage, &cast, out).await?;
    scenes::ban::play(&stage, out).await?;
    let report = DemoReport::new(crowd + MIN_DEVICES, &stage.tally);
    report.print(out)?;
    Ok(report)
}
