//! What tests of several crates share: databases, a whole service in process, devices with keys.

#![expect(clippy::panic, reason = "a test stops where it goes wrong")]

mod app;
pub mod asserted;
mod attested;
mod call;
mod database;
mod device;
pub mod google;
mod installed;
mod issuer;
mod issuer_key;
mod phone;
pub mod redis;
mod rng;
mod rounds;
mod rows;
mod server;

pub use app::TestApp;
pub use attested::{Asked, Platforms};
pub use call::{Answer, Call};
pub use countersign_client as client;
pub use countersign_storage::Engine;
pub use countersign_test_authority::{Key as PlatformKey, play_integrity::PlayConsole};
pub use database::TestDatabase;
pub use device::TestDevice;
pub use installed::{installed, installed_from_pypi, run};
pub use issuer::{Failure, TestIssuer};
pub use issuer_key::IssuerKey;
pub use phone::{API_URL, Kind, Phone, adopted_pair};
pub use redis::TestRedis;
pub use rng::SeededRng;
pub use rounds::{ENGINES, below, report, rounds, variable};
pub use rows::Dump;
pub use server::TestServer;

/// Stamps a test onto both engines: `on_both_engines! { async fn name(app: TestApp) { … } }`.
#[macro_export]
macro_rules! on_both_engines {
    ($($(#[$meta:meta])* async fn $name:ident($app:ident: TestApp) $body:block)*) => {$(
        $(#[$meta])*
        mod $name {
            use super::*;

            async fn run($app: $crate::TestApp) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                run($crate::TestApp::start(countersign_storage::Engine::Sqlite).await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                run($crate::TestApp::start(countersign_storage::Engine::Postgres).await).await;
            }
        }
    )*};
}
