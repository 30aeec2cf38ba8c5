//! One profile of a run: read, compiled, filled, compared host by host, and written where all of it may be.

use super::{Arguments, Tally};
use crate::artifact::{Artifact, Content, Piece};
use crate::cli::check::plural;
use crate::cli::clashes::{self, Taken};
use crate::cli::conflicts::{self, Typed};
use crate::cli::drift;
use crate::cli::exit::{Done, Exit, Failure};
use crate::cli::input;
use crate::cli::messages::Messages;
use crate::cli::own_chain;
use crate::cli::secrets::sealing;
use crate::cli::summary::{self, Outcome};
use crate::cli::terminal::Terminal;
use crate::cli::verdict::Verdict;
use crate::compile::{Bundle, Compiler, Input};
use crate::diagnostics::{Diagnostic, Diagnostics, Severity, codes};
use crate::text::Span;
use crate::values::{BundlePath, Day};
use crate::writer::{self, Applied, Chance, Change, Filled, Folder, Identity, Plan, Seen, Shared};
use crate::yaml::Sources;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use time::UtcDateTime;

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

pub(super) struct Run<'a> {
    pub(super) arguments: &'a Arguments,
    pub(super) terminal: &'a Terminal,
    pub(super) compiler: &'a Compiler,
    /// Whether there are other profiles too.
    pub(super) several: bool,
    pub(super) today: Day,
    pub(super) began: UtcDateTime,
    pub(super) messages: Messages<'a>,
    pub(super) bundles: Vec<Value>,
    /// Folders in which nothing differs, as they were seen; nothing for one whose state cannot be told again.
    pub(super) seen: Vec<Option<(PathBuf, Seen)>>,
    pub(super) tally: Tally,
    pub(super) taken: Vec<Taken>,
}

impl Run<'_> {
    /// One profile; what is wrong with it does not keep the others from being written.
    pub(super) fn one(&mut self, profile: &Path, place: &Result<PathBuf, Box<Diagnostic>>) -> Done {
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
        let outside =
            |bundle: &Bundle| bundle.certificate_files.is_some() || matches!(bundle.client_authority, Some(Err(_)));
        let verdict = verdict.filter(|_| !compiled.bundles.iter().any(outside));
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
        self.messages.add(&without_clients(host.bundle, &host.out, target), &Sources::new());
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
pub(in crate::cli) fn out(base: &Path, bundle: &Bundle) -> PathBuf {
    match &bundle.host {
        Some(host) => base.join("hosts").join(host.as_str()),
        None => base.to_owned(),
    }
}

/// The proxy asks clients for certificates, and nobody has signed any.
fn without_clients(bundle: &Bundle, out: &Path, target: Target<'_>) -> Diagnostics {
    let file = bundle.client_authority.as_ref().and_then(|authority| authority.as_ref().ok());
    let missing = file.filter(|path| !out.join(path.as_str()).exists());
    missing.map_or_else(Diagnostics::new, |path| {
        let (profile, base) = (target.profile.display().to_string(), target.base.display().to_string());
        let word = |text: &str| shlex::try_quote(text).unwrap_or_default().into_owned();
        let host = bundle.host.as_ref().map_or_else(String::new, |host| format!(" --host {host}"));
        let says = format!("the proxy asks clients for certificates, and `{path}` is not there: it will not start");
        let typed = format!("stockade certs issue -p {} -o {}{host} --client NAME", word(&profile), word(&base));
        Diagnostic::warning(codes::BAD_CERTIFICATE, says)
            .help(format!("`{typed}` makes it with the first client"))
            .into()
    })
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
