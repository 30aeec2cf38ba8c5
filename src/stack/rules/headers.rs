//! Response headers that no proxy may say of every answer, whoever asks for them: the profile or a system's site.

use crate::diagnostics::{Diagnostic, Diagnostics, codes};
use crate::profile::Profile;
use crate::source::Span;
use crate::systems::format::System;
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

/// What the profile and its systems ask for.
pub fn check(found: &mut Diagnostics, profile: &Profile, systems: &[&System]) {
    for name in profile.proxy.headers.set.keys() {
        judge(found, &name.value, name.span);
    }
    let sites = systems.iter().filter_map(|system| system.edge.as_ref()).flat_map(|edge| edge.sites.values());
    for (name, value) in sites.flat_map(|site| &site.headers) {
        judge(found, name, value.text.span);
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
