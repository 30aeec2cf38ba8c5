//! What is said of a running bundle: by scanners of its sites, and of the units on its host.

use super::super::files::{File, Files};
use super::Said;
use super::nginx::NO_HSTS;
use crate::controls::Hardened;
use crate::format::system::Audience;
use crate::values::{TlsMode, TlsPolicy};

const OBSERVATORY: &str = "MDN HTTP Observatory";
const SSLYZE: &str = "sslyze";
const SYSTEMD: &str = "systemd-analyze security";

/// Longest life of a certificate in days that sslyze allows with Mozilla's `modern`.
const MODERN_DAYS: u16 = 90;

/// What `systemd-analyze security` asks of every unit.
const SANDBOX: [&str; 14] = [
    "User",
    "NoNewPrivileges",
    "CapabilityBoundingSet",
    "ProtectSystem",
    "ProtectHome",
    "PrivateTmp",
    "PrivateDevices",
    "PrivateNetwork",
    "ProtectKernelTunables",
    "ProtectKernelModules",
    "ProtectControlGroups",
    "RestrictAddressFamilies",
    "SystemCallFilter",
    "MemoryDenyWriteExecute",
];

pub(super) fn look(stack: &Hardened, files: &Files, said: &mut Said) {
    sites(stack, files, said);
    certificates(stack, files, said);
    units(files, said);
}

/// The first line of the proxy's files that holds a text.
fn find(files: &Files, wanted: &str) -> Option<(String, usize)> {
    files.iter().filter(|(path, _)| path.starts_with("proxy/")).find_map(|(path, file)| {
        let line = file.text().lines().position(|line| line.contains(wanted))?;
        Some((path.to_owned(), line + 1))
    })
}

/// The line of the proxy's files that says a policy: one that names the header, and holds its first words where they are
/// written as they are.
fn says(files: &Files, policy: &str) -> Option<(String, usize)> {
    let start = policy.split(';').next().unwrap_or_default();
    let named = |(path, file): (&str, &File)| {
        let lines = file.text().lines().enumerate().map(|(at, line)| (at + 1, line.to_owned()));
        let named = lines.filter(|(_, line)| line.to_ascii_lowercase().contains("content-security-policy"));
        named.map(|(at, line)| (path.to_owned(), at, line)).collect::<Vec<_>>()
    };
    let lines: Vec<_> = files.iter().filter(|(path, _)| path.starts_with("proxy/")).flat_map(named).collect();
    let found = lines.iter().find(|(_, _, line)| line.contains(start)).or(lines.first())?;
    Some((found.0.clone(), found.1))
}

fn sites(stack: &Hardened, files: &Files, said: &mut Said) {
    let Some(edge) = &stack.edge else { return };
    for site in &edge.sites {
        let host = site.host.to_string();
        let Some((path, line)) = find(files, &host) else { continue };
        if site.audience != Audience::Public {
            let reason = "It sees hosts of the internet alone; these sites refuse it, as everybody outside of their \
                          networks.";
            said.at_line((OBSERVATORY, "any", false, reason.to_owned()), &path, Some(line));
            continue;
        }
        let policy = site
            .headers
            .get()
            .into_iter()
            .flatten()
            .find(|(name, _)| name.as_str().eq_ignore_ascii_case("Content-Security-Policy"));
        match policy {
            None => {
                let reason =
                    format!("No policy is known for {host}, and a wrong one would keep its pages from working.");
                said.at_line((OBSERVATORY, "csp-not-implemented", true, reason), &path, Some(line));
            }
            Some((_, policy)) if unsafe_scripts(policy.as_str()) => {
                let reason = format!(
                    "The pages of {host} have scripts in their text, as the system file or the profile says; a stricter \
                     policy keeps them from working."
                );
                let place = says(files, policy.as_str());
                let (path, line) = place.unwrap_or((path.clone(), line));
                said.at_line((OBSERVATORY, "csp-implemented-with-unsafe-inline", true, reason), &path, Some(line));
            }
            Some(_) => {}
        }
        if !edge.sites.iter().any(|site| site.hsts.is_set()) {
            let rule = "strict-transport-security-not-implemented";
            said.at_line((OBSERVATORY, rule, true, NO_HSTS.to_owned()), &path, Some(line));
        }
    }
}

/// Whether scripts in the text of a page may run.
fn unsafe_scripts(policy: &str) -> bool {
    let directive = |name: &str| {
        let mut parts = policy.split(';').map(str::trim);
        parts.find_map(|part| part.strip_prefix(name)?.strip_prefix(' ').map(str::to_owned))
    };
    let sources = directive("script-src").or_else(|| directive("default-src"));
    sources.is_none_or(|sources| sources.contains("'unsafe-inline'") && !sources.contains("'nonce-"))
}

fn certificates(stack: &Hardened, files: &Files, said: &mut Said) {
    let Some(edge) = stack.edge.as_ref().filter(|edge| edge.tls.mode == TlsMode::SelfSigned) else { return };
    let artifact = "certs/server.crt";
    if !files.exists(artifact) {
        return;
    }
    let reason = "A private authority of this bundle issued it; machines that were given `certs/ca.crt` trust it.";
    said.at_line((SSLYZE, "certificate path validation", true, reason.to_owned()), artifact, None);
    let policy = edge.tls.policy.get();
    let days = stack.certificate.as_ref().map_or(0, |certificate| certificate.days);
    if policy == Some(&TlsPolicy::Modern) && days > MODERN_DAYS {
        let reason = format!(
            "It lasts {days} days, and Mozilla's `modern` allows {MODERN_DAYS}; nobody renews a private one by \
             itself, so a shorter life would end the service sooner."
        );
        said.at_line((SSLYZE, "certificate lifespan of Mozilla's modern", true, reason), artifact, None);
    }
}

/// Units of the host, with what of the usual sandbox they leave out.
fn units(files: &Files, said: &mut Said) {
    for (path, file) in files.iter().filter(|(path, _)| path.ends_with(".service")) {
        let set = |key: &str| file.text().lines().any(|line| line.trim().split('=').next() == Some(key));
        let missing: Vec<&str> = SANDBOX.into_iter().filter(|key| !set(key)).collect();
        let line = file.text().lines().position(|line| line.trim() == "[Service]").map(|line| line + 1);
        if missing.is_empty() {
            continue;
        }
        let how = match file.text().lines().any(|line| line.trim() == "Type=oneshot") {
            true => "The unit runs one script to its end",
            false => "The unit keeps running",
        };
        let who = if set("User") { "" } else { ", as root, which its work on the host needs" };
        let reason = format!("{how}{who}. It does not set {}.", missing.join(", "));
        said.at_line((SYSTEMD, "exposure of the unit", true, reason), path, line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_unsafe_where_scripts_of_the_page_may_run() {
        for (policy, expected) in [
            ("default-src 'self'", false),
            ("default-src 'self' 'unsafe-inline'", true),
            ("default-src 'none'; script-src 'self' 'unsafe-inline'", true),
            ("default-src 'self'; style-src 'unsafe-inline'", false),
            ("script-src 'unsafe-inline' 'nonce-x'", false),
            ("frame-ancestors 'none'", true),
        ] {
            assert_eq!(unsafe_scripts(policy), expected, "{policy}");
        }
    }
}
