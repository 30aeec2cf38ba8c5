//! In: the checks that a bundle's `report.json` carries, and answers of a running host. Out: what each came to, as data, as rows
//! and as findings.
//!
//! Pure: whoever asks the host is handed in.

mod kept;
mod proof;
mod read;
mod result;
#[cfg(test)]
mod tests;

pub use kept::{chapter, kept};
pub use proof::{Answer, Host, Proof, Verdict};
pub use read::{Asked, NotAsked, read};
pub use result::{Counts, Row, data, drift, findings, rows};

use crate::checks::Check;

/// Whether a word names a check: its beginning, a control, a recommendation, what it is about, or its boundary, as the table says
/// it or as programs do.
pub fn is_named(check: &Check, word: &str) -> bool {
    let is = |name: &str| name.eq_ignore_ascii_case(word);
    let begins = check.id.strip_prefix(word).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    begins
        || check.controls.iter().chain(&check.recommendations).any(|name| is(name))
        || is(check.subject.name())
        || is(check.subject.name().trim_start_matches("the "))
        || is(check.boundary.as_str())
        || is(check.boundary.title())
        || is(&result::subject(check))
}
