//! The service as its callers see it, on both engines.

mod adopted;
mod bodies;
mod endings;
mod endings_at_once;
mod feed;
mod forward_auth;
mod isolation;
mod jobs;
mod lists;
mod logged_in;
mod main_job;
mod nodes;
mod oauth;
mod operations;
mod proofs;
mod receipts;
mod recognition;
mod redis;
mod refresh;
mod refresh_limits;
mod secrets;
mod sessions;
mod signed;
mod token;
mod unavailable;
mod verify;
