//! Every field of profile and system that takes any text, tried.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use stockade::{Severity, inside};

use super::carrier::{Carrier, File, Outcome, Place};
use super::fields::{self, Form};
use super::seen::Seen;
use super::{deceives, texts};

/// Texts drawn by chance, beside the fixed ones.
const DRAWN: usize = 12;

/// The runs: a proxy, a firewall, and whether the system is the proxy itself.
const RUNS: [(&str, &str, bool); 4] = [
    ("traefik", "nftables", false),
    ("nginx", "iptables", false),
    ("caddy", "firewalld", false),
    ("traefik", "ufw", true),
];

/// Commands that another test runs, what a default is, what chooses among places, and what shows where other fields end.
fn is_kept(place: &Place) -> bool {
    ["/run/0", "/beside/0/0", "/choice/of/0", "/settings/kept/default"].iter().any(|end| place.1.pointer.ends_with(end))
        || ["/KEPT_", "/evidence/"].iter().any(|part| place.1.pointer.contains(part))
}

/// A word that means nothing to anybody, another one for each place.
fn marker(number: usize) -> String {
    format!("mk{number}x")
}

/// Places at which a text may stand that means nothing, and the others. Those that take a marker all together take one alone;
/// what is refused in company is tried by itself.
fn sorted(carrier: &Carrier) -> (Vec<Place>, Vec<Place>) {
    let places = carrier.places().into_iter().filter(|place| !place.1.name.ends_with("KEY") && !is_kept(place));
    // Host names lose their capitals, and parts of the proxy are named after them.
    let named_after = |place: &Place| ["/host", "/extra_hosts/0/name"].iter().any(|end| place.1.pointer.ends_with(end));
    let (apart, rest): (Vec<_>, Vec<_>) =
        places.enumerate().map(|(number, place)| (place, marker(number))).partition(|(place, _)| named_after(place));
    let together = carrier.try_all(&rest.iter().cloned().collect());
    let is_free = |(place, marker): &(Place, String)| {
        together.taken.contains_key(place)
            || !together.at_once.contains(place)
                && carrier.try_all(&BTreeMap::from([(place.clone(), marker.clone())])).refused.is_empty()
    };
    let (free, narrow): (Vec<_>, Vec<_>) = rest.into_iter().partition(is_free);
    let place = |(place, _)| place;
    (free.into_iter().map(place).collect(), narrow.into_iter().chain(apart).map(place).collect())
}

/// The fixed texts, some drawn ones, and long ones.
fn hostile() -> Vec<String> {
    let drawn = texts(DRAWN).into_iter().filter(|text| text.len() < 2000 && !text.trim().is_empty());
    drawn.chain(["a".repeat(65_536), "'".repeat(65_536), "# ".repeat(32_768)]).collect()
}

#[test]
fn what_is_taken_is_read_back_and_nothing_else_changes() {
    let texts = hostile();
    let folder = tempfile::tempdir().expect("a folder");
    let (free, _) = sorted(&Carrier::new("traefik", "nftables", false));
    let mut wrong = Vec::new();
    for (run, (kind, firewall, own_edge)) in RUNS.into_iter().enumerate() {
        let carrier = Carrier::new(kind, firewall, own_edge);
        let there: BTreeSet<Place> = carrier.places().into_iter().collect();
        let free: Vec<&Place> = free.iter().filter(|place| there.contains(place)).collect();
        let mut seen = Seen::default();
        let markers: BTreeMap<Place, String> =
            free.iter().enumerate().map(|(number, place)| ((*place).clone(), marker(number))).collect();
        let plain = carrier.try_all(&markers);
        seen.add(usize::MAX, &plain.compiled, folder.path());
        let mut taken = BTreeMap::new();
        for turn in (run..texts.len()).step_by(RUNS.len()) {
            let mut commands = BTreeSet::new();
            let texts: BTreeMap<Place, String> = plain
                .taken
                .keys()
                .enumerate()
                .map(|(number, place)| {
                    let mut from = (0..texts.len()).map(|step| &texts[(turn + number * 7 + step) % texts.len()]);
                    // The report prints a command once and names it by its number elsewhere.
                    let is_command = ["/verify", "/run"].iter().any(|end| place.1.pointer.ends_with(end));
                    let text = from.find(|text| !is_command || commands.insert(text.trim().to_owned()));
                    (place.clone(), text.expect("there are more texts than commands").clone())
                })
                .collect();
            let outcome = carrier.try_all(&texts);
            seen.add(turn, &outcome.compiled, folder.path());
            taken.insert(turn, outcome);
        }
        seen.finish(folder.path());
        let expected = seen.trees.remove(&usize::MAX).expect("it was added first");
        for (turn, outcome) in &taken {
            for (path, tree) in &seen.trees[turn] {
                let change = Change {
                    markers: &plain.taken,
                    outcome,
                    document: path.ends_with(".md") || path.ends_with(".html"),
                };
                if let Some(difference) = change.between(&expected[path], tree) {
                    wrong.push(format!("{kind}, {turn}: {path}: {difference}"));
                }
            }
            assert_eq!(expected.len(), seen.trees[turn].len());
            wrong.extend(outcome.strays.iter().map(|stray| format!("{kind}, {turn}: {stray}")));
        }
    }
    assert!(wrong.is_empty(), "{}: {:#?}", wrong.len(), wrong.iter().take(60).collect::<Vec<_>>());
}

/// Ports, sizes, names of other parts, conditions: they take next to nothing, and nothing that a file could misread.
#[test]
fn what_is_of_a_narrow_type_is_refused_at_its_place() {
    let texts = hostile();
    let carrier = Carrier::new("traefik", "nftables", false);
    let (_, narrow) = sorted(&carrier);
    let mut wrong = Vec::new();
    for turn in (0..texts.len()).step_by(4) {
        let tried: BTreeMap<Place, String> = narrow
            .iter()
            .enumerate()
            .map(|(number, place)| (place, &texts[(turn + number * 7) % texts.len()]))
            .filter(|(place, text)| place.1.form != Form::Expression || !is_constant(text))
            .map(|(place, text)| (place.clone(), text.clone()))
            .collect();
        let outcome = carrier.try_all(&tried);
        wrong.extend(outcome.strays);
        for ((_, field), text) in outcome.taken {
            // Expressions of a variant that is not chosen are not computed.
            let waits = field.pointer.starts_with("/variants/") && (text.contains("{{") || text.contains("{%"));
            if !is_harmless(&text) && field.form != Form::Expression && !waits {
                wrong.push(format!("{} is {text:?}", field.pointer));
            }
        }
    }
    assert!(wrong.is_empty(), "{}: {:#?}", wrong.len(), wrong.iter().take(20).collect::<Vec<_>>());
}

/// Names that a file gives its own parts.
#[test]
fn no_name_is_hostile() {
    let texts = hostile();
    let carrier = Carrier::new("traefik", "nftables", false);
    let mut wrong = Vec::new();
    for (number, place) in carrier.places().iter().filter(|place| place.1.name.ends_with("KEY")).enumerate() {
        for text in texts.iter().skip(number % 5).step_by(5) {
            let compiled = carrier.rename(place, text);
            let refused = compiled.bundles.is_empty();
            let placed = compiled.diagnostics.iter().any(|it| it.severity == Severity::Error && it.primary().is_some());
            if !(refused && placed || is_harmless(text)) {
                wrong.push(format!("{} {} is {text:?}", place.1.name, place.1.pointer));
            }
        }
    }
    assert!(wrong.is_empty(), "{}: {:#?}", wrong.len(), wrong.iter().take(20).collect::<Vec<_>>());
}

/// Whether a text can be an expression without any name, which is rightly taken.
fn is_constant(text: &str) -> bool {
    let text = text.trim();
    text.starts_with(|c: char| c.is_ascii_digit() || "\"'[({-".contains(c)) || text == "true"
}

fn is_harmless(text: &str) -> bool {
    text.len() < 100 && text.chars().all(|c| c.is_ascii_alphanumeric() || "_-.:/, ~*".contains(c))
}

/// Fields without an instance in a carrier, and why.
const ELSEWHERE: &[(&str, &str)] = &[
    ("system Outcome.evidence[]", "chooses among the places of an answer, and is printed nowhere"),
    ("profile Tls.email", "profile.rs gives it to Caddy and Traefik"),
    ("profile ClientCertificates.sites[]", "must be a site of the systems"),
    ("profile Part.variant", "as `variant` of one system"),
    ("profile Host.role", "must be a role of the system"),
    ("profile Secrets.fetch[]", "words of a command that `secrets open` alone runs, without a shell; printed nowhere"),
    ("profile .hosts.KEY", "a host's name"),
];

/// A new field is red until a carrier has it.
#[test]
fn every_field_that_takes_any_text_is_tried() {
    let tried: BTreeSet<String> = [false, true]
        .iter()
        .flat_map(|own_edge| Carrier::new("traefik", "nftables", *own_edge).places())
        .filter(|place| !is_kept(place))
        .map(|(file, field)| format!("{} {}", if file == File::Profile { "profile" } else { "system" }, field.name))
        .collect();
    let mut wanted = BTreeSet::new();
    for (name, file) in [("profile", inside::File::Profile), ("system", inside::File::System)] {
        wanted.extend(fields::all(&fields::schema(file)).into_iter().map(|field| format!("{name} {field}")));
    }
    let elsewhere: BTreeSet<String> = ELSEWHERE.iter().map(|(name, _)| (*name).to_owned()).collect();
    let missing: Vec<_> = wanted.iter().filter(|name| !tried.contains(*name) && !elsewhere.contains(*name)).collect();
    assert!(missing.is_empty(), "nobody tries a hostile text in {missing:#?}");
    let stale: Vec<_> = elsewhere.iter().filter(|name| tried.contains(*name) || !wanted.contains(*name)).collect();
    assert!(stale.is_empty(), "there is no such field, or it is tried: {stale:#?}");
    assert!(wanted.len() > 150, "{} fields", wanted.len());
}

/// From markers to the texts in their places.
struct Change<'a> {
    markers: &'a BTreeMap<Place, String>,
    outcome: &'a Outcome,
    document: bool,
}

impl Change<'_> {
    /// Where `found` is not `plain` with the texts put in.
    fn between(&self, plain: &Value, found: &Value) -> Option<String> {
        match (plain, found) {
            (Value::Object(a), Value::Object(b)) => {
                if a.len() != b.len() {
                    return Some(format!("{} keys became {}", a.len(), b.len()));
                }
                a.iter().find_map(|(key, a)| match b.get(key) {
                    Some(b) => self.between(a, b).map(|said| format!("{key}: {said}")),
                    None => Some(format!("`{key}` is gone")),
                })
            }
            (Value::Array(a), Value::Array(b)) => {
                let first = a.iter().zip(b).find_map(|(a, b)| self.between(a, b));
                first.or_else(|| (a.len() != b.len()).then(|| format!("{} items became {}", a.len(), b.len())))
            }
            (Value::String(a), Value::String(b)) => {
                // What a command prints as JSON is compared as JSON.
                if let (Some(a), Some(b)) = (list(a), list(b)) {
                    return self.between(&a, &b);
                }
                let wanted = [self.put(a, false), self.put(a, true)];
                let same = |wanted: &String| match (self.document, b.strip_suffix('…')) {
                    // The drawing shortens names.
                    (true, Some(short)) => squashed(wanted).starts_with(&squashed(short)),
                    (true, None) => squashed(wanted) == squashed(b),
                    // Compose prints what it read ready to be read again, and crossplane leaves escapes as they are.
                    (false, _) => [b.clone(), b.replace("$$", "$"), b.replace("\\\\", "\\")].contains(wanted),
                };
                let short = |text: &str| text.chars().take(120).collect::<String>();
                (!wanted.iter().any(same))
                    .then(|| format!("{:?} with {:?} became {:?}", short(a), short(&wanted[0]), short(b)))
            }
            _ => (plain != found).then(|| {
                format!(
                    "{} became {}",
                    plain.to_string().chars().take(200).collect::<String>(),
                    found.to_string().chars().take(200).collect::<String>()
                )
            }),
        }
    }

    /// A text with every marker replaced by what stands there now.
    fn put(&self, plain: &str, trimmed: bool) -> String {
        let mut rest = plain;
        let mut out = String::new();
        while let Some(at) = rest.find("mk") {
            let end = rest[at..].find('x').map_or(rest.len(), |end| at + end + 1);
            let place = self.markers.iter().find(|(_, marker)| **marker == rest[at..end]).map(|(place, _)| place);
            out.push_str(&rest[..at]);
            match place.map(|place| self.outcome.taken.get(place).map(String::as_str).ok_or(place)) {
                Some(Ok(text)) if trimmed => out.push_str(text.trim()),
                Some(Ok(text)) => out.push_str(text),
                // Refused: it is as it was.
                Some(Err(place)) => out.push_str(&self.outcome.before[place]),
                None => out.push_str(&rest[at..end]),
            }
            rest = &rest[end..];
        }
        out + rest
    }
}

/// The list that a text holds as JSON.
fn list(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok().filter(Value::is_array)
}

/// What of a text shows on a page: no blanks, and nothing that is shown by its code point.
fn squashed(text: &str) -> String {
    let mut rest = text;
    let mut out = String::new();
    while let Some(c) = rest.chars().next() {
        let escape = rest.strip_prefix("\\u{").and_then(|after| after.find('}').map(|end| end + 4));
        match escape {
            Some(end) if end <= 10 => rest = &rest[end..],
            _ => {
                if is_shown(c) {
                    out.push(c);
                }
                rest = &rest[c.len_utf8()..];
            }
        }
    }
    out
}

/// Whether a document shows a character as itself.
fn is_shown(c: char) -> bool {
    !c.is_whitespace() && !deceives(c) && c != '`'
}
