//! Services that contradict what is known of their image.

use crate::diagnostics::{Diagnostic, Diagnostics, codes};
use crate::format::image::{Facts, Moved};
use crate::images::{self, Known};
use crate::stack::{Origin, Service, Stack};
use crate::values::{ContainerPath, Port, Ports};

/// Says which services would stop at their start or lose what they keep, and what their images want declared.
pub fn check(found: &mut Diagnostics, stack: &Stack) {
    for service in stack.services.values().filter(|service| service.origin == Origin::System) {
        let Some(known) = images::known(&service.image.value) else { continue };
        if !runs_the_image(service, &known.facts) {
            continue;
        }
        needs(found, service, &known);
        moved(found, service, &known.facts);
        variables(found, service, &known.facts);
        ports(found, service, &known);
        health(found, service, &known);
    }
}

/// Whether it starts what the image is made for, and no other program in its place.
fn runs_the_image(service: &Service, facts: &Facts) -> bool {
    if service.shim.is_some() {
        return true;
    }
    let own = facts.service.process.as_ref().and_then(|process| process.command.first());
    let first = service.command.as_ref().and_then(|words| words.first());
    service.entrypoint.is_none() && first.is_none_or(|word| word.starts_with('-') || Some(word) == own)
}

fn needs(found: &mut Diagnostics, service: &Service, known: &Known) {
    let missing = missing(service, &known.facts);
    if missing.is_empty() {
        return;
    }
    let says =
        format!("`{}` of `{}` needs more than is declared, and would stop at its start", service.image, service.name);
    let finding = Diagnostic::warning(codes::IMAGE_NEEDS, says).at(service.image.span, "");
    let finding = known.facts.starts.iter().fold(finding, |it, starts| it.with_note(starts.to_string()));
    let root = known.facts.service.user.is_some_and(|user| user.uid == 0);
    let other = if root { "; or take an image that runs as any user, which needs none of it" } else { "" };
    found.push(finding.help(format!("declare {}{other}", missing.join(", "))));
}

/// What its image needs and its description does not have, as it is written.
fn missing(service: &Service, facts: &Facts) -> Vec<String> {
    let (declared, needs) = (&service.declared, &facts.service);
    let mut missing = Vec::new();
    if let Some(user) = needs.user {
        match &facts.only_user {
            _ if user.uid == 0 && declared.user.uid != 0 => {
                let reason = needs.root_user.as_ref().map_or("it drops its rights at the start", |it| it.as_str());
                missing.push(format!("`user: \"0:0\"` with `root_user: {reason}`"));
            }
            Some(reason) if declared.user.uid != user.uid && declared.user.uid != 0 => {
                missing.push(format!("`user: \"{user}\"`, since {reason}"));
            }
            _ => {}
        }
    }
    let has = |name: &str| declared.capabilities.iter().any(|(kept, _)| kept.as_str() == name);
    let lacks: Vec<String> = (needs.capabilities.iter().map(|it| it.name.value.as_str()).filter(|name| !has(name)))
        .map(|name| format!("{{name: {name}, reason: it drops its rights}}"))
        .collect();
    if !lacks.is_empty() {
        missing.push(format!("`capabilities: [{}]`", lacks.join(", ")));
    }
    if declared.writable_root.is_none() {
        let runs = |path: &ContainerPath| service.tmpfs.iter().any(|it| it.target == *path && it.exec.is_some());
        for scratch in needs.tmpfs.iter().filter(|scratch| scratch.exec.is_some() && !runs(&scratch.target.value)) {
            let (path, reason) = (&scratch.target.value, scratch.exec.as_ref().map_or("", |it| it.as_str()));
            missing.push(format!("`tmpfs: [{{target: {path}, size: 16m, mode: \"0755\", exec: {reason}}}]`"));
        }
        // Of a mount at the wrong place it is said that it belongs there.
        let moved = |path: &ContainerPath| facts.moved.iter().any(|it| it.instead == *path && is_moved(service, it));
        let writes = facts.writes.iter().filter(|it| !is_writable(service, &it.path) && !moved(&it.path));
        for written in writes {
            let kept = facts.data.iter().any(|data| data.path == written.path);
            missing.push(match kept {
                true => format!("a volume at `{}`, {}", written.path, written.reason),
                false => format!("`tmpfs: [{{target: {}, size: 16m}}]`, {}", written.path, written.reason),
            });
        }
        if let Some(reason) = &needs.writable_root {
            missing.push(format!("`writable_root: {reason}`"));
        }
    }
    missing
}

/// Whether a place lies in a mount that is not read-only, or in scratch space.
fn is_writable(service: &Service, path: &ContainerPath) -> bool {
    let mounts = service.mounts.iter().map(|mount| (&mount.target, !mount.read_only));
    let all = mounts.chain(service.tmpfs.iter().map(|it| (&it.target, true)));
    let around = all.filter(|(target, _)| is_within(path, target));
    around.max_by_key(|(target, _)| same(target).len()).is_some_and(|(_, writable)| writable)
}

fn is_within(path: &ContainerPath, around: &ContainerPath) -> bool {
    let (path, around) = (same(path), same(around));
    path.strip_prefix(around.trim_end_matches('/')).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A path as text; `/var/run` is a link to `/run` in every distribution.
fn same(path: &ContainerPath) -> String {
    let text = path.to_string();
    match text.strip_prefix("/var/run") {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => format!("/run{rest}"),
        _ => text,
    }
}

fn wrong(service: &Service, says: String) -> Diagnostic {
    Diagnostic::error(codes::IMAGE_CONTRADICTED, says).at(service.image.span, "")
}

/// Mounts at places that this version of the image does not use.
fn moved(found: &mut Diagnostics, service: &Service, facts: &Facts) {
    for moved in &facts.moved {
        if is_moved(service, moved) {
            let says = format!("`{}` of `{}` keeps nothing at `{}`", service.image, service.name, moved.path);
            found.push(
                wrong(service, says)
                    .with_note(moved.reason.to_string())
                    .help(format!("write `target: {}` for that mount", moved.instead)),
            );
        }
    }
}

/// Whether something is mounted at a place that nobody has chosen.
fn is_moved(service: &Service, moved: &Moved) -> bool {
    let chosen = moved.unless.as_ref().is_some_and(|name| service.environment.contains_key(name.as_str()));
    !chosen && service.mounts.iter().any(|mount| same(&mount.target) == same(&moved.path))
}

/// Variables that stop it, that it misses, and secrets that it would read from a file by itself.
fn variables(found: &mut Diagnostics, service: &Service, facts: &Facts) {
    let environment = &service.environment;
    let delivered = |name: &str| {
        service.secrets.values().any(|secret| secret.environment.as_ref().is_some_and(|it| it.as_str() == name))
    };
    for refused in &facts.refuses {
        if environment.contains_key(refused.variable.as_str()) {
            let says = format!("`{}` does not start with `{}`", service.image, refused.variable);
            found.push(wrong(service, says).with_note(refused.reason.to_string()).help(refused.instead.to_string()));
        }
    }
    for wanted in &facts.wants {
        let there = |name: &crate::values::EnvName| environment.contains_key(name.as_str()) || delivered(name.as_str());
        let Some(first) = wanted.one_of.first().filter(|_| !wanted.one_of.iter().any(there)) else { continue };
        let says = format!("`{}` of `{}` wants `{first}` at its first start", service.image, service.name);
        let help = match first.as_str().ends_with("_FILE") {
            true => format!("deliver a secret and write `{first}: /run/secrets/NAME` under `environment`"),
            false => format!("set `{first}` under `environment`, or deliver it from a secret"),
        };
        found.push(
            Diagnostic::warning(codes::IMAGE_NEEDS, says)
                .at(service.image.span, "")
                .with_note(wanted.reason.to_string())
                .help(help),
        );
    }
    for name in facts.file_variables.iter().filter(|name| delivered(name.as_str())) {
        found.push(
            Diagnostic::warning(
                codes::IMAGE_NEEDS,
                format!("`{}` of `{}` reads `{name}` from a file by itself", service.image, service.name),
            )
            .at(service.image.span, "the variable would show in its processes")
            .help(format!(
                "deliver the secret without `environment`, and set `{name}_FILE: /run/secrets/NAME` under `environment`"
            )),
        );
    }
}

/// Ports on which nothing listens. What may be told otherwise, by a command or a file, is taken at its word.
fn ports(found: &mut Diagnostics, service: &Service, known: &Known) {
    let facts = &known.facts;
    let told = service.command.is_some() || service.mounts.iter().any(|mount| mount.read_only);
    if !facts.only_ports || (told && service.shim.is_none()) {
        return;
    }
    for port in &service.ports {
        let named = |number: Port| service.environment.values().any(|it| it.value == number.get().to_string());
        let listens = |number: Port| port.container.overlaps(Ports::from(number));
        let single = port.container.to_string().parse::<Port>().ok();
        if facts.ports.iter().any(|it| it.protocol == port.protocol && listens(it.number)) || single.is_some_and(named)
        {
            continue;
        }
        let all: Vec<String> = facts.ports.iter().map(|it| format!("{} ({})", it.number.get(), it.purpose)).collect();
        found.push(
            Diagnostic::warning(
                codes::UNDECLARED_PORT,
                format!("{} of `{}` does not listen on port {}", known.title, service.name, port.container),
            )
            .at(port.at, "")
            .help(format!("it listens on {}", all.join(", "))),
        );
    }
}

/// A health check with a program that is not there.
fn health(found: &mut Diagnostics, service: &Service, known: &Known) {
    let Some(health) = service.hardening.healthcheck.wished() else { return };
    let script = |shell: &str| matches!(shell.rsplit('/').next(), Some("sh" | "bash" | "ash"));
    let program = match &health.command[..] {
        [shell, flag, line, ..] if script(shell) && flag == "-c" => line.split_whitespace().next(),
        [program, ..] => Some(program.as_str()),
        [] => None,
    };
    let Some(program) = program.filter(|it| known.facts.lacks.iter().any(|lacks| lacks.as_str() == *it)) else {
        return;
    };
    let own = known.facts.service.healthcheck.is_some();
    let help = match own {
        true => format!("leave `healthcheck` out: one that fits {} is known", known.title),
        false => "ask with a program that the image has, or write `no_healthcheck: REASON`".to_owned(),
    };
    found.push(
        Diagnostic::warning(
            codes::IMAGE_CONTRADICTED,
            format!("the health check of `{}` runs `{program}`, which `{}` does not have", service.name, service.image),
        )
        .at(health.at, "it would never be healthy")
        .help(help),
    );
}
