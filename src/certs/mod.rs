//! In: the names a stack answers to, a point in time, an entropy source; or PEM texts found in the bundle.
//! Out: a development authority with one server certificate ([`Issued`]), or what is wrong with a certificate and why.
//!
//! Nothing here touches the disk or a clock. Private keys come from `ring`, which draws them from the system itself;
//! serial numbers come from the entropy handed in.

mod authority;
mod describe;
mod error;
mod issue;
mod key;
mod leaf;
mod names;
mod parsed;
mod renewal;
mod request;
mod trust;

pub use describe::{Description, inspect};
pub use error::CertError;
pub use issue::issue;
pub use names::Names;
pub use parsed::KeyType;
pub use renewal::{RenewalReason, lacks, needs_renewal, outlasts};
pub use request::CertRequest;
pub use trust::{Distrust, authority_behind, distrust, distrust_key};

#[cfg(test)]
mod tests;
