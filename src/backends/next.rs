//! What the operator does after a run to put the bundle in place, in order, and what a later run needs to know for the same.

use super::demands;
use crate::controls::Hardened;
use crate::format::system::ContainerEngine;
use crate::stack::edge::Standing;
use crate::stack::{Access, Service, ServicePort};
use crate::values::{BundlePath, HostName, TlsMode};
use std::collections::{BTreeMap, BTreeSet};

/// What is done with values for people.
const KEEP: &str = "Keep in a password manager: ";
/// How the stack is started.
const UP: &str = "sudo docker compose up -d --wait";
/// The same with Podman.
const PODMAN_UP: &str = "sudo podman-compose up -d";
/// How Podman gets the secrets.
const HANDOVER: &str = "sudo ./podman/secrets";
/// How directories, owners and modes are made.
const INSTALL: &str = "sudo ./install.sh";
/// How the firewall is loaded.
const FIREWALL: &str = "sudo ./firewall/apply --install";

/// How the proxy of another stack gets to serve this one.
const JOIN: &str = "sudo ./proxy/join";
/// How a proxy that was made anew reaches the stacks that joined it.
const SHARE: &str = "sudo ./proxy/share";

/// Longest command of a system that is shown on a terminal, in bytes; longer ones are looked up.
const SHORT: usize = 80;

/// One step.
#[derive(Debug)]
pub struct Step {
    /// What to do.
    pub action: String,
    /// The command, from inside the bundle.
    pub run: Option<String>,
    /// What it shows.
    pub expect: Option<String>,
}

/// What comes after a run.
#[derive(Debug, Clone, Default)]
pub struct Next {
    /// The first start, a line each.
    pub first: Vec<String>,
    /// Steps outside the bundle, and what people log in with: a later run says those that are new.
    pub outside: Vec<Outside>,
    /// Whether Podman runs the stack.
    pub podman: bool,
    /// The host and its address, where the bundle is one of several.
    pub host: Option<(HostName, String)>,
    /// The command that makes containers anew whose lines or files changed; nothing where a form of the host does it.
    pub up: Option<&'static str>,
    /// The command before it that hands changed secrets over, where the engine keeps them itself.
    pub handover: Option<&'static str>,
    /// The command for owners and modes, where some are not the operator's.
    pub install: Option<&'static str>,
    /// The command that loads the firewall, where there is one.
    pub firewall: Option<&'static str>,
    /// The command that brings sites and certificates to the proxy of another stack, where this one joins it.
    pub join: Option<&'static str>,
    /// The command after a start that connects the proxy with the stacks that joined it, where any may.
    pub share: Option<&'static str>,
    /// What people notice when a service is made anew.
    pub services: BTreeMap<String, Part>,
    /// What people notice when a secret is another one.
    pub secrets: BTreeMap<String, String>,
}

/// A step that no file of the bundle takes into effect.
#[derive(Debug, Clone)]
pub struct Outside {
    /// Its words in the runbook.
    pub words: String,
    /// Its line on a terminal.
    pub line: String,
    /// Whether it comes after the start.
    pub last: bool,
}

/// A service as a run that changes it sees it.
#[derive(Debug, Clone, Default)]
pub struct Part {
    /// Generated files that it mounts.
    pub inputs: Vec<BundlePath>,
    /// Ports on which people are cut off for a moment, as `443/tcp`.
    pub ports: Vec<String>,
}

/// What comes after a run of this stack.
pub fn next(stack: &Hardened, inputs: BTreeMap<crate::values::ServiceName, Vec<BundlePath>>) -> Next {
    let podman = stack.engine == ContainerEngine::Podman;
    let part = |service: &Service| Part {
        inputs: inputs.get(&service.name).cloned().unwrap_or_default(),
        ports: service.ports.iter().filter(|port| port.is_published()).map(shown).collect(),
    };
    let effect = |secret: &crate::stack::Secret| {
        let (effect, _) = secret.rotation.as_ref()?;
        Some((secret.name.to_string(), effect.to_string()))
    };
    Next {
        first: lines(stack),
        outside: outside(stack),
        podman,
        host: stack.host.clone().map(|host| (host, stack.address.map_or_else(String::new, |it| it.to_string()))),
        up: stack.base.is_none().then_some(if podman { PODMAN_UP } else { UP }),
        handover: (podman && !stack.secrets.is_empty()).then_some(HANDOVER),
        install: has_owners(stack).then_some(INSTALL),
        firewall: stack.firewall.is_set().then_some(FIREWALL),
        join: stack.edge.as_ref().and_then(|edge| edge.standing.joined()).map(|_| JOIN),
        share: stack.edge.as_ref().and_then(|edge| edge.standing.shared()).map(|_| SHARE),
        services: stack.services.values().map(|service| (service.name.to_string(), part(service))).collect(),
        secrets: stack.secrets.values().filter_map(effect).collect(),
    }
}

fn shown(port: &ServicePort) -> String {
    format!("{}/{}", port.host, port.protocol)
}

fn has_owners(stack: &Hardened) -> bool {
    let owned =
        |secret: &crate::stack::Secret| secret.access.get().is_some_and(|access: &Access| access.owner.is_some());
    stack.secrets.values().any(owned) || !stack.directories.is_empty()
}

/// From the finished bundle to the running stack.
pub fn start(stack: &Hardened) -> Vec<Step> {
    let step = |action: &str, run: &str, expect: Option<&str>| Step {
        action: action.to_owned(),
        run: Some(run.to_owned()),
        expect: expect.map(str::to_owned),
    };
    let told = |action: String| Step { action, run: None, expect: None };
    let mut steps = Vec::new();
    if let Some(base) = &stack.base {
        steps.push(told(format!("copy the bundle to {base} on the host, and go there")));
    }
    steps.extend(folders(stack));
    steps.extend(reach(stack));
    if has_owners(stack) {
        steps.push(step(
            "Make directories, and give each file to the user that reads it. It is safe to repeat.",
            INSTALL,
            None,
        ));
    }
    if let Some(firewall) = stack.firewall.get() {
        let mut load = step(
            "Load the firewall, also at every boot, while a second session on the host stays open. Rules that nobody \
             confirms are taken back.",
            FIREWALL,
            None,
        );
        load.expect = Some(format!("to be asked for a confirmation within {} seconds", firewall.confirm_seconds));
        steps.push(load);
    }
    steps.push(match &stack.base {
        None if stack.engine == ContainerEngine::Podman => step(
            "Hand the secrets to Podman and start the stack.",
            "sudo ./podman/secrets && sudo podman-compose up -d",
            Some("one line for each secret, then one for each container"),
        ),
        None => step(
            "Start the stack and wait until every health check passes.",
            UP,
            Some("`Healthy` behind every container"),
        ),
        Some(_) => told("paste compose.yaml into the host's form for custom applications".to_owned()),
    });
    let standing = stack.edge.as_ref().map(|edge| &edge.standing);
    if let Some((host, _)) = standing.and_then(Standing::joined) {
        let action = format!(
            "Let the proxy of the stack `{host}` serve this one, now and after each change of its sites or certificates. The \
             other stacks of that proxy notice nothing."
        );
        let expect = format!("the proxy of `{host}` serves `{}`", stack.name);
        steps.push(step(&action, JOIN, Some(&expect)));
    }
    if standing.and_then(Standing::shared).is_some() {
        steps.push(step(
            "After each start that made the proxy anew, connect it with the stacks that joined it.",
            SHARE,
            Some("how many other stacks there are"),
        ));
    }
    if stack.certificate.is_some() {
        steps.push(told(
            "Import certs/ca.crt on the machines of your users: nothing else vouches for this bundle's certificate."
                .to_owned(),
        ));
    }
    let shown_anyway = |name: &str| {
        let file = format!("secrets/{name}");
        stack
            .waits
            .iter()
            .filter_map(|wait| wait.of(&stack.runbook).1)
            .any(|run| run.trim_end_matches('"').ends_with(&file))
    };
    let shown = stack.secrets.values().filter(|secret| secret.login && !shown_anyway(secret.name.as_str()));
    steps.extend(shown.map(|secret| Step {
        action: format!("{KEEP}{}", secret.purpose),
        run: Some(format!("sudo cat secrets/{}", secret.name)),
        expect: None,
    }));
    steps
}

/// Steps that a change of the profile may ask for without a word in any other file.
fn outside(stack: &Hardened) -> Vec<Outside> {
    let logins = start(stack).into_iter().filter(|step| step.action.starts_with(KEEP)).map(|step| (step, true));
    let steps = folders(stack).into_iter().chain(reach(stack)).map(|step| (step, false)).chain(logins);
    let all = steps.map(|(step, last)| Outside {
        words: step.run.clone().unwrap_or_else(|| step.action.clone()),
        line: line(step),
        last,
    });
    all.collect()
}

/// Directories of the host that services see: nobody but the operator knows what is in them, so nothing else makes them.
pub fn folders(stack: &Hardened) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for folder in demands::folders(stack) {
        let path = shlex::try_quote(&folder.path).unwrap_or_default().into_owned();
        let owner = match folder.user.split_once(':') {
            Some((user, group)) => format!("-o {user} -g {group} -m 0750 "),
            None => String::new(),
        };
        let action = match folder.reason {
            "" => {
                format!("Make the directory of this host inside which something is mounted for `{}`.", folder.service)
            }
            // A sentence of the system's, or of the profile's, as it stands there.
            reason => {
                format!(
                    "Make the directory of this host that `{}` sees, where it is not there yet: {reason}",
                    folder.service
                )
            }
        };
        let run = Some(format!("test -d {path} || sudo install -d {owner}{path}"));
        if !steps.iter().any(|known| known.run == run) {
            steps.push(Step { action, run, expect: None });
        }
    }
    steps
}

/// What must be so before anybody reaches the proxy: names, and the way of an authority that asks for itself.
fn reach(stack: &Hardened) -> Vec<Step> {
    let mut steps = Vec::new();
    let of_edge = stack.edge.iter().flat_map(|edge| &edge.sites).map(|site| &site.host);
    let of_systems = stack.systems.iter().filter_map(|system| system.domain.as_ref());
    let names: BTreeSet<&str> = of_edge.chain(of_systems).map(crate::values::Domain::as_str).collect();
    if stack.is_production() && !names.is_empty() {
        steps.push(Step {
            action: "Let the names lead to this host, by A or AAAA records of your DNS.".to_owned(),
            run: Some(format!("getent ahosts {}", names.into_iter().collect::<Vec<_>>().join(" "))),
            expect: Some(match stack.address {
                Some(address) => format!("{address} for every name"),
                None => "the address of this host, for every name".to_owned(),
            }),
        });
    }
    let asked = stack.edge.as_ref().filter(|edge| edge.tls.mode == TlsMode::Acme);
    if let Some(port) = asked.and_then(|edge| edge.http_port) {
        let way = match port.get() {
            80 => "80/tcp of this host".to_owned(),
            _ => format!("port 80 of these names, which must lead to {port}/tcp of this host"),
        };
        steps.push(Step {
            action: format!(
                "Let the whole internet reach {way}, past router and provider: the certificate authority asks there, and \
                 issues nothing without an answer."
            ),
            run: None,
            expect: None,
        });
    }
    steps
}

/// The same as lines for a terminal, with what else waits for a person. What is no command is a comment, so that all of it
/// can be pasted.
fn lines(stack: &Hardened) -> Vec<String> {
    let waits = |before: bool| {
        let waits = stack.waits.iter().filter(move |wait| wait.before == before);
        waits.map(|wait| match wait.of(&stack.runbook) {
            (_, Some(run)) if run.len() <= SHORT && is_one(run) => {
                format!("{}{run}   # {}", if run.starts_with("sudo ") { "" } else { "sudo " }, wait.text)
            }
            (title, _) => format!("# {}: HARDENING.md, \"{title}\"", wait.text),
        })
    };
    let mut lines: Vec<String> = Vec::new();
    let steps = start(stack);
    let joins = steps.iter().any(|step| step.run.as_deref() == Some(JOIN));
    for step in steps {
        let starts = step.run.as_deref().is_some_and(|run| run == UP || run.contains(PODMAN_UP));
        // Nobody reaches it before.
        let reached = if joins { step.run.as_deref() == Some(JOIN) } else { starts };
        if starts {
            lines.extend(waits(true));
        }
        lines.push(line(step));
        if reached {
            lines.extend(waits(false));
        }
    }
    if stack.base.is_some() {
        lines.extend(waits(true).chain(waits(false)));
    }
    lines
}

/// A step on a terminal.
fn line(step: Step) -> String {
    match (step.run, step.action.strip_prefix(KEEP), step.expect) {
        (Some(run), Some(purpose), _) => format!("{run}   # {purpose}"),
        (Some(run), None, Some(expect)) if run.starts_with("getent") => format!("{run}   # shows {expect}"),
        (Some(run), None, _) => run,
        (None, _, _) => format!("# {}", step.action.trim_end_matches('.')),
    }
}

/// Whether a command is a single one, so that `sudo` before it is for all of it.
fn is_one(run: &str) -> bool {
    !run.contains(['\n', '|', ';', '&', '<', '>'])
}

/// Commands that show that the bundle is in place, each with what it proves and what it shows.
pub fn checks(stack: &Hardened) -> Vec<Step> {
    let step = |action: &str, run: String, expect: &str| Step {
        action: action.to_owned(),
        run: Some(run),
        expect: Some(expect.to_owned()),
    };
    // Containers of podman-compose have the same label, and are root's.
    let engine = if stack.engine == ContainerEngine::Podman { "sudo podman" } else { "sudo docker" };
    let name = &stack.name;
    let listed = if stack.base.is_some() {
        // A host with forms of its own puts its mark before the project's name.
        format!(
            "{engine} ps --format '{{{{.Label \"com.docker.compose.project\"}}}} {{{{.Names}}}} {{{{.Status}}}}' | grep -E \
             '^(.*-)?{name} '"
        )
    } else {
        let label = "label=com.docker.compose.project";
        format!("{engine} ps --filter {label}={name} --format '{{{{.Names}}}} {{{{.Status}}}}'")
    };
    let lasting = || stack.services.values().filter(|service| service.lasts());
    let healthy = lasting().filter(|service| service.hardening.healthcheck.is_set()).count();
    let all = lasting().count();
    let mut checks = Vec::new();
    if all > 0 {
        checks.push(step(
            "Every service runs and passes its health check",
            format!(
                "{listed} | awk '{{ print; all++ }} /\\(healthy\\)/ {{ well++ }} END {{ exit all < {all} || well < {healthy} }}'"
            ),
            "`(healthy)` behind every service that has a health check",
        ));
    }
    if stack.firewall.is_set() {
        checks.push(step(
            "The kernel runs the firewall of this bundle, and the host boots with it",
            "sudo ./firewall/verify --boot".to_owned(),
            "`the rules are loaded as generated, and the host boots with them`; otherwise the difference",
        ));
    }
    checks
}
