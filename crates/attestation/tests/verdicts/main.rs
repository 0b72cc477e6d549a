//! What is accepted, and what is refused for which reason.

#![expect(
    clippy::unwrap_used,
    reason = "a failing helper fails the test that called it"
)]

mod access_tokens;
mod android;
mod android_apps;
mod android_boot;
mod android_chains;
mod android_curves;
mod android_keys;
mod android_properties;
mod android_roots;
mod android_status;
mod any_bytes;
mod app_assertions;
mod app_attest;
mod app_certificates;
mod app_circumstances;
mod app_macs;
mod app_receipts;
mod certificates;
mod facts;
mod forge;
mod id_tokens;
mod keys;
mod nonces;
mod play_door;
mod play_payloads;
mod play_requests;
mod play_surroundings;
mod play_tokens;
mod posture_reports;
mod proof_checks;
mod proof_circumstances;
mod proof_claims;
mod proof_headers;
mod proof_properties;
mod proof_texts;
mod replays;
mod rfc_9449;
mod urls;
mod webauthn;
mod webauthn_android;
mod webauthn_assertions;
mod webauthn_hardware;
mod webauthn_keys;
mod webauthn_paths;
mod webauthn_statements;
