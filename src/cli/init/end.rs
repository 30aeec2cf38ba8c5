//! The last page: what will be enforced, what stays for a person, the profile, and what to type next.

use crate::cli::check::plural;
use crate::cli::summary;
use crate::cli::terminal::{Terminal, lines, shown, wrapped};
use crate::compile::Bundle;
use crate::init::{Draft, Key, Place, Value, Wizard};
use crate::report::Status;
use std::path::Path;

/// Most ports that are named.
const PORTS: usize = 6;

/// What there is to say in the end.
pub struct End<'e> {
    pub wizard: &'e Wizard,
    pub draft: &'e Draft,
    /// What the profile compiles to; nothing where something is missing.
    pub bundles: &'e [Bundle],
    pub path: &'e Path,
    /// The folder, where it was named.
    pub typed: Option<&'e Path>,
    pub terminal: &'e Terminal,
    /// Where the name leads.
    pub reach: Option<String>,
}

impl End<'_> {
    /// What will be enforced, what stays, and where defaults come from.
    pub fn summary(&self) -> String {
        let mut table = self.terminal.table();
        for bundle in self.bundles {
            table.add_row(["enforced".to_owned(), plural(summary::enforced(bundle), "control")]);
            table.add_row(["guide".to_owned(), summary::guide(bundle)]);
            table.add_row(["open".to_owned(), exposed(bundle)]);
            let manual = bundle.report.lines.iter().filter(|line| line.status == Status::Manual).count();
            if manual > 0 {
                table.add_row(["manual".to_owned(), format!("{}; HARDENING.md has them", plural(manual, "step"))]);
            }
        }
        for missing in &self.draft.missing {
            table.add_row(["missing".to_owned(), format!("`{}`: {}", missing.key, missing.question)]);
        }
        for (what, from) in self.seen() {
            table.add_row(["seen".to_owned(), format!("{what}: {from}")]);
        }
        for note in self.notes() {
            table.add_row(["mind".to_owned(), note]);
        }
        let text: String = lines(table).lines().map(|line| format!(" {}\n", line.trim_end())).collect();
        format!("\n{text}")
    }

    /// The profile as it is written.
    pub fn text(&self) -> String {
        let text: String = self.draft.text.lines().map(|line| format!("  {line}\n")).collect();
        format!("\n{}\n{text}", shown(self.path))
    }

    /// What to type next, unless the bundle is generated at once, which tells it; and the same run without questions.
    pub fn next(&self, generates: bool) -> String {
        let path = word(&shown(self.path));
        let profile = if self.typed.is_some() { format!(" {path}") } else { String::new() };
        let folder = self.typed.map(|folder| folder.display().to_string());
        let same = format!("\nthe same without questions\n  {}\n", self.wizard.command(folder.as_deref()));
        if generates {
            return format!("\n{} written\n{same}\n", shown(self.path));
        }
        let mut text = format!("\n{} written\n\nnext\n", shown(self.path));
        if !self.draft.missing.is_empty() {
            text.push_str(&format!("  complete the TODO lines of {path}\n"));
        }
        text.push_str(&format!("  stockade check{profile}\n  stockade generate{profile}\n"));
        text.push_str("  stockade schema --write   # completion in the editor\n");
        text.push_str(&same);
        text
    }

    /// Defaults that were taken from what was seen.
    fn seen(&self) -> Vec<(String, String)> {
        let decided = self.wizard.decided();
        let seen = decided.into_iter().filter_map(|(key, value)| {
            let proposed = self.wizard.default(&key).filter(|proposed| proposed.value == value)?;
            Some((format!("{key} {}", value.text()), proposed.from?))
        });
        seen.collect()
    }

    /// What could go wrong with these answers on this host.
    fn notes(&self) -> Vec<String> {
        let Some(facts) = self.wizard.local() else {
            let elsewhere = self.wizard.value(&Key::Host) == Some(Value::Host(Place::Elsewhere));
            let copy = "it is for another host: copy the bundle there before its first start".to_owned();
            return elsewhere.then_some(copy).into_iter().collect();
        };
        let mut notes: Vec<String> = self.reach.iter().cloned().collect();
        if let (Some(Value::Admin(networks)), Some(peer)) = (self.wizard.value(&Key::Admin), &facts.peer)
            && facts.peer_is_in(&networks) == Some(false)
        {
            notes.push(format!(
                "you are logged in from {}, which is not among `admin`: the firewall would close SSH to you",
                peer.address
            ));
        }
        if let Some(engine) = facts.engine.as_ref().filter(|engine| engine.rootless) {
            notes.push(format!("{}: the bundle is for an engine that root runs", engine.said()));
        }
        let bundle = self.bundles.iter().flat_map(|bundle| bundle.report.exposed());
        let ours = bundle.filter_map(|(port, ..)| port.strip_suffix("/tcp")?.parse::<u16>().ok());
        let mut taken: Vec<String> =
            ours.filter(|port| facts.taken.contains(port)).map(|port| port.to_string()).collect();
        taken.sort();
        taken.dedup();
        if !taken.is_empty() {
            let ports = taken.join(" and ");
            notes.push(format!("something listens on port {ports} here, and must stop before the first start"));
        }
        notes
    }
}

/// Ports that others than containers reach.
fn exposed(bundle: &Bundle) -> String {
    let all: Vec<String> =
        bundle.report.exposed().map(|(port, who, what)| format!("{port} to {who} ({what})")).collect();
    match all.len() {
        0 => "no port".to_owned(),
        count if count > PORTS => format!("{}, and {} more", all[..PORTS].join(", "), count - PORTS),
        _ => all.join(", "),
    }
}

/// A word of the shell.
pub fn word(text: &str) -> String {
    shlex::try_quote(text).map_or_else(|_| String::new(), std::borrow::Cow::into_owned)
}

/// Lines on what was found, as the first page shows them.
pub fn found(wizard: &Wizard, width: usize) -> String {
    let said = wizard.facts.said();
    if said.is_empty() {
        return String::new();
    }
    let lines: String = said.iter().map(|line| wrapped(line, 2, width)).collect();
    format!("found here\n{lines}")
}
