//! In: what was seen of the host, what can be set up, and answers from three sources: `--set`, an answers file, a terminal.
//! Out: the open question, and in the end the text of a profile.
//!
//! Questions are data; one parser judges every answer with the types of `values/`. Nothing here reads a disk or asks a person.

mod answers;
mod change;
mod defaults;
mod facts;
mod fault;
mod file;
mod key;
mod offer;
mod profile;
mod questions;
mod value;
mod wizard;
mod words;

#[cfg(test)]
mod tests;

pub use answers::Answers;
pub use change::{changed, current};
pub use defaults::Proposed;
pub use facts::{Engine, Facts, Peer, Route, Vpn};
pub use file::{AnswersFile, answers as answers_of};
pub use key::Key;
pub use offer::Offer;
pub use profile::Draft;
pub use questions::{Form, Open};
pub use value::{Place, Value};
pub use wizard::Wizard;
