//! Settings of every shape, right and wrong.
#![allow(clippy::unwrap_used)]

use super::check;
use crate::format::system::{Given, SettingType};
use crate::text::{SourceFile, Spanned};
use crate::yaml::{Sources, read_as};

#[derive(serde::Deserialize)]
struct Case {
    #[serde(rename = "type")]
    kind: SettingType,
    value: Spanned<Given>,
}

/// What an expression sees as JSON, or each problem with its line.
fn judge(text: &str) -> Result<serde_json::Value, Vec<String>> {
    let mut sources = Sources::new();
    let id = sources.add(SourceFile::new("case", text));
    let decoded = read_as::<Case>(&sources, id);
    let case = decoded.value.unwrap_or_else(|| panic!("{:?}", decoded.diagnostics));
    check::value(&case.kind, &case.value, false).map(|value| serde_json::to_value(value).unwrap()).map_err(|found| {
        let file = sources.get(id).unwrap();
        found.iter().map(|it| format!("{} {}", file.position(it.span.start).line, it.reason)).collect()
    })
}

const ROUTES: &str = "type:
  records:
    unique: [host]
    fields:
      host: {purpose: Its name., type: domain}
      to: {purpose: Where it goes., type: {items: {of: endpoint}}}
      strict: {purpose: Whether., type: boolean, default: true}
      note: {purpose: For people., type: {text: {max_length: 9}}, default: null}
value:
";

#[test]
fn records_get_their_defaults() {
    let found = judge(&format!("{ROUTES}  - host: A.example.com\n    to: [wiki:80, '[fd00::1]:81']\n"));
    let wanted = serde_json::json!([
        {"host": "a.example.com", "to": ["wiki:80", "[fd00::1]:81"], "strict": true, "note": null}
    ]);
    assert_eq!(found, Ok(wanted));
}

#[test]
fn every_mistake_of_a_record_has_its_own_place() {
    let found = judge(&format!(
        "{ROUTES}  - host: a.example.com\n    to: [wiki]\n    strict: maybe\n  - {{hots: b.example.com, to: [b:1]}}\n"
    ));
    let wanted = [
        "11 it has no port",
        "12 this is neither true nor false",
        "13 there is no field `hots`",
        "13 the record has no `host`",
    ];
    let mut found = found.unwrap_err();
    found.sort();
    assert_eq!(
        found,
        wanted
            .map(str::to_owned)
            .into_iter()
            .collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .collect::<Vec<_>>()
    );
}

#[test]
fn unique_fields_are_unique_whatever_their_case() {
    let found = judge(&format!("{ROUTES}  - {{host: a.example.com, to: []}}\n  - {{host: A.example.com, to: []}}\n"));
    assert_eq!(found, Err(vec!["11 record 1 says `a.example.com` as well".to_owned()]));
}

#[test]
fn a_number_stays_one() {
    assert_eq!(judge("type: {number: {min: 0, max: 2}}\nvalue: 0.7\n"), Ok(serde_json::json!(0.7)));
    assert_eq!(judge("type: {number: {min: 0, max: 2}}\nvalue: 2\n"), Ok(serde_json::json!(2)));
}

#[test]
fn records_within_records_are_judged_like_others() {
    const NESTED: &str = "type:
  records:
    fields:
      host: {purpose: Its name., type: domain}
      headers:
        purpose: Its headers.
        type:
          records:
            unique: [name]
            fields:
              name: {purpose: Its name., type: header-name}
              value: {purpose: Its value., type: {text: {max_length: 9}}, default: null}
        default: []
value:
";
    let found = judge(&format!("{NESTED}  - host: a.example.com\n    headers: [{{name: X-A}}]\n"));
    let wanted = serde_json::json!([{"host": "a.example.com", "headers": [{"name": "X-A", "value": null}]}]);
    assert_eq!(found, Ok(wanted));
    let found = judge(&format!(
        "{NESTED}  - host: a.example.com\n    headers:\n      - {{name: X-A}}\n      - {{name: x-a}}\n"
    ));
    assert_eq!(found, Err(vec!["18 record 1 says `x-a` as well".to_owned()]));
}

#[test]
fn shapes_are_not_mixed_up() {
    assert!(judge("type: boolean\nvalue: [true]\n").is_err());
    assert!(judge("type: {list: {max_length: 9}}\nvalue: one\n").is_err());
    assert!(judge(&format!("{ROUTES}  host: a.example.com\n")).is_err());
    assert!(judge("type: {items: {of: cidr}}\nvalue: [10.0.0.0/8, {a: b}]\n").is_err());
}

#[test]
fn single_values_are_what_they_say() {
    for (kind, good, bad) in [
        ("endpoint", "10.0.0.5:8006", "10.0.0.5"),
        ("endpoint", "nas.lan:443", "http://nas:80"),
        ("endpoint", "'[::1]:80'", "'::1:80'"),
        ("email", "Anna.B+x@example.com", "anna@"),
        ("email", "a@b.example", "'a b@example.com'"),
        ("address", "10.8.0.1", "10.8.0.0/24"),
        ("cidr", "10.8.0.0/24", "10.8.0.1/24"),
        ("name", "second_account", "second-account"),
        ("name", "groq2", "true"),
        ("header-name", "X-Api-Key", "X Api Key"),
        ("{number: {min: 0, max: 2}}", "0.7", "2.1"),
        ("{number: {min: 0, max: 2}}", "2", "much"),
        ("{number: {min: -1, max: 1}}", "-0.5", "-.inf"),
    ] {
        let of = |value: &str| judge(&format!("type: {kind}\nvalue: {value}\n"));
        assert!(of(good).is_ok(), "{kind} {good}: {:?}", of(good));
        assert!(of(bad).is_err(), "{kind} {bad}");
    }
}

#[test]
fn lists_end_where_their_bound_is() {
    for (kind, most) in [("items: {of: port}", 1024), ("list: {max_length: 9}", 1024), ("records: {fields: {}}", 512)] {
        let item = if kind.starts_with("records") { "{}" } else { "1" };
        let of = |n: usize| judge(&format!("type: {{{kind}}}\nvalue: [{}]\n", vec![item; n].join(", ")));
        assert!(of(most).is_ok(), "{kind}: {:?}", of(most));
        assert_eq!(of(most + 1), Err(vec![format!("2 the list has more than {most} entries")]), "{kind}");
    }
}

#[test]
fn a_text_keeps_the_spelling_of_a_number_and_a_number_has_one_alone() {
    for (kind, value, wanted) in [
        ("{text: {max_length: 9}}", "1.10", serde_json::json!("1.10")),
        ("{text: {max_length: 9}}", "1e3", serde_json::json!("1e3")),
        ("{text: {max_length: 9}}", "0x1F", serde_json::json!("0x1F")),
        ("{text: {max_length: 9}}", "010", serde_json::json!("010")),
        ("{choice: {of: ['1.10', '1.1']}}", "1.10", serde_json::json!("1.10")),
        ("{list: {max_length: 9}}", "[1.0, 2]", serde_json::json!(["1.0", "2"])),
        ("{integer: {min: 0, max: 99}}", "0x1F", serde_json::json!(31)),
        ("{integer: {min: 0, max: 99}}", "+7", serde_json::json!(7)),
        ("{number: {min: 0, max: 9999}}", "1e3", serde_json::json!(1000.0)),
        ("port", "443", serde_json::json!(443)),
    ] {
        assert_eq!(judge(&format!("type: {kind}\nvalue: {value}\n")), Ok(wanted), "{kind} {value}");
    }
    for (value, wanted) in [
        ("99999999999999999999999", "2 this is no whole number from 1 to 50"),
        ("1.5", "2 this is no whole number from 1 to 50"),
        ("010", "2 `010` begins with a zero, which some readers take for a number to the base 8"),
    ] {
        let found = judge(&format!("type: {{integer: {{min: 1, max: 50}}}}\nvalue: {value}\n"));
        assert_eq!(found, Err(vec![wanted.to_owned()]));
    }
}
