//! The kept result of an earlier run, beside the recommendations that it speaks of.

use crate::checks::Check;
use crate::report::Report;
use crate::templates::{Engine, TemplateError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What `stockade verify --save` has written.
#[derive(Debug, Clone, Deserialize)]
pub struct Kept {
    /// Version of the format; 1.
    version: u32,
    /// When the host was asked, as RFC 3339 has it.
    time: String,
    /// Name of the compose project.
    pub project: String,
    checks: Vec<One>,
}

#[derive(Debug, Clone, Deserialize)]
struct One {
    id: String,
    state: State,
    expected: String,
    #[serde(default)]
    seen: Option<String>,
    #[serde(default)]
    because: Option<String>,
}

/// What a check came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
enum State {
    Proven,
    LeftOut,
    NotProven,
    Broken,
}

impl State {
    fn says(self) -> &'static str {
        match self {
            Self::Proven => "proven",
            Self::LeftOut => "not asked",
            Self::NotProven => "not proven",
            Self::Broken => "broken",
        }
    }
}

/// Reads a kept result.
///
/// # Errors
/// In words: it is none, or of a version that this program does not know.
pub fn kept(text: &[u8]) -> Result<Kept, String> {
    let kept: Kept = serde_json::from_slice(text).map_err(|error| error.to_string())?;
    if kept.version != 1 {
        return Err(format!("its version is {}, and this program knows 1", kept.version));
    }
    Ok(kept)
}

/// What the template prints.
#[derive(Serialize)]
struct View<'a> {
    time: &'a str,
    proven: usize,
    broken: usize,
    open: usize,
    /// Recommendations that nothing asks about.
    unasked: Vec<&'a str>,
    rows: Vec<Row<'a>>,
}

/// One recommendation.
#[derive(Serialize)]
struct Row<'a> {
    id: &'a str,
    guide: &'a str,
    state: &'static str,
    /// What was seen, or why nothing was.
    seen: String,
}

/// The chapter of a report that shows each recommendation with its last proof. A check that the report has now and the result has
/// not, or had with another value, is not proven.
///
/// # Errors
/// A mistake of the template.
pub fn chapter(report: &Report, kept: &Kept) -> Result<String, TemplateError> {
    let known: BTreeMap<&str, &One> = kept.checks.iter().map(|one| (one.id.as_str(), one)).collect();
    let judged = |check: &Check| match known.get(check.id.as_str()) {
        None => (State::NotProven, "the host was not asked".to_owned()),
        Some(one) if one.expected != check.shows => {
            (State::NotProven, format!("an earlier bundle was asked, which wanted {}", one.expected))
        }
        Some(one) => (one.state, one.seen.clone().or_else(|| one.because.clone()).unwrap_or_default()),
    };
    let all: Vec<(&Check, (State, String))> = report.checks.iter().map(|check| (check, judged(check))).collect();
    let mut rows = Vec::new();
    let mut unasked = Vec::new();
    for line in &report.lines {
        let id = line.id.as_str();
        let own: Vec<_> = all.iter().filter(|(check, _)| check.recommendations.iter().any(|of| of == id)).collect();
        let Some((_, (state, seen))) = own.iter().max_by_key(|(_, (state, _))| *state) else {
            unasked.push(id);
            continue;
        };
        let seen = match (state, own.len()) {
            (State::Proven, 1) => "one check".to_owned(),
            (State::Proven, count) => format!("{count} checks"),
            _ => seen.clone(),
        };
        rows.push(Row { id, guide: line.guide.as_str(), state: state.says(), seen });
    }
    let count = |wanted: &[State]| all.iter().filter(|(_, (state, _))| wanted.contains(state)).count();
    let view = View {
        time: &kept.time,
        proven: count(&[State::Proven]),
        broken: count(&[State::Broken]),
        open: count(&[State::NotProven, State::LeftOut]),
        unasked,
        rows,
    };
    Engine::builtin().render("report/proof.md.j2", &view)
}
