//! `stockade generate`: compiles, fills, compares and, unless asked only to look, writes.

use super::check::plural;
use super::conflicts::{self, Consent, Typed};
use super::drift;
use super::exit::{Done, Exit, Failure};
use super::input;
use super::messages::{Format, Messages};
use super::summary::{self, Outcome};
use super::terminal::Terminal;
use super::verdict::Verdict;
use crate::artifact::{Artifact, Content, Piece};
use crate::compile::{Bundle, Input, compile};
use crate::diagnostics::{Diagnostic, Diagnostics, Severity, codes};
use crate::text::Span;
use crate::values::{BundlePath, Day};
use crate::writer::{self, Applied, Chance, Change, Filled, Folder, Identity, Plan, Seen, Shared};
use crate::yaml::Sources;
use serde_json::json;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use time::UtcDateTime;

/// Generates the bundle of each profile
///
/// Secrets and certificates that exist are kept; missing ones are made. Files are made ready in a private folder and
/// renamed into place. A file that Stockade did not write, or that somebody has changed by hand since, is not replaced
/// unless you say so.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Profiles, or folders that hold some [default: stockade.yaml]
    #[arg(value_name = "PROFILE")]
    profiles: Vec<PathBuf>,
    /// Where to write: the bundle of one profile, a folder NAME for each of several [default: `bundle` beside the profile]
    #[arg(long, short, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Leave the bundle alone; end with status 1 and a list where it differs from its profile
    #[arg(long)]
    check: bool,
    /// With `--check`: compile and compare even where nothing has changed since the last run that found no difference
    #[arg(long, requires = "check")]
    no_cache: bool,
    /// Write nothing; show what would change, secrets excepted
    #[arg(long)]
    diff: bool,
    /// With `--diff`: also the reports and the lock, which follow from the other files
    #[arg(long, requires = "diff")]
    all: bool,
    /// Write nothing; list what would be done
    #[arg(long, conflicts_with_all = ["check", "diff"])]
    dry_run: bool,
    /// Take these files, or all in these folders, over from whoever wrote them; each is kept as `PATH.before-stockade`
    #[arg(long, value_name = "PATH", num_args = 1..)]
    adopt: Vec<PathBuf>,
    /// Bring back files that were changed by hand; each is kept as `PATH.before-stockade`
    #[arg(long)]
    force: bool,
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
        }
    }

    fn only_looks(&self) -> bool {
        self.check || self.diff || self.dry_run
    }

    /// The folder of the one profile there is.
    fn place(&self, profile: &Path) -> PathBuf {
        base(profile, self.out.as_deref())
    }

    fn consent(&self) -> Consent<'_> {
        Consent { force: self.force, adopt: &self.adopt }
    }

    /// The folder and what is in it, where nothing will be written and it is known without having read the profile.
    fn read_ahead(&self, profile: &Path, several: bool) -> Option<Folder> {
        let known = self.only_looks() && !several;
        let folder = known.then(|| Folder::watch(&self.place(profile)).ok().flatten())??;
        Some(folder.noting().read_ahead())
    }
}

/// Runs the command.
///
/// # Errors
/// What keeps it from looking at any profile.
pub fn run(arguments: &Arguments, format: Format, terminal: &Terminal) -> Done {
    writer::keep_owner_bits();
    let today = input::today()?;
    let profiles = input::profiles(&arguments.profiles)?;
    let mut run = Run {
        arguments,
        terminal,
        today,
        began: input::now()?,
        messages: Messages::new(format, terminal),
        bundles: Vec::new(),
        seen: Vec::new(),
    };
    let mut exit = Exit::Fine;
    let mut taken = Vec::new();
    for profile in &profiles {
        exit = exit.max(run.one(profile, profiles.len() > 1, &mut taken)?);
    }
    run.messages.finish(json!({ "bundles": run.bundles }))?;
    Ok(exit)
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
    today: Day,
    began: UtcDateTime,
    messages: Messages<'a>,
    bundles: Vec<serde_json::Value>,
    /// Folders in which nothing differs, as they were seen; nothing for one whose state cannot be told again.
    seen: Vec<Option<(PathBuf, Seen)>>,
}

impl Run<'_> {
    /// One profile; what is wrong with it does not keep the others from being written.
    fn one(&mut self, profile: &Path, several: bool, taken: &mut Vec<PathBuf>) -> Done {
        let arguments = self.arguments;
        let input = match input::read(profile, self.today) {
            Ok(input) => input,
            Err(refused) => {
                self.messages.add(&refused.diagnostics, &refused.sources);
                return Ok(refused.exit);
            }
        };
        let verdict = self.verdict(profile, several, &input);
        if let Some(said) = verdict.as_ref().and_then(Verdict::recall) {
            return self.terminal.repeat(&said).map(|()| Exit::Fine);
        }
        let named =
            input.sources.tree(input.profile).and_then(|root| root.get("name")).map_or(Span::UNKNOWN, |node| node.span);
        // What is there is read meanwhile.
        let (compiled, there) = rayon::join(|| compile(input), || arguments.read_ahead(profile, several));
        self.messages.add(&compiled.diagnostics, &compiled.sources);
        if compiled.bundles.is_empty() {
            return Ok(Exit::Input);
        }
        let mut base = arguments.place(profile);
        if several {
            base.push(compiled.bundles[0].name.as_str());
        }
        if taken.contains(&base) {
            let finding = Diagnostic::error(
                codes::INVALID_VALUE,
                format!("two profiles would be written to `{}`", base.display()),
            )
            .at(named, "")
            .help(format!("give `{}` another `name`", profile.display()));
            self.messages.add(&finding.into(), &compiled.sources);
            return Ok(Exit::Input);
        }
        taken.push(base.clone());
        let target = Target { profile, base: &base, several };
        let done = self.hosts(target, compiled.bundles, there).or_else(|failure| {
            self.messages.add(&Diagnostics::from(*failure.finding), &Sources::new());
            Ok(failure.exit)
        });
        let seen = std::mem::take(&mut self.seen).into_iter().collect::<Option<Vec<_>>>();
        if let (Some(verdict), Ok(Exit::Fine), Some(seen)) = (verdict, &done, seen) {
            verdict.keep(seen, self.terminal.said());
        }
        done
    }

    /// The verdict on one profile that may be kept, and may stand for this run if it was.
    fn verdict(&self, profile: &Path, several: bool, input: &Input) -> Option<Verdict> {
        let asked = self.arguments;
        let may = asked.check
            && !asked.diff
            && !asked.no_cache
            && asked.adopt.is_empty()
            && !asked.force
            && !several
            && self.messages.are_for_people();
        may.then(|| Verdict::of(profile, &asked.place(profile), &input.sources, self.today, self.began, self.terminal))?
    }

    /// The bundles of one profile, one for each host. All are judged before the first is written.
    fn hosts(&mut self, target: Target<'_>, bundles: Vec<Bundle>, mut there: Option<Folder>) -> Done {
        let mut hosts = Vec::new();
        for bundle in bundles {
            let out = out(target.base, &bundle);
            let folder = match there.take().filter(|there| there.path() == out) {
                Some(folder) => Some(folder),
                None if self.arguments.only_looks() => Folder::watch(&out)?.map(Folder::noting),
                None => Some(Folder::claim(&out)?),
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
                Ok(Ok((plan, filled)))
            }
            Err(findings) => Ok(Err(self.refused(&findings))),
        }
    }

    fn look(&mut self, target: Target<'_>, host: &Host<'_>) -> Done {
        let Host { out, folder, plan, .. } = host;
        self.seen.push(folder.and_then(|folder| Some((out.clone(), plan.seen(folder, self.began)?))));
        self.bundles.push(summary::data(&host.outcome(target.profile, None)));
        let drift = if plan.is_clean() { Exit::Fine } else { Exit::Findings };
        if self.messages.are_for_people() {
            let mut text =
                if self.arguments.diff { writer::diff(plan, self.arguments.all) } else { summary::changes(plan) };
            if self.arguments.check {
                text.push_str(&match drift {
                    Exit::Fine => format!("{}: up to date\n", out.display()),
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
        let outcome = host.outcome(target.profile, Some(applied));
        self.bundles.push(summary::data(&outcome));
        if self.messages.are_for_people() {
            self.terminal.out(&summary::text(&outcome, self.terminal))?;
        }
        Ok(())
    }

    fn refused(&mut self, findings: &Diagnostics) -> Exit {
        self.messages.add(findings, &Sources::new());
        Exit::Input
    }
}

/// The folder of a profile's bundles.
pub(super) fn base(profile: &Path, given: Option<&Path>) -> PathBuf {
    given.map_or_else(|| profile.parent().unwrap_or(Path::new("")).join("bundle"), Path::to_owned)
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
