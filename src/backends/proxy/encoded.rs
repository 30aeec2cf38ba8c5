//! Characters that stand encoded in a path, as regular expressions over the path as it was sent, to be matched without case.

use crate::format::system::Encoded;
use crate::stack::{Location, Site};

/// Regular expression of what refuses a path as sent, in front of it `^[^?]*` where a query may follow: encoded slashes
/// beside a step `.` or `..`, which an application may resolve and a server does not, or otherwise.
///
/// A step is between slashes, and one of the slashes, or another one, is encoded: in front of it, on its left, on its right,
/// behind it.
pub(super) const HIDDEN_STEPS: &str = concat!(
    "(%2f([^?]*(/|%2f))?(\\.|%2e)(\\.|%2e)?(/|%2f|;|%3b|%3f|%23|\\?|\\z)",
    "|/(\\.|%2e)(\\.|%2e)?(%2f|(/|;|%3b|%3f|%23)[^?]*%2f))"
);

/// The same of a whole path, for an engine that tries again from every place: looked for one after the other, which takes
/// time in proportion to the path. [`HIDDEN_STEPS`] looks from each encoded slash to the end, so that a path of 8 KiB would
/// take a tenth of a second there; engines of finite automata do not mind, and know no look-ahead.
pub(super) const HIDDEN_STEPS_AHEAD: &str =
    "^(?=[^?]*%2f)[^?]*(/|%2f)(\\.|%2e|\\.\\.|\\.%2e|%2e\\.|%2e%2e)(/|%2f|;|%3b|%3f|%23|\\?|\\z)";

/// Regular expression of the encoded characters that a path must not have; `None` where all may.
pub(super) fn refused(location: &Location) -> Option<String> {
    let passes = |one| location.encoded.contains(&one);
    let mut words: Vec<&str> = Vec::new();
    for one in Encoded::ALL.into_iter().filter(|&one| !passes(one)) {
        match one {
            Encoded::Slash => words.push("%2f"),
            Encoded::Hash => words.push("%23"),
            Encoded::QuestionMark => words.push("%3f"),
            Encoded::Semicolon => words.push("%3b"),
            Encoded::Percent if passes(Encoded::Double) => words.push("%25([^0-9a-f]|.[^0-9a-f]|.?\\z)"),
            Encoded::Percent => words.push("%25"),
            Encoded::Double if passes(Encoded::Percent) => words.push("%25[0-9a-f][0-9a-f]"),
            Encoded::Double => {}
        }
    }
    (!words.is_empty()).then(|| format!("({})", words.join("|")))
}

/// What all paths of a site that anybody answers refuse; `None` where they differ.
pub(super) fn common(site: &Site) -> Option<Option<String>> {
    let mut answering = site.locations.iter().filter(|location| !location.blocked.is_set()).map(refused);
    let first = answering.next()?;
    answering.all(|other| other == first).then_some(first)
}
