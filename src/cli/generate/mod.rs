//! `stockade generate`: compiles, fills, compares and, unless asked only to look, writes.

mod profile;

use crate::cli::check::plural;
use crate::cli::conflicts::Consent;
use crate::cli::exit::{Done, Exit, Failure};
use crate::cli::find;
use crate::cli::input;
use crate::cli::many::{self, Report, Told};
use crate::cli::messages::{Format, Messages};
use crate::cli::places;
use crate::cli::terminal::{Terminal, shown};
use crate::compile::Compiler;
use crate::diagnostics::Diagnostics;
use crate::values::Day;
use crate::writer::{self, Folder};
use crate::yaml::Sources;
use clap::ValueHint;
use profile::Run;
pub(in crate::cli) use profile::out;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use time::UtcDateTime;

const LOOK: &str = "Look, and write nothing";
const THEIRS: &str = "Files that others wrote or changed";

const AFTER: &str = "\
Examples:
  stockade generate                       writes ./bundle
  stockade generate --dry-run             lists what would be done
  stockade generate --diff                shows what would change
  stockade generate --check               for pipelines: status 1 where it differs
  stockade generate --out /tmp/try        writes it somewhere else
  stockade generate --force               brings back what was changed by hand";

/// Writes the bundle of each profile
///
/// Folders are searched for profiles, `stockade.yaml` and `*.stockade.yaml`. What is wrong with one does not keep the others
/// from being written.
///
/// Secrets and certificates that exist are kept; missing ones are made. Files are made ready in a private folder and
/// renamed into place. A file that Stockade did not write, or that somebody has changed by hand since, is not replaced
/// unless you say so.
#[derive(Debug, clap::Args)]
#[command(after_long_help = AFTER)]
pub struct Arguments {
    /// Profiles, or folders that are searched for some [default: stockade.yaml]
    #[arg(value_name = "PATH", add = crate::cli::complete::profiles())]
    profiles: Vec<PathBuf>,
    /// Where to write [default: `bundle` beside the profile]
    ///
    /// The bundle of one profile is written there, a folder NAME in it for each of several.
    #[arg(long, short, value_name = "DIR", value_hint = ValueHint::DirPath)]
    out: Option<PathBuf>,
    /// End with status 1 and a list where the bundle differs
    #[arg(long, help_heading = LOOK)]
    check: bool,
    /// Compile and compare even where nothing has changed since the last run that found no difference
    #[arg(long, help_heading = LOOK, hide_short_help = true)]
    no_cache: bool,
    /// Show what would change, secrets excepted
    #[arg(long, help_heading = LOOK)]
    diff: bool,
    /// With `--diff`: also the reports and the lock, which follow from the other files
    #[arg(long, requires = "diff", help_heading = LOOK, hide_short_help = true)]
    all: bool,
    /// List what would be done
    #[arg(long, conflicts_with_all = ["check", "diff"], help_heading = LOOK)]
    dry_run: bool,
    /// Take files over from whoever wrote them
    ///
    /// PATH is a file, or a folder for all in it; each is kept as `PATH.before-stockade`.
    #[arg(long, value_name = "PATH", num_args = 1.., help_heading = THEIRS)]
    adopt: Vec<PathBuf>,
    /// Bring back files that were changed by hand
    ///
    /// Each is kept as `PATH.before-stockade`.
    #[arg(long, help_heading = THEIRS)]
    force: bool,
    /// Judge all profiles as if they ran on one host: none may take a port, name or addresses of another
    #[arg(long)]
    one_host: bool,
}

impl Arguments {
    /// The bundle of one profile, in its usual place.
    pub(in crate::cli) fn of(profile: PathBuf) -> Self {
        Self {
            profiles: vec![profile],
            out: None,
            check: false,
            no_cache: false,
            diff: false,
            all: false,
            dry_run: false,
            adopt: Vec::new(),
            force: false,
            one_host: false,
        }
    }

    fn only_looks(&self) -> bool {
        self.check || self.diff || self.dry_run
    }

    fn consent(&self) -> Consent<'_> {
        Consent { force: self.force, adopt: &self.adopt }
    }

    /// The folder and what is in it, where nothing will be written and it is known without having read the profile.
    fn read_ahead(&self, place: &Path) -> Option<Folder> {
        let folder = self.only_looks().then(|| Folder::watch(place).ok().flatten())??;
        Some(folder.noting().read_ahead())
    }
}

/// Runs the command.
///
/// # Errors
/// What keeps it from looking at any profile.
pub fn run(arguments: &Arguments, format: Format, terminal: &Terminal) -> Done {
    Ok(all(arguments, format, terminal, json!({}))?.0)
}

/// The run that takes into effect what another command has changed; `more` goes into the document for programs. Gives what it
/// has to say of each bundle, too.
///
/// # Errors
/// As [`run`].
pub(in crate::cli) fn after(
    profile: &Path,
    out: Option<&Path>,
    (format, terminal): (Format, &Terminal),
    more: Value,
) -> Result<(Exit, Vec<Value>), Failure> {
    let arguments = Arguments { out: out.map(Path::to_owned), ..Arguments::of(profile.to_owned()) };
    all(&arguments, format, terminal, more)
}

fn all(
    arguments: &Arguments,
    format: Format,
    terminal: &Terminal,
    mut more: Value,
) -> Result<(Exit, Vec<Value>), Failure> {
    writer::keep_owner_bits();
    let today = input::today()?;
    let began = input::now()?;
    let search = find::profiles(&arguments.profiles)?;
    let places = places::of(&search.profiles, arguments.out.as_deref());
    let job = Job { arguments, format, today, began };
    if let ([profile], [place], true) = (search.profiles.as_slice(), places.as_slice(), search.failed.is_empty()) {
        let compiler = Compiler::default();
        let mut run = job.run(terminal, &compiler, false);
        let exit = run.one(profile, place)?;
        run.messages.close(&shown(profile));
        more["bundles"] = run.bundles.clone().into();
        run.messages.finish(more)?;
        return Ok((exit, run.bundles));
    }
    let look = terminal.look();
    let work = |compiler: &Compiler, index: usize| {
        let held = Terminal::held(look);
        let mut run = job.run(&held, compiler, true);
        let exit = run.one(&search.profiles[index], &places[index]).unwrap_or_else(|failure| {
            run.messages.add(&Diagnostics::from(*failure.finding), &Sources::new());
            failure.exit
        });
        let Run { mut messages, bundles, tally, taken, .. } = run;
        messages.close(&shown(&search.profiles[index]));
        let collected = messages.into_collected();
        (Told { exit, said: held.take(), collected }, bundles, tally, taken)
    };
    let mut all = Vec::new();
    let mut tally = Tally::default();
    let mut report = Report::new(format, terminal, &search);
    let mut taken = Vec::new();
    let at_once = if arguments.only_looks() { many::lookers() } else { many::writers() };
    many::each(search.profiles.len(), at_once, work, |index, (told, bundles, one, takes)| {
        all.extend(bundles);
        tally += one;
        taken.extend(takes.into_iter().map(|takes| (index, takes)));
        report.add(&search.profiles[index], told)
    })?;
    report.clashes(&search.profiles, &taken, arguments.one_host);
    more["bundles"] = all.clone().into();
    Ok((report.finish(&tally.said(arguments.only_looks()), more)?, all))
}

/// What all profiles of a run have in common.
#[derive(Debug, Clone, Copy)]
struct Job<'j> {
    arguments: &'j Arguments,
    format: Format,
    today: Day,
    began: UtcDateTime,
}

impl<'j> Job<'j> {
    fn run<'r>(self, terminal: &'r Terminal, compiler: &'r Compiler, several: bool) -> Run<'r>
    where
        'j: 'r,
    {
        let Self { arguments, format, today, began } = self;
        Run {
            arguments,
            terminal,
            compiler,
            several,
            today,
            began,
            messages: Messages::new(format, terminal),
            bundles: Vec::new(),
            seen: Vec::new(),
            tally: Tally::default(),
            taken: Vec::new(),
        }
    }
}

/// What became of bundles, by count.
#[derive(Debug, Default, Clone, Copy)]
struct Tally {
    unchanged: usize,
    changed: usize,
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.unchanged += other.unchanged;
        self.changed += other.changed;
    }
}

impl Tally {
    fn add(&mut self, unchanged: bool) {
        let count = if unchanged { &mut self.unchanged } else { &mut self.changed };
        *count += 1;
    }

    fn said(self, looks: bool) -> String {
        let changed = match (looks, self.changed) {
            (false, _) => "written",
            (true, 1) => "differs",
            (true, _) => "differ",
        };
        format!("{} {changed}, {} up to date", plural(self.changed, "bundle"), self.unchanged)
    }
}
