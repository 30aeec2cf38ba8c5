//! Exit status, and what ends a command early.

use crate::diagnostics::{Code, Diagnostic, codes};
use crate::writer::WriteError;
use std::process::ExitCode;

/// How a run ended; the order is that of gravity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// All is well.
    Fine = 0,
    /// Findings, or the bundle differs from its profile.
    Findings = 1,
    /// The input is wrong.
    Input = 2,
    /// The machine failed.
    Machine = 3,
    /// Nothing is wrong, as far as could be seen; but not all could.
    Unproven = 4,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// What ends a command early.
#[derive(Debug)]
pub struct Failure {
    /// What to say.
    pub finding: Box<Diagnostic>,
    /// The exit status.
    pub exit: Exit,
}

/// The outcome of a command.
pub type Done = Result<Exit, Failure>;

impl Failure {
    /// The input is wrong.
    pub fn input(code: Code, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { finding: Box::new(Diagnostic::error(code, message).help(help)), exit: Exit::Input }
    }

    /// The machine failed.
    pub fn machine(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { finding: Box::new(Diagnostic::error(codes::IO, message).help(help)), exit: Exit::Machine }
    }
}

impl From<WriteError> for Failure {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Newer { .. } => Self::input(codes::NEWER_LOCK, error.to_string(), error.help()),
            error => Self::machine(error.to_string(), error.help()),
        }
    }
}
