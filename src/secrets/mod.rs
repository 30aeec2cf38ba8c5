//! In: what secrets a stack names ([`Request`]), the values found in the bundle ([`Existing`]), an entropy source.
//! Out: a value for every name ([`Filled`]), what the operator still has to bring, or why a value will not do.
//!
//! Nothing here touches the disk: the writer reads files into [`Existing`] and writes what [`Filled`] says was created.
//! **Files hold the bare value, without a trailing newline**, because most applications read a secret file raw and a
//! newline would become part of the password.

mod bounded;
mod derive;
pub mod dotenv;
mod entropy;
mod error;
mod fill;
mod generate;
mod inspect;
mod kind;
mod marks;
mod outdated;
mod placeholder;
mod secret;
mod supplied;

pub use bounded::Bounded;
pub use derive::Progress;
pub use entropy::{Entropy, EntropyError};
pub use error::{Flaw, SecretError};
pub use fill::{Existing, Filled, Missing, Origin, Request, Value, check, fill};
pub use inspect::inspect;
pub use kind::{BcryptPrefix, Cost, HtpasswdUser, Kind, MinLength, PasswordLength, Separator, describe};
pub use marks::{Marks, generation};
pub use outdated::{Outdated, outdated};
pub use secret::Secret;
pub use supplied::{accept, made_of};

#[cfg(test)]
pub(crate) use entropy::tests::{Broken, Seeded};
#[cfg(test)]
pub(crate) use kind::RandomBytes;
