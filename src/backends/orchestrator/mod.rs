//! In: a hardened stack.
//! Out: the file that an orchestrator starts it from, every enforced line with the controls behind it.

mod compose;
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
pub(super) use storage::{TLS_CERTIFICATE, TLS_KEY};
