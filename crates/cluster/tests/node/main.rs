//! What a node must never do, whatever happens at the same time.

#![cfg(test)]

mod activity;
mod cancellation;
mod denial;
mod interleavings;
mod races;
mod single_flight;
mod staleness;
mod store;
mod task;
