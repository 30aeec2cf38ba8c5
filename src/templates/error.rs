//! What can go wrong when a template is rendered, and whose fault it is.

use std::error::Error;
use std::fmt;

use crate::grammar::Unprintable;
use crate::text::Span;

/// A template that was not rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TemplateError {
    /// A value of the profile or system has no form in the file's grammar: the user's to change (`unprintable-value`).
    Refused {
        /// The template that prints the value, an include by its own name.
        template: String,
        /// The line in it, counted from 1.
        line: Option<usize>,
        /// Grammar, value and reason.
        refusal: Unprintable,
    },
    /// The template or its view is wrong: ours to mend, or the author's of a custom system.
    Bug {
        /// The template at fault, an include by its own name.
        template: String,
        /// The line in it, counted from 1, where it is known.
        line: Option<usize>,
        /// What is wrong, in lower case without a full stop.
        cause: String,
    },
    /// The error of a system's own template, with its places.
    Own {
        /// The line of the template.
        at: Option<Span>,
        /// Where the system names the template.
        named: Span,
        /// The error.
        error: Box<TemplateError>,
    },
}

impl TemplateError {
    pub(super) fn bug(template: &str, cause: impl Into<String>) -> Self {
        Self::Bug { template: template.to_owned(), line: None, cause: cause.into() }
    }

    /// Sorts an error of the engine by its innermost cause: an include wraps the error of what it includes.
    pub(super) fn from_engine(template: &str, error: &minijinja::Error) -> Self {
        let mut innermost = error;
        let mut refusal = None;
        let mut next = error.source();
        while let Some(cause) = next {
            refusal = refusal.or_else(|| cause.downcast_ref::<Unprintable>());
            innermost = cause.downcast_ref::<minijinja::Error>().unwrap_or(innermost);
            next = cause.source();
        }
        let template = innermost.name().unwrap_or(template).to_owned();
        let line = innermost.line();
        match refusal {
            Some(refusal) => Self::Refused { template, line, refusal: refusal.clone() },
            None => Self::Bug {
                template,
                line,
                cause: match innermost.detail() {
                    Some(detail) => format!("{}: {detail}", innermost.kind()),
                    None if innermost.kind() == minijinja::ErrorKind::OutOfFuel => "it takes too many steps".to_owned(),
                    None => innermost.kind().to_string(),
                },
            },
        }
    }
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (template, line) = match self {
            Self::Refused { template, line, .. } | Self::Bug { template, line, .. } => (template, line),
            Self::Own { error, .. } => return error.fmt(f),
        };
        write!(f, "template `{template}`")?;
        if let Some(line) = line {
            write!(f, ", line {line}")?;
        }
        match self {
            Self::Refused { refusal, .. } => write!(f, ": {refusal}"),
            Self::Bug { cause, .. } => write!(f, ": {cause}"),
            Self::Own { .. } => Ok(()),
        }
    }
}

impl Error for TemplateError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Refused { refusal, .. } => Some(refusal),
            Self::Bug { .. } => None,
            Self::Own { error, .. } => Some(error),
        }
    }
}
