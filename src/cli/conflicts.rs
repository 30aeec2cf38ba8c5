//! What somebody else wrote, or changed by hand, where a bundle belongs: it is replaced only where the user says so.

use super::check::plural;
use crate::diagnostics::{Diagnostic, Diagnostics, Severity, codes};
use crate::values::BundlePath;
use crate::writer::{BEFORE, Change, Edit, Plan, edits};
use std::path::{Component, Path, PathBuf};

/// What stands before the ids of controls at the end of a line.
const MARK: &str = "# why: ";
/// Controls that a way out names.
const MOST_CONTROLS: usize = 3;
/// Paths that a command names before it names their folder instead.
const MOST_PATHS: usize = 8;

/// One host's plan and the folder it is for.
pub type Planned<'p, 'b> = (&'p Path, &'p Plan<'b>);

/// What the user lets go.
#[derive(Debug, Clone, Copy)]
pub struct Consent<'a> {
    /// Files changed by hand.
    pub force: bool,
    /// Files and folders, in the bundle or from here.
    pub adopt: &'a [PathBuf],
}

impl Consent<'_> {
    /// Whether a file may be set aside.
    pub fn covers(self, out: &Path, path: &BundlePath, change: Change) -> bool {
        (self.force && change == Change::Update { edited: true })
            || self.adopt.iter().any(|given| is_named(given, out, path))
    }

    /// What was named and is in no bundle.
    pub fn unknown(self, plans: &[Planned<'_, '_>]) -> Diagnostics {
        let in_any = |given: &Path| {
            plans.iter().any(|(out, plan)| {
                let stale = plan.stale.iter().map(|stale| &stale.path);
                plan.entries.iter().map(|entry| &entry.path).chain(stale).any(|path| is_named(given, out, path))
            })
        };
        let unknown = self.adopt.iter().filter(|given| !in_any(given));
        unknown
            .map(|given| {
                let says = format!("`{}` is no file of the bundle", given.display());
                Diagnostic::error(codes::INVALID_VALUE, says)
                    .help("`--adopt` takes paths that would be replaced; `stockade generate --dry-run` lists them")
            })
            .collect()
    }
}

/// Whether a path as typed is a file of the bundle, or a folder above it.
fn is_named(given: &Path, out: &Path, path: &BundlePath) -> bool {
    let plain = |path: &Path| path.components().filter(|part| *part != Component::CurDir).collect::<PathBuf>();
    let whole = |path: &Path| std::path::absolute(path).map(|path| plain(&path));
    let inside = given.is_relative() && Path::new(path.as_str()).starts_with(plain(given));
    let from_here =
        whole(&out.join(path.as_str())).is_ok_and(|it| whole(given).is_ok_and(|given| it.starts_with(given)));
    inside || from_here
}

/// How the command of this run begins, for ways out that work as typed.
#[derive(Debug)]
pub struct Typed<'a> {
    /// The profile, where it was named.
    pub profile: Option<&'a Path>,
    /// The folder, where it was named.
    pub out: Option<&'a Path>,
    /// What the user has let go already.
    pub consent: Consent<'a>,
}

impl Typed<'_> {
    /// The command of this run with leave for more: files changed by hand, and these paths.
    fn line(&self, force: bool, adopt: &[String]) -> String {
        let quoted = |text: &str| shlex::try_quote(text).unwrap_or_default().into_owned();
        let mut line = "stockade generate".to_owned();
        if let Some(profile) = self.profile {
            line.push_str(&format!(" {}", quoted(&profile.display().to_string())));
        }
        if let Some(out) = self.out {
            line.push_str(&format!(" --out {}", quoted(&out.display().to_string())));
        }
        if force || self.consent.force {
            line.push_str(" --force");
        }
        // It takes every word that follows.
        let mut adopted = self.consent.adopt.iter().map(|path| path.display().to_string()).collect::<Vec<_>>();
        adopted.extend(adopt.iter().cloned());
        if !adopted.is_empty() {
            line.push_str(" --adopt");
            line.extend(adopted.iter().map(|path| format!(" {}", quoted(path))));
        }
        line
    }
}

/// Everything that nobody has agreed to lose: one finding for files that Stockade did not write, one for files that
/// were changed by hand.
pub fn findings(plans: &[Planned<'_, '_>], typed: &Typed<'_>, severity: Severity) -> Diagnostics {
    let foreign = paths(plans, |change| change == Change::Foreign);
    let changed = paths(plans, |change| change == Change::Update { edited: true });
    let folders = || plans.iter().map(|(out, _)| out.display().to_string()).collect();
    let adopt = if foreign.len() > MOST_PATHS { folders() } else { foreign.clone() };
    // One command for both, because the run stops for either.
    let command = typed.line(!changed.is_empty(), &adopt);
    let found = [not_ours(&foreign, &command, severity), edited(plans, &changed, &command, severity)];
    found.into_iter().flatten().collect()
}

/// What was changed by hand, as differences.
pub fn differences(plans: &[Planned<'_, '_>]) -> String {
    plans.iter().flat_map(|(_, plan)| edits(plan)).filter_map(|(_, edit)| edit.diff).collect()
}

fn not_ours(paths: &[String], command: &str, severity: Severity) -> Option<Diagnostic> {
    let says = match paths {
        [] => return None,
        [path] => format!("`{path}` was not written by Stockade and would be replaced"),
        paths => format!(
            "{} were not written by Stockade and would be replaced: `{}`",
            plural(paths.len(), "file"),
            paths.join("`, `")
        ),
    };
    Some(Diagnostic::new(codes::FOREIGN_FILE, severity, says).help(format!(
        "choose another folder with `--out DIR`, or let Stockade take over, which keeps each file as `PATH{BEFORE}`: `{command}`"
    )))
}

fn edited(plans: &[Planned<'_, '_>], paths: &[String], command: &str, severity: Severity) -> Option<Diagnostic> {
    let says = match paths {
        [] => return None,
        [path] => format!("`{path}` was changed by hand since it was generated, and the change would be lost"),
        paths => format!(
            "{} were changed by hand since they were generated, and the changes would be lost: `{}`",
            plural(paths.len(), "file"),
            paths.join("`, `")
        ),
    };
    let found: Vec<(String, Edit)> = plans
        .iter()
        .flat_map(|(out, plan)| edits(plan).map(|(path, edit)| (out.join(path.as_str()).display().to_string(), edit)))
        .collect();
    let mut finding = Diagnostic::new(codes::EDITED_FILE, severity, says).help(format!(
        "say the change in the profile{}, or bring the file back, which keeps yours as `PATH{BEFORE}`: `{command}`",
        key(&found)
    ));
    for (path, _) in found.iter().filter(|(_, edit)| edit.diff.is_none()) {
        finding = finding.with_note(format!("`{path}` holds, or has held, a secret: the difference is not shown"));
    }
    Some(finding)
}

fn paths(plans: &[Planned<'_, '_>], which: impl Fn(Change) -> bool) -> Vec<String> {
    let of = |(out, plan): &Planned<'_, '_>| {
        let shown = |path: &BundlePath| out.join(path.as_str()).display().to_string();
        plan.unsettled().filter(|entry| which(entry.change)).map(|entry| shown(&entry.path)).collect::<Vec<_>>()
    };
    plans.iter().flat_map(of).collect()
}

/// Where it is said how the profile says it: at the controls whose lines were changed, else at the first changed line.
fn key(found: &[(String, Edit)]) -> String {
    let mut ids: Vec<&str> = Vec::new();
    for line in found.iter().flat_map(|(_, edit)| &edit.back) {
        let Some((_, marked)) = line.rsplit_once(MARK) else { continue };
        for id in marked.split(',').map(str::trim) {
            if !ids.contains(&id) && crate::controls::catalogue::find(id).is_some() {
                ids.push(id);
            }
        }
    }
    let quoted = |text: &str| shlex::try_quote(text).unwrap_or_default().into_owned();
    let told: Vec<String> = ids.iter().take(MOST_CONTROLS).map(|id| format!("`stockade explain {id}`")).collect();
    let line = || found.iter().find(|(_, edit)| edit.diff.is_some());
    match (told.is_empty(), line()) {
        (false, _) => format!(" ({})", told.join(", ")),
        (true, Some((path, edit))) => format!(" (`stockade explain {}`)", quoted(&format!("{path}:{}", edit.line))),
        (true, None) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_named_from_the_bundle_and_from_here() {
        let path: BundlePath = "proxy/traefik.yml".parse().unwrap();
        for (given, out, named) in [
            ("proxy/traefik.yml", "b", true),
            ("./proxy/traefik.yml", "b", true),
            ("proxy", "b", true),
            ("proxy/", "b", true),
            ("b/proxy/traefik.yml", "b", true),
            ("./b/proxy/traefik.yml", "./b", true),
            ("b", "b", true),
            (".", ".", true),
            ("proxy/traefik.yml", ".", true),
            ("prox", "b", false),
            ("c/proxy/traefik.yml", "b", false),
            ("/proxy/traefik.yml", "b", false),
            ("/b/proxy/traefik.yml", "/b", true),
        ] {
            assert_eq!(is_named(Path::new(given), Path::new(out), &path), named, "{given} in {out}");
        }
    }

    #[test]
    fn a_command_is_typed_with_all_leave_it_needs() {
        let none = Consent { force: false, adopt: &[] };
        let typed = Typed { profile: Some(Path::new("my profile.yaml")), out: Some(Path::new("b")), consent: none };
        assert_eq!(typed.line(false, &["b/.env".into()]), "stockade generate 'my profile.yaml' --out b --adopt b/.env");
        let given = [PathBuf::from("a")];
        let typed = Typed { profile: None, out: None, consent: Consent { force: true, adopt: &given } };
        assert_eq!(typed.line(false, &["b".into()]), "stockade generate --force --adopt a b");
        let typed = Typed { profile: None, out: None, consent: none };
        assert_eq!(typed.line(true, &[]), "stockade generate --force");
    }
}
