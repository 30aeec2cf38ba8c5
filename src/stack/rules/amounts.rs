//! Amounts that are well written and cannot work.

use crate::diagnostics::{Diagnostic, Diagnostics, codes};
use crate::format::profile::Profile;
use crate::text::Span;
use crate::values::{Domain, Duration};

/// The shortest time in which a person can open a second connection and confirm.
const CONFIRM: Duration = Duration::seconds(10);

/// Standard streams, a library and its links, and what a program opens for itself: less than any program needs.
const FILES: u32 = 64;

/// Whether a text has the form `LOCAL@DOMAIN`.
fn looks_like_email(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_graphic() && !"<>()[],;:\\\"".contains(c);
    text.rsplit_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && local.chars().all(plain) && domain.contains('.') && domain.parse::<Domain>().is_ok()
    })
}

/// What is wrong with numbers and spans of time.
pub fn check(found: &mut Diagnostics, profile: &Profile) {
    let mut refuse = |at: Span, message: &str, label: &str, help: &str| {
        found.push(Diagnostic::error(codes::INVALID_VALUE, message).at(at, label).help(help));
    };
    if let Some(files) = profile.logging.max_files.as_ref().filter(|files| files.value == 0) {
        let message = "a container's log needs one file at least";
        refuse(files.span, message, "the engine refuses 0", "write `max_files: 1` or more");
    }
    for change in profile.services.values() {
        if let Some(pids) = change.resources.pids.as_ref().filter(|pids| pids.value == 0) {
            let message = "a service needs one process at least";
            refuse(pids.span, message, "the engine takes 0 for no limit", "write a number such as `pids: 256`");
        }
        if let Some(files) = change.resources.files.as_ref().filter(|files| files.value < FILES) {
            let message = "no program starts with so few open files";
            refuse(files.span, message, "", "write a number such as `files: 65536`");
        }
    }
    if let Some(email) = profile.proxy.tls.email.as_ref().filter(|email| !looks_like_email(email.as_str())) {
        let help = "write the address that the authority may write to, such as `admin@example.com`";
        refuse(email.span, "this is no e-mail address", "", help);
    }
    if let Some(keep) = profile.backup.keep.as_ref().filter(|keep| keep.value == 0) {
        let help = "write `keep: 1` or more, or `enabled: false` for no backups";
        refuse(keep.span, "no backup would be kept", "", help);
    }
    if let Some(every) = profile.backup.every.as_ref().filter(|every| every.value.as_milliseconds() % 60_000 != 0) {
        let minutes = every.value.as_seconds().div_ceil(60);
        let help = format!("write `every: {minutes}m`");
        refuse(every.span, "backups are timed in whole minutes", "", &help);
    }
    if let Some(interval) = profile.monitoring.health_interval.as_ref().filter(|it| it.value < Duration::seconds(1)) {
        let message = "checks less than a second apart would keep the host busy with nothing else";
        refuse(interval.span, message, "", "write a time such as `30s`");
    }
    if let Some(confirm) = profile.firewall.confirm.as_ref().filter(|confirm| confirm.value < CONFIRM) {
        let message = "nobody can confirm in so short a time, so every change would be rolled back";
        refuse(confirm.span, message, "", "write `10s` or more, such as `60s`");
    }
    if let Some(bind) = profile.proxy.bind.as_ref().filter(|bind| bind.value.is_empty())
        && !profile.refused.iter().any(|span| profile.holds("proxy.bind", *span))
    {
        let help = "name an address of the host, or leave `bind` out for all IPv4 addresses";
        refuse(bind.span, "ports would be published on no address", "", help);
    }
}
