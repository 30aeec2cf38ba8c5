//! In: the view. Out: the report as one HTML page that asks for nothing outside itself.

mod diagram;
#[cfg(test)]
mod tests;

use super::Status;
use super::view::{Count, View};
use crate::templates::{Engine, TemplateError};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

const TEMPLATE: &str = "report/report.html.j2";
const STYLE: &str = "report/style.html.j2";
const SCRIPT: &str = "report/script.html.j2";

/// Width of a bar that holds everything.
const BAR: usize = 1000;

/// What the page prints besides the view.
#[derive(Debug, Serialize)]
struct Page<'a> {
    view: &'a View,
    /// Content security policy: this page's own style and script, and nothing else.
    policy: String,
    bars: Vec<Bar>,
    diagram: diagram::Diagram,
}

/// Coverage of one boundary.
#[derive(Debug, Serialize)]
struct Bar {
    title: &'static str,
    /// In words, for those who do not see it.
    words: String,
    segments: Vec<Segment>,
}

/// The share of one answer.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Segment {
    status: &'static str,
    x: usize,
    width: usize,
    count: usize,
}

/// The page.
///
/// # Errors
/// A value that HTML cannot hold, or a mistake of the template.
pub(super) fn render(view: &View, engine: &Engine) -> Result<String, TemplateError> {
    let page = Page {
        view,
        policy: policy(engine)?,
        bars: view.counts.iter().filter(|count| count.total > 0).map(bar).collect(),
        diagram: diagram::draw(view),
    };
    engine.render(TEMPLATE, &page)
}

/// Its diagram alone.
///
/// # Errors
/// As [`render`].
#[cfg(any(test, not(feature = "cli")))]
pub(super) fn diagram(view: &View, engine: &Engine) -> Result<String, TemplateError> {
    #[derive(Serialize)]
    struct Drawn {
        diagram: diagram::Diagram,
    }
    engine.render("report/diagram.html.j2", &Drawn { diagram: diagram::draw(view) })
}

/// Allows what stands in the page and forbids everything else. No request leaves it, whatever a value says.
fn policy(engine: &Engine) -> Result<String, TemplateError> {
    let style = hash(&engine.render(STYLE, &())?);
    let script = hash(&engine.render(SCRIPT, &())?);
    Ok(format!(
        "default-src 'none'; style-src '{style}'; script-src '{script}'; base-uri 'none'; form-action 'none'; \
         require-trusted-types-for 'script'"
    ))
}

/// The hash of what stands between the first tag and the last.
fn hash(element: &str) -> String {
    let inner = element.split_once('>').and_then(|(_, rest)| rest.rsplit_once("</")).map_or("", |(inner, _)| inner);
    format!("sha256-{}", BASE64_STANDARD.encode(Sha256::digest(inner)))
}

fn bar(count: &Count) -> Bar {
    let words = Status::ALL.iter().zip(&count.numbers).filter(|(_, number)| **number > 0);
    let words: Vec<String> =
        words.map(|(status, number)| format!("{number} {}", status.title().to_lowercase())).collect();
    Bar { title: count.title, words: words.join(", "), segments: segments(count) }
}

/// Edges are rounded and not widths, so that the last one ends where the bar does.
fn segments(count: &Count) -> Vec<Segment> {
    let edge = |sum: usize| (sum * BAR).checked_div(count.total).unwrap_or_default();
    let mut sum = 0;
    let mut segments = Vec::new();
    for (status, number) in Status::ALL.iter().zip(&count.numbers).filter(|(_, number)| **number > 0) {
        let x = edge(sum);
        sum += number;
        segments.push(Segment { status: status.as_str(), x, width: edge(sum) - x, count: *number });
    }
    segments
}
