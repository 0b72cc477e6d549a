//! What an operator sees of the running service: metrics and one access-log line per request.
//!
//! Nothing here ever holds a token, and an address is cut to its network before it is logged.

pub mod access_log;
pub mod metrics;

pub use metrics::{Metric, Metrics};
