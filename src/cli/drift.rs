//! How a folder differs from its profile, and what a run leaves alone, as findings.

use super::summary;
use crate::diagnostics::{Diagnostic, Diagnostics, Severity, codes};
use crate::values::BundlePath;
use crate::writer::{Applied, Change, Foreign, Identity, Plan, Stale, WriteError, kept};
use std::path::Path;

/// What brings a folder up to date that differs.
pub fn way_out(plan: &Plan) -> &'static str {
    let by_hand = plan.stale.iter().any(|stale| stale.edited) || !plan.foreign.is_empty();
    if !plan.linked.is_empty() && plan.unsettled().next().is_none() {
        return "`stockade generate` stops before it changes owner or mode of a file with a second name (a hard link)";
    }
    match (plan.unsettled().next().is_some(), by_hand) {
        (true, _) => "`stockade generate` stops before it replaces what somebody else wrote",
        (false, true) => "`stockade generate` brings it up to date, but for what you must remove yourself",
        (false, false) => "`stockade generate` brings it up to date",
    }
}

/// What a run has left alone, and what it did to the bundle's own directory.
pub fn left(plan: &Plan, applied: &Applied, out: &Path) -> Diagnostics {
    let mut findings = foreign(plan, out, Severity::Warning);
    findings.extend(kinds(plan, out));
    let stale = plan.stale.iter().filter(|stale| stale.edited && !stale.agreed);
    findings.extend(stale.map(|stale| edited_stale(stale, out, Severity::Warning)));
    let owner = plan.open.and_then(|open| open.owner);
    let name = out.display();
    if applied.tightened {
        let theirs = owner.map(|owner| format!("; it belongs to user {owner}, who can still replace what lies in it"));
        let says = format!("`{name}` was closed to other users (mode 0700){}", theirs.unwrap_or_default());
        let help = match owner {
            Some(_) => format!("give it to whoever runs this: `chown {} {}`", Identity::current().uid, quoted(out)),
            None => {
                "nothing is left to do: the engine, which hands files to containers, enters all the same".to_owned()
            }
        };
        findings.push(Diagnostic::warning(codes::DRIFT, says).help(help));
    } else if let Some(owner) = owner.filter(|_| !plan.is_to_be_closed()) {
        let says = format!("`{name}` holds secrets, is open to other users, and belongs to user {owner}");
        let help = format!("have user {owner} or root close it: `chmod 700 {}`", quoted(out));
        findings.push(Diagnostic::warning(codes::DRIFT, says).help(help));
    }
    findings
}

fn quoted(path: &Path) -> String {
    shlex::try_quote(&path.display().to_string()).unwrap_or_default().into_owned()
}

/// The same way out that `generate` names.
fn linked(path: &BundlePath, out: &Path) -> String {
    WriteError::HardLinked { paths: vec![out.join(path.as_str()).display().to_string()] }.help()
}

/// Where rules of another kind of firewall than the bundle has now may still be loaded: what removes them.
fn kinds(plan: &Plan, out: &Path) -> Diagnostics {
    let finding = |kind: &String| {
        let script = out.join(kept(kind));
        let says = format!(
            "rules of the firewall's earlier kind `{kind}` may be loaded, and only their own script removes them"
        );
        Diagnostic::warning(codes::DRIFT, says).help(format!(
            "on the host of the stack, before other rules are loaded: `sudo {} --remove`; then remove the script",
            quoted(&script)
        ))
    };
    plan.effect.kinds.iter().map(finding).collect()
}

fn foreign(plan: &Plan, out: &Path, severity: Severity) -> Diagnostics {
    let finding = |foreign: &Foreign| {
        let path = out.join(&foreign.path);
        let says = format!("`{}` {}", path.display(), summary::intruder(foreign));
        Diagnostic::new(codes::FOREIGN_FILE, severity, says)
            .help(format!("look at it, say in the profile what is to stay, and remove it: `rm -r {}`", quoted(&path)))
    };
    plan.foreign.iter().map(finding).collect()
}

fn edited_stale(stale: &Stale, out: &Path, severity: Severity) -> Diagnostic {
    let path = out.join(stale.path.as_str());
    Diagnostic::new(codes::EDITED_FILE, severity, format!("`{}` {}", path.display(), summary::gone(stale)))
        .help(format!("look at it and remove it: `rm {}`; or set it aside with `--force`", quoted(&path)))
}

/// Every difference, for programs.
pub fn drifted(plan: &Plan, out: &Path) -> Diagnostics {
    let finding = |path: &dyn std::fmt::Display, what: &str| {
        Diagnostic::error(codes::DRIFT, format!("`{}` {what}", out.join(path.to_string()).display()))
            .help("run `stockade generate`")
    };
    let changed = plan.changes().map(|entry| {
        let finding = finding(&entry.path, summary::what(entry));
        match entry.change {
            Change::Foreign => finding.help("`stockade generate` names the ways out before it replaces anything"),
            Change::Update { edited: true } => {
                finding.help("say the change in the profile, or run `stockade generate --force`, which keeps yours")
            }
            Change::Access if plan.linked.contains(&entry.path) => finding.help(linked(&entry.path, out)),
            _ => finding,
        }
    });
    let stale = plan.stale.iter().map(|stale| match stale.edited {
        true => edited_stale(stale, out, Severity::Error),
        false => finding(&stale.path, summary::gone(stale)),
    });
    let debris = plan.debris.iter().map(|name| finding(name, summary::DEBRIS));
    let mut findings: Diagnostics = changed.chain(stale).chain(debris).collect();
    if plan.is_to_be_closed() {
        let says = format!("`{}` is open to other users", out.display());
        findings.push(Diagnostic::error(codes::DRIFT, says).help("run `stockade generate`"));
    }
    findings.extend(foreign(plan, out, Severity::Error));
    findings
}
