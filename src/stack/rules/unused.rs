//! Keys that reach nothing: another choice, a waiver, the level or the system itself switches off what they configure.
//! A key is refused where the profile itself contradicts it, else warned of.

use crate::diagnostics::{Diagnostic, Diagnostics, Severity, Wish, codes};
use crate::format::profile::Profile;
use crate::format::system::{ApiMode, System};
use crate::stack::keys::{KEYS, Key, Reader};
use crate::stack::{Catalogue, Choices, Meta, Stack};
use crate::values::{FirewallKind, ProxyAuth, ServiceName, TlsMode, WafMode};
use std::collections::BTreeMap;

/// What the profile's own choices and its systems switch off. `asks` says whether a system uses a fact.
pub fn check(
    found: &mut Diagnostics,
    profile: &Profile,
    systems: &[&System],
    choices: &Choices,
    controls: Catalogue,
    asks: &dyn Fn(&str) -> bool,
) {
    if systems.is_empty() {
        return;
    }
    let edge = systems.iter().any(|system| system.edge.is_some());
    if choices.tls != TlsMode::Acme && edge {
        let because = format!("with `tls.mode: {}`: only an ACME authority would write there", choices.tls);
        say(found, profile, "proxy.tls.email", Some("proxy.tls.mode"), &because);
    }
    if choices.firewall == FirewallKind::None {
        for key in ["firewall.ssh.port", "firewall.ssh.from", "firewall.confirm", "firewall.open", "firewall.log"] {
            say(found, profile, key, Some("firewall.kind"), "where no firewall is generated");
        }
    }
    let enabled = choices.backup.enabled;
    for (key, fact) in [("enabled", "enabled"), ("every", "minutes"), ("keep", "keep")] {
        let key = format!("backup.{key}");
        if !asks(&format!("backup.{fact}")) {
            if enabled || fact != "enabled" {
                say(found, profile, &key, None, &format!("for {}", super::names(systems)));
            }
        } else if !enabled && fact != "enabled" {
            say(found, profile, &key, Some("backup.enabled"), "where no backups are made");
        }
    }
    if !edge {
        without_edge(found, profile, systems, asks);
    }
    let images = [profile.said("services.proxy.image"), profile.said("proxy.image")];
    if let [Some(one), Some(two)] = images {
        found.push(
            Diagnostic::error(codes::UNUSED_KEY, "the proxy's image is said twice")
                .at(two, "has no effect")
                .also(one, "counts")
                .help("keep `proxy.image` and remove the other")
                .wish(Wish::Remove),
        );
    }
    headers(found, profile, choices);
    waivers(found, profile, choices, controls);
}

/// Keys whose controls are off.
pub fn check_controls(found: &mut Diagnostics, profile: &Profile, controls: Catalogue, stack: &Stack) {
    let carried = || KEYS.iter().filter_map(|key| Some((key, controls.find(key.control?))));
    for (Key { path, .. }, control) in carried().filter(|(key, _)| key.reader != Reader::Service) {
        let says_off = match *path {
            "monitoring.access_log" => profile.monitoring.access_log.as_ref().is_some_and(|log| !log.value),
            "proxy.headers.hsts" => profile.proxy.headers.hsts.as_ref().is_some_and(|hsts| !hsts.value),
            "proxy.auth.mode" => profile.proxy.auth.mode.as_ref().is_some_and(|mode| mode.value == ProxyAuth::None),
            "firewall.kind" => profile.firewall.kind.as_ref().is_some_and(|kind| kind.value == FirewallKind::None),
            _ => false,
        };
        if !says_off {
            switched_off(found, profile, stack, path, control, None);
        }
    }
    for (name, change) in &profile.services {
        for (Key { path, .. }, control) in carried().filter(|(key, _)| key.reader == Reader::Service) {
            if *path != "read_only" || change.read_only.as_ref().is_some_and(|flag| flag.value) {
                let key = format!("services.{}.{path}", name.value);
                switched_off(found, profile, stack, &key, control, Some(&name.value));
            }
        }
        let reason = stack.services.get(&name.value).and_then(|service| service.declared.writable_root.as_ref());
        if let (Some(flag), Some(reason)) = (change.read_only.as_ref().filter(|flag| flag.value), reason) {
            found.push_new(
                Diagnostic::error(codes::UNUSED_KEY, format!("`{}` does not run with a read-only root", name.value))
                    .at(flag.span, "has no effect")
                    .with_note(reason.to_string())
                    .help("remove the line")
                    .wish(Wish::Remove),
            );
        }
    }
}

/// What the resolved stack leaves without effect. Of several hosts, one may have what another has not.
pub fn check_stack(found: &mut Diagnostics, profile: &Profile, stack: &Stack) {
    if !profile.hosts.is_empty() {
        return;
    }
    absent(found, profile, stack);
    let asked = stack.edge.iter().flat_map(|edge| &edge.sites).any(|site| site.authentication.wished().is_some());
    if stack.edge.is_some() && !asked {
        say(found, profile, "proxy.auth.user", Some("proxy.auth.mode"), "where the proxy asks nobody for a password");
        if let Some(mode) = profile.proxy.auth.mode.as_ref().filter(|mode| mode.value == ProxyAuth::Basic) {
            found.push(
                Diagnostic::error(codes::UNUSED_KEY, "no site of this stack asks for a password at the proxy")
                    .at(mode.span, "has no effect")
                    .help("remove the line; who may reach a site is for its application, or for `admin`, to say")
                    .wish(Wish::Remove),
            );
        }
    }
    let engine = |service: &crate::stack::Service| service.docker.as_ref().is_some_and(|it| it.mode != ApiMode::None);
    if !stack.services.values().any(engine) {
        for key in ["docker.socket_gid", "docker.socket"] {
            say(found, profile, key, None, "where no service asks the Docker engine");
        }
    }
}

/// Says that a written key has no effect: an error where the profile says the key that switches it off, too.
fn say(found: &mut Diagnostics, profile: &Profile, key: &str, switch: Option<&str>, because: &str) {
    let Some(at) = profile.said(key) else { return };
    if switch.is_some_and(|switch| profile.refused.iter().any(|span| profile.holds(switch, *span))) {
        return;
    }
    let switched = switch.and_then(|switch| Some((switch, profile.said(switch)?)));
    let severity = if switched.is_some() { Severity::Error } else { Severity::Warning };
    let finding = Diagnostic::new(codes::UNUSED_KEY, severity, format!("`{key}` has no effect {because}"))
        .at(at, "")
        .wish(Wish::Remove);
    found.push_new(match switched {
        Some((switch, place)) => {
            let switch = if switch.starts_with("waivers") { "drop the waiver" } else { &format!("change `{switch}`") };
            finding.also(place, "switches it off").help(format!("remove the line, or {switch}"))
        }
        None => finding.help("remove the line"),
    });
}

/// Keys of the proxy where Stockade adds none.
fn without_edge(found: &mut Diagnostics, profile: &Profile, systems: &[&System], asks: &dyn Fn(&str) -> bool) {
    let own = systems.iter().find(|system| system.own_edge.is_some());
    let lost = |key: &&Key| match key.reader {
        Reader::Proxy => true,
        Reader::Edge => !key.facts.iter().any(|fact| asks(fact)),
        Reader::Certificate => own.is_none() && !key.facts.iter().any(|fact| asks(fact)),
        Reader::Any | Reader::Service => false,
    };
    let off = profile.proxy.waf.as_ref().is_some_and(|waf| waf.value == WafMode::Off);
    for Key { path: key, .. } in KEYS.iter().filter(lost) {
        if *key == "proxy.waf" && off && own.is_none() {
            continue;
        }
        let Some(at) = profile.said(key) else { continue };
        let (message, help) = match own {
            Some(system) => (
                format!("`{}` is a reverse proxy itself, so `{key}` reaches nothing", system.name.value),
                format!("remove the line; `stockade systems {}` lists what can be set", system.name.value),
            ),
            None => (
                format!("{} has nothing behind a reverse proxy, so `{key}` reaches nothing", super::names(systems)),
                "remove the line".to_owned(),
            ),
        };
        found.push(Diagnostic::error(codes::UNUSED_KEY, message).at(at, "").help(help));
    }
}

/// Headers that another key decides.
fn headers(found: &mut Diagnostics, profile: &Profile, choices: &Choices) {
    let headers = &profile.proxy.headers;
    for (name, value) in &headers.set {
        if let Some(policy) = headers.content_security_policy.as_ref()
            && name.as_str().eq_ignore_ascii_case("content-security-policy")
        {
            found.push(
                Diagnostic::error(codes::UNUSED_KEY, "the policy is said twice")
                    .at(policy.span, "has no effect")
                    .also(value.span, "counts")
                    .help("keep `content_security_policy` and remove the header from `set`"),
            );
        }
        if name.as_str().eq_ignore_ascii_case("strict-transport-security") && !choices.wants_hsts() {
            found.push(
                Diagnostic::error(codes::UNUSED_KEY, "this header is left out where HSTS is off")
                    .at(name.span, "has no effect")
                    .help(
                        "remove the line, or use a certificate that browsers trust, with `tls.mode` `acme` or `files`",
                    )
                    .wish(Wish::Remove),
            );
        }
    }
}

/// Waivers of what is off anyway, and of what is waived already.
fn waivers(found: &mut Diagnostics, profile: &Profile, choices: &Choices, controls: Catalogue) {
    let mut first_by = BTreeMap::new();
    for waiver in &profile.waivers {
        let Some(control) = &waiver.control else { continue };
        let meta = controls.find(control.as_str());
        let level = profile.level.is_some() || profile.said("level").is_none();
        if level && meta.is_some_and(|meta| meta.level > choices.level) {
            let message = format!("`{}` is off at level `{}` anyway", control.value, choices.level);
            let finding = Diagnostic::warning(codes::UNUSED_KEY, message).at(control.span, "");
            found.push(finding.help("remove the waiver").wish(Wish::RemoveItem));
        }
        let first = *first_by.entry((control, &waiver.service)).or_insert(waiver.span);
        if first != waiver.span {
            found.push(
                Diagnostic::error(codes::UNUSED_KEY, format!("`{}` is waived twice", control.value))
                    .at(control.span, "again here")
                    .also(first, "first here")
                    .help("keep one of the two, with its reason and its end"),
            );
        }
    }
}

/// A key that a control carries out, where the level or a waiver switches that off.
fn switched_off(
    found: &mut Diagnostics,
    profile: &Profile,
    stack: &Stack,
    key: &str,
    control: Option<&Meta>,
    service: Option<&ServiceName>,
) {
    let Some(meta) = control.filter(|meta| !meta.is_on(stack, service)) else { return };
    let control = meta.id;
    let waiver = profile.waivers.iter().position(|waiver| {
        let all = waiver.service.is_none() || waiver.service.as_ref().map(|it| &it.value) == service;
        all && waiver.control.as_ref().is_some_and(|named| named.as_str() == control)
    });
    match waiver {
        Some(index) => {
            let because = format!("beside the waiver of `{control}`");
            say(found, profile, key, Some(&format!("waivers[{index}]")), &because);
        }
        None => {
            let because = format!("at level `{}`, where `{control}` is off", stack.level);
            say(found, profile, key, Some("level"), &because);
        }
    }
}

/// Names of what exists in the system, but not in this stack.
fn absent(found: &mut Diagnostics, profile: &Profile, stack: &Stack) {
    let mut warn = |what: &str, at| {
        found.push_new(
            Diagnostic::warning(codes::UNUSED_KEY, format!("there is no {what} in this stack"))
                .at(at, "has no effect")
                .help("remove it, or change the setting that switches it off")
                .wish(Wish::Remove),
        );
    };
    for name in profile.services.keys().filter(|name| !stack.services.contains_key(&name.value)) {
        warn(&format!("service `{}`", name.value), name.span);
    }
    let named = profile.waivers.iter().filter_map(|waiver| waiver.service.as_ref());
    for name in named.filter(|name| !stack.services.contains_key(&name.value)) {
        warn(&format!("service `{}`", name.value), name.span);
    }
    for name in profile.secrets.sources.keys().filter(|name| !stack.secrets.contains_key(&name.value)) {
        warn(&format!("secret `{}`", name.value), name.span);
    }
}
