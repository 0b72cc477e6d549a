//! Races and faults: what holds when calls meet, answers are lost and things break.
//!
//! Each test is short here. The campaigns of `cargo xtask campaign` run the same functions with more
//! rounds, which they set in `COUNTERSIGN_ROUNDS`.

mod account;
mod acts;
mod admins;
mod binary;
mod child;
mod crash;
mod disk_full;
mod endings;
mod evidence;
mod feed;
mod interleavings;
mod link;
mod load;
mod lock_order;
mod logins;
mod lost_responses;
mod one_order;
mod outages;
mod place;
mod prepare;
mod rows;
mod side;
mod taken_keys;
mod thief;
mod world;
