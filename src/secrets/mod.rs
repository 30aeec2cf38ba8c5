//! In: what secrets a stack names ([`Request`]), the values found in the bundle ([`Existing`]), an entropy source.
//! Out: a value for every name ([`Filled`]), what the operator still has to bring, or why a value will not do.
//!
//! Nothing here touches the disk: the writer reads files into [`Existing`] and writes what [`Filled`] says was created.
//! **Files hold the bare value, without a trailing newline**, because most applications read a secret file raw and a
//! newline would become part of the password.
//!
//! Without the feature `cli` only what secrets are called is here: a page in a browser makes none and sees none.

mod bounded;
#[cfg(feature = "cli")]
mod derive;
#[cfg(feature = "cli")]
pub mod dotenv;
#[cfg(feature = "cli")]
mod entropy;
#[cfg(feature = "cli")]
mod error;
#[cfg(feature = "cli")]
mod fill;
#[cfg(feature = "cli")]
mod generate;
#[cfg(feature = "cli")]
mod inspect;
mod kind;
#[cfg(feature = "cli")]
mod marks;
#[cfg(feature = "cli")]
mod outdated;
#[cfg(feature = "cli")]
mod placeholder;
mod request;
#[cfg(feature = "cli")]
mod secret;
#[cfg(feature = "cli")]
mod supplied;

pub use bounded::Bounded;
pub use kind::{BcryptPrefix, Cost, HtpasswdUser, Kind, MinLength, PasswordLength, Separator, describe};
pub use request::Request;

#[cfg(feature = "cli")]
pub use {
    derive::Progress,
    entropy::{Entropy, EntropyError},
    error::{Flaw, SecretError},
    fill::{Existing, Filled, Missing, Origin, Value, check, fill},
    inspect::inspect,
    marks::{Marks, generation},
    outdated::{Outdated, outdated},
    secret::Secret,
    supplied::{accept, made_of},
};

#[cfg(test)]
pub(crate) use entropy::tests::{Broken, Seeded};
#[cfg(test)]
pub(crate) use kind::RandomBytes;
