//! What a check expects.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What shows that a claim holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Expect {
    /// This value.
    Equals(Value),
    /// One of these values.
    OneOf(Vec<Value>),
    /// Just these texts, in any order.
    Set(Vec<String>),
    /// None but these texts, perhaps not all of them.
    Within(Vec<String>),
    /// These texts, and perhaps others.
    Holds(Vec<String>),
    /// An object with one of these sets of keys and values, and perhaps others.
    Matches(Vec<Attributes>),
    /// An exit status.
    Status(i32),
    /// An answer of a site.
    Answer {
        /// Its status, where that counts.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        status: Option<u16>,
        /// Headers that it has once, with this value; names in lower case.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        headers: BTreeMap<String, String>,
        /// Headers that it has not.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        absent: Vec<String>,
    },
}

/// Owner and mode of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Attributes {
    /// `UID:GID`; absent, anybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Permission bits in octal.
    pub mode: String,
}

impl Expect {
    /// This value.
    pub fn equals(value: impl Into<Value>) -> Self {
        Self::Equals(value.into())
    }

    /// No text at all.
    pub fn nothing() -> Self {
        Self::Set(Vec::new())
    }

    /// Just these texts.
    pub fn set<T: Into<String>>(texts: impl IntoIterator<Item = T>) -> Self {
        let texts: BTreeSet<String> = texts.into_iter().map(Into::into).collect();
        Self::Set(texts.into_iter().collect())
    }

    /// An answer with this status.
    pub fn status_of(status: u16) -> Self {
        Self::Answer { status: Some(status), headers: BTreeMap::new(), absent: Vec::new() }
    }

    /// An answer with these headers.
    pub fn headers(headers: BTreeMap<String, String>) -> Self {
        Self::Answer { status: None, headers, absent: Vec::new() }
    }

    /// An answer without these headers.
    pub fn without<T: Into<String>>(names: impl IntoIterator<Item = T>) -> Self {
        let absent = names.into_iter().map(|name| name.into().to_ascii_lowercase()).collect();
        Self::Answer { status: None, headers: BTreeMap::new(), absent }
    }

    /// Whether an answer shows it.
    pub fn is_met_by(&self, answer: &Value) -> bool {
        match self {
            Self::Equals(value) => value == answer,
            Self::OneOf(values) => values.contains(answer),
            Self::Set(texts) => list(answer).is_some_and(|found| found == texts.iter().map(String::as_str).collect()),
            Self::Within(texts) => {
                list(answer).is_some_and(|found| found.iter().all(|text| texts.iter().any(|known| known == text)))
            }
            Self::Holds(texts) => {
                list(answer).is_some_and(|found| texts.iter().all(|text| found.contains(text.as_str())))
            }
            Self::Matches(sets) => sets.iter().any(|set| {
                let owner = set.owner.as_deref().is_none_or(|owner| answer["owner"] == owner);
                owner && answer["mode"] == set.mode.as_str()
            }),
            Self::Status(status) => *answer == i64::from(*status),
            Self::Answer { status, headers, absent } => {
                let values = |name: &str| answer["headers"][name].as_array().map_or(&[][..], Vec::as_slice);
                answer["status"].is_u64()
                    && status.is_none_or(|status| answer["status"] == status)
                    && headers.iter().all(|(name, value)| matches!(values(name), [only] if only == value.as_str()))
                    && absent.iter().all(|name| values(name).is_empty())
            }
        }
    }
}

/// The texts of a list; nothing that is no list of texts.
fn list(answer: &Value) -> Option<BTreeSet<&str>> {
    answer.as_array()?.iter().map(Value::as_str).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_answer_meets_what_it_shows_and_nothing_else() {
        let file = |owner: Option<&str>, mode: &str| Attributes { owner: owner.map(str::to_owned), mode: mode.into() };
        for (expect, right, wrong) in [
            (Expect::equals(true), json!(true), vec![json!(false), json!(null), json!("true")]),
            (Expect::set(["b", "a"]), json!(["a", "b"]), vec![json!(["a"]), json!(["a", "b", "c"]), json!("ab")]),
            (Expect::nothing(), json!([]), vec![json!(null), json!(["a"]), json!([1])]),
            (Expect::Within(vec!["a".into(), "b".into()]), json!(["a"]), vec![json!(["a", "c"]), json!(null)]),
            (Expect::Holds(vec!["a".into()]), json!(["b", "a"]), vec![json!(["b"]), json!([])]),
            (
                Expect::Matches(vec![file(Some("1:1"), "0400"), file(None, "0444")]),
                json!({"owner": "2:2", "mode": "0444"}),
                vec![json!({"owner": "2:2", "mode": "0400"}), json!({"owner": "1:1", "mode": "0644"}), json!(null)],
            ),
            (Expect::Status(0), json!(0), vec![json!(1), json!(null), json!("0")]),
            (
                Expect::status_of(403),
                json!({"status": 403, "headers": {}}),
                vec![json!({"status": 200, "headers": {}}), json!(null), json!(403)],
            ),
            (
                Expect::headers([("x-a".to_owned(), "b".to_owned())].into()),
                json!({"status": 200, "headers": {"x-a": ["b"]}}),
                vec![
                    json!({"status": 200, "headers": {"x-a": ["b", "b"]}}),
                    json!({"status": 200, "headers": {"x-a": ["c"]}}),
                    json!({"status": 200, "headers": {}}),
                ],
            ),
            (
                Expect::without(["Server"]),
                json!({"status": 200, "headers": {"x-a": ["b"]}}),
                vec![json!({"status": 200, "headers": {"server": ["x"]}}), json!(null)],
            ),
            (Expect::OneOf(vec![json!(1), json!(2)]), json!(2), vec![json!(3), json!(null)]),
        ] {
            assert!(expect.is_met_by(&right), "{expect:?} {right}");
            wrong.iter().for_each(|answer| assert!(!expect.is_met_by(answer), "{expect:?} {answer}"));
        }
    }
}
