//! JUnit XML, as Jenkins, GitLab and Azure read it: a suite for each file that was looked at, a case for each finding, and one for
//! a file without any.

use super::{Texts, escape, place};
use crate::diagnostics::{Diagnostic, Diagnostics, Severity};

/// Cases of one suite as they come.
#[derive(Debug, Default)]
pub struct Cases {
    text: String,
    count: usize,
    failures: usize,
}

/// Suites as they come.
#[derive(Debug, Default)]
pub struct Suites {
    text: String,
    count: usize,
    failures: usize,
}

impl Cases {
    /// Adds a case for each finding; errors have failed.
    pub fn add(&mut self, diagnostics: &Diagnostics, sources: &dyn Texts) {
        for item in diagnostics {
            self.count += 1;
            self.failures += usize::from(item.severity == Severity::Error);
            self.text.push_str(&case(item, sources));
        }
    }

    /// Whether nothing was added.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }
}

impl Suites {
    /// Adds the suite of a file.
    pub fn add(&mut self, name: &str, mut cases: Cases) {
        let name = attribute(name);
        if cases.is_empty() {
            cases.count = 1;
            cases.text = format!("    <testcase classname=\"{name}\" name=\"no findings\"/>\n");
        }
        let Cases { text, count, failures } = cases;
        self.count += count;
        self.failures += failures;
        self.text.push_str(&format!(
            "  <testsuite name=\"{name}\" tests=\"{count}\" failures=\"{failures}\" errors=\"0\" skipped=\"0\">\n{text}  </testsuite>\n"
        ));
    }

    /// Adds those of another run.
    pub fn extend(&mut self, other: Self) {
        self.text.push_str(&other.text);
        self.count += other.count;
        self.failures += other.failures;
    }

    /// The document.
    pub fn document(&self) -> String {
        let Self { text, count, failures } = self;
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"stockade\" tests=\"{count}\" failures=\"{failures}\" errors=\"0\">\n{text}</testsuites>\n"
        )
    }
}

fn case(item: &Diagnostic, sources: &dyn Texts) -> String {
    let place = item.primary().and_then(|label| place::of(label.span, sources));
    let (class, at) = match &place {
        Some(place) => (place.file, format!(":{}:{}", place.line, place.column)),
        None => ("stockade", String::new()),
    };
    let mut text = format!("{}{at}: {}", place.as_ref().map_or("", |place| place.file), item.message);
    let more = item.notes.iter().map(|note| ("note", note)).chain(item.help.iter().map(|help| ("help", help)));
    more.for_each(|(what, line)| text.push_str(&format!("\n{what}: {line}")));
    let name = attribute(&format!("{}{at}", item.code.as_str()));
    let (message, text) = (attribute(&item.message), content(text.trim_start_matches(": ")));
    let inside = match item.severity {
        Severity::Error => {
            format!("<failure type=\"{}\" message=\"{message}\">{text}</failure>", attribute(item.code.as_str()))
        }
        _ => format!("<system-out>{text}</system-out>"),
    };
    format!("    <testcase classname=\"{}\" name=\"{name}\">{inside}</testcase>\n", attribute(class))
}

/// Text between tags. Every control character is shown, since XML 1.0 (section 2.2) can hold few of them.
fn content(text: &str) -> String {
    let plain = |c: char| !matches!(c, '\u{fffe}' | '\u{ffff}');
    let text: String = escape::text(text, true).chars().filter(|c| plain(*c)).collect();
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn attribute(text: &str) -> String {
    content(text).replace('"', "&quot;").replace('\n', " ")
}
