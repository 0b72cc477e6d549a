//! The judgement of requests: which device is this, is it really that device, may it go on?
//!
//! Every door asks the [`Gate`], which asks `countersign_core::decision::decide`. Owns the order
//! of the questions and what of them is answered from memory; writes nothing.

mod front;
mod gate;
pub(crate) mod http;

pub(crate) use front::Front;
pub(crate) use gate::JudgeError;
pub use gate::{Admitted, Gate, Judged, Refused, Request};
