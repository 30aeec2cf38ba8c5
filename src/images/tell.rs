//! What is known of a family of images, for people: a part of `docs/images.md`, and what `stockade images show` prints.

use super::find::{families, read};
use crate::format::image::{Case, Facts, Family, Seen};
use std::fmt::{Display, Write as _};

/// The families: name, title, and the repositories of each.
pub fn list() -> Vec<(String, String, Vec<String>)> {
    let all = families().filter_map(|(name, _)| read(name));
    all.map(|read| {
        let family = &read.family;
        (family.name.to_string(), family.title.to_string(), family.images.iter().map(ToString::to_string).collect())
    })
    .collect()
}

/// One family in Markdown, by its name.
pub fn tell(name: &str) -> Option<String> {
    let (name, _) = families().find(|(known, _)| *known == name)?;
    let read = read(name)?;
    Some(family(&read.family))
}

fn family(family: &Family) -> String {
    let mut text = format!("{}.", codes(&family.images));
    if !family.unless.is_empty() {
        let _ = write!(text, " Not those with {} in the tag.", codes(&family.unless));
    }
    if !family.only.is_empty() {
        let _ = write!(text, " Only those with {} in the tag.", codes(&family.only));
    }
    text.push('\n');
    facts(&mut text, "", &family.facts);
    for case in &family.cases {
        facts(&mut text, &when(case), &case.facts);
    }
    text.push_str("\nSources:\n");
    for source in &family.sources {
        let path = source.path.iter().map(|path| format!(", `{path}`")).collect::<String>();
        let commit = source.commit.iter().map(|commit| format!(" at `{:.12}`", commit.as_str())).collect::<String>();
        let seen = match source.seen {
            Seen::Read => "read",
            Seen::Run => "run",
        };
        let _ = writeln!(text, "- {}{path}{commit} ({seen})", source.repository);
    }
    text
}

/// For which images a case holds.
fn when(case: &Case) -> String {
    let from = case.from.iter().map(|version| format!("from version {version} on"));
    let before = case.before.iter().map(|version| format!("before version {version}"));
    let tag = case.tag.iter().map(|word| format!("with `{word}` in the tag"));
    let mut text = from.chain(before).chain(tag).collect::<Vec<_>>().join(", ");
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}

fn facts(text: &mut String, when: &str, facts: &Facts) {
    let mut lines = Vec::new();
    let mut say = |what: &str, values: Vec<String>| {
        if !values.is_empty() {
            lines.push(format!("- {what}: {}", values.join("; ")));
        }
    };
    let needs = &facts.service;
    say("Start", facts.starts.iter().map(ToString::to_string).collect());
    say(
        "Process",
        needs
            .process
            .iter()
            .map(|it| format!("`{}`", it.entrypoint.iter().chain(&it.command).cloned().collect::<Vec<_>>().join(" ")))
            .collect(),
    );
    say(
        "User",
        needs
            .user
            .iter()
            .map(|user| format!("`{user}`"))
            .chain(facts.only_user.iter().map(ToString::to_string))
            .collect(),
    );
    say("Root, because", needs.root_user.iter().map(ToString::to_string).collect());
    say("Capabilities", needs.capabilities.iter().map(|it| format!("`{}`, {}", it.name.value, it.reason)).collect());
    say("Writable root, because", needs.writable_root.iter().map(ToString::to_string).collect());
    say(
        "Keeps",
        facts
            .data
            .iter()
            .map(|it| {
                format!(
                    "`{}`, owner `{}`, mode `{}`: {}",
                    it.path,
                    it.owner,
                    it.mode,
                    it.purpose.as_str().trim_end_matches('.')
                )
            })
            .collect(),
    );
    say("Must be able to write", facts.writes.iter().map(|it| format!("`{}`, {}", it.path, it.reason)).collect());
    say(
        "Scratch space",
        needs
            .tmpfs
            .iter()
            .map(|it| {
                let exec = it.exec.iter().map(|reason| format!(", executable: {reason}")).collect::<String>();
                format!("`{}`, {}{exec}", it.target.value, it.size.text.value)
            })
            .collect(),
    );
    say("Not the place of its data", facts.moved.iter().map(|it| format!("`{}`, {}", it.path, it.reason)).collect());
    say("Reads from a file that `NAME_FILE` names", facts.file_variables.iter().map(code).collect());
    say("Wants one of", facts.wants.iter().map(|it| format!("{}: {}", codes(&it.one_of), it.reason)).collect());
    say("Does not start with", facts.refuses.iter().map(|it| format!("`{}`: {}", it.variable, it.reason)).collect());
    say("Ports", facts.ports.iter().map(|it| format!("{}/{}, {}", it.number.get(), it.protocol, it.purpose)).collect());
    say(
        "Health",
        needs
            .healthcheck
            .iter()
            .map(|it| {
                let words: Vec<&str> = it.command.iter().map(|word| word.text.value.as_str()).collect();
                format!("`{}`", words.join(" "))
            })
            .chain(needs.no_healthcheck.iter().map(ToString::to_string))
            .collect(),
    );
    say("Has no", facts.lacks.iter().map(code).collect());
    say(
        "Limits",
        needs
            .limits
            .iter()
            .map(|it| {
                format!(
                    "{} of memory, {} processors, {} processes",
                    it.memory.text.value, it.cpus.text.value, it.pids.text.value
                )
            })
            .collect(),
    );
    say(
        "Stop",
        needs
            .stop
            .iter()
            .map(|it| {
                let signal = it.signal.as_ref().map_or_else(|| "SIGTERM".to_owned(), ToString::to_string);
                format!("{signal}, then {} s", it.grace.as_seconds())
            })
            .collect(),
    );
    say("Update", facts.updates.iter().map(ToString::to_string).collect());
    say("Trap", facts.traps.iter().map(|it| it.as_str().trim_end_matches('.').to_owned()).collect());
    if !lines.is_empty() {
        let head = if when.is_empty() { String::new() } else { format!("\n{when}:\n") };
        let _ = write!(text, "{head}\n{}\n", lines.join("\n"));
    }
}

fn code(value: &impl Display) -> String {
    format!("`{value}`")
}

fn codes(values: &[impl Display]) -> String {
    values.iter().map(code).collect::<Vec<_>>().join(", ")
}

/// The page `docs/images.md`.
#[cfg(test)]
pub(super) fn page(opening: &str) -> String {
    let mut text = opening.to_owned();
    text.push_str("| name | title | images |\n|---|---|---|\n");
    for (name, title, images) in list() {
        let _ = writeln!(text, "| [{name}](#{name}) | {title} | {} |", codes(&images));
    }
    for (name, title, _) in list() {
        let _ = write!(text, "\n### {name}\n{title}: {}", tell(&name).unwrap_or_default());
    }
    text
}
