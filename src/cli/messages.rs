//! Findings of a run in the format asked for: for people as they come, for programs as one document at the end.

use super::exit::{Exit, Failure};
use super::terminal::Terminal;
use crate::diagnostics::render::{github, human, json, junit, sarif, visible};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::yaml::Sources;
use clap::ValueEnum;
use serde_json::{Value, json};

/// How findings are written; for reports, how the document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Text with source excerpts, on standard error
    Human,
    /// One JSON document on standard output
    Json,
    /// One SARIF 2.1.0 document on standard output
    Sarif,
    /// GitHub workflow commands on standard output
    Github,
    /// One JUnit document on standard output: a suite for each profile, a test for each finding
    Junit,
    /// A document of `stockade report` alone
    #[value(skip)]
    Markdown,
    /// A document of `stockade report` alone
    #[value(skip)]
    Html,
}

/// Collects the findings of a run.
#[derive(Debug)]
pub struct Messages<'t> {
    format: Format,
    terminal: &'t Terminal,
    collected: Collected,
}

/// Findings for programs, as far as they are known.
#[derive(Debug, Default)]
pub struct Collected {
    findings: Vec<Value>,
    runs: Vec<Value>,
    commands: String,
    cases: junit::Cases,
    suites: junit::Suites,
}

impl<'t> Messages<'t> {
    /// None yet.
    pub fn new(format: Format, terminal: &'t Terminal) -> Self {
        Self { format, terminal, collected: Collected::default() }
    }

    /// Whether people read.
    pub fn are_for_people(&self) -> bool {
        matches!(self.format, Format::Human | Format::Markdown | Format::Html)
    }

    /// Adds findings and the files they are about.
    pub fn add(&mut self, diagnostics: &Diagnostics, sources: &Sources) {
        match self.format {
            Format::Human | Format::Markdown | Format::Html => self.tell(diagnostics, sources),
            Format::Json => self.collected.findings.extend(parsed(&json::render(diagnostics, sources), "/diagnostics")),
            Format::Sarif => self.collected.runs.extend(parsed(&sarif::render(diagnostics, sources), "/runs")),
            Format::Github => self.collected.commands.push_str(&github::render(diagnostics, sources)),
            Format::Junit => self.collected.cases.add(diagnostics, sources),
        }
    }

    /// What was added since the last time is all there is about a file.
    pub fn close(&mut self, file: &str) {
        if self.format == Format::Junit {
            self.collected.suites.add(file, std::mem::take(&mut self.collected.cases));
        }
    }

    /// What was collected; what people read was said already.
    pub fn into_collected(self) -> Collected {
        self.collected
    }

    /// Adds what was collected elsewhere.
    pub fn absorb(&mut self, other: Collected) {
        let mine = &mut self.collected;
        mine.findings.extend(other.findings);
        mine.runs.extend(other.runs);
        mine.commands.push_str(&other.commands);
        mine.suites.extend(other.suites);
    }

    fn tell(&self, diagnostics: &Diagnostics, sources: &Sources) {
        if !diagnostics.is_empty() {
            let options = human::Options { colour: self.terminal.colour, width: self.terminal.width.into() };
            self.terminal.message(&human::render(diagnostics, sources, options));
        }
    }

    /// Writes the document; `more` are further keys of the JSON one.
    ///
    /// # Errors
    /// Standard output cannot be written.
    pub fn finish(mut self, more: Value) -> Result<(), Failure> {
        let document = match self.format {
            Format::Human | Format::Markdown | Format::Html => return Ok(()),
            Format::Github => return self.terminal.out(&self.collected.commands),
            Format::Junit => {
                if !self.collected.cases.is_empty() {
                    self.close("stockade");
                }
                return self.terminal.out(&self.collected.suites.document());
            }
            Format::Json => {
                let mut document = json!({ "version": 1, "diagnostics": self.collected.findings });
                if let (Some(document), Value::Object(more)) = (document.as_object_mut(), more) {
                    document.extend(more);
                }
                document
            }
            Format::Sarif => {
                if self.collected.runs.is_empty() {
                    self.add(&Diagnostics::new(), &Sources::new());
                }
                let runs = std::mem::take(&mut self.collected.runs);
                json!({
                    "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
                    "version": "2.1.0",
                    "runs": [sarif::merged(runs)],
                })
            }
        };
        self.terminal.out(&visible(format!("{document:#}\n")))
    }
}

/// Writes what ended a command early, and gives the exit status.
pub fn failed(failure: &Failure, format: Format, terminal: &Terminal) -> Exit {
    let mut messages = Messages::new(format, terminal);
    messages.add(&Diagnostic::clone(&failure.finding).into(), &Sources::new());
    match messages.finish(Value::Null) {
        Ok(()) => failure.exit,
        Err(_) => Exit::Machine,
    }
}

/// The list at a place of a document we have just written.
fn parsed(text: &str, place: &str) -> Vec<Value> {
    let document: Value = serde_json::from_str(text).unwrap_or_default();
    document.pointer(place).and_then(Value::as_array).cloned().unwrap_or_default()
}
