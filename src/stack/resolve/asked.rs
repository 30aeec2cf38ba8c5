//! In: a value that the guide names. Out: whether the one chosen here is another, and weaker.

use crate::diagnostics::{Diagnostic, codes};
use crate::format::profile::Profile;
use crate::format::system::{Asked, System, Weaker};
use crate::stack::{Compared, Scope, cause};
use crate::values::{ByteSize, Duration, Rate, RecommendationId, amounts};
use minijinja::Value;
use minijinja::value::ValueKind;
use std::cmp::Ordering;

/// Compares the value with the guide's; `None` where it does not count here or something is wrong, which was said.
pub(super) fn compare(
    (profile, system): (&Profile, &System),
    scope: &mut Scope,
    id: &RecommendationId,
    asked: &Asked,
) -> Option<Compared> {
    let Asked { when, what, value: expression, guide, weaker } = asked;
    if !scope.holds(when) {
        return None;
    }
    let value = scope.value(&expression.0)?;
    let written = scope.string(guide)?;
    let refuse = |scope: &mut Scope, message: String, help: &str| {
        let place = expression.0.span;
        scope.diagnostics.push_new(Diagnostic::error(codes::INVALID_SYSTEM, message).at(place, "").help(help));
        None
    };
    let order = order(&value, &written);
    // As a profile writes it.
    let chosen = match value.kind() {
        ValueKind::Bool => value.is_true().to_string(),
        _ => value.to_string(),
    };
    let differs = order.map_or(chosen != written, Ordering::is_ne);
    let is_weaker = match (weaker, order) {
        (Weaker::Higher, Some(order)) => order.is_gt(),
        (Weaker::Lower, Some(order)) => order.is_lt(),
        (Weaker::Other, _) => differs,
        (Weaker::These(words), _) => words.iter().any(|word| match self::order(&value, word) {
            Some(order) => order.is_eq(),
            None => *word == chosen,
        }),
        (Weaker::Higher | Weaker::Lower, None) => {
            let (chosen, written) = (chosen.escape_debug(), written.escape_debug());
            let message = format!("`{id}` cannot compare `{chosen}` with the guide's `{written}` by size");
            return refuse(
                scope,
                message,
                "two numbers, sizes, times or rates can be compared; else write `weaker: other` or a list",
            );
        }
    };
    let keys = cause::of_condition(profile, system, &expression.0.value, &mut |word| scope.word(word));
    let key = keys.into_iter().next();
    let is_key = what.is_none();
    // A header has a name of its own, and the profile's line about it another.
    let header = key.as_ref().filter(|key| key.starts_with("proxy.headers.") && profile.said(key).is_some());
    let what = what.as_ref().map(|what| match header {
        Some(key) => format!("{what}, which `{key}` decides,"),
        None => what.to_string(),
    });
    let Some(what) = what.or(key) else {
        let message = format!("`{id}` compares a value that no key of a profile decides, and does not say what it is");
        return refuse(scope, message, "say it: `what: …`");
    };
    Some(Compared { what, is_key, chosen, guide: written, differs, weaker: is_weaker })
}

/// How a value stands to one that is written, where both are numbers, sizes, times or rates.
fn order(value: &Value, written: &str) -> Option<Ordering> {
    match amounts::measure(value) {
        Some((chosen, unit)) => Some(chosen.cmp(&match unit {
            "bytes" => written.parse::<ByteSize>().ok()?.get(),
            "a_day" => amounts::measure(&amounts::rate(written.parse::<Rate>().ok()?))?.0,
            _ => written.parse::<Duration>().ok()?.as_seconds(),
        })),
        None if value.kind() == ValueKind::Number => {
            f64::try_from(value.clone()).ok()?.partial_cmp(&written.parse::<f64>().ok()?)
        }
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Ordering::{Equal, Greater, Less};

    #[test]
    fn numbers_sizes_and_times_are_compared_as_what_they_are() {
        let size = |text: &str| amounts::size(text.parse().unwrap_or_else(|_| panic!("{text} is a size")));
        let rate = |text: &str| amounts::rate(text.parse().unwrap_or_else(|_| panic!("{text} is a rate")));
        let time = |text: &str| amounts::duration(text.parse().unwrap_or_else(|_| panic!("{text} is a time")));
        for (value, written, expected) in [
            (Value::from(9), "100", Some(Less)),
            (Value::from(100), "100", Some(Equal)),
            (Value::from(1.5), "1", Some(Greater)),
            (size("1g"), "512m", Some(Greater)),
            (size("1g"), "1024m", Some(Equal)),
            (time("90m"), "1h30m", Some(Equal)),
            (time("1m"), "15m", Some(Less)),
            (time("1m"), "15", None),
            (size("1m"), "1h", None),
            (rate("1/1m"), "3/15m", Some(Greater)),
            (rate("1/5m"), "3/15m", Some(Equal)),
            (rate("1/5m"), "15m", None),
            (Value::from(true), "1", None),
            (Value::from("9"), "100", None),
        ] {
            assert_eq!(order(&value, written), expected, "{value} and {written}");
        }
    }
}
