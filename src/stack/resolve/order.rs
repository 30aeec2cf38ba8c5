//! The order in which every server looks at the paths of a site; the first that fits counts.

use crate::stack::Location;

/// Sorts paths: exact before prefix, long before short, named before `*`. What is inside another comes before it, and
/// where two meet that are not one inside the other, as `/admin` and `/*/files` do, the better guarded comes first.
pub fn sort(locations: &mut Vec<Location>) {
    locations.sort_by(|a, b| {
        let long = b.path.as_str().len().cmp(&a.path.as_str().len());
        let named = a.path.has_wildcard().cmp(&b.path.has_wildcard());
        b.exact.cmp(&a.exact).then(long).then(named).then_with(|| a.path.cmp(&b.path))
    });
    let mut left = std::mem::take(locations);
    while !left.is_empty() {
        let is_free = |at: &usize| !left.iter().any(|other| comes_first(other, &left[*at]));
        let next = (0..left.len()).find(is_free).unwrap_or(0);
        locations.push(left.remove(next));
    }
}

fn comes_first(first: &Location, second: &Location) -> bool {
    meet(first, second)
        && match (lies_in(first, second), lies_in(second, first)) {
            (inside, around) if inside != around => inside,
            _ => guard(first) > guard(second),
        }
}

/// How much a path is kept from people.
fn guard(location: &Location) -> (bool, bool, bool) {
    let checked = location.origin.wished().is_some() || location.methods.wished().is_some();
    (location.blocked.wished().is_some(), location.allow.wished().is_some(), checked)
}

fn segments(location: &Location) -> impl Iterator<Item = &str> {
    location.path.as_str().trim_end_matches('/').split('/').skip(1)
}

/// Whether there is a path that both fit.
fn meet(one: &Location, other: &Location) -> bool {
    let alike = segments(one).zip(segments(other)).all(|(a, b)| a == "*" || b == "*" || a.eq_ignore_ascii_case(b));
    let (depth, other_depth) = (segments(one).count(), segments(other).count());
    alike && (!one.exact || other_depth <= depth) && (!other.exact || depth <= other_depth)
}

/// Whether everything that fits `inner` fits `outer`.
fn lies_in(inner: &Location, outer: &Location) -> bool {
    let same_depth = segments(inner).count() == segments(outer).count();
    outer.path.encloses(&inner.path) && (!outer.exact || (inner.exact && same_depth))
}
