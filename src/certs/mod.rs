//! In: the names a stack answers to, a point in time, an entropy source; or PEM texts found in the bundle.
//! Out: a development authority with one server certificate ([`Issued`]), further ones under it ([`Authority`]), client
//! certificates ([`client`]), what certificates say ([`facts`]), what is wrong with them and why ([`judge`]).
//!
//! Nothing here touches the disk or a clock. Private keys come from `ring`, which draws them from the system itself;
//! serial numbers come from the entropy handed in.

mod authority;
mod chain;
mod clients;
mod describe;
mod error;
mod issue;
mod key;
mod leaf;
mod names;
mod parsed;
mod renewal;
mod request;
mod signature;
mod trust;
mod under;

pub use chain::{Facts, Flaw, facts, judge, judge_alone};
pub use clients::{client, client_authority};
pub use describe::{Description, inspect};
pub use error::CertError;
pub use issue::issue;
pub use names::Names;
pub use parsed::KeyType;
pub use renewal::{RenewalReason, lacks, needs_renewal, outlasts};
pub use request::{CertRequest, MOST_DAYS};
pub use trust::{Distrust, authority_behind, distrust, distrust_key};
pub use under::{Authority, Pair, is_due, permits};

#[cfg(test)]
mod tests;
