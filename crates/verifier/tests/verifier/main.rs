//! The layer from outside: behind real listeners, before a real service or one that misbehaves.

#![cfg(test)]

mod answers;
mod apps;
mod checks;
mod config;
mod conformance;
mod extractor;
mod fake;
mod grpc;
mod layers;
mod leased;
mod logs;
mod presented;
mod relay;
mod scene;
mod service;
mod stub;
mod table;
