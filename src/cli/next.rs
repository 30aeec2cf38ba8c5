//! What a person does after a run: after the first one the first start, after a later one what takes the change into effect.

use super::typed;
use crate::backends::next::Next;
use crate::writer::{Effect, kept};
use std::collections::BTreeSet;
use std::path::Path;

/// Names of services, and what is done with them.
type Fate<'a> = (&'static str, &'a BTreeSet<String>);

/// The lines, from inside the bundle.
pub fn lines(next: &Next, effect: &Effect) -> Vec<String> {
    if effect.first { next.first.clone() } else { later(next, effect) }
}

/// How to get to where the bundle is to be: the folder, or the host among several.
pub fn way(next: &Next, out: &Path, project: &str) -> Vec<String> {
    let quoted = |text: &str| shlex::try_quote(text).unwrap_or_default().into_owned();
    match &next.host {
        Some((host, address)) if !address.is_empty() => {
            let there = if address.contains(':') { format!("[{address}]") } else { address.clone() };
            vec![
                // Files that the application changed are newer there, and owners and modes are `install.sh`'s to set.
                format!(
                    "rsync -rltu {} {}   # where `{host}` is another machine",
                    typed::path(&out.join("")),
                    quoted(&format!("root@{there}:/opt/{project}/"))
                ),
                format!("ssh root@{address}"),
                format!("cd /opt/{project}"),
            ]
        }
        _ if out == Path::new(".") || out == Path::new("") => Vec::new(),
        _ => vec![format!("cd {}", typed::path(out))],
    }
}

fn later(next: &Next, effect: &Effect) -> Vec<String> {
    let mut lines = Vec::new();
    let with = |command: &str, why: &str| format!("{command}   # {why}");
    lines.extend(effect.steps.iter().cloned());
    if let Some(project) = &effect.project {
        lines.extend(down(next, project, &effect.volumes));
    }
    for path in &effect.gone {
        lines.push(with(&format!("sudo rm -f {path}"), "no longer part of the bundle"));
    }
    let copied = next.host.as_ref().is_some_and(|(_, address)| !address.is_empty());
    if effect.install || copied {
        lines.extend(next.install.map(|command| with(command, "owners and modes")));
    }
    for kind in &effect.kinds {
        let script = kept(kind);
        let open = "published ports are open until others are loaded";
        lines.push(with(
            &format!("sudo ./{script} --remove && sudo rm {script}"),
            &format!("removes firewall rules of the kind {kind}, if they are loaded; {open}"),
        ));
    }
    match (next.firewall, &effect.project) {
        // Rules carry the name of their bundle.
        (Some(command), Some(project)) => {
            lines.push(with(&format!("{command} --replace={project}"), "in place of the rules of the earlier name"));
        }
        (Some(command), None) if effect.firewall || !effect.kinds.is_empty() => {
            lines.push(with(command, "the rules have changed"));
        }
        _ => {}
    }
    if effect.secrets || !effect.rotated.is_empty() {
        lines.extend(next.handover.map(|command| with(command, "secrets have changed")));
    }
    match next.up {
        Some(up) if effect.starts() => {
            let up = if effect.removed.is_empty() { up.to_owned() } else { format!("{up} --remove-orphans") };
            lines.push(with(&up, &fates(effect)));
        }
        Some(up) if effect.project.is_some() => lines.push(with(up, "starts all of it under the new name")),
        None if effect.compose => {
            lines.push("# paste compose.yaml into the host's form for custom applications again".to_owned())
        }
        _ => {}
    }
    if effect.sites || !effect.rotated.is_empty() {
        lines.extend(next.join.map(|command| with(command, "the proxy of the other stack takes what has changed")));
    }
    if effect.anew.contains("proxy") {
        lines.extend(next.share.map(|command| with(command, "connects the new proxy with the stacks that joined it")));
    }
    if !effect.forced.is_empty() {
        let names = joined(&effect.forced, " ");
        match next.up {
            Some(up) => {
                let command = format!("{up} --no-deps --force-recreate {names}");
                let mut why = "files that it mounts were brought back to what they had been".to_owned();
                let parts = effect.forced.iter().filter_map(|name| next.services.get(name));
                let ports: Vec<&str> = parts.flat_map(|part| part.ports.iter().map(String::as_str)).collect();
                if !ports.is_empty() {
                    why.push_str(&format!("; cuts people off on {} for a moment", ports.join(", ")));
                }
                lines.push(with(&command, &why));
            }
            None => lines.push(format!("# restart {names}: files that it mounts were brought back")),
        }
    }
    if effect.authority {
        lines.push("# Import certs/ca.crt on the machines of your users: it is a new one".to_owned());
    }
    lines.extend(effect.logins.iter().cloned());
    for (name, said) in next.secrets.iter().filter(|(name, _)| effect.rotated.contains(*name)) {
        lines.push(format!("# {name} is another one: {said}"));
    }
    if lines.is_empty() {
        lines.push("# this run changed nothing that runs; the first start is in chapter 2 of HARDENING.md".to_owned());
    } else if effect.unfinished {
        lines.insert(0, "# an earlier run did not get to its end: what it changed is among these".to_owned());
    }
    lines
}

/// How the containers of the project that this bundle was before make room for those with other names and the same ports.
fn down(next: &Next, project: &str, volumes: &BTreeSet<String>) -> Vec<String> {
    let label = format!("label=com.docker.compose.project={project}");
    let why = format!("{project} was the name before: its containers hold the names and ports");
    let mut lines = vec![match next.up {
        None => format!("# remove {project} in the host's form for custom applications: it holds the names and ports"),
        Some(_) if next.podman => format!(
            "sudo podman ps -aq --filter {label} | xargs -r sudo podman rm -f; sudo podman network ls -q --filter {label} | xargs \
             -r sudo podman network rm   # {why}"
        ),
        // Compose takes what it removes from labels where it finds no file, which has only the new names.
        Some(_) => format!("(cd / && sudo docker compose -p {project} down)   # {why}"),
    }];
    if !volumes.is_empty() {
        let volumes: Vec<String> = volumes.iter().map(|name| format!("{project}_{name}")).collect();
        lines.push(format!(
            "# the new volumes are empty: copy what is in {} before the start, or give the old `name` back",
            volumes.join(", ")
        ));
    }
    lines
}

/// What happens to containers, and to whom.
fn fates(effect: &Effect) -> String {
    let fates: [Fate; 3] = [("makes anew", &effect.anew), ("starts", &effect.added), ("removes", &effect.removed)];
    let mut said: Vec<String> = fates
        .iter()
        .filter(|(_, names)| !names.is_empty())
        .map(|(what, names)| format!("{what} {}", joined(names, ", ")))
        .collect();
    let ports = [
        ("cuts people off on", &effect.cut, " for a moment"),
        ("closes", &effect.closed, ""),
        ("opens", &effect.opened, ""),
    ];
    let ports = ports.iter().filter(|(_, ports, _)| !ports.is_empty());
    said.extend(ports.map(|(what, ports, more)| format!("{what} {}{more}", ports.join(", "))));
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
        let said =
            |effect: &Effect, changed: &[&str]| lines(&next(), &Effect { rotated: set(changed), ..effect.clone() });
        assert_eq!(said(&Effect { first: true, anew: set(&["app"]), ..Effect::default() }, &[]), ["sudo ./install.sh"]);
        assert_eq!(
            said(&Effect::default(), &[]),
            ["# this run changed nothing that runs; the first start is in chapter 2 of HARDENING.md"]
        );
        let cut = vec!["443/tcp".to_owned()];
        let effect = Effect { anew: set(&["app", "proxy"]), cut, firewall: true, ..Effect::default() };
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
    fn another_name_gives_way_first() {
        let effect = Effect {
            project: Some("old".into()),
            volumes: set(&["data"]),
            firewall: true,
            anew: set(&["app"]),
            ..Effect::default()
        };
        let expected = [
            "(cd / && sudo docker compose -p old down)   # old was the name before: its containers hold the names and ports",
            "# the new volumes are empty: copy what is in old_data before the start, or give the old `name` back",
            "load --replace=old   # in place of the rules of the earlier name",
            "up   # makes anew app",
        ];
        assert_eq!(lines(&next(), &effect), expected);
        let form = Next { up: None, ..next() };
        assert!(lines(&form, &effect)[0].starts_with("# remove old in the host's form"));
    }

    #[test]
    fn rules_of_another_kind_go_before_new_ones_are_loaded() {
        let effect = Effect { kinds: set(&["ufw"]), ..Effect::default() };
        let said = lines(&next(), &effect);
        let command = "sudo ./firewall/rollback-ufw --remove && sudo rm firewall/rollback-ufw   # removes firewall rules of the kind ufw";
        assert!(said[0].starts_with(command), "{said:?}");
        assert_eq!(
            said[1..],
            ["load   # the rules have changed"],
            "a script that is run late takes the new table along"
        );
        assert_eq!(lines(&Next { firewall: None, ..next() }, &effect).len(), 1);
    }

    #[test]
    fn what_a_broken_run_changed_is_said_by_the_next() {
        let effect = Effect { unfinished: true, install: true, ..Effect::default() };
        assert_eq!(
            lines(&next(), &effect),
            ["# an earlier run did not get to its end: what it changed is among these", "install   # owners and modes"]
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
                "rsync -rltu b/hosts/node/ 'root@[2001:db8::9]:/opt/play/'   # where `node` is another machine",
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
