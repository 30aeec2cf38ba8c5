//! In: findings about unknown keys, the file's tree and the schema of what it should be.
//! Out: the same findings, whose way out names the place where the key belongs, or what stands in its place here.

mod compose;
mod places;

use crate::diagnostics::{Diagnostic, Diagnostics, codes};
use crate::source::{Node, Step, route_at};
use schemars::Schema;

/// Said of what a profile cannot change.
const IN_THE_SYSTEM: &str = "the system file says this, not the profile; one of your own can say it";

/// Which file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum File {
    /// A profile.
    Profile,
    /// A system file.
    System,
}

impl File {
    fn other(self) -> (Self, &'static str) {
        match self {
            Self::Profile => (Self::System, IN_THE_SYSTEM),
            Self::System => (Self::Profile, "the profile says this, not the system file"),
        }
    }
}

/// Says of each key that is not known where it is known.
pub fn explain(found: Diagnostics, root: &Node, file: File, schema: impl Fn(File) -> Schema) -> Diagnostics {
    if !found.iter().any(|finding| finding.code == codes::UNKNOWN_KEY) {
        return found;
    }
    let own = places::all(schema(file).as_value());
    let (other, words) = file.other();
    let others = places::all(schema(other).as_value());
    let say = |finding: Diagnostic| {
        let Some(label) = finding.primary().filter(|_| finding.code == codes::UNKNOWN_KEY) else { return finding };
        let route = route_at(root, label.span.start);
        let Some((Step::Key(key), parent)) = route.steps().split_last() else { return finding };
        let at_home = || places::known(&others, parent, key).then(|| words.to_owned());
        let way = compose::way_out(file, parent, key)
            .or_else(|| places::nearest(&own, parent, key).map(|ways| format!("write it as {ways}")))
            .or_else(at_home);
        match (way, finding.help.as_deref()) {
            (None, _) => finding,
            // A slip of the pen is as likely as a wrong place.
            (Some(way), Some(guess)) if guess.starts_with("did you mean") => {
                let help = format!("{guess} If `{key}` is meant: {way}");
                finding.help(help)
            }
            (Some(way), _) => finding.help(way),
        }
    };
    found.into_iter().map(say).collect()
}

#[cfg(test)]
mod tests;
