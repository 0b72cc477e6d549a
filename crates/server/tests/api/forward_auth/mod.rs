//! What proxies ask before they let a request go on: each family in its own words.

mod asked;
mod assertion;
mod forged;
mod refused;
mod told;
