//! The guide in as few lines as it can be answered in: a row for each recommendation, with the one place that shows it best.
//! What has no object here is drawn together by its reason; what is left to a person is a list of its own.

use super::super::{Line, Place, Report, Status};
use serde::Serialize;

/// All recommendations but those that are left to a person.
#[derive(Debug, Clone, Default, Serialize)]
pub(in super::super) struct Brief {
    pub rows: Vec<Row>,
    pub not_applicable: Vec<Without>,
}

#[derive(Debug, Clone, Serialize)]
pub(in super::super) struct Row {
    pub id: String,
    pub guide: String,
    pub answer: String,
    /// File and line.
    pub place: Option<String>,
}

/// Recommendations without an object, for one reason.
#[derive(Debug, Clone, Serialize)]
pub(in super::super) struct Without {
    pub ids: Vec<String>,
    pub because: String,
}

pub(super) fn brief(report: &Report) -> Brief {
    let mut brief = Brief::default();
    for line in &report.lines {
        match (line.status, &line.same_as) {
            (Status::NotApplicable, None) => without(line, &mut brief.not_applicable),
            (Status::Manual, None) => {}
            _ => brief.rows.push(row(line)),
        }
    }
    brief
}

fn row(line: &Line) -> Row {
    let answer = match &line.same_as {
        Some(id) => format!("as {id}"),
        // What is compensated is done another way anyhow.
        None if line.status == Status::Enforced && line.deviation.is_some() => "enforced, another way".to_owned(),
        None => line.status.title().to_lowercase(),
    };
    let place = line.best.as_ref().filter(|_| line.same_as.is_none()).map(place);
    Row { id: line.id.to_string(), guide: line.guide.to_string(), answer, place }
}

/// As editors and `explain` take it.
fn place(place: &Place) -> String {
    match place.line {
        Some(line) => format!("{}:{line}", place.artifact),
        None => place.artifact.clone(),
    }
}

fn without(line: &Line, groups: &mut Vec<Without>) {
    let because = line.because.clone().unwrap_or_default();
    match groups.iter_mut().find(|group| group.because == because) {
        Some(group) => group.ids.push(line.id.to_string()),
        None => groups.push(Without { ids: vec![line.id.to_string()], because }),
    }
}
