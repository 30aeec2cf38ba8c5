//! Stockade compiles a short, typed hardening profile into everything a self-hosted Docker stack needs to run safely.

pub mod artifact;
pub mod backends;
pub mod certs;
pub mod cli;
pub mod compile;
pub mod controls;
pub mod diagnostics;
pub mod profile;
pub mod schema;
pub mod secrets;
pub mod source;
pub mod stack;
pub mod systems;
pub mod values;
pub mod writer;
