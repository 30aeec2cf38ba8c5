//! `stockade generate`: compiles, fills, compares and, unless asked only to look, writes.

use super::check::plural;
use super::exit::{Done, Exit};
use super::input;
use super::messages::{Format, Messages};
use super::summary::{self, Outcome};
use super::terminal::Terminal;
use super::verdict::Verdict;
use crate::compile::{Bundle, Input, compile};
use crate::diagnostics::{Diagnostic, Diagnostics, codes};
use crate::source::{Sources, Span};
use crate::values::Day;
use crate::writer::{self, Applied, Chance, Change, Folder, Identity, Plan, Seen, Shared};
use jiff::Timestamp;
use serde_json::json;
use std::path::{Path, PathBuf};

/// Generates the bundle of each profile
///
/// Secrets and certificates that exist are kept; missing ones are made. Files are made ready in a private folder and
/// renamed into place.
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
    /// Write nothing; list what would be done
    #[arg(long, conflicts_with_all = ["check", "diff"])]
    dry_run: bool,
}

impl Arguments {
    fn only_looks(&self) -> bool {
        self.check || self.diff || self.dry_run
    }

    /// The folder of the one profile there is.
    fn place(&self, profile: &Path) -> PathBuf {
        base(profile, self.out.as_deref())
    }

    /// The folder and what is in it, where nothing will be written and it is known without having read the profile.
    fn read_ahead(&self, profile: &Path, several: bool) -> Option<Folder> {
        let known = self.only_looks() && !several;
        let folder = known.then(|| Folder::open(&self.place(profile)).ok().flatten())??;
        Some(folder.noting().read_ahead())
    }
}

/// Runs the command.
///
/// # Errors
/// What keeps it from looking at any profile.
pub fn run(arguments: &Arguments, format: Format, terminal: &Terminal) -> Done {
    let today = input::today()?;
    let profiles = input::profiles(&arguments.profiles)?;
    let mut run = Run {
        arguments,
        terminal,
        today,
        began: Timestamp::now(),
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

struct Run<'a> {
    arguments: &'a Arguments,
    terminal: &'a Terminal,
    today: Day,
    began: Timestamp,
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
        let done = self.hosts(profile, &base, compiled.bundles, there).or_else(|failure| {
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
        let may = asked.check && !asked.diff && !asked.no_cache && !several && self.messages.are_for_people();
        may.then(|| Verdict::of(profile, &asked.place(profile), &input.sources, self.today, self.began, self.terminal))?
    }

    /// The bundles of one profile, one for each host.
    fn hosts(&mut self, profile: &Path, base: &Path, bundles: Vec<Bundle>, mut there: Option<Folder>) -> Done {
        let mut hosts = Vec::new();
        for bundle in bundles {
            let out = out(base, &bundle);
            let folder = match there.take().filter(|there| there.path() == out) {
                Some(folder) => Some(folder),
                None if self.arguments.only_looks() => Folder::open(&out)?.map(Folder::noting),
                None => Some(Folder::claim(&out)?),
            };
            hosts.push((bundle, folder));
        }
        let mut shared = match Shared::gather(&hosts)? {
            Ok(shared) => shared,
            Err(findings) => return Ok(self.refused(&findings)),
        };
        let mut exit = Exit::Fine;
        for (bundle, folder) in &hosts {
            let out = out(base, bundle);
            exit = exit.max(match folder {
                Some(folder) if !self.arguments.only_looks() => {
                    self.write(profile, &out, bundle, folder, &mut shared)?
                }
                folder => self.look(profile, &out, bundle, folder.as_ref(), &mut shared)?,
            });
        }
        Ok(exit)
    }

    fn look(
        &mut self,
        profile: &Path,
        out: &Path,
        bundle: &Bundle,
        folder: Option<&Folder>,
        shared: &mut Shared,
    ) -> Done {
        let filled = match writer::fill(bundle, folder, shared, Timestamp::now(), None)? {
            Ok(filled) => filled,
            Err(findings) => return Ok(self.refused(&findings)),
        };
        self.messages.add(&filled.warnings, &Sources::new());
        let plan = match Plan::new(bundle, &filled, folder, Identity::current())? {
            Ok(plan) => plan,
            Err(findings) => return Ok(self.refused(&findings)),
        };
        self.seen.push(folder.and_then(|folder| Some((out.to_owned(), plan.seen(folder, self.began)?))));
        self.bundles.push(summary::data(&Outcome { profile, out, bundle, plan: &plan, applied: None }));
        let drift = if plan.is_clean() { Exit::Fine } else { Exit::Findings };
        if self.messages.are_for_people() {
            let mut text = if self.arguments.diff { writer::diff(&plan) } else { summary::changes(&plan) };
            if self.arguments.check {
                text.push_str(&match drift {
                    Exit::Fine => format!("{}: up to date\n", out.display()),
                    _ => format!(
                        "{}: {} from what the profile says; `stockade generate` brings it up to date\n",
                        out.display(),
                        plural(plan.changes().count() + plan.stale.len(), "difference")
                    ),
                });
            } else if self.arguments.dry_run {
                text.push_str(&format!("{}: nothing was written\n", out.display()));
            }
            self.terminal.out(&text)?;
        } else if self.arguments.check {
            self.messages.add(&drifted(&plan, out), &Sources::new());
        }
        Ok(if self.arguments.check { drift } else { Exit::Fine })
    }

    fn write(&mut self, profile: &Path, out: &Path, bundle: &Bundle, folder: &Folder, shared: &mut Shared) -> Done {
        let bar = self.terminal.bar("hashing passwords");
        let progress = |done: usize, all: usize| {
            bar.set_length(all as u64);
            bar.set_position(done as u64);
        };
        let chance = Chance { entropy: &mut rand::rngs::SysRng, progress: &progress };
        let filled = writer::fill(bundle, Some(folder), shared, Timestamp::now(), Some(chance))?;
        bar.finish_and_clear();
        let filled = match filled {
            Ok(filled) => filled,
            Err(findings) => return Ok(self.refused(&findings)),
        };
        self.messages.add(&filled.warnings, &Sources::new());
        let plan = match Plan::new(bundle, &filled, Some(folder), Identity::current())? {
            Ok(plan) => plan,
            Err(findings) => return Ok(self.refused(&findings)),
        };
        let applied = writer::apply(&plan, folder)?;
        self.messages.add(&edited(&plan, &applied), &Sources::new());
        let outcome = Outcome { profile, out, bundle, plan: &plan, applied: Some(applied) };
        self.bundles.push(summary::data(&outcome));
        if self.messages.are_for_people() {
            self.terminal.out(&summary::text(&outcome, self.terminal))?;
        }
        Ok(Exit::Fine)
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

/// A file changed by hand is never replaced without a word.
fn edited(plan: &Plan, applied: &Applied) -> Diagnostics {
    let edited = plan.entries.iter().filter(|entry| entry.change == Change::Update { edited: true });
    let mut findings: Diagnostics = edited
        .map(|entry| {
            Diagnostic::warning(codes::DRIFT, format!("`{}` had been changed by hand and was brought back", entry.path))
                .help("say lasting changes in the profile; `stockade generate --diff` shows them before they go")
        })
        .collect();
    if applied.tightened {
        findings.push(
            Diagnostic::warning(codes::DRIFT, "the bundle's directory was closed to other users (mode 0700)")
                .help("run as root, or `sudo ./install.sh`, to give each secret to its reader instead"),
        );
    }
    findings
}

fn drifted(plan: &Plan, out: &Path) -> Diagnostics {
    let finding = |path: &dyn std::fmt::Display, what: &str| {
        Diagnostic::error(codes::DRIFT, format!("`{}` {what}", out.join(path.to_string()).display()))
            .help("run `stockade generate`")
    };
    let changed = plan.changes().map(|entry| finding(&entry.path, summary::what(entry)));
    changed.chain(plan.stale.iter().map(|stale| finding(&stale.path, "is no longer generated"))).collect()
}
