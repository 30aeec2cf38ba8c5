//! In: a [`Bundle`](crate::compile::Bundle), secrets and certificates to fill it with, a folder. Out: the folder brought
//! up to date, or an account of how it differs. This is the only code that writes to disk.
//!
//! [`fill`] gives every secret a value, [`Plan`] compares the bundle with the folder, [`diff`] shows the difference, and
//! [`apply`] stages and renames.

mod cache;
mod certificates;
mod diff;
mod effect;
mod error;
mod fill;
mod folder;
mod identity;
mod lock;
mod marks;
mod plan;
mod render;
mod seen;
mod transaction;

#[cfg(test)]
mod tests;

pub use cache::Cache;
pub use diff::diff;
pub use effect::Effect;
pub use error::WriteError;
pub use fill::{Chance, Filled, Shared, fill};
pub use folder::{Folder, Found};
pub use identity::{Choice, Identity, Settled, settle};
pub use lock::{LOCK, digest};
pub use plan::{Change, Entry, Loss, Plan, Stale};
pub use seen::Seen;
pub use transaction::{Applied, apply};
