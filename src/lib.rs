//! Stockade compiles a short, typed hardening profile into everything a self-hosted Docker stack needs to run safely.
//!
//! The pipeline, each stage a folder, each border a type of its own; `compile.rs` shows it on one screen, and
//! `docs/architecture.md` on one page:
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
//! Everything up to the bundle is pure. Disk, clock and entropy come in at [`run`], which the feature `cli` has; without it the
//! rest is what runs in a browser.

// What only commands use is idle without them.
#![cfg_attr(not(feature = "cli"), allow(dead_code, unused_imports))]

// Each room may import only rooms above it; `tests/arrows.rs` reads the order here.
mod values;

mod embedded;

mod text;

mod diagnostics;

mod yaml;

mod secrets;

#[cfg(feature = "cli")]
mod certs;

mod grammar;

mod format;

mod images;

mod systems;

mod stack;

mod checks;

mod controls;

mod artifact;

mod templates;

mod backends;

mod report;

mod explain;

mod init;

mod schema;

mod inputs;

mod compile;

mod verify;

mod editor;

#[cfg(any(test, not(feature = "cli")))]
pub mod browser;

#[cfg(feature = "cli")]
mod writer;

#[cfg(feature = "cli")]
mod cli;

pub use artifact::{Artifact, Content};
#[cfg(feature = "cli")]
pub use cli::run;
pub use compile::{Bundle, Compiled, Input, compile};
pub use diagnostics::{Diagnostic, Diagnostics, Severity, render};
pub use systems::Own;
pub use text::SourceFile;
pub use yaml::Sources;

/// What only the tests of `tests/` look at; no promise is made of it.
#[doc(hidden)]
pub mod inside {
    pub use crate::artifact::{CertificatePart, Piece, Policy};
    pub use crate::backends::orchestrator::label;
    pub use crate::controls::catalogue;
    pub use crate::diagnostics::codes;
    pub use crate::format::File;
    pub use crate::format::profile::Profile;
    pub use crate::format::system::LintSeverity;
    pub use crate::schema::{ALL as SCHEMAS, of_profile as schema_of_profile};
    pub use crate::values::Cidr;

    /// Certificates.
    #[cfg(feature = "cli")]
    pub mod certs {
        pub use crate::certs::{CertRequest, Description, Names, inspect, issue};
    }
    /// Grammars of files.
    pub mod grammar {
        pub use crate::grammar::{Grammar, Unprintable, print};
    }
    /// The report.
    pub mod report {
        pub use crate::report::{page, schema};
    }
    /// Secrets.
    pub mod secrets {
        #[cfg(feature = "cli")]
        pub use crate::secrets::Marks;
        pub use crate::secrets::{BcryptPrefix, Kind, Request, describe};
    }
    /// Systems.
    pub mod systems {
        pub use crate::systems::{builtin, builtin_templates, builtins, read};
    }
}
