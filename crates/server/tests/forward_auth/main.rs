//! The real proxies, started from the configurations in `docs/FORWARD_AUTH.md`, in front of an app
//! that notes what it gets, and attacked.
//!
//! A bypass is a request at the app that is not exactly the one the device proved, or that says
//! anything else of the device than Countersign did.

#![expect(clippy::panic, reason = "a test stops where it goes wrong")]
#![expect(
    clippy::print_stdout,
    reason = "how much was tried is part of the result"
)]

mod app;
mod attack;
mod device;
mod document;
mod identity;
mod proxy;
mod requests;
mod service;
mod stage;
mod wire;

use proxy::Kind;

/// One test for each proxy.
macro_rules! in_front_of_the_app {
    ($($name:ident => $kind:expr;)*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            attack::run($kind).await;
        }
    )*};
}

in_front_of_the_app! {
    nginx_lets_nothing_through_that_is_not_proved => Kind::Nginx;
    caddy_lets_nothing_through_that_is_not_proved => Kind::Caddy;
    traefik_lets_nothing_through_that_is_not_proved => Kind::Traefik;
    envoy_lets_nothing_through_that_is_not_proved => Kind::Envoy;
}
