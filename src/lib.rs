//! Stockade compiles a short, typed hardening profile into everything a self-hosted Docker stack needs to run safely.
//!
//! The pipeline, each stage a folder, each border a type of its own ([`compile`] shows it on one screen):
//!
//! ```text
//!  bytes ──yaml──▶ nodes ──format──▶ Profile ─┐
//!  bytes ──yaml──▶ nodes ──systems──▶ System ─┴─stack──▶ Stack ──controls──▶ Hardened ──backends──▶ Artifacts
//!
//!  Hardened and Artifacts ──report──▶ Report        all of it ──compile──▶ Bundle ──writer──▶ disk
//!  secrets and certs fill what the bundle only names
//!  whatever is wrong, anywhere ──diagnostics──▶ human text, JSON, SARIF, GitHub annotations
//! ```
//!
//! Everything up to the bundle is pure. Disk, clock and entropy come in at [`cli`] and [`writer`].
//!
//! The rooms below stand in order: each may import only those above it, and a test holds them to it.

pub mod values;

pub mod text;

pub mod diagnostics;

pub mod yaml;

pub mod secrets;

pub mod certs;

pub mod grammar;

pub mod format;

pub mod systems;

pub mod stack;

pub mod controls;

pub mod artifact;

pub mod templates;

pub mod backends;

pub mod report;

pub mod schema;

pub mod compile;

pub mod writer;

pub mod cli;
