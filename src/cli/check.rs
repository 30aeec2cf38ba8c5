//! `stockade check`: validates, writes nothing.

use super::exit::{Done, Exit};
use super::input;
use super::messages::{Format, Messages};
use super::terminal::Terminal;
use crate::compile::compile;
use crate::diagnostics::Severity;
use serde_json::json;
use std::path::PathBuf;

/// Validates profiles and the systems they name, and writes nothing
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Profiles, or folders that hold some [default: stockade.yaml]
    #[arg(value_name = "PROFILE")]
    profiles: Vec<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// What keeps it from looking at any profile.
pub fn run(arguments: &Arguments, format: Format, terminal: &Terminal) -> Done {
    let today = input::today()?;
    let mut messages = Messages::new(format, terminal);
    let mut exit = Exit::Fine;
    let mut lines = String::new();
    for path in input::profiles(&arguments.profiles)? {
        let (diagnostics, sources, worst) = match input::read(&path, today) {
            Ok(input) => {
                let compiled = compile(input);
                let worst = if compiled.bundles.is_empty() { Exit::Input } else { Exit::Fine };
                (compiled.diagnostics, compiled.sources, worst)
            }
            Err(refused) => (refused.diagnostics, refused.sources, refused.exit),
        };
        messages.add(&diagnostics, &sources);
        exit = exit.max(worst);
        let count = |severity| diagnostics.iter().filter(|finding| finding.severity == severity).count();
        let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
        lines.push_str(&match (errors, warnings) {
            (0, 0) => format!("{}: no findings\n", path.display()),
            _ => format!("{}: {}, {}\n", path.display(), plural(errors, "error"), plural(warnings, "warning")),
        });
    }
    if messages.are_for_people() {
        terminal.out(&lines)?;
    }
    messages.finish(json!({}))?;
    Ok(exit)
}

/// `1 error`, `2 errors`.
pub fn plural(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
