//! Several processes on one database: what an ending that returned has ended, none of them accepts.
//!
//! Each test is short here. The campaigns of `cargo xtask campaign` run the same functions with more
//! rounds, which they set in `COUNTERSIGN_ROUNDS`.

#![cfg(test)]

mod backend;
mod cut_off;
mod failover;
mod faults;
mod history;
mod lane;
mod line;
mod load;
mod postgres;
mod program;
mod reused;
mod rolling;
mod scene;
mod silent;
mod vandal;
mod wire;
