//! What the operator does after a run to put the bundle in place, in order.

use super::demands;
use crate::controls::Hardened;
use crate::secrets::Kind;
use crate::stack::Access;
use crate::systems::format::{ContainerEngine, Restart};

/// What is done with values for people.
const KEEP: &str = "Keep in a password manager: ";

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
    let owned =
        stack.secrets.values().any(|secret| secret.access.get().is_some_and(|access: &Access| access.owner.is_some()));
    if owned || !stack.directories.is_empty() {
        steps.push(step(
            "Make directories, and give each file to the user that reads it. It is safe to repeat.",
            "sudo ./install.sh",
            None,
        ));
    }
    if let Some(firewall) = stack.firewall.get() {
        let mut load = step(
            "Load the firewall, also at every boot, while a second session on the host stays open. Rules that nobody \
             confirms are taken back.",
            "sudo ./firewall/apply --install",
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
            "docker compose up -d --wait",
            Some("`Healthy` behind every container"),
        ),
        Some(_) => told("paste compose.yaml into the host's form for custom applications".to_owned()),
    });
    // Values that no container reads are for people.
    for secret in stack
        .secrets
        .values()
        .filter(|secret| secret.readers.is_empty() && matches!(secret.kind, Kind::Password { .. }))
    {
        steps.push(Step {
            action: format!("{KEEP}{}", secret.purpose),
            run: Some(format!("sudo cat secrets/{}", secret.name)),
            expect: None,
        });
    }
    steps
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
            reason => {
                let reason = reason.trim_end_matches('.');
                format!(
                    "Make the directory of this host that `{}` sees, where it is not there yet: {reason}.",
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

/// The same as lines for a terminal.
pub fn lines(stack: &Hardened) -> Vec<String> {
    let shown = |step: Step| match (step.run, step.action.strip_prefix(KEEP)) {
        (Some(run), Some(purpose)) => format!("{run}   # {purpose}"),
        (Some(run), None) => run,
        (None, _) => step.action,
    };
    start(stack).into_iter().map(shown).collect()
}

/// Commands that show that the bundle is in place, each with what it proves and what it shows.
pub fn checks(stack: &Hardened) -> Vec<Step> {
    let step = |action: &str, run: String, expect: &str| Step {
        action: action.to_owned(),
        run: Some(run),
        expect: Some(expect.to_owned()),
    };
    // Containers of podman-compose have the same label, and are root's.
    let engine = if stack.engine == ContainerEngine::Podman { "sudo podman" } else { "docker" };
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
    let lasting = || stack.services.values().filter(|service| service.declared.restart != Restart::No);
    let healthy = lasting().filter(|service| service.hardening.healthcheck.is_set()).count();
    let all = lasting().count();
    let mut checks = Vec::new();
    if all > 0 {
        checks.push(step(
            "Every service runs and passes its health check",
            format!(
                "{listed} | awk '{{ print; all++ }} /\\(healthy\\)/ {{ well++ }} END {{ exit all < {all} || well < {healthy} }}'"
            ),
            "`(healthy)` behind every service in the table of services that has a health check",
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
