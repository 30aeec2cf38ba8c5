//! Text for people: reason, source with underlined places, help and notes.

use annotate_snippets::renderer::DEFAULT_TERM_WIDTH;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::excerpt::{self, Excerpt};
use super::{Texts, escape};
use crate::diagnostics::{Diagnostic, Diagnostics, Grade, Severity};
use crate::text::SourceId;

/// How text is laid out.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Whether to colour; the caller knows about terminals and `NO_COLOR`.
    pub colour: bool,
    /// Columns of the terminal.
    pub width: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { colour: false, width: DEFAULT_TERM_WIDTH }
    }
}

/// Renders all findings, a blank line between them. No character of a source, message or file name reaches the terminal
/// raw if it could move the cursor or reorder text.
pub fn render(diagnostics: &Diagnostics, sources: &dyn Texts, options: Options) -> String {
    let base = if options.colour { Renderer::styled() } else { Renderer::plain() };
    let renderer = base.term_width(options.width.max(40));
    let mut out = String::new();
    for item in diagnostics {
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&one(item, sources, &renderer));
        out.push('\n');
    }
    out
}

fn one(item: &Diagnostic, sources: &dyn Texts, renderer: &Renderer) -> String {
    let level = match item.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let title = level.primary_title(escape::text(&item.message, true)).id(item.code.as_str());
    let mut group = Group::with_title(title);
    for file in files(item) {
        if let Some((name, excerpt)) = excerpt::of(item, file, sources) {
            group = match excerpt {
                Some(excerpt) => group.element(snippet(name, excerpt)),
                None => group.element(Origin::path(escape::text(name, false))),
            };
        }
    }
    for note in &item.notes {
        group = group.element(Level::NOTE.message(escape::text(note, true)));
    }
    if let Some(help) = &item.help {
        group = group.element(Level::HELP.message(escape::text(help, true)));
    }
    // The best one that a command applies.
    if let Some(fix) = item.fixes.first().filter(|fix| fix.grade > Grade::Shown) {
        group = group.element(Level::HELP.with_name("fix").message(escape::text(&fix.title, true)));
    }
    renderer.render(&[group])
}

/// The files of the labels, that of the primary place first.
fn files(item: &Diagnostic) -> Vec<SourceId> {
    let mut files: Vec<SourceId> = Vec::new();
    for label in item.primary().into_iter().chain(&item.labels) {
        if !files.contains(&label.span.source) {
            files.push(label.span.source);
        }
    }
    files
}

fn snippet(name: &str, excerpt: Excerpt) -> Snippet<'_, annotate_snippets::Annotation<'_>> {
    let marks = excerpt.marks.into_iter().map(|mark| {
        let kind = if mark.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
        kind.span(mark.range).label(escape::text(&mark.text, false).into_owned())
    });
    Snippet::source(excerpt.text)
        .line_start(excerpt.first_line)
        .path(escape::text(name, false).into_owned())
        .annotations(marks)
}
