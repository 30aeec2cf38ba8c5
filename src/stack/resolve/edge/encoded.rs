//! Where encoded slashes cannot pass.

use super::location::Rule;
use crate::diagnostics::{Diagnostic, codes};
use crate::format::system::Encoded;
use crate::stack::edge::Location;
use crate::text::Span;

/// Paths in which `%2F` passes and cannot be told from `/`: below a `*`, which means one segment to the application and two
/// to a server that decodes, and below a prefix that is cut off, after which servers write the path anew.
pub(super) fn check(rules: &[Rule], locations: &[Location]) -> Vec<Diagnostic> {
    let passing =
        || locations.iter().filter(|at| at.encoded.contains(&Encoded::Slash) && at.blocked.wished().is_none());
    let mut found = Vec::new();
    for ((path, exact), rule) in rules {
        let at = rule.exact.as_ref().or(rule.prefix.as_ref()).map_or(rule.span, |path| path.span);
        let Some(location) = locations.iter().find(|known| known.exact == *exact && known.path == *path) else {
            continue;
        };
        let slash = location.encoded.contains(&Encoded::Slash) && location.blocked.wished().is_none();
        let inside = |outer: &Location| !outer.exact && outer.path.encloses(path);
        if path.has_wildcard() && (slash || passing().any(inside)) {
            found.push(wrong(
                at,
                format!("`%2F` passes around `{path}`, and `*` would not stand for a segment with one"),
            ));
        } else if slash && location.strip.is_some() {
            found.push(wrong(at, format!("`%2F` cannot pass in `{path}`, whose beginning is cut off")));
        }
    }
    found
}

fn wrong(at: Span, says: String) -> Diagnostic {
    Diagnostic::error(codes::INVALID_SYSTEM, says)
        .at(at, "")
        .help("leave `slash` out of `encoded` there, or list it at paths without `*` and `strip_prefix` alone")
}
