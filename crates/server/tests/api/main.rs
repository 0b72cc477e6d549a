//! The service as its callers see it, on both engines.

mod main_job;
