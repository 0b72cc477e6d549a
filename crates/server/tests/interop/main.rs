//! Devices that use other people's `DPoP` libraries, against the real server over TCP.
//!
//! npm `dpop` and `PyPI` `requests-oauth2client`, each at the version its lock names, make keys,
//! proofs and calls; the test plays the app's backend. What they make is accepted, and what is
//! made of it by changing one thing is refused with its code. npm `oauth4webapi`, `PyPI`
//! `requests-oauth2client` and our own client come without a backend.

mod accepted;
mod direct;
mod install;
mod library;
mod mutations;
mod refused;
mod refused_requests;
mod service;

/// Stamps a test onto both libraries.
macro_rules! with_both_libraries {
    ($($(#[$doc:meta])* $name:ident => $run:path;)*) => {$(
        mod $name {
            use crate::library::Library;

            $(#[$doc])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn of_npm_dpop() {
                $run(Library::start(crate::install::npm_dpop())).await;
            }

            $(#[$doc])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn of_pypi_requests_oauth2client() {
                $run(Library::start(crate::install::pypi_requests_oauth2client())).await;
            }
        }
    )*};
}

with_both_libraries! {
    a_device_logs_in_calls_and_refreshes => crate::accepted::everyday;
    a_device_repeats_with_the_nonce_it_is_asked_for => crate::accepted::always_nonces;
    a_proof_of_before_a_restart_needs_a_nonce => crate::accepted::restarted;
    a_changed_proof_is_refused_with_its_code => crate::refused::changed_proofs;
    a_proof_sent_otherwise_is_refused_with_its_code => crate::refused_requests::sent_otherwise;
}
