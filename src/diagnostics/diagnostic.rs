use crate::text::Span;

use super::{Code, Fix, Wish};

/// How bad a finding is; the order is that of the exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Information that asks for nothing.
    Note,
    /// Works, but should be looked at.
    Warning,
    /// Must be corrected before anything is generated.
    Error,
}

/// One marked place with its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where, in whichever source.
    pub span: Span,
    /// What is to be said about the place; may be empty.
    pub text: String,
    /// The place the finding is about, as opposed to a place that helps to understand it.
    pub primary: bool,
}

/// One thing that is wrong: code, reason, places and the way out.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Diagnostic {
    /// The kind of finding.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// The reason: lower case, names in backticks, no full stop.
    pub message: String,
    /// Places; the first primary one is where the finding is listed.
    pub labels: Vec<Label>,
    /// The way out.
    pub help: Option<String>,
    /// Further facts.
    pub notes: Vec<String>,
    /// Ways out that are exact changes of files, the best first.
    pub fixes: Vec<Fix>,
    /// What would mend it, where no fix says it yet.
    pub wish: Option<Box<Wish>>,
}

impl Diagnostic {
    /// A finding without places yet.
    pub fn new(code: Code, severity: Severity, message: impl Into<String>) -> Self {
        Self {
            code,
            severity,
            message: message.into(),
            labels: Vec::new(),
            help: None,
            notes: Vec::new(),
            fixes: Vec::new(),
            wish: None,
        }
    }

    /// A finding that stops the run.
    pub fn error(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, message)
    }

    /// A finding that does not stop the run.
    pub fn warning(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, message)
    }

    /// Information.
    pub fn note(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Note, message)
    }

    /// Adds the place the finding is about; an unknown span adds nothing.
    pub fn at(self, span: Span, text: impl Into<String>) -> Self {
        self.labelled(span, text.into(), true)
    }

    /// Adds a place that helps to understand it; an unknown span adds nothing.
    pub fn also(self, span: Span, text: impl Into<String>) -> Self {
        self.labelled(span, text.into(), false)
    }

    /// Sets the way out.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds a further fact.
    pub fn with_note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Adds a way out that is an exact change.
    pub fn fix(mut self, fix: Fix) -> Self {
        self.fixes.push(fix);
        self
    }

    /// Says what would mend it, to whoever knows the file.
    pub fn wish(mut self, wish: Wish) -> Self {
        self.wish = Some(Box::new(wish));
        self
    }

    /// The place the finding is listed under: the first primary label, else the first one.
    pub fn primary(&self) -> Option<&Label> {
        self.labels.iter().find(|label| label.primary).or(self.labels.first())
    }

    fn labelled(mut self, span: Span, text: String, primary: bool) -> Self {
        if !span.is_unknown() {
            self.labels.push(Label { span, text, primary });
        }
        self
    }
}
