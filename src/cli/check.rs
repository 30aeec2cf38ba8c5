//! `stockade check`: validates; writes nothing but the fixes it is asked for.

use super::exit::{Done, Exit, Failure};
use super::input;
use super::mend::{self, Mended, Seen, Texts};
use super::messages::{Format, Messages};
use super::supplied;
use super::terminal::{Terminal, shown};
use crate::compile::compile;
use crate::diagnostics::{Diagnostics, Grade, Severity};
use crate::values::Day;
use crate::writer;
use crate::yaml::Sources;
use clap::ValueEnum;
use serde_json::json;
use similar::TextDiff;
use std::path::{Path, PathBuf};

/// Validates profiles and the systems they name
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Profiles, or folders that hold some [default: stockade.yaml]
    #[arg(value_name = "PROFILE")]
    profiles: Vec<PathBuf>,
    /// Where `generate --out` would write, for secrets that must be there before [default: `bundle` beside the profile]
    #[arg(long, short, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Mend what can be mended in profiles and system files: `safe`, or `all`, which may change what they ask for
    #[arg(long, value_name = "WHICH", num_args = 0..=1, require_equals = true, default_missing_value = "safe")]
    fix: Option<Fixes>,
    /// Show what `--fix` would change, and write nothing; status 1 where that is something
    #[arg(long)]
    diff: bool,
}

/// Which fixes are applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Fixes {
    /// Those that say what the file meant anyway
    Safe,
    /// Also those that change what it asks for
    All,
}

/// What was found for one profile, and what was mended before.
struct Looked {
    mended: Mended,
    diagnostics: Diagnostics,
    sources: Sources,
    worst: Exit,
}

/// Runs the command.
///
/// # Errors
/// What keeps it from looking at any profile, or from writing a fix.
pub fn run(arguments: &Arguments, format: Format, terminal: &Terminal) -> Done {
    let today = input::today()?;
    let mut messages = Messages::new(format, terminal);
    let mut exit = Exit::Fine;
    let mut lines = String::new();
    let mut mendable = 0;
    let mut fixed = Vec::new();
    let profiles = input::profiles(&arguments.profiles)?;
    for path in &profiles {
        let Looked { mended, diagnostics, sources, worst } = look(arguments, path, profiles.len() > 1, today);
        let changes = changes(&mended)?;
        for (file, before, after) in &changes {
            match arguments.diff {
                true => lines.push_str(&difference(file, before, after)),
                false => writer::rewrite(file, before, after)?,
            }
        }
        messages.add(&diagnostics, &sources);
        let would = arguments.diff && !changes.is_empty();
        exit = exit.max(if would { Exit::Findings } else { worst });
        let did = if arguments.diff { "would be mended" } else { "mended" };
        mended.done.iter().for_each(|done| lines.push_str(&format!("{did}: {done}\n")));
        fixed.extend(mended.done);
        mendable += diagnostics.iter().filter(|finding| is_mendable(finding, arguments)).count();
        let count = |severity| diagnostics.iter().filter(|finding| finding.severity == severity).count();
        let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
        lines.push_str(&match (errors, warnings) {
            (0, 0) => format!("{}: no findings\n", shown(path)),
            _ => format!("{}: {}, {}\n", shown(path), plural(errors, "error"), plural(warnings, "warning")),
        });
    }
    if mendable > 0 {
        lines.push_str(&format!("{} can be mended: `stockade check --fix`, or `--diff` to see how\n", mendable));
    }
    if messages.are_for_people() {
        terminal.out(&lines)?;
    }
    let more = if arguments.fix.is_some() || arguments.diff { json!({ "fixed": fixed }) } else { json!({}) };
    messages.finish(more)?;
    Ok(exit)
}

/// Whether a finding would be mended, had anybody asked.
fn is_mendable(finding: &crate::diagnostics::Diagnostic, arguments: &Arguments) -> bool {
    let asked = arguments.fix.is_some() || arguments.diff;
    !asked && finding.fixes.first().is_some_and(|fix| fix.grade == Grade::Safe)
}

/// Looks at one profile, after mending it where that is asked for.
fn look(arguments: &Arguments, path: &Path, several: bool, today: Day) -> Looked {
    let worst = std::cell::Cell::new(Exit::Fine);
    let seen = |texts: &Texts| {
        let open = |path: &Path| texts.get(path).map(|text| text.clone().into_bytes());
        match input::read_over(path, today, &open) {
            Ok(input) => {
                let written = input.profile;
                let mut compiled = compile(input);
                worst.set(if compiled.bundles.is_empty() { Exit::Input } else { Exit::Fine });
                let missing = supplied::missing(path, arguments.out.as_deref(), several, &compiled, written);
                compiled.diagnostics.extend(missing);
                Seen { sources: compiled.sources, diagnostics: compiled.diagnostics }
            }
            Err(refused) => {
                worst.set(refused.exit);
                Seen { sources: refused.sources, diagnostics: refused.diagnostics }
            }
        }
    };
    let least = match arguments.fix {
        Some(Fixes::All) => Some(Grade::Behaviour),
        Some(Fixes::Safe) => Some(Grade::Safe),
        None => arguments.diff.then_some(Grade::Safe),
    };
    let (mended, seen) = match least {
        Some(least) => mend::mend(least, &seen),
        None => (Mended::default(), seen(&Texts::new())),
    };
    if !mended.done.is_empty() {
        // The last look may have been one that proved nothing.
        let Seen { sources, diagnostics } = seen;
        let worst = if diagnostics.has_errors() { Exit::Input } else { Exit::Fine };
        return Looked { mended, diagnostics, sources, worst };
    }
    Looked { mended, diagnostics: seen.diagnostics, sources: seen.sources, worst: worst.get() }
}

type Change = (PathBuf, Vec<u8>, Vec<u8>);

/// The bytes of the changed files before and after; a byte order mark stays.
fn changes(mended: &Mended) -> Result<Vec<Change>, Failure> {
    const MARK: &[u8] = "\u{feff}".as_bytes();
    let one = |(path, text): (&PathBuf, &String)| {
        let before = std::fs::read(path).map_err(|error| {
            Failure::machine(format!("cannot read `{}`: {error}", shown(path)), "look at its permissions")
        })?;
        let mark = if before.starts_with(MARK) { MARK } else { &[] };
        if before.get(mark.len()..) != mended.before.get(path).map(String::as_bytes) {
            let message = format!("`{}` has changed since it was read", shown(path));
            return Err(Failure::machine(message, "nothing was written; run again"));
        }
        let after = [mark, text.as_bytes()].concat();
        Ok((path.clone(), before, after))
    };
    mended.texts.iter().map(one).collect()
}

/// The difference, as `diff -u` shows it.
fn difference(path: &Path, before: &[u8], after: &[u8]) -> String {
    let (before, after) = (String::from_utf8_lossy(before), String::from_utf8_lossy(after));
    let name = shown(path);
    let diff = TextDiff::from_lines(&before, &after);
    diff.unified_diff().context_radius(3).header(&format!("a/{name}"), &format!("b/{name}")).to_string()
}

/// `1 error`, `2 errors`.
pub fn plural(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
