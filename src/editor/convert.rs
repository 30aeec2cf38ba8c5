//! Our findings as the protocol writes them; nowhere else do the two meet.

use super::look::Look;
use super::position::Encoding;
use super::protocol::{CodeDescription, Diagnostic, Location, Related};
use crate::diagnostics::{self, Label, Severity, codes};
use std::path::Path;

/// What is known of the client and of the names it uses.
pub struct Converter<'a> {
    /// How it counts columns.
    pub encoding: Encoding,
    /// Whether it shows further places of a finding.
    pub related: bool,
    /// The name of a file, as the client writes it.
    pub name: &'a dyn Fn(&Path) -> String,
    /// The page that explains a code.
    pub page: &'a dyn Fn(&str) -> Option<String>,
}

impl Converter<'_> {
    /// A finding and the name of the file it is listed under; nothing where there is no file at all.
    pub fn finding(&self, look: &Look, finding: &diagnostics::Diagnostic) -> Option<(String, Diagnostic)> {
        let (file, span) = look.listed(finding)?;
        let listed = finding.primary().filter(|label| label.span == span);
        let others = finding.labels.iter().filter(|label| Some(*label) != listed);
        let (related, spelled): (Vec<_>, Vec<_>) =
            others.map(|label| self.further(look, label)).partition(Result::is_ok);
        let mut message = finding.message.clone();
        if let Some(label) = listed.filter(|label| !label.text.is_empty()) {
            message.push_str(&format!(" ({})", label.text));
        }
        let notes = finding.notes.iter().map(|note| format!("note: {note}"));
        let places = spelled.into_iter().filter_map(Result::err).flatten();
        let help = finding.help.iter().map(|help| format!("help: {help}"));
        for line in places.chain(notes).chain(help) {
            message.push('\n');
            message.push_str(&line);
        }
        let diagnostic = Diagnostic {
            range: self.encoding.mark(file, span),
            severity: match finding.severity {
                Severity::Error => 1,
                Severity::Warning => 2,
                Severity::Note => 3,
            },
            code: finding.code.to_string(),
            code_description: (self.page)(finding.code.as_str()).map(|href| CodeDescription { href }),
            source: "stockade",
            message,
            tags: if [codes::UNUSED_KEY, codes::UNUSED_PART].contains(&finding.code) { vec![1] } else { Vec::new() },
            related_information: related.into_iter().filter_map(Result::ok).collect(),
        };
        Some((self.uri(look, span.source)?, diagnostic))
    }

    /// A further place, or a line that names it where the client shows none, or it lies in what cannot be opened.
    fn further(&self, look: &Look, label: &Label) -> Result<Related, Option<String>> {
        let Some(file) = look.sources.get(label.span.source) else { return Err(None) };
        let text = if label.text.is_empty() { "see here" } else { &label.text };
        match self.uri(look, label.span.source).filter(|_| self.related) {
            Some(uri) => Ok(Related {
                location: Location { uri, range: self.encoding.mark(file, label.span) },
                message: text.to_owned(),
            }),
            None => Err(Some(format!("{}:{}: {text}", file.name(), file.position(label.span.start).line))),
        }
    }

    fn uri(&self, look: &Look, id: crate::text::SourceId) -> Option<String> {
        Some((self.name)(&look.path(id)?))
    }
}
