//! Overrides of services: they exist, weaken nothing without a waiver, hold no secrets, and do not clash.

use super::waivers::covers;
use crate::diagnostics::{Diagnostic, Diagnostics, Grade, codes};
use crate::format::profile::Profile;
use crate::format::system::System;
use crate::stack::{Catalogue, HostPort, Origin, Service, Stack};
use crate::text::Span;
use crate::values::{Digest, ImageRef, Level, Port, Ports, Protocol, secretive};

/// What is wrong with the `services` section.
pub fn check(found: &mut Diagnostics, profile: &Profile, systems: &[&System], controls: Catalogue) {
    for (name, change) in &profile.services {
        if !systems.is_empty()
            && !systems.iter().flat_map(|system| system.services.keys()).any(|known| known.value == name.value)
            && name.as_str() != "proxy"
        {
            let names = systems.iter().flat_map(|system| system.services.keys()).map(|known| known.as_str());
            found.push(
                Diagnostic::error(
                    codes::UNKNOWN_KEY,
                    format!("there is no service `{}` in {}", name.value, super::names(systems)),
                )
                .at(name.span, "")
                .meant(name.as_str(), names),
            );
        }
        let service = Some(name.as_str());
        if let Some(read_only) = change.read_only.as_ref().filter(|flag| !flag.value)
            && !covers(profile, controls, "read-only-root", service)
        {
            found.push(weakened(read_only.span, "read-only-root", name.as_str(), "a writable root file system"));
        }
        for capability in change.capabilities.iter().flat_map(|list| &list.value) {
            if !covers(profile, controls, "least-capabilities", service) {
                found.push(weakened(capability.span, "least-capabilities", name.as_str(), "another capability"));
            }
        }
        if let Some(image) = &change.image {
            let own = systems.iter().flat_map(|system| &system.services).find(|(known, _)| known.value == name.value);
            pinned(found, &image.value, image.span, own.map(|(_, service)| &service.image.value));
        }
        for (variable, value) in &change.environment {
            if secretive::is_variable(variable.as_str(), &value.value)
                && !covers(profile, controls, "secrets-out-of-environment", service)
            {
                found.push(
                    Diagnostic::error(
                        codes::SECRET_IN_ENVIRONMENT,
                        match secretive::holds_password(&value.value) {
                            true => format!("`{}` holds a password in an address", variable.value),
                            false => format!("`{}` looks like a secret", variable.value),
                        },
                    )
                    .at(variable.span, "the environment shows in `docker inspect` and in every child process")
                    .help(
                        "let the system deliver it from a file, or waive `secrets-out-of-environment` for this service",
                    ),
                );
            }
            if value.value.contains('\0') {
                found.push(Diagnostic::error(codes::INVALID_VALUE, "a variable cannot hold NUL").at(value.span, ""));
            }
        }
    }
    if let Some(image) = &profile.proxy.image {
        pinned(found, &image.value, image.span, None);
    }
}

fn weakened(span: Span, control: &str, service: &str, what: &str) -> Diagnostic {
    Diagnostic::error(codes::NEEDS_WAIVER, format!("{what} needs a waiver of `{control}`")).at(span, "").help(format!(
        "add `- {{control: {control}, service: {service}, reason: WHY, until: YYYY-MM-DD}}` to `waivers`"
    ))
}

/// `own` is the image that the system names for the service.
fn pinned(found: &mut Diagnostics, image: &ImageRef, span: Span, own: Option<&ImageRef>) {
    let fixed = |it: &&ImageRef| it.digest.is_some() || it.tag.as_deref().is_some_and(|tag| tag != "latest");
    let own = own.filter(fixed).filter(|own| own.repository == image.repository);
    let known = own.filter(|own| !own.digest.as_ref().is_some_and(Digest::is_placeholder));
    if image.digest.as_ref().is_some_and(Digest::is_placeholder) {
        let plain = ImageRef { digest: None, ..image.clone() };
        found.push(
            Diagnostic::warning(
                codes::PLACEHOLDER_DIGEST,
                format!("no image has the digest of `{plain}`, which is all zeros"),
            )
            .at(span, "")
            .help(format!("`docker buildx imagetools inspect {plain}` prints it; write it behind the tag"))
            .instead(image, known.filter(|own| own.digest.is_some())),
        );
    }
    if image.digest.is_none() && image.tag.as_deref().is_none_or(|tag| tag == "latest") {
        found.push(
            Diagnostic::error(codes::UNPINNED_IMAGE, format!("`{image}` has no fixed version"))
                .at(span, "")
                .help(match known {
                    Some(own) => format!("write the version that the system is made for: `{own}`"),
                    None => format!("write a version, best with its digest: `{}:1.2.3@sha256:…`", image.repository),
                })
                .instead(image, known),
        );
    }
}

impl Diagnostic {
    /// Writes the image that the system is made for, where it is of the same repository.
    fn instead(self, image: &ImageRef, known: Option<&ImageRef>) -> Self {
        match known {
            Some(known) => self.rewritten(&image.to_string(), &known.to_string(), Grade::Behaviour),
            None => self,
        }
    }
}

/// Ports of the host that two want.
fn clashes(found: &mut Diagnostics, profile: &Profile, stack: &Stack) {
    let of_services = stack.services.values().flat_map(|service| {
        let published = service.ports.iter().filter(|port| port.is_published());
        published.map(|port| (port.host, port.protocol, format!("{} ({})", service.name, port.name), port.at))
    });
    let host = |port: &HostPort| (port.ports, port.protocol, format!("the host ({})", port.name), port.at);
    let taken: Vec<_> = of_services.chain(stack.host_ports.iter().map(host)).collect();
    if let Some(ssh) = &profile.firewall.ssh.port
        && let Some((_, _, taker, at)) = taken
            .iter()
            .find(|(ports, protocol, ..)| *protocol == Protocol::Tcp && ports.overlaps(Ports::from(ssh.value)))
    {
        found.push(
            Diagnostic::error(
                codes::PORT_CLASH,
                format!("the SSH server and {taker} both want port {}/tcp of the host", ssh.value),
            )
            .at(ssh.span, "of the SSH server")
            .also(*at, format!("of {taker}"))
            .help("name the port on which the SSH server really listens, or give the other another port"),
        );
    }
    let written = |at: Span| profile.near("system").source == at.source;
    for (index, (ports, protocol, here, at)) in taken.iter().enumerate() {
        let earlier = taken[..index].iter().find(|(other, p, ..)| p == protocol && other.overlaps(*ports));
        let Some((others, _, other, other_at)) = earlier else { continue };
        let shared = if ports.count() < others.count() { ports } else { others };
        let clash = Diagnostic::error(
            codes::PORT_CLASH,
            format!("{other} and {here} both want port {shared}/{protocol} of the host"),
        );
        // The profile's own number is the one to look at.
        let places = match (written(*at), written(*other_at)) {
            (false, true) => clash.at(*other_at, format!("of {other}")).also(*at, format!("of {here}")),
            (false, false) if at.is_unknown() && other_at.is_unknown() => {
                clash.at(profile.near("proxy.https_port"), "")
            }
            _ => clash.at(*at, format!("of {here}")).also(*other_at, format!("of {other}")),
        };
        found.push(places.help("give one of them another port"));
    }
}

/// A health check on a port of its own container that the service does not declare. One that declares none says nothing
/// about its ports at all.
fn unknown_to_health(found: &mut Diagnostics, service: &Service) {
    let Some(health) = service.hardening.healthcheck.wished() else { return };
    if let Some(word) = health.command.first().filter(|word| matches!(word.as_str(), "CMD" | "CMD-SHELL" | "NONE")) {
        let help = match (word.as_str(), &health.command[1..]) {
            ("CMD-SHELL", [line]) => format!("write `[sh, -c, {}]`", serde_json::Value::from(line.as_str())),
            ("NONE", _) => "write `no_healthcheck: REASON` in place of `healthcheck`".to_owned(),
            _ => format!("leave `{word}` out: the command stands by itself"),
        };
        found.push(
            Diagnostic::error(
                codes::INVALID_SYSTEM,
                format!("the health check of `{}` runs a program called `{word}`", service.name),
            )
            .at(health.at, "a word of Compose, not of the command")
            .help(help),
        );
        return;
    }
    let mut declared = service.ports.iter().filter(|port| port.protocol == Protocol::Tcp).peekable();
    if declared.peek().is_none() || service.origin == Origin::Component {
        return;
    }
    let declared: Vec<Ports> = declared.map(|port| port.container).collect();
    let pairs = health.command.windows(2).filter(|pair| is_loopback(&pair[0])).filter_map(|pair| pair[1].parse().ok());
    for port in health.command.iter().flat_map(|word| own_ports(word)).chain(pairs) {
        if declared.iter().any(|ports| ports.overlaps(Ports::from(port))) {
            continue;
        }
        let known = declared.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        found.push(
            Diagnostic::warning(
                codes::UNDECLARED_PORT,
                format!("the health check of `{}` asks port {port}, which it does not declare", service.name),
            )
            .at(health.at, format!("declared: {known}"))
            .help(format!(
                "ask the port on which it listens, or declare this one: `ports: {{health: {{container: {port}, protocol: tcp, \
                 audience: never}}}}`"
            )),
        );
    }
}

/// Whether a word alone names the container itself, as before a port in `nc -z localhost 8080`.
fn is_loopback(word: &str) -> bool {
    matches!(word, "127.0.0.1" | "localhost" | "::1")
}

/// Ports of the container itself that a word of a command names behind its loopback.
fn own_ports(word: &str) -> impl Iterator<Item = Port> {
    let behind = ["127.0.0.1:", "localhost:", "[::1]:"].into_iter();
    behind.flat_map(move |host| word.split(host).skip(1)).filter_map(|rest| {
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        rest[..end].parse().ok()
    })
}

/// What is wrong with the stack as a whole.
pub fn check_stack(found: &mut Diagnostics, profile: &Profile, stack: &Stack) {
    clashes(found, profile, stack);
    for service in stack.services.values() {
        unknown_to_health(found, service);
        if stack.level == Level::Strict && service.image.digest.is_none() {
            found.push(
                Diagnostic::warning(
                    codes::MISSING_DIGEST,
                    format!("`{}` of `{}` is pinned by tag only", service.image, service.name),
                )
                .at(
                    profile
                        .said(&format!("services.{}.image", service.name))
                        .unwrap_or_else(|| profile.level.as_ref().map_or(profile.near("level"), |level| level.span)),
                    "",
                )
                .help(format!(
                    "`docker buildx imagetools inspect {}` prints the digest; write it under `services.{}.image`",
                    service.image, service.name
                )),
            );
        }
        // The profile's own images were judged above, at their places.
        let own = profile.service(&service.name).is_some_and(|change| change.image.is_some())
            || (service.origin == Origin::Component && profile.proxy.image.is_some());
        if !own {
            pinned(found, &service.image, service.image.span, None);
        }
    }
}
