//! The binary as a user runs it: real processes, real ports, real files.

#![cfg(test)]

mod admin;
mod appraise;
mod bench;
mod config;
mod demo;
mod dev;
mod doctor;
mod drill;
mod key;
mod migrate;
mod process;
mod rules;
mod serve;
