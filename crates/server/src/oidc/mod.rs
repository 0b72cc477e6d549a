//! The keys of the OpenID Connect issuers that clients trust: found, fetched, kept, renewed.
//!
//! Owns when a key set is fetched and how long it is believed. What an ID token must be is
//! `attestation::id_token`'s; which issuers are trusted, each client's.

mod cache;
mod fetch;

pub(crate) use cache::PublishedKeys;
pub(crate) use fetch::FetchError;
