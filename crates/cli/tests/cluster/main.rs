//! Several processes on one database: what an ending that returned has ended, none of them accepts.
//!
//! Each test is short here. The campaigns of `cargo xtask campaign` run the same functions with more
//! rounds, which they set in `COUNTERSIGN_ROUNDS`.

#![cfg(test)]

mod backend;
mod cut_off;
mod history;
mod lane;
mod line;
mod program;
mod scene;
mod wire;
