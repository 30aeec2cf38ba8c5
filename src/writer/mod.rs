//! In: a [`Bundle`](crate::compile::Bundle), secrets and certificates to fill it with, a folder. Out: the folder brought
//! up to date, or an account of how it differs. This is the only code that writes to disk.
//!
//! [`fill`] gives every secret a value, [`Plan`] compares the bundle with the folder, [`diff`] shows the difference, and
//! [`apply`] stages and renames.

mod aside;
mod cache;
pub mod certificates;
mod clone;
mod converge;
mod diff;
mod earlier;
mod effect;
mod error;
pub mod exchange;
mod fault;
mod fill;
mod folder;
mod foreign;
mod identity;
mod kinds;
mod lock;
mod locks;
mod marks;
mod plan;
mod render;
mod rewrite;
pub mod sealed;
mod seen;
mod stage;
mod stale;
mod transaction;
pub mod values;

#[cfg(test)]
mod tests;

pub use aside::BEFORE;
pub use cache::Cache;
pub use converge::Change;
pub use diff::{Edit, diff, edits};
pub use effect::Effect;
pub use error::WriteError;
pub use fill::{Chance, Filled, Shared, fill};
pub use folder::{Folder, Found, keep_owner_bits};
pub use foreign::Foreign;
pub use identity::{Choice, Identity, Settled, fits, settle};
pub use kinds::kept;
pub use lock::{LOCK, digest, is_as_written};
pub use plan::{Entry, Loss, Plan};
pub use rewrite::rewrite;
pub use seen::Seen;
pub use stale::Stale;
pub use transaction::{Applied, apply};
