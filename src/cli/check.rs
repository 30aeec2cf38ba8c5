//! `stockade check`: validates, writes nothing.

use super::exit::{Done, Exit};
use super::input;
use super::messages::{Format, Messages};
use super::supplied;
use super::terminal::{Terminal, shown};
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
    /// Where `generate --out` would write, for secrets that must be there before [default: `bundle` beside the profile]
    #[arg(long, short, value_name = "DIR")]
    out: Option<PathBuf>,
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
    let profiles = input::profiles(&arguments.profiles)?;
    for path in &profiles {
        let (diagnostics, sources, worst) = match input::read(path, today) {
            Ok(input) => {
                let written = input.profile;
                let mut compiled = compile(input);
                let worst = if compiled.bundles.is_empty() { Exit::Input } else { Exit::Fine };
                let out = arguments.out.as_deref();
                let missing = supplied::missing(path, out, profiles.len() > 1, &compiled, written);
                compiled.diagnostics.extend(missing);
                (compiled.diagnostics, compiled.sources, worst)
            }
            Err(refused) => (refused.diagnostics, refused.sources, refused.exit),
        };
        messages.add(&diagnostics, &sources);
        exit = exit.max(worst);
        let count = |severity| diagnostics.iter().filter(|finding| finding.severity == severity).count();
        let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
        lines.push_str(&match (errors, warnings) {
            (0, 0) => format!("{}: no findings\n", shown(path)),
            _ => format!("{}: {}, {}\n", shown(path), plural(errors, "error"), plural(warnings, "warning")),
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
