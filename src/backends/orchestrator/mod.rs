//! In: a hardened stack.
//! Out: the file that an orchestrator starts it from, every enforced line with the controls behind it.

mod compose;
mod confined;
mod inputs;
mod mounts;
mod ports;
mod service;
mod storage;

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod tests;

pub use compose::emit;
pub use inputs::{Inputs, LABEL, PURPOSE, label, seal};

/// Files that Docker Compose reads by itself where one of them lies beside `compose.yaml` (compose-go,
/// `DefaultOverrideFileNames`; `.env` for interpolation and its own settings).
pub const READ_AS_WELL: [&str; 5] = [
    "compose.override.yaml",
    "compose.override.yml",
    "docker-compose.override.yaml",
    "docker-compose.override.yml",
    ".env",
];
pub(super) use storage::{TLS_CERTIFICATE, TLS_KEY, secret_file};
