//! The client against a small server that checks proofs as the real one does.

#![cfg(test)]

mod fake;
mod proofs;
mod refresh;
mod secrets;
mod service;
mod session;
mod setting;
