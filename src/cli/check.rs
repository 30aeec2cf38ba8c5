//! `stockade check`: validates; writes nothing but the fixes it is asked for.

use super::clashes::{self, Taken};
use super::exit::{Done, Exit, Failure};
use super::find;
use super::input;
use super::many::{self, Report, Told};
use super::mend::{self, Mended, Seen, Texts};
use super::messages::{Format, Messages};
use super::own_chain;
use super::places;
use super::supplied;
use super::terminal::{Said, Terminal, shown};
use crate::compile::Compiler;
use crate::diagnostics::{Diagnostic, Diagnostics, Grade, Severity};
use crate::values::Day;
use crate::writer;
use crate::yaml::Sources;
use clap::{ValueEnum, ValueHint};
use serde_json::json;
use similar::TextDiff;
use std::path::{Path, PathBuf};

const MEND: &str = "Mend";

const AFTER: &str = "\
Examples:
  stockade check                     what is wrong with ./stockade.yaml
  stockade check stockade.yaml .     these files, and every profile in a folder
  stockade check --fix --diff        what could be mended, and nothing written
  stockade check --fix               mends what it can, comments kept
  stockade check --format github     for a workflow's log";

/// Tells what is wrong with profiles and the systems they name
///
/// Folders are searched for profiles, `stockade.yaml` and `*.stockade.yaml`, but for what Git ignores, hidden folders, `vendor`,
/// `node_modules`, and bundles.
#[derive(Debug, clap::Args)]
#[command(after_long_help = AFTER)]
pub struct Arguments {
    /// Profiles, or folders that are searched for some [default: stockade.yaml]
    #[arg(value_name = "PATH", add = super::complete::profiles())]
    profiles: Vec<PathBuf>,
    /// The bundle, for secrets that must be there [default: `bundle`]
    ///
    /// It is where `generate --out` would write.
    #[arg(long, short, value_name = "DIR", value_hint = ValueHint::DirPath)]
    out: Option<PathBuf>,
    /// Mend what can be mended: `safe`, or `all`
    ///
    /// `safe` says what a profile or system file meant anyway; `all` may also change what it asks for.
    #[arg(long, value_name = "WHICH", num_args = 0..=1, require_equals = true, default_missing_value = "safe")]
    #[arg(help_heading = MEND, hide_possible_values = true)]
    fix: Option<Fixes>,
    /// Show what `--fix` would change; status 1 where it would
    #[arg(long, help_heading = MEND)]
    diff: bool,
    /// Judge all profiles as if they ran on one host: none may take a port, name or addresses of another
    #[arg(long)]
    one_host: bool,
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
    taken: Vec<Taken>,
}

/// What one profile came to, with what is needed to write it.
struct One {
    lines: String,
    fixed: Vec<String>,
    mendable: usize,
    errors: usize,
    warnings: usize,
    exit: Exit,
    taken: Vec<Taken>,
}

/// Runs the command.
///
/// # Errors
/// What keeps it from looking at any profile, or from writing a fix.
pub fn run(arguments: &Arguments, format: Format, terminal: &Terminal) -> Done {
    let today = input::today()?;
    let search = find::profiles(&arguments.profiles)?;
    let places = places::of(&search.profiles, arguments.out.as_deref());
    let place = |index: usize| match &places[index] {
        Ok(place) => place.clone(),
        Err(_) => places::base(&search.profiles[index], arguments.out.as_deref()),
    };
    let is_one = search.profiles.len() == 1 && search.failed.is_empty();
    if let (true, [profile]) = (is_one, search.profiles.as_slice()) {
        let mut messages = Messages::new(format, terminal);
        let mut one = check(arguments, &Compiler::default(), profile, &place(0), today, &mut messages)?;
        one.lines.push_str(&ways(one.mendable));
        if messages.are_for_people() {
            terminal.out(&one.lines)?;
        }
        messages.close(&shown(profile));
        messages.finish(arguments.more(&one.fixed))?;
        return Ok(one.exit);
    }
    let look = terminal.look();
    let work = |compiler: &Compiler, index: usize| {
        let held = Terminal::held(look);
        let mut messages = Messages::new(format, &held);
        let one = check(arguments, compiler, &search.profiles[index], &place(index), today, &mut messages);
        let one = one.unwrap_or_else(|failure| {
            messages.add(&Diagnostic::clone(&failure.finding).into(), &Sources::new());
            let lines = format!("{}: not looked at\n", shown(&search.profiles[index]));
            One { lines, fixed: Vec::new(), mendable: 0, errors: 1, warnings: 0, exit: failure.exit, taken: Vec::new() }
        });
        messages.close(&shown(&search.profiles[index]));
        let collected = messages.into_collected();
        (Told { exit: one.exit, said: held.take(), collected }, one)
    };
    let mut report = Report::new(format, terminal, &search);
    let mut fixed = Vec::new();
    let (mut errors, mut warnings, mut mendable) = (0, 0, 0);
    let is_for_people = report.is_for_people();
    let mut taken = Vec::new();
    // Profiles may share a system file, which is mended once.
    let at_once = if arguments.fix.is_some() { 1 } else { many::lookers() };
    many::each(search.profiles.len(), at_once, work, |index, (mut told, one)| {
        fixed.extend(one.fixed);
        errors += one.errors;
        warnings += one.warnings;
        mendable += one.mendable;
        taken.extend(one.taken.into_iter().map(|takes| (index, takes)));
        if is_for_people {
            told.said.push(Said::Data(one.lines));
        }
        report.add(&search.profiles[index], told)
    })?;
    errors += report.clashes(&search.profiles, &taken, arguments.one_host);
    let more = arguments.more(&fixed);
    let found = format!("{}, {}", plural(errors, "error"), plural(warnings, "warning"));
    let exit = report.finish(&found, more)?;
    if is_for_people {
        terminal.out(&ways(mendable))?;
    }
    Ok(exit)
}

impl Arguments {
    /// What the JSON document has besides findings.
    fn more(&self, fixed: &[String]) -> serde_json::Value {
        if self.fix.is_some() || self.diff { json!({ "fixed": fixed }) } else { json!({}) }
    }
}

fn ways(mendable: usize) -> String {
    match mendable {
        0 => String::new(),
        count => format!("{count} can be mended: `stockade check --fix`, or `--diff` to see how\n"),
    }
}

/// Checks one profile, and mends it where that is asked for.
fn check(
    arguments: &Arguments,
    compiler: &Compiler,
    path: &Path,
    place: &Path,
    today: Day,
    messages: &mut Messages<'_>,
) -> Result<One, Failure> {
    let mut lines = String::new();
    let Looked { mended, diagnostics, sources, worst, taken } = look(arguments, compiler, path, place, today);
    let changes = changes(&mended)?;
    for (file, before, after) in &changes {
        match arguments.diff {
            true => lines.push_str(&difference(file, before, after)),
            false => writer::rewrite(file, before, after)?,
        }
    }
    messages.add(&diagnostics, &sources);
    let would = arguments.diff && !changes.is_empty();
    let did = if arguments.diff { "would be mended" } else { "mended" };
    mended.done.iter().for_each(|done| lines.push_str(&format!("{did}: {done}\n")));
    let count = |severity| diagnostics.iter().filter(|finding| finding.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    lines.push_str(&match (errors, warnings) {
        (0, 0) => format!("{}: no findings\n", shown(path)),
        _ => format!("{}: {}, {}\n", shown(path), plural(errors, "error"), plural(warnings, "warning")),
    });
    Ok(One {
        lines,
        fixed: mended.done,
        mendable: diagnostics.iter().filter(|finding| is_mendable(finding, arguments)).count(),
        errors,
        warnings,
        exit: if would { Exit::Findings } else { worst },
        taken,
    })
}

/// Whether a finding would be mended, had anybody asked.
fn is_mendable(finding: &Diagnostic, arguments: &Arguments) -> bool {
    let asked = arguments.fix.is_some() || arguments.diff;
    !asked && finding.fixes.first().is_some_and(|fix| fix.grade == Grade::Safe)
}

/// Looks at one profile, after mending it where that is asked for.
fn look(arguments: &Arguments, compiler: &Compiler, path: &Path, place: &Path, today: Day) -> Looked {
    let worst = std::cell::Cell::new(Exit::Fine);
    let taken = std::cell::RefCell::new(Vec::new());
    let seen = |texts: &Texts| {
        let open = |path: &Path| texts.get(path).map(|text| text.clone().into_bytes());
        match input::read_over(path, today, &open) {
            Ok(input) => {
                let written = input.profile;
                let mut compiled = compiler.compile(input);
                worst.set(if compiled.bundles.is_empty() { Exit::Input } else { Exit::Fine });
                *taken.borrow_mut() = clashes::taken(&compiled.bundles, written);
                let missing = supplied::missing(path, place, arguments.out.is_some(), &compiled, written);
                compiled.diagnostics.extend(missing);
                if let Ok(now) = input::now() {
                    compiled.diagnostics.extend(own_chain::findings(&compiled.bundles, now));
                }
                if compiled.diagnostics.has_errors() {
                    worst.set(Exit::Input);
                }
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
        return Looked { mended, diagnostics, sources, worst, taken: taken.take() };
    }
    let taken = taken.take();
    Looked { mended, diagnostics: seen.diagnostics, sources: seen.sources, worst: worst.get(), taken }
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
pub fn difference(path: &Path, before: &[u8], after: &[u8]) -> String {
    let (before, after) = (String::from_utf8_lossy(before), String::from_utf8_lossy(after));
    let name = shown(path);
    let diff = TextDiff::from_lines(&before, &after);
    diff.unified_diff().context_radius(3).header(&format!("a/{name}"), &format!("b/{name}")).to_string()
}

/// `1 error`, `2 errors`.
pub fn plural(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
