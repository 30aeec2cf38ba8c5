//! GitHub workflow commands: one `::error file=…,line=…::message` line per finding.

use std::fmt::Write as _;

use super::{Texts, escape, place};
use crate::diagnostics::{Diagnostics, Severity};

/// Renders as workflow commands; no text of a finding can end its command or begin another.
pub fn render(diagnostics: &Diagnostics, sources: &dyn Texts) -> String {
    let mut out = String::new();
    for item in diagnostics {
        out.push_str(match item.severity {
            Severity::Error => "::error ",
            Severity::Warning => "::warning ",
            Severity::Note => "::notice ",
        });
        if let Some(place) = item.primary().and_then(|label| place::of(label.span, sources)) {
            let _ = write!(out, "file={},line={},endLine={},", property(place.file), place.line, place.end_line);
            // GitHub ignores columns of places that span lines.
            if place.line == place.end_line {
                let _ = write!(out, "col={},endColumn={},", place.column, place.end_column);
            }
        }
        let _ = write!(out, "title={}::", property(item.code.as_str()));
        let mut message = item.message.clone();
        for line in item.notes.iter().map(|note| ("note", note)).chain(item.help.iter().map(|help| ("help", help))) {
            let _ = write!(message, "\n{}: {}", line.0, line.1);
        }
        out.push_str(&data(&message));
        out.push('\n');
    }
    out
}

/// Escapes of the runner (actions/toolkit, `command.ts`): `%`, CR and LF, and in properties also `:` and `,`.
fn data(text: &str) -> String {
    let text = text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    escape::text(&text, false).into_owned()
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
