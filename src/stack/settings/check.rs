//! Lists and records of settings, down to single values.

use super::SettingType;
use super::scalar;
use crate::diagnostics::nearest_or_allowed;
use crate::format::system::{Field, Given};
use crate::text::{Span, Spanned};
use crate::values::Invalid;
use minijinja::Value;
use std::collections::BTreeMap;

/// Items of one list.
const ITEMS: usize = 1024;
/// Records of one list: systems make something of each.
const RECORDS: usize = 512;

/// Something wrong in a setting, at the part that is wrong.
#[derive(Debug)]
pub(super) struct Problem {
    /// The field of a record it is in, with those around it.
    pub(super) within: Option<String>,
    /// Where.
    pub(super) span: Span,
    /// What.
    pub(super) reason: String,
    /// The way out.
    pub(super) help: Option<String>,
    /// The word that is written, and those it may be.
    pub(super) words: Option<(String, Vec<String>)>,
}

/// What an expression sees, or everything that is wrong.
pub(super) type Typed = Result<Value, Vec<Problem>>;

type Fields = BTreeMap<Spanned<String>, Field>;

/// A value of a type; `null` where that is allowed.
pub(super) fn value(kind: &SettingType, given: &Spanned<Given>, may_be_null: bool) -> Typed {
    if may_be_null && given.is_null() {
        return Ok(Value::from(()));
    }
    let text = SettingType::Text { max_length: 0, without: String::new() };
    match kind {
        SettingType::Records { fields, unique } => records(fields, unique, given),
        SettingType::Items { of } => list(given, |item| value(of, item, false)),
        SettingType::Origins => list(given, |item| {
            single(&text, item)
                .and_then(|text| scalar::origin(&text).map_err(|invalid| vec![problem(item.span, invalid)]))
        }),
        SettingType::List { max_length, without } => {
            let text = SettingType::Text { max_length: *max_length, without: without.clone() };
            list(given, |item| value(&text, item, false))
        }
        kind => {
            let text = single(kind, given)?;
            scalar::value(kind, &text, &given.value).map_err(|invalid| {
                let words = if let SettingType::Choice { of } = kind { Some((text, of.clone())) } else { None };
                vec![Problem { words, ..problem(given.span, invalid) }]
            })
        }
    }
}

fn problem(span: Span, Invalid { reason, help }: Invalid) -> Problem {
    Problem { within: None, span, reason, help, words: None }
}

fn refuse<T>(span: Span, reason: impl Into<String>, help: impl Into<String>) -> Result<T, Vec<Problem>> {
    Err(vec![Problem { within: None, span, reason: reason.into(), help: Some(help.into()), words: None }])
}

/// The text of a single value.
fn single(kind: &SettingType, given: &Spanned<Given>) -> Result<String, Vec<Problem>> {
    use serde_json::Value as Json;
    match (&given.value, kind) {
        (Given::Value(Json::Null), _) => refuse(given.span, "it has no value", "write a value, or leave the line out"),
        (Given::Value(Json::Bool(_)), kind) if is_text(kind) => {
            refuse(given.span, "a text is wanted", "put quotes around it")
        }
        (Given::Value(Json::String(text)), SettingType::Integer { .. } | SettingType::Number { .. })
            if text.parse::<f64>().is_ok() =>
        {
            refuse(given.span, "a number is wanted", format!("remove the quotes: `{text}`"))
        }
        (Given::Value(Json::String(text)), _) => Ok(text.clone()),
        (Given::Number(text), kind) => spelled(kind, text).map_err(|invalid| vec![problem(given.span, invalid)]),
        (Given::Value(other), _) => Ok(other.to_string()),
        (Given::List(_), _) => {
            refuse(given.span, "one value is wanted, not several", "write the value without brackets")
        }
        (Given::Record(_), _) => refuse(given.span, "one value is wanted, not a record", "write the value alone"),
    }
}

/// Whether values are texts that may look like `true`.
const fn is_text(kind: &SettingType) -> bool {
    use SettingType as It;
    matches!(kind, It::Text { .. } | It::Email | It::Name | It::HeaderName | It::Domain)
}

/// A number as the type wants it: a text keeps its spelling, a number has one alone.
fn spelled(kind: &SettingType, text: &str) -> Result<String, Invalid> {
    let counts = matches!(
        kind,
        SettingType::Integer { .. }
            | SettingType::Number { .. }
            | SettingType::Duration
            | SettingType::Size { .. }
            | SettingType::Port
            | SettingType::Group
    );
    if counts {
        crate::values::no_leading_zero(text)?;
    }
    let whole = crate::yaml::whole_number(text).filter(|_| counts);
    Ok(whole.map_or_else(|| text.to_owned(), |number| number.to_string()))
}

fn list(given: &Spanned<Given>, item: impl Fn(&Spanned<Given>) -> Typed) -> Typed {
    let Given::List(items) = &given.value else {
        return refuse(given.span, "a list is wanted", "write `[first, second]`");
    };
    few(items, ITEMS)?;
    all(items.iter().map(item)).map(Value::from)
}

/// Refuses what is too much at the first item that is.
fn few(items: &[Spanned<Given>], most: usize) -> Result<(), Vec<Problem>> {
    match items.get(most) {
        Some(beyond) => refuse(beyond.span, format!("the list has more than {most} entries"), "name fewer"),
        None => Ok(()),
    }
}

/// Everything, or everything that is wrong.
fn all(results: impl Iterator<Item = Typed>) -> Result<Vec<Value>, Vec<Problem>> {
    let (mut values, mut problems) = (Vec::new(), Vec::new());
    for result in results {
        match result {
            Ok(value) => values.push(value),
            Err(found) => problems.extend(found),
        }
    }
    if problems.is_empty() { Ok(values) } else { Err(problems) }
}

fn records(fields: &Fields, unique: &[Spanned<String>], given: &Spanned<Given>) -> Typed {
    let Given::List(items) = &given.value else {
        return refuse(given.span, "a list of records is wanted", "begin each record with `- `");
    };
    few(items, RECORDS)?;
    let records = all(items.iter().map(|item| record(fields, item)))?;
    let mut problems = Vec::new();
    for field in unique {
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        for (at, record) in records.iter().enumerate() {
            let value = record.get_attr(&field.value).unwrap_or_default();
            if value.is_none() {
                continue;
            }
            if let Some(first) = seen.insert(value.to_string().to_lowercase(), at) {
                let part = crate::format::system::Part::Key(field.value.clone());
                problems.push(Problem {
                    within: Some(field.value.clone()),
                    span: items[at].value.place(&[part], items[at].span),
                    reason: format!("record {} says `{value}` as well", first + 1),
                    help: Some("give every record a value of its own here".to_owned()),
                    words: None,
                });
            }
        }
    }
    if problems.is_empty() { Ok(Value::from(records)) } else { Err(problems) }
}

fn record(fields: &Fields, given: &Spanned<Given>) -> Typed {
    let names = || fields.keys().map(|name| name.value.as_str());
    let Given::Record(entries) = &given.value else {
        let first = names().next().unwrap_or("key");
        return refuse(
            given.span,
            "a record is wanted",
            format!("write `- {first}: …` with the other fields below it"),
        );
    };
    let mut problems = Vec::new();
    for (key, _) in entries {
        if !names().any(|known| known == key.value) {
            let reason = format!("there is no field `{}`", key.value.escape_debug());
            let help = Some(nearest_or_allowed(&key.value, names()));
            problems.push(Problem { within: None, span: key.span, reason, help, words: None });
        }
    }
    let mut values = BTreeMap::new();
    for (name, field) in fields {
        let written = entries.iter().find(|(key, _)| key.value == name.value).map(|(_, value)| value);
        let found = match (written, &field.default) {
            (Some(given), default) => {
                value(&field.kind, given, default.as_ref().is_some_and(|default| default.is_null()))
            }
            (None, Some(default)) => value(&field.kind, default, true),
            (None, None) => {
                refuse(given.span, format!("the record has no `{}`", name.value), format!("add it: {}", field.purpose))
            }
        };
        match found {
            Ok(value) => {
                values.insert(name.value.clone(), value);
            }
            Err(found) => problems.extend(found.into_iter().map(|problem| Problem {
                within: match problem.within {
                    Some(inner) => Some(format!("{}.{inner}", name.value)),
                    None => written.is_some().then(|| name.value.clone()),
                },
                ..problem
            })),
        }
    }
    if problems.is_empty() { Ok(Value::from_pairs(values)) } else { Err(problems) }
}
