//! Whether devices are as their operator wants them.

pub mod version;
