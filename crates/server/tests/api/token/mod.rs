//! The direct door: devices that log in and refresh by themselves.

mod cors;
mod door;
mod exchange;
mod form;
mod issuers;
mod refresh;
mod refused;
mod revoke;
mod settings;
