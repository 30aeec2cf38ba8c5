//! Stockade compiles a short, typed hardening profile into everything a self-hosted Docker stack needs to run safely.
//!
//! The pipeline, each stage a folder, each border a type of its own ([`compile`] shows it on one screen):
//!
//! ```text
//!  bytes ──source──▶ nodes ──profile──▶ Profile ─┐
//!  bytes ──source──▶ nodes ──systems──▶ System ──┴─stack──▶ Stack ──controls──▶ Hardened ──backends──▶ Bundle
//!
//!  Bundle ──writer──▶ disk           secrets and certs fill what the bundle only names
//!  whatever is wrong, anywhere ──diagnostics──▶ human text, JSON, SARIF, GitHub annotations
//! ```
//!
//! Everything up to the bundle is pure. Disk, clock and entropy come in at [`cli`] and [`writer`].

// values and findings, used by every stage
pub mod diagnostics;
pub mod values;

// the compiler, in the order in which it runs
pub mod source;

pub mod misplaced;

pub mod profile;
pub mod systems;

pub mod stack;

pub mod controls;

pub mod artifact;
pub mod backends;

pub mod compile;

// the edges
pub mod certs;
pub mod secrets;

pub mod writer;

pub mod cli;
pub mod schema;
