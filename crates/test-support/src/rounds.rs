//! How often a test does what it does, and what it says of it.

use countersign_core::Rng;
use countersign_storage::Engine;
use serde_json::{Value, json};

/// Both.
pub const ENGINES: [Engine; 2] = [Engine::Sqlite, Engine::Postgres];

/// A variable that a campaign or another test set.
#[expect(
    clippy::disallowed_methods,
    reason = "tests have no configuration file"
)]
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// How many rounds a campaign asked for, in `COUNTERSIGN_ROUNDS`.
///
/// # Panics
/// When that is no number.
pub fn rounds(otherwise: usize) -> usize {
    variable("COUNTERSIGN_ROUNDS").map_or(otherwise, |rounds| {
        rounds
            .parse()
            .expect("COUNTERSIGN_ROUNDS is a whole number")
    })
}

/// The line that a campaign keeps.
#[expect(clippy::print_stdout, reason = "campaigns read it")]
pub fn report(result: &Value) {
    println!("{}", json!({ "result": result }));
}

/// A number below `limit`, which is at most 65,536.
///
/// # Panics
/// When the limit is zero.
pub fn below(rng: &dyn Rng, limit: usize) -> usize {
    let mut bytes = [0; 4];
    rng.fill(&mut bytes);
    usize::try_from(u32::from_le_bytes(bytes)).expect("32 bits") % limit
}
