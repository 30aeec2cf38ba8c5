//! What one check came to.

use crate::checks::Check;
use serde_json::Value;

/// What a host answers.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// This.
    Is(Value),
    /// This, and words on it.
    Says(Value, String),
    /// What is asked about is not there.
    Absent(String),
    /// It is there and cannot be seen from here.
    Unseen(String),
    /// It can only be asked on another machine.
    Elsewhere(String),
}

/// Whoever can be asked.
pub trait Host: Sync {
    /// Answers a check.
    fn answer(&self, check: &Check) -> Answer;
}

/// What a check came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The host shows it.
    Proven,
    /// The host shows something else.
    Broken(String),
    /// It could not be seen.
    NotProven(String),
    /// It was not asked, because it is asked elsewhere or changes something.
    LeftOut(String),
}

/// A check with what it came to.
#[derive(Debug, Clone)]
pub struct Proof<'a> {
    /// The check.
    pub check: &'a Check,
    /// What it came to.
    pub verdict: Verdict,
}

impl<'a> Proof<'a> {
    /// Asks a host.
    pub fn of(check: &'a Check, host: &impl Host) -> Self {
        let verdict = match check.changes {
            false => judge(check, host.answer(check)),
            true => Verdict::LeftOut("asking would change something".to_owned()),
        };
        Self { check, verdict }
    }
}

fn judge(check: &Check, answer: Answer) -> Verdict {
    match answer {
        Answer::Is(value) | Answer::Says(value, _) if check.expect.is_met_by(&value) => Verdict::Proven,
        Answer::Is(value) => Verdict::Broken(shown(&value)),
        Answer::Says(_, words) => Verdict::Broken(words),
        Answer::Absent(why) | Answer::Unseen(why) => Verdict::NotProven(why),
        Answer::Elsewhere(why) => Verdict::LeftOut(why),
    }
}

/// An answer for people.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) if text.is_empty() => "nothing".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(list) if list.is_empty() => "nothing".to_owned(),
        Value::Array(list) => list.iter().map(shown).collect::<Vec<_>>().join(", "),
        Value::Object(map) if map.len() == 2 && map.contains_key("mode") => {
            format!("{} {}", shown(&map["owner"]), shown(&map["mode"]).trim_start_matches('0'))
        }
        Value::Object(map) if map.contains_key("status") => {
            let headers = map["headers"].as_object().into_iter().flatten();
            let headers = headers.map(|(name, values)| format!("{name}: {}", shown(values)));
            std::iter::once(format!("status {}", map["status"])).chain(headers).collect::<Vec<_>>().join("; ")
        }
        Value::Null => "nothing".to_owned(),
        other => other.to_string(),
    }
}
