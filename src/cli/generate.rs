//! `stockade generate`: compiles, fills, compares and, unless asked only to look, writes.

use super::check::plural;
use super::clashes::{self, Taken};
use super::conflicts::{self, Consent, Typed};
use super::drift;
use super::exit::{Done, Exit, Failure};
use super::find;
use super::input;
use super::many::{self, Report, Told};
use super::messages::{Format, Messages};
use super::own_chain;
use super::places;
use super::secrets::sealing;
use super::summary::{self, Outcome};
use super::terminal::{Terminal, shown};
use super::verdict::Verdict;
use crate::artifact::{Artifact, Content, Piece};
use crate::compile::{Bundle, Compiler, Input};
use crate::diagnostics::{Diagnostic, Diagnostics, Severity, codes};
use crate::text::Span;
use crate::values::{BundlePath, Day};
use crate::writer::{self, Applied, Chance, Change, Filled, Folder, Identity, Plan, Seen, Shared};
use crate::yaml::Sources;
use clap::ValueHint;
use serde_json::{Value, json};
use std::collections::BTreeSet;
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
    #[arg(value_name = "PATH", add = super::complete::profiles())]
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
    pub(super) fn of(profile: PathBuf) -> Self {
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
pub(super) fn after(
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

/// What one profile is generated from, and to.
#[derive(Debug, Clone, Copy)]
struct Target<'t> {
    profile: &'t Path,
    /// The folder of the bundle, or of the bundles of several hosts.
    base: &'t Path,
    /// Whether this run has other profiles too.
    several: bool,
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

impl<'t> Target<'t> {
    fn typed(self, arguments: &'t Arguments) -> Typed<'t> {
        Typed {
            profile: (self.several || !arguments.profiles.is_empty()).then_some(self.profile),
            out: (self.several || arguments.out.is_some()).then_some(self.base),
            consent: arguments.consent(),
        }
    }
}

/// One host of a profile.
struct Host<'h> {
    out: PathBuf,
    bundle: &'h Bundle,
    folder: Option<&'h Folder>,
    plan: Plan<'h>,
    filled: Filled,
}

impl Host<'_> {
    fn outcome<'o>(&'o self, profile: &'o Path, applied: Option<Applied>) -> Outcome<'o> {
        Outcome { profile, out: &self.out, bundle: self.bundle, plan: &self.plan, applied }
    }
}

struct Run<'a> {
    arguments: &'a Arguments,
    terminal: &'a Terminal,
    compiler: &'a Compiler,
    /// Whether there are other profiles too.
    several: bool,
    today: Day,
    began: UtcDateTime,
    messages: Messages<'a>,
    bundles: Vec<Value>,
    /// Folders in which nothing differs, as they were seen; nothing for one whose state cannot be told again.
    seen: Vec<Option<(PathBuf, Seen)>>,
    tally: Tally,
    taken: Vec<Taken>,
}

impl Run<'_> {
    /// One profile; what is wrong with it does not keep the others from being written.
    fn one(&mut self, profile: &Path, place: &Result<PathBuf, Box<Diagnostic>>) -> Done {
        let arguments = self.arguments;
        let input = match input::read(profile, self.today) {
            Ok(input) => input,
            Err(refused) => {
                self.messages.add(&refused.diagnostics, &refused.sources);
                return Ok(refused.exit);
            }
        };
        let base = match place {
            Ok(base) => base,
            Err(finding) => {
                let name = input.sources.tree(input.profile).and_then(|root| root.get("name"));
                let at = name.map_or(Span::UNKNOWN, |node| node.span);
                self.messages.add(&Diagnostic::clone(finding).at(at, "").into(), &input.sources);
                return Ok(Exit::Input);
            }
        };
        let verdict = self.verdict(profile, base, &input);
        if let Some((said, taken)) = verdict.as_ref().and_then(Verdict::recall) {
            self.tally.unchanged += taken.len();
            self.taken = taken;
            return self.terminal.repeat(&said).map(|()| Exit::Fine);
        }
        // What is there is read meanwhile.
        let written = input.profile;
        let (compiled, there) = rayon::join(|| self.compiler.compile(input), || arguments.read_ahead(base));
        self.messages.add(&compiled.diagnostics, &compiled.sources);
        if compiled.bundles.is_empty() {
            return Ok(Exit::Input);
        }
        let brought = own_chain::findings(&compiled.bundles, self.began);
        self.messages.add(&brought, &compiled.sources);
        if brought.has_errors() {
            return Ok(Exit::Input);
        }
        // What lies outside the bundle may change without a trace in it.
        let verdict = verdict.filter(|_| compiled.bundles.iter().all(|bundle| bundle.certificate_files.is_none()));
        self.taken = clashes::taken(&compiled.bundles, written);
        let target = Target { profile, base, several: self.several };
        let done = self.hosts(target, compiled.bundles, there).or_else(|failure| {
            self.messages.add(&Diagnostics::from(*failure.finding), &Sources::new());
            Ok(failure.exit)
        });
        let seen = std::mem::take(&mut self.seen).into_iter().collect::<Option<Vec<_>>>();
        if let (Some(verdict), Ok(Exit::Fine), Some(seen)) = (verdict, &done, seen) {
            verdict.keep(seen, self.terminal.said(), self.taken.clone());
        }
        done
    }

    /// The verdict on one profile that may be kept, and may stand for this run if it was.
    fn verdict(&self, profile: &Path, base: &Path, input: &Input) -> Option<Verdict> {
        let asked = self.arguments;
        let may = (asked.check || self.several)
            && !asked.diff
            && !asked.dry_run
            && !asked.no_cache
            && asked.adopt.is_empty()
            && !asked.force
            && self.messages.are_for_people();
        may.then(|| Verdict::of(profile, base, &input.sources, self.today, self.began, self.terminal))?
    }

    /// The bundles of one profile, one for each host. All are judged before the first is written.
    fn hosts(&mut self, target: Target<'_>, bundles: Vec<Bundle>, mut there: Option<Folder>) -> Done {
        let mut hosts = Vec::new();
        for bundle in bundles {
            let out = out(target.base, &bundle);
            let folder = match there.take().filter(|there| there.path() == out) {
                Some(folder) => Some(folder),
                None if self.arguments.only_looks() => Folder::watch(&out)?.map(Folder::noting),
                None => Some(Folder::claim(&out)?).map(|folder| if self.several { folder.noting() } else { folder }),
            };
            hosts.push((bundle, folder));
        }
        let mut shared = match Shared::gather(&hosts)? {
            Ok(shared) => shared,
            Err(findings) => return Ok(self.refused(&findings)),
        };
        let mut exit = Exit::Fine;
        let mut all = Vec::new();
        for (bundle, folder) in &hosts {
            let out = out(target.base, bundle);
            if let Some(folder) = folder.as_ref().filter(|_| !self.arguments.only_looks()) {
                let unopened = sealing::unopened(bundle, folder)?;
                if unopened.has_errors() {
                    exit = exit.max(self.refused(&unopened));
                    continue;
                }
            }
            match self.plan(&out, bundle, folder.as_ref(), &mut shared)? {
                Ok((plan, filled)) => all.push(Host { out, bundle, folder: folder.as_ref(), plan, filled }),
                Err(refused) => exit = exit.max(refused),
            }
        }
        let plans: Vec<_> = all.iter().map(|host| (host.out.as_path(), &host.plan)).collect();
        if !target.several {
            let unknown = self.arguments.consent().unknown(&plans);
            if unknown.has_errors() {
                return Ok(self.refused(&unknown));
            }
        }
        if self.arguments.only_looks() {
            let drift = all.iter().map(|host| self.look(target, host)).collect::<Result<Vec<_>, _>>()?;
            if self.messages.are_for_people() {
                let conflicts = conflicts::findings(&plans, &target.typed(self.arguments), Severity::Warning);
                self.messages.add(&conflicts, &Sources::new());
            }
            return Ok(drift.into_iter().fold(exit, Exit::max));
        }
        let conflicts = conflicts::findings(&plans, &target.typed(self.arguments), Severity::Error);
        if conflicts.has_errors() {
            if self.messages.are_for_people() {
                self.terminal.out(&conflicts::differences(&plans))?;
            }
            exit = self.refused(&conflicts);
        }
        if exit > Exit::Fine {
            self.bundles.extend(all.iter().map(|host| summary::data(&host.outcome(target.profile, None))));
            return Ok(exit);
        }
        for host in &all {
            self.write(target, host)?;
        }
        Ok(exit)
    }

    /// Fills and compares one bundle.
    fn plan<'b>(
        &mut self,
        out: &Path,
        bundle: &'b Bundle,
        folder: Option<&Folder>,
        shared: &mut Shared,
    ) -> Result<Result<(Plan<'b>, Filled), Exit>, Failure> {
        let looks = self.arguments.only_looks();
        let bar = (!looks).then(|| self.terminal.bar("hashing passwords"));
        let progress = |done: usize, all: usize| {
            if let Some(bar) = &bar {
                bar.set_length(all as u64);
                bar.set_position(done as u64);
            }
        };
        let mut random = rand::rngs::SysRng;
        let chance = (!looks).then_some(Chance { entropy: &mut random, progress: &progress });
        let filled = writer::fill(bundle, folder, shared, input::now()?, chance)?;
        if let Some(bar) = &bar {
            bar.finish_and_clear();
        }
        let filled = match filled {
            Ok(filled) => filled,
            Err(findings) => return Ok(Err(self.refused(&findings))),
        };
        self.messages.add(&filled.warnings, &Sources::new());
        match Plan::new(bundle, &filled, folder, Identity::current())? {
            Ok(mut plan) => {
                plan.agree(|path, change| self.arguments.consent().covers(out, path, change));
                if self.arguments.check {
                    plan.judge_as_clone();
                }
                Ok(Ok((plan, filled)))
            }
            Err(findings) => Ok(Err(self.refused(&findings))),
        }
    }

    fn look(&mut self, target: Target<'_>, host: &Host<'_>) -> Done {
        let Host { out, folder, plan, filled, .. } = host;
        self.seen.push(folder.and_then(|folder| Some((out.clone(), plan.seen(folder, self.began)?))));
        self.bundles.push(summary::data(&host.outcome(target.profile, None)));
        let unfit = filled.has_unfit_certificate();
        let drift = if plan.is_clean() && !unfit { Exit::Fine } else { Exit::Findings };
        self.tally.add(drift == Exit::Fine);
        if self.messages.are_for_people() {
            let mut text =
                if self.arguments.diff { writer::diff(plan, self.arguments.all) } else { summary::changes(plan) };
            if self.arguments.check {
                text.push_str(&match drift {
                    Exit::Fine if plan.is_clone => format!(
                        "{}: up to date, as far as a clone can tell: {} that no repository keeps, owners and modes were not judged\n",
                        out.display(),
                        plural(plan.unjudged, "file")
                    ),
                    Exit::Fine => format!("{}: up to date\n", out.display()),
                    _ if plan.is_clean() => {
                        format!("{}: up to date but for its certificate: `stockade certs renew`\n", out.display())
                    }
                    _ => format!(
                        "{}: {} from what the profile says; {}\n",
                        out.display(),
                        plural(plan.differences(), "difference"),
                        drift::way_out(plan)
                    ),
                });
            } else if self.arguments.dry_run {
                text.push_str(&format!("{}: nothing was written\n", out.display()));
            }
            self.terminal.out(&text)?;
        } else if self.arguments.check {
            self.messages.add(&drift::drifted(plan, out), &Sources::new());
        }
        Ok(if self.arguments.check { drift } else { Exit::Fine })
    }

    fn write(&mut self, target: Target<'_>, host: &Host<'_>) -> Result<(), Failure> {
        let Some(folder) = host.folder else { return Ok(()) };
        let applied = writer::apply(&host.plan, folder)?;
        self.messages.add(&host.filled.made, &Sources::new());
        self.messages.add(&drift::left(&host.plan, &applied, &host.out), &Sources::new());
        self.messages.add(&outlived(host.bundle, &host.plan, &host.filled), &Sources::new());
        let changed = host.plan.changes().next().is_some() || applied.removed > 0 || !applied.kept.is_empty();
        self.tally.add(!changed);
        if self.several {
            let seen = (!changed).then(|| host.plan.seen(folder, self.began)).flatten();
            self.seen.push(seen.map(|seen| (host.out.clone(), seen)));
        }
        if let Some(reminder) = sealing::reminder(host.bundle, &host.out)? {
            self.messages.add(&reminder.into(), &Sources::new());
        }
        let outcome = host.outcome(target.profile, Some(applied));
        self.bundles.push(summary::data(&outcome));
        if self.messages.are_for_people() {
            self.terminal.out(&match target.several {
                true => summary::line(&outcome, changed),
                false => summary::text(&outcome, self.terminal),
            })?;
        }
        Ok(())
    }

    fn refused(&mut self, findings: &Diagnostics) -> Exit {
        self.messages.add(findings, &Sources::new());
        Exit::Input
    }
}

/// Where a bundle lies: in `hosts/NAME` where there are several.
pub(super) fn out(base: &Path, bundle: &Bundle) -> PathBuf {
    match &bundle.host {
        Some(host) => base.join("hosts").join(host.as_str()),
        None => base.to_owned(),
    }
}

/// A file that is written once keeps what it was written with.
fn outlived(bundle: &Bundle, plan: &Plan, filled: &Filled) -> Diagnostics {
    let kept = |path| plan.entries.iter().any(|entry| entry.path == path && entry.change == Change::Kept);
    let is_new = |name: &str| filled.changed().contains(name) || filled.created().any(|created| created == name);
    let stays = |artifact: &Artifact| {
        let Content::Pieces(pieces) = &artifact.content else { return Vec::new() };
        let names: BTreeSet<&str> = pieces.iter().flat_map(Piece::secrets).filter(|name| is_new(name)).collect();
        let found = if names.is_empty() || !kept(artifact.path.clone()) { BTreeSet::new() } else { names };
        found.into_iter().map(|name| (artifact.path.clone(), name.to_owned())).collect()
    };
    let found = bundle.artifacts.iter().flat_map(stays);
    let said = |(path, name): (BundlePath, String)| {
        Diagnostic::warning(
            codes::DRIFT,
            format!("`{path}` still holds the earlier value of `{name}`, which goes on working"),
        )
        .with_note("it is written once, and then the application changes it itself")
        .help(format!(
            "change it in the application, or move `{path}` away and generate again if nothing in it is missed"
        ))
    };
    found.map(said).collect()
}
