//! What a person does after a run: after the first one the first start, after a later one what takes the change into effect.

use crate::backends::next::Next;
use crate::writer::Effect;
use std::collections::BTreeSet;
use std::path::Path;

/// Names of services, and what is done with them.
type Fate<'a> = (&'static str, &'a BTreeSet<String>);

/// The lines, from inside the bundle. `changed` are secrets that have another value than the last run left.
pub fn lines(next: &Next, effect: &Effect, changed: &BTreeSet<String>) -> Vec<String> {
    if effect.first { next.first.clone() } else { later(next, effect, changed) }
}

/// How to get to where the bundle is to be: the folder, or the host among several.
pub fn way(next: &Next, out: &Path, project: &str) -> Vec<String> {
    let shown = out.display().to_string();
    // What begins with a hyphen is an option otherwise.
    let shown = if shown.starts_with('-') { format!("./{shown}") } else { shown };
    let quoted = |text: &str| shlex::try_quote(text).unwrap_or_default().into_owned();
    match &next.host {
        Some((host, address)) if !address.is_empty() => {
            let there = if address.contains(':') { format!("[{address}]") } else { address.clone() };
            vec![
                // Files that the application changed are newer there, and owners and modes are `install.sh`'s to set.
                format!(
                    "rsync -rltu {} {}   # where `{host}` is another machine",
                    quoted(&format!("{shown}/")),
                    quoted(&format!("root@{there}:/opt/{project}/"))
                ),
                format!("ssh root@{address}"),
                format!("cd /opt/{project}"),
            ]
        }
        _ if out == Path::new(".") || out == Path::new("") => Vec::new(),
        _ => vec![format!("cd {}", quoted(&shown))],
    }
}

fn later(next: &Next, effect: &Effect, changed: &BTreeSet<String>) -> Vec<String> {
    let mut lines = Vec::new();
    let with = |command: &str, why: &str| format!("{command}   # {why}");
    for path in &effect.gone {
        lines.push(with(&format!("sudo rm -f {path}"), "no longer part of the bundle"));
    }
    let copied = next.host.as_ref().is_some_and(|(_, address)| !address.is_empty());
    if effect.install || copied {
        lines.extend(next.install.map(|command| with(command, "owners and modes")));
    }
    if effect.firewall {
        lines.extend(next.firewall.map(|command| with(command, "the rules have changed")));
    }
    if effect.secrets || !changed.is_empty() {
        lines.extend(next.handover.map(|command| with(command, "secrets have changed")));
    }
    match next.up {
        Some(up) if effect.starts() => {
            let up = if effect.removed.is_empty() { up.to_owned() } else { format!("{up} --remove-orphans") };
            lines.push(with(&up, &fates(next, effect)));
        }
        None if effect.compose => {
            lines.push("# paste compose.yaml into the host's form for custom applications again".to_owned())
        }
        _ => {}
    }
    if !effect.forced.is_empty() {
        let names = joined(&effect.forced, " ");
        match next.up {
            Some(up) => {
                let command = format!("{up} --no-deps --force-recreate {names}");
                lines.push(with(&command, "files that it mounts were brought back to what they had been"));
            }
            None => lines.push(format!("# restart {names}: files that it mounts were brought back")),
        }
    }
    if effect.authority {
        lines.push("# Import certs/ca.crt on the machines of your users: it is a new one".to_owned());
    }
    for (name, said) in next.secrets.iter().filter(|(name, _)| changed.contains(*name)) {
        lines.push(format!("# {name} is another one: {said}"));
    }
    if lines.is_empty() {
        lines.push("# nothing that runs has changed; the first start is in section 5 of HARDENING.md".to_owned());
    }
    lines
}

/// What happens to containers, and to whom.
fn fates(next: &Next, effect: &Effect) -> String {
    let fates: [Fate; 3] = [("makes anew", &effect.anew), ("starts", &effect.added), ("removes", &effect.removed)];
    let mut said: Vec<String> = fates
        .iter()
        .filter(|(_, names)| !names.is_empty())
        .map(|(what, names)| format!("{what} {}", joined(names, ", ")))
        .collect();
    let ports: Vec<&str> = effect
        .anew
        .iter()
        .filter_map(|name| next.services.get(name))
        .flat_map(|part| part.ports.iter().map(String::as_str))
        .collect();
    if !ports.is_empty() {
        said.push(format!("cuts people off on {} for a moment", ports.join(", ")));
    }
    said.join("; ")
}

fn joined(names: &BTreeSet<String>, between: &str) -> String {
    names.iter().map(String::as_str).collect::<Vec<_>>().join(between)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backends::next::Part;

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn next() -> Next {
        let part =
            |ports: &[&str]| Part { inputs: Vec::new(), ports: ports.iter().map(|&port| port.to_owned()).collect() };
        Next {
            first: vec!["sudo ./install.sh".into()],
            up: Some("up"),
            install: Some("install"),
            firewall: Some("load"),
            services: [("proxy".to_owned(), part(&["443/tcp"])), ("app".to_owned(), part(&[]))].into(),
            secrets: [("key".to_owned(), "everybody logs in again".to_owned())].into(),
            ..Next::default()
        }
    }

    #[test]
    fn a_first_run_ends_with_the_first_start_and_a_later_one_with_what_changed() {
        let said = |effect: &Effect, changed: &[&str]| lines(&next(), effect, &set(changed));
        assert_eq!(said(&Effect { first: true, anew: set(&["app"]), ..Effect::default() }, &[]), ["sudo ./install.sh"]);
        assert_eq!(
            said(&Effect::default(), &[]),
            ["# nothing that runs has changed; the first start is in section 5 of HARDENING.md"]
        );
        let effect = Effect { anew: set(&["app", "proxy"]), firewall: true, ..Effect::default() };
        assert_eq!(
            said(&effect, &["key"]),
            [
                "load   # the rules have changed",
                "up   # makes anew app, proxy; cuts people off on 443/tcp for a moment",
                "# key is another one: everybody logs in again",
            ]
        );
        let effect = Effect { removed: set(&["old"]), forced: set(&["app"]), ..Effect::default() };
        assert_eq!(
            said(&effect, &[]),
            [
                "up --remove-orphans   # removes old",
                "up --no-deps --force-recreate app   # files that it mounts were brought back to what they had been",
            ]
        );
    }

    #[test]
    fn a_host_among_several_is_reached_by_its_address() {
        let way = |address: &str, out: &str| {
            let host = Some(("node".parse().unwrap(), address.to_owned()));
            super::way(&Next { host, ..Next::default() }, Path::new(out), "play")
        };
        assert_eq!(
            way("2001:db8::9", "b/hosts/node"),
            [
                "rsync -au b/hosts/node/ 'root@[2001:db8::9]:/opt/play/'   # where `node` is another machine",
                "ssh root@2001:db8::9",
                "cd /opt/play"
            ]
        );
        let plain = |out: &str| super::way(&Next::default(), Path::new(out), "play");
        assert_eq!(
            (plain("."), plain("-x"), plain("a b")),
            (vec![], vec!["cd ./-x".to_owned()], vec!["cd 'a b'".to_owned()])
        );
    }
}
