//! Who may reach the stack: names, admin networks, SSH, addresses.

use crate::diagnostics::{Diagnostic, Diagnostics, Wish, codes};
use crate::format::profile::{Profile, Secrets};
use crate::format::system::{SecretSpec, System};
use crate::stack::Choices;
use crate::text::Span;
use crate::values::{Cidr, Environment, FirewallKind, SecretStore, TrustedProxy};
use ipnet::IpNet;

/// What is wrong with the name of one system.
pub fn check_domain(found: &mut Diagnostics, part: &Profile, system: &System, choices: &Choices) {
    let production = choices.environment == Environment::Production;
    // A key that is there and wrong was reported where it was read.
    let written = match part.systems.is_empty() {
        true => part.written.contains("domain"),
        false => part.domain.is_some(),
    };
    let named = system.edge.as_ref().is_some_and(|edge| !edge.sites.is_empty());
    if production && !written && (named || system.own_edge.is_some()) {
        let at = match &part.system {
            Some(system) if !part.systems.is_empty() => system.span,
            // Of a key without a value the key.
            _ => part.said("domain").unwrap_or_else(|| part.near("name")),
        };
        found.push(
            Diagnostic::error(codes::MISSING_KEY, "the profile has no `domain`")
                .at(at, "")
                .help("add the host name people will use, such as `domain: play.example.com`"),
        );
    }
}

/// Says of a name that no public authority knows that browsers will not trust its certificate.
pub fn check_trust(found: &mut Diagnostics, part: &Profile, system: &System, choices: &Choices) {
    let chosen = part.proxy.tls.mode.is_some() || part.proxy.tls.certificate.is_some();
    let Some(domain) = part.domain.as_ref().filter(|domain| !domain.value.is_public()) else { return };
    if chosen || system.edge.is_none() || choices.environment != Environment::Production || choices.trusted() {
        return;
    }
    found.push_new(
        Diagnostic::note(
            codes::LEFT_OUT,
            format!("no public authority certifies `{}`, so the bundle has one of its own", domain.value),
        )
        .at(domain.span, "browsers warn until `certs/ca.crt` is imported")
        .help("import it, or use a public name; `proxy: {tls: {mode: self-signed}}` says that this is meant"),
    );
}

/// What is wrong with who may reach the stack.
pub fn check(found: &mut Diagnostics, profile: &Profile, systems: &[&System], choices: &Choices) {
    let start = profile.near("name");
    let production = choices.environment == Environment::Production;
    // A key that is there and wrong was reported where it was read.
    let missing = |key: &str| production && !profile.written.contains(key);
    let nobody = production && profile.admin.as_ref().is_some_and(|admin| admin.value.is_empty());
    if missing("admin") || nobody {
        found.push(
            Diagnostic::error(codes::MISSING_KEY, "the profile has no `admin` network")
                .at(profile.admin.as_ref().map_or(start, |admin| admin.span), "")
                .help("add the VPN or office network that may reach admin surfaces, such as `admin: [10.8.0.0/24]`"),
        );
    }
    for cidr in profile.admin.iter().flat_map(|admin| &admin.value) {
        if production && is_wide(cidr.value) {
            found.push(
                Diagnostic::error(
                    codes::PUBLIC_ADMIN,
                    format!("`{}` opens the admin surface to the internet", cidr.value),
                )
                .at(cidr.span, "")
                .help("name a VPN or office network; a public one has at least /16 (IPv4) or /32 (IPv6)"),
            );
        } else if production && !cidr.value.is_private() {
            found.push(
                Diagnostic::warning(codes::PUBLIC_ADMIN, format!("`{}` is a public network", cidr.value))
                    .at(cidr.span, "admin surfaces will be reachable from it over the internet")
                    .help("a VPN with a private network such as `10.8.0.0/24` keeps them off the internet"),
            );
        }
    }
    for proxy in profile.proxy.trusted_proxies.iter().flat_map(|list| &list.value) {
        let TrustedProxy::Network(network) = &proxy.value else { continue };
        if is_wide(*network) && !TrustedProxy::is_published(*network) {
            let names: Vec<_> = TrustedProxy::names().map(|name| format!("`{name}`")).collect();
            found.push(
                Diagnostic::error(
                    codes::PUBLIC_ADMIN,
                    format!("trusting `{network}` lets anybody forge the client's address"),
                )
                .at(proxy.span, "")
                .help(format!(
                    "name the addresses of the proxies in front, nothing wider than a public /16 (IPv4) or /32 (IPv6); {} \
                     stands for what that CDN publishes, and a wider range of another one is written as its parts",
                    names.join(", ")
                )),
            );
        }
    }
    // The rules admit the admin networks, which production must have, and those of `ssh.from`.
    let from = profile.firewall.ssh.from.as_ref();
    let filters = choices.firewall != FirewallKind::None;
    let nobody = !production && choices.admin.is_empty();
    if filters && nobody && from.is_none_or(|from| from.value.is_empty()) {
        let firewall = profile.firewall.kind.as_ref().map_or(start, |kind| kind.span);
        found.push(
            Diagnostic::error(codes::LOCKED_OUT, "the firewall would refuse SSH from everywhere")
                .at(from.map_or(firewall, |from| from.span), "")
                .help("name the operator's network in `admin` or `firewall.ssh.from`"),
        );
    } else if filters && let Some(from) = from.filter(|from| from.value.is_empty()) {
        found.push(
            Diagnostic::error(codes::LOCKED_OUT, "`firewall.ssh.from` names no network")
                .at(from.span, "SSH stays open from the `admin` networks")
                .help("name the operator's network, or leave `from` out to take `admin`"),
        );
    }
    store(&profile.secrets, found);
    for name in profile.secrets.sources.keys() {
        let specs = || systems.iter().flat_map(|system| &system.secrets);
        let known = || specs().filter(|(_, spec)| spec.each.is_none()).map(|(known, _)| known);
        let of_list = |spec: &SecretSpec, known: &str| {
            spec.each.is_some() && name.as_str().strip_prefix(known).is_some_and(|rest| rest.starts_with('_'))
        };
        let described = specs().any(|(known, spec)| known.value == name.value || of_list(spec, known.as_str()));
        if !systems.is_empty() && !described {
            found.push(
                Diagnostic::error(
                    codes::UNKNOWN_KEY,
                    format!("there is no secret `{}` in {}", name.value, super::names(systems)),
                )
                .at(name.span, "")
                .meant(name.as_str(), known().map(|known| known.as_str())),
            );
        }
    }
}

/// Networks too wide to be somebody's own: more than a /16 of public IPv4, more than a /32 of public IPv6.
fn is_wide(cidr: Cidr) -> bool {
    !cidr.is_private()
        && match cidr.net() {
            IpNet::V4(net) => net.prefix_len() < 16,
            IpNet::V6(net) => net.prefix_len() < 32,
        }
}
/// Keys of `secrets` that only some stores use, or need.
fn store(secrets: &Secrets, found: &mut Diagnostics) {
    let store = secrets.store.as_ref().map_or(SecretStore::Files, |store| store.value);
    let unused = |key: &str, at, of: &str| {
        Diagnostic::error(codes::UNUSED_KEY, format!("`secrets.{key}` has no use with the store `{store}`"))
            .at(at, "")
            .help(format!("remove it, or choose a store that uses it: {of}"))
            .wish(Wish::Remove)
    };
    let at = secrets.store.as_ref().map_or(Span::UNKNOWN, |store| store.span);
    let keys = "`age-keygen -o key.txt` makes a key and prints its public half; write `recipients: [age1…]`";
    match (&secrets.recipients, store) {
        (Some(recipients), SecretStore::Files | SecretStore::External) => {
            found.push(unused("recipients", recipients.span, "`store: age` or `store: sops`"));
        }
        (Some(recipients), _) if recipients.value.is_empty() => found.push(
            Diagnostic::error(codes::INVALID_VALUE, "`secrets.recipients` names nobody who could open what is sealed")
                .at(recipients.span, "")
                .help(keys),
        ),
        (None, SecretStore::Age) => found.push(
            Diagnostic::error(codes::MISSING_KEY, "the store `age` needs `recipients`: who can open what is sealed")
                .at(at, "")
                .help(keys),
        ),
        _ => {}
    }
    match &secrets.fetch {
        Some(fetch) if store != SecretStore::External => found.push(unused("fetch", fetch.span, "`store: external`")),
        Some(fetch) if fetch.value.is_empty() => found.push(
            Diagnostic::error(codes::INVALID_VALUE, "`secrets.fetch` names no command")
                .at(fetch.span, "")
                .help("write its words, such as `fetch: [vault, kv, get, \"-field={name}\", secret/app]`"),
        ),
        _ => {}
    }
}
