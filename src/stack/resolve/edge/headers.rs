//! Response headers: which are set, which are the application's own, which no answer has.

use super::super::Context;
use crate::diagnostics::{Diagnostic, codes};
use crate::format::system::{self, PathRule};
use crate::stack::edge::SetHeaders;
use crate::text::Spanned;
use crate::values::{HeaderName, HeaderValue, Level};

/// MDN HTTP Observatory and OWASP Secure Headers; X-Frame-Options stands for browsers without CSP 2.
const STANDARD: [(&str, &str); 3] =
    [("X-Content-Type-Options", "nosniff"), (FRAMES, "DENY"), ("Referrer-Policy", "strict-origin-when-cross-origin")];
/// Those of level strict.
const STRICT: [(&str, &str); 3] = [
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    (
        "Permissions-Policy",
        "accelerometer=(), camera=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), payment=(), usb=()",
    ),
];
/// Those of answers for programs.
const PROGRAMS: [(&str, &str); 2] = [("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff")];
/// What frameworks tell of themselves.
const TELLTALE: [&str; 6] =
    ["X-Powered-By", "X-Powered-CMS", "X-AspNet-Version", "X-AspNetMvc-Version", "X-Runtime", "X-Generator"];
const FRAMES: &str = "X-Frame-Options";
const TRANSPORT: &str = "Strict-Transport-Security";
const POLICY: &str = "Content-Security-Policy";
/// Two years, as Mozilla asks; no `preload`, which cannot be taken back.
const TRANSPORT_VALUE: &str = "max-age=63072000; includeSubDomains";
/// Policy of answers without anything to load, for those of the proxy where the application's pages have their own.
const NOTHING: &str = "default-src 'none'; frame-ancestors 'none'";

/// What becomes of a header.
#[derive(Debug, Clone, PartialEq)]
enum Fate {
    Set(Spanned<HeaderValue>),
    Passes,
    Hidden,
}

/// What becomes of the headers of a site.
#[derive(Debug, Default)]
pub(super) struct Headers {
    fates: Vec<(HeaderName, Fate)>,
    /// Whether somebody decided about frames apart from the policy.
    frames_said: bool,
}

impl Headers {
    fn say(&mut self, name: HeaderName, fate: Fate) {
        self.fates.retain(|(known, _)| !is(known, name.as_str()));
        self.fates.push((name, fate));
    }

    fn of(&self, name: &str) -> Option<&Fate> {
        self.fates.iter().find(|(known, _)| is(known, name)).map(|(_, fate)| fate)
    }

    /// Headers that are set, but for Strict-Transport-Security, which must not be sent with every certificate.
    pub(super) fn set(&self) -> SetHeaders {
        let set = |(name, fate): &(HeaderName, Fate)| match fate {
            Fate::Set(value) if !is(name, TRANSPORT) => Some((name.clone(), value.clone())),
            _ => None,
        };
        self.fates.iter().filter_map(set).collect()
    }

    /// Headers that no answer has.
    pub(super) fn hidden(&self) -> Vec<HeaderName> {
        let hidden = |(name, fate): &(HeaderName, Fate)| (*fate == Fate::Hidden).then(|| name.clone());
        self.fates.iter().filter_map(hidden).collect()
    }

    /// What answers of the proxy say beside them: where the application has the word, there is none on these.
    pub(super) fn own(&self, level: Level) -> SetHeaders {
        let standard = defaults(level).filter(|(name, _)| self.of(name.as_str()) == Some(&Fate::Passes));
        let mut own: Vec<_> = standard.collect();
        if !matches!(self.of(POLICY), Some(Fate::Set(_) | Fate::Hidden)) {
            own.extend(header(POLICY, NOTHING));
        }
        own
    }
}

fn is(name: &HeaderName, other: &str) -> bool {
    name.as_str().eq_ignore_ascii_case(other)
}

fn header(name: &str, value: &str) -> Option<(HeaderName, Spanned<HeaderValue>)> {
    Some((name.parse().ok()?, value.parse().ok()?))
}

fn defaults(level: Level) -> impl Iterator<Item = (HeaderName, Spanned<HeaderValue>)> {
    let strict = level == Level::Strict;
    STANDARD
        .into_iter()
        .chain(STRICT.into_iter().filter(move |_| strict))
        .filter_map(|(name, value)| header(name, value))
}

/// What becomes of the headers of a site: defaults, then the system's word, then the profile's.
pub(super) fn of_site(context: &mut Context, site: &system::Site) -> Headers {
    let mut all = Headers::default();
    for (name, value) in defaults(context.choices.level) {
        all.say(name, Fate::Set(value));
    }
    for name in TELLTALE.iter().filter_map(|name| name.parse().ok()) {
        all.say(name, Fate::Hidden);
    }
    let mut said: Vec<(HeaderName, Fate)> = Vec::new();
    let profile = &context.profile.proxy.headers;
    let policy = match &profile.content_security_policy {
        Some(policy) => Some(policy.clone()),
        None => site.content_security_policy.as_ref().and_then(|policy| context.said(policy)),
    };
    let own_policy = profile.content_security_policy.is_some();
    if let (Some(policy), Ok(name)) = (policy, POLICY.parse()) {
        said.push((name, Fate::Set(policy)));
    }
    once(context, &site.headers, &site.pass_headers, &site.hide);
    let free = |name: &&Spanned<HeaderName>| !(own_policy && is(name, POLICY));
    said.extend(site.hide.iter().filter(free).map(|name| (name.value.clone(), Fate::Hidden)));
    said.extend(site.pass_headers.iter().filter(free).map(|name| (name.value.clone(), Fate::Passes)));
    for (name, value) in &site.headers {
        if let Some(value) = context.said(value) {
            said.push((name.clone(), Fate::Set(value)));
        }
    }
    said.extend(profile.set.iter().map(|(name, value)| (name.value.clone(), Fate::Set(value.clone()))));
    said.extend(profile.pass.iter().map(|name| (name.value.clone(), Fate::Passes)));
    said.extend(profile.hide.iter().map(|name| (name.value.clone(), Fate::Hidden)));
    for (name, fate) in said {
        all.frames_said |= is(&name, FRAMES);
        all.say(name, fate);
    }
    if let (false, Some(Fate::Set(policy)), Ok(name)) = (all.frames_said, all.of(POLICY), FRAMES.parse())
        && let Some(fate) = frames(policy)
    {
        all.say(name, fate);
    }
    all
}

/// Strict-Transport-Security as the profile wants it, else the system, where it is sent at all.
pub(super) fn transport(context: &mut Context, site: &system::Site) -> Option<Spanned<HeaderValue>> {
    let set = context.profile.proxy.headers.set.iter().find(|(name, _)| is(&name.value, TRANSPORT));
    let set = match (set, &site.strict_transport_security) {
        (Some((_, value)), _) => Some(value.clone()),
        (None, Some(own)) => Some(context.said(own)?),
        (None, None) => None,
    };
    let wanted = context.choices.wants_hsts();
    set.or_else(|| TRANSPORT_VALUE.parse().ok()).filter(|_| wanted)
}

/// What a path says of headers, by what becomes of them.
#[derive(Debug, Default)]
pub(super) struct PathHeaders {
    pub set: SetHeaders,
    pub hidden: Vec<HeaderName>,
    pub passed: Vec<HeaderName>,
}

/// Headers of answers that are for programs.
pub(super) fn of_programs() -> Option<SetHeaders> {
    PROGRAMS.into_iter().map(|(name, value)| header(name, value)).collect()
}

/// Adds what a rule says of headers. `inherited` is the site's.
pub(super) fn of_path(context: &mut Context, rule: &PathRule, inherited: &Headers, result: &mut PathHeaders) {
    once(context, &rule.headers, &rule.pass_headers, &rule.hide);
    let mut said: Vec<(HeaderName, Fate)> = Vec::new();
    let policy = rule.content_security_policy.as_ref().and_then(|policy| context.said(policy));
    if let (Some(policy), Ok(name)) = (&policy, POLICY.parse()) {
        said.push((name, Fate::Set(policy.clone())));
    }
    said.extend(rule.hide.iter().map(|name| (name.value.clone(), Fate::Hidden)));
    said.extend(rule.pass_headers.iter().map(|name| (name.value.clone(), Fate::Passes)));
    for (name, value) in &rule.headers {
        if let Some(value) = context.said(value) {
            said.push((name.clone(), Fate::Set(value)));
        }
    }
    let frames_said = inherited.frames_said || said.iter().any(|(name, _)| is(name, FRAMES));
    if let (false, Some(policy), Ok(name)) = (frames_said, &policy, FRAMES.parse::<HeaderName>()) {
        let fate = frames(policy).or_else(|| header(FRAMES, "DENY").map(|(_, value)| Fate::Set(value)));
        if let Some(fate) = fate.filter(|fate| inherited.of(FRAMES) != Some(fate)) {
            said.push((name, fate));
        }
    }
    for (name, fate) in said {
        result.set.retain(|(known, _)| !is(known, name.as_str()));
        result.hidden.retain(|known| !is(known, name.as_str()));
        result.passed.retain(|known| !is(known, name.as_str()));
        match fate {
            Fate::Set(value) => result.set.push((name, value)),
            Fate::Hidden => result.hidden.push(name),
            Fate::Passes => result.passed.push(name),
        }
    }
}

/// What X-Frame-Options says beside a policy, so that the two agree; `None` where the policy says nothing of frames.
fn frames(policy: &Spanned<HeaderValue>) -> Option<Fate> {
    let at = policy.span;
    let policy = policy.to_string();
    let words = policy.split(';').map(str::split_ascii_whitespace).find_map(|mut words| {
        words.next().filter(|name| name.eq_ignore_ascii_case("frame-ancestors")).map(|_| words.collect::<Vec<_>>())
    })?;
    let value = match words.as_slice() {
        [] => "DENY",
        [one] if one.eq_ignore_ascii_case("'none'") => "DENY",
        [one] if one.eq_ignore_ascii_case("'self'") => "SAMEORIGIN",
        // It knows no other sites, and old browsers would keep those out.
        _ => return Some(Fate::Hidden),
    };
    Some(Fate::Set(Spanned::new(value.parse().ok()?, at)))
}

/// Whether a value is `omit` whatever the run.
fn is_always_left_out(text: &str) -> bool {
    text.trim().strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}")).is_some_and(|inner| inner.trim() == "omit")
}

/// One word for one header in one place.
fn once(
    context: &mut Context,
    set: &std::collections::BTreeMap<HeaderName, system::Computed<HeaderValue>>,
    passed: &[Spanned<HeaderName>],
    hidden: &[Spanned<HeaderName>],
) {
    for (name, value) in set.iter().filter(|(_, value)| is_always_left_out(&value.text.value)) {
        context.scope.diagnostics.push(
            Diagnostic::error(
                codes::INVALID_SYSTEM,
                format!("`{name}` is always left out here, which changes nothing"),
            )
            .at(value.text.span, "")
            .help(format!(
                "write `pass_headers: [{name}]` for the application's own, or `hide: [{name}]` for none; a value that \
                     is left out keeps the one above"
            )),
        );
    }
    for (at, name) in passed.iter().chain(hidden).enumerate() {
        let earlier = passed.iter().chain(hidden).take(at);
        if set.keys().chain(earlier.map(|name| &name.value)).any(|known| is(known, name.as_str())) {
            context.scope.diagnostics.push(
                Diagnostic::error(codes::INVALID_SYSTEM, format!("`{}` is decided twice here", name.value))
                    .at(name.span, "")
                    .help("keep one of `headers`, `pass_headers` and `hide` for it"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn frame_options_agree_with_the_policy() {
        let of = |policy: &str| frames(&policy.parse().unwrap());
        let set = |value: &str| Some(Fate::Set(value.parse().unwrap()));
        assert_eq!(of("default-src 'self'"), None);
        assert_eq!(of("default-src 'self'; frame-ancestors 'none'"), set("DENY"));
        assert_eq!(of("Frame-Ancestors 'SELF'"), set("SAMEORIGIN"));
        assert_eq!(of("frame-ancestors 'self' https://cloud.example.com"), Some(Fate::Hidden));
        assert_eq!(of("frame-ancestors https://cloud.example.com; x"), Some(Fate::Hidden));
    }
}
