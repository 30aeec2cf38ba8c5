//! Response headers that no proxy may say of every answer, whoever asks for them: the profile or a system's site.

use crate::diagnostics::{Diagnostic, Diagnostics, codes};
use crate::format::profile::Profile;
use crate::format::system::System;
use crate::text::{Span, Spanned};
use crate::values::HeaderName;

/// Headers that belong to one answer: said of all, they cut answers off or give one visitor what is another's.
const OF_ONE_ANSWER: [&str; 19] = [
    "accept-ranges",
    "age",
    "connection",
    "content-encoding",
    "content-length",
    "content-range",
    "content-type",
    "date",
    "etag",
    "keep-alive",
    "last-modified",
    "location",
    "proxy-authenticate",
    "set-cookie",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "www-authenticate",
];

/// Where a system says another value.
const OF_THE_SITE: &str = "`strict_transport_security` of the site has another value";

/// What the profile and its systems ask for.
pub fn check(found: &mut Diagnostics, profile: &Profile, systems: &[&System]) {
    let headers = &profile.proxy.headers;
    for name in headers.set.keys() {
        judge(found, &name.value, name.span);
    }
    for name in headers.pass.iter().chain(&headers.hide) {
        transport(found, name, "`proxy.headers.hsts: false` leaves it out");
        let set = headers.set.keys().find(|known| is(&known.value, &name.value));
        let first = headers.pass.iter().chain(&headers.hide).find(|known| is(&known.value, &name.value));
        if let Some(other) = set.or(first).filter(|other| other.span != name.span) {
            found.push(
                Diagnostic::error(codes::INVALID_VALUE, format!("`{}` is decided twice", name.value))
                    .at(name.span, "")
                    .also(other.span, "the other time")
                    .help("keep one of `set`, `pass` and `hide` for it"),
            );
        }
    }
    let sites = || systems.iter().filter_map(|system| system.edge.as_ref()).flat_map(|edge| edge.sites.values());
    for site in sites() {
        let paths = || site.paths.iter().map(|rule| &rule.value);
        for (name, value) in site.headers.iter().chain(paths().flat_map(|rule| &rule.headers)) {
            judge(found, name, value.text.span);
            transport(found, &Spanned::new(name.clone(), value.text.span), OF_THE_SITE);
        }
        let own = site.pass_headers.iter().chain(&site.hide);
        for name in own.chain(paths().flat_map(|rule| rule.pass_headers.iter().chain(&rule.hide))) {
            transport(found, name, OF_THE_SITE);
        }
    }
}

fn is(one: &HeaderName, other: &HeaderName) -> bool {
    one.as_str().eq_ignore_ascii_case(other.as_str())
}

/// Whether it is right depends on the certificate, which neither an application nor one path knows.
fn transport(found: &mut Diagnostics, name: &Spanned<HeaderName>, instead: &str) {
    if name.as_str().eq_ignore_ascii_case("Strict-Transport-Security") {
        found.push(
            Diagnostic::error(codes::INVALID_VALUE, "Strict-Transport-Security is not the application's to say")
                .at(name.span, "it is sent where the certificate is trusted, and nowhere else")
                .help(format!("remove it; {instead}")),
        );
    }
}

fn judge(found: &mut Diagnostics, name: &HeaderName, at: Span) {
    if OF_ONE_ANSWER.contains(&name.as_str().to_ascii_lowercase().as_str()) {
        found.push(
            Diagnostic::error(codes::INVALID_VALUE, format!("`{name}` is right for one answer, never for all"))
                .at(at, "the proxy would send it with every answer")
                .help("remove the line; the application says this header where it belongs"),
        );
    }
}
