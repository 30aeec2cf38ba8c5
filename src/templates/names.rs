//! Template names: paths below `templates/` that cannot leave it, and includes that keep to one grammar.

use std::borrow::Cow;

use minijinja::{Error, ErrorKind};

use super::position::MARK;
use crate::grammar::Grammar;

pub(super) const NO_GRAMMAR: &str = "its file name stands for no grammar, so that no value could be escaped; end it as docs/systems.md lists, such as `.yaml.j2`, or take a file without values with `verbatim`; a `.conf`, `.ini`, `.php` or `.properties` file with values can be one secret of kind `text`, mounted where it is read";

/// Put before the name of an include that is not allowed: no template can have such a name.
const REFUSED: char = '\0';

/// Checks that a name is a plain relative path with a known grammar.
pub(super) fn check(name: &str) -> Result<(), String> {
    let plain = |part: &str| !matches!(part, "" | "." | "..") && !part.contains(['\\', ':', '\0']);
    if !name.split('/').all(plain) {
        return Err(format!("`{}` leaves the template folder", name.escape_debug()));
    }
    if Grammar::of(name).is_none() {
        return Err(NO_GRAMMAR.to_owned());
    }
    Ok(())
}

/// The template text, which must pass [`check`] and hold none of the marks that `position` counts.
pub(super) fn load(name: &str, find: impl Fn(&str) -> Option<Cow<'static, str>>) -> Result<Option<String>, Error> {
    let refuse = |cause: String| Err(Error::new(ErrorKind::InvalidOperation, cause));
    if let Some(name) = name.strip_prefix(REFUSED) {
        return refuse(format!(
            "`{}` has another grammar than the file that includes it; end both names alike",
            name.escape_debug()
        ));
    }
    if let Err(cause) = check(name) {
        return refuse(cause);
    }
    match find(name) {
        Some(text) if text.contains(MARK) => refuse(format!("`{name}` holds a NUL character")),
        found => Ok(found.map(Cow::into_owned)),
    }
}

/// An include is named from the root. Its values are escaped for its own name, so that name must mean the grammar of the
/// file they end up in.
pub(super) fn join<'s>(name: &'s str, parent: &'s str) -> Cow<'s, str> {
    if Grammar::of(name) == Grammar::of(parent) { Cow::Borrowed(name) } else { Cow::Owned(format!("{REFUSED}{name}")) }
}
