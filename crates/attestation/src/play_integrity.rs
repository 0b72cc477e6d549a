//! Play Integrity: Google vouches for the app, and for the device that it runs on.
//!
//! Tokens of classic requests are decrypted and verified here with keys from the Play Console
//! ([`appraise_token`]). Those of standard requests only Google can read: its answer is judged in
//! the same way ([`appraise_answer`]), and believed because of the connection that it came by.
//!
//! A verdict is about a request, not about a key: what binds it to a device's key is the nonce or
//! request hash, which is to be made from the transcript that names the key.

mod answer;
mod appraise;
mod keys;
mod payload;
mod policy;
mod refused;
mod token;
mod verdict;

pub use answer::{MAX_ANSWER_BYTES, appraise_answer, appraise_payload};
pub use keys::{InvalidResponseKeys, KeyRing, ResponseKeys};
pub use policy::{App, Binding, Expected, Policy};
pub use refused::Refused;
pub use token::{MAX_TOKEN_BYTES, appraise_token};
pub use verdict::{AppRecognition, DeviceIntegrity, Facts, Licensing, Verdict};
