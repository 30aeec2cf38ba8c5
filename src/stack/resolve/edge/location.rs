//! Locations: every path gets all it inherits.

use super::super::Context;
use super::headers::{self, Headers, PathHeaders};
use super::upstream::upstream;
use crate::diagnostics::{Diagnostic, codes};
use crate::format::system::{self, Abilities, Encoded, PathRule};
use crate::stack::Audience;
use crate::stack::edge::{Answer, Location, Upstream};
use crate::stack::{Enforced, Stack};
use crate::text::Spanned;
use crate::values::{ByteSize, Cidr, Duration, UrlPattern};

/// Longest silence of the application on a path that says nothing else.
const TIMEOUT: Duration = Duration::seconds(60);

/// A path of a site that begins at another one.
pub(super) fn below(base_path: &str, path: &UrlPattern) -> Option<UrlPattern> {
    match (base_path, path.as_str()) {
        ("", _) => Some(path.clone()),
        (base, "/") => base.parse().ok(),
        (base, path) => format!("{base}{path}").parse().ok(),
    }
}

pub(super) fn path(context: &mut Context, rule: &Spanned<PathRule>) -> Option<(UrlPattern, bool)> {
    match (&rule.exact, &rule.prefix) {
        (Some(exact), None) => Some((exact.value.clone(), true)),
        (None, Some(prefix)) => Some((prefix.value.clone(), false)),
        // The one that is written was refused when the file was read.
        (None, None) if context.system.damaged => None,
        (both, _) => {
            let at = both.as_ref().map_or(rule.span, |path| path.span);
            context.scope.diagnostics.push(
                Diagnostic::error(codes::INVALID_SYSTEM, "a path has neither or both of `exact` and `prefix`")
                    .at(at, "")
                    .help("write one of the two"),
            );
            None
        }
    }
}

/// Two rules for one path, of which a proxy would see the first alone.
pub(super) fn double(rules: &[Rule]) -> Option<Diagnostic> {
    let written =
        |rule: &Spanned<PathRule>| rule.exact.as_ref().or(rule.prefix.as_ref()).map_or(rule.span, |path| path.span);
    rules.iter().enumerate().find_map(|(at, ((path, exact), rule))| {
        let ((other, _), first) = rules[..at].iter().find(|((other, kind), _)| kind == exact && other.is_same(path))?;
        let says = format!("`{path}` and `{other}` are one path: rules hold whatever the case and a final `/`");
        let double = Diagnostic::error(codes::INVALID_SYSTEM, says).at(written(rule), "");
        Some(double.also(written(first), "the other one").help("write one rule with all keys"))
    })
}

pub(super) fn base(
    context: &Context,
    site: &system::Site,
    upstream: Upstream,
    body: ByteSize,
    path: UrlPattern,
) -> Location {
    let audience = site.audience.into();
    Location {
        path,
        exact: false,
        blocked: Enforced::default(),
        answer: None,
        rate: Enforced::maybe(site.rate.as_ref().map(|rate| rate.value.clone())),
        body: Enforced::wish(body),
        timeout: TIMEOUT,
        api_headers: Enforced::default(),
        streaming: false,
        upstream,
        strip: None,
        methods: Enforced::default(),
        headers: Enforced::default(),
        hide: Enforced::default(),
        passed: Vec::new(),
        encoded: site.encoded.as_deref().unwrap_or(&Encoded::DEFAULT).iter().copied().collect(),
        origin: Enforced::default(),
        audience,
        has_own_sources: false,
        allow: self::allow(context, audience),
    }
}

/// Networks of an audience: an empty list admits nobody, for closed is the safe way to be wrong.
fn allow(context: &Context, audience: Audience) -> Enforced<Vec<Cidr>> {
    Enforced::maybe((audience == Audience::Admin).then(|| context.choices.admin.clone()))
}

pub(super) type Rule<'a> = ((UrlPattern, bool), &'a Spanned<PathRule>);

/// A path with what it says itself and what it inherits.
pub(super) fn location(
    context: &mut Context,
    (site, can, site_headers): (&system::Site, Abilities, &Headers),
    mut result: Location,
    own: &Spanned<PathRule>,
    (rules, base_path): (&[Rule], &str),
    stack: &Stack,
) -> Option<Location> {
    let whole = result.strip.clone();
    let (mut headers, mut sources, mut blocked) = (PathHeaders::default(), None, None);
    let (mut origin, mut api) = (false, false);
    // From the outside in: what a closer path says replaces what a wider one said.
    let is_itself = |path: &UrlPattern| !result.exact && path.is_same(&result.path);
    let is_around = |(path, exact): &(UrlPattern, bool)| !exact && !is_itself(path) && path.encloses(&result.path);
    let mut around: Vec<&Rule> = rules.iter().filter(|(path, _)| is_around(path)).collect();
    around.sort_by_key(|((path, _), _)| (path.as_str().len(), !path.has_wildcard()));
    for rule in around.into_iter().map(|(_, rule)| *rule).chain([own]) {
        if let Some(rate) = &rule.rate {
            result.rate = Enforced::wish(rate.value.clone());
        }
        if let Some(limit) = &rule.body {
            result.body = Enforced::wish(context.scope.compute(limit)?);
        }
        if let Some(upstream) = &rule.upstream {
            result.upstream = self::upstream(context, upstream, stack)?;
            result.strip.clone_from(&whole);
        }
        if let Some(strip) = rule.strip_prefix {
            result.strip = if strip { Some(below(base_path, &stripped(context, rule)?)?) } else { whole.clone() };
        }
        headers::of_path(context, rule, site_headers, &mut headers);
        if let Some(encoded) = &rule.encoded {
            result.encoded = encoded.iter().copied().collect();
        }
        if let Some(from) = &rule.from {
            sources = Some(context.scope.compute(from)?.0);
        }
        if let Some(methods) = &rule.methods {
            result.methods = Enforced::wish(methods.clone());
        }
        origin = rule.require_origin.unwrap_or(origin);
        result.timeout = rule.timeout.unwrap_or(result.timeout);
        api = rule.api.unwrap_or(api);
        result.streaming = rule.streaming.unwrap_or(result.streaming);
        result.audience = rule.audience.map_or(result.audience, Audience::from).max(site.audience.into());
        let serve = rule.serve || rule.answer.is_some();
        blocked = rule.block.clone().or(blocked.filter(|_| !serve));
    }
    result.origin = Enforced::wish_if(origin);
    result.api_headers = Enforced::maybe(api.then(headers::of_programs).flatten());
    result.blocked = Enforced::maybe(blocked);
    result.has_own_sources = sources.is_some();
    result.allow = sources.map_or_else(|| allow(context, result.audience), Enforced::wish);
    result.headers = Enforced::list(headers.set);
    result.hide = Enforced::list(headers.hidden);
    result.passed = headers.passed;
    if let Some(answer) = &own.answer {
        self::answer(context, can, own, answer, &mut result)?;
    }
    Some(result)
}

/// What the proxy says itself; where it cannot, the path is closed, and that is said.
fn answer(
    context: &mut Context,
    can: Abilities,
    rule: &PathRule,
    answer: &system::Answer,
    location: &mut Location,
) -> Option<()> {
    let at = rule.exact.as_ref().or(rule.prefix.as_ref()).map_or(crate::text::Span::UNKNOWN, |path| path.span);
    if rule.block.is_some() {
        let double = Diagnostic::error(codes::INVALID_SYSTEM, "a path has both `block` and `answer`");
        context.scope.diagnostics.push(double.at(at, "").help("write one of the two"));
        return None;
    }
    let status = answer.status.as_ref().map_or(200, |status| status.value);
    if !system::STATUSES.contains(&status) {
        let known = system::STATUSES.map(|status| status.to_string()).join(", ");
        let wrong = Diagnostic::error(codes::INVALID_SYSTEM, format!("no path can answer {status} by itself"));
        let span = answer.status.as_ref().map_or(at, |status| status.span);
        context.scope.diagnostics.push(wrong.at(span, "").help(format!("write one of {known}")));
        return None;
    }
    if !can.answers {
        let kind = context.choices.proxy;
        let says = format!("`{kind}` says nothing by itself, so `{}` is closed", location.path);
        context.scope.diagnostics.push(
            Diagnostic::warning(codes::LEFT_OUT, says)
                .at(at, "")
                .help("choose `proxy.kind: nginx` or `caddy`, or let a service of the system answer"),
        );
        location.blocked = Enforced::maybe("The proxy here says nothing by itself.".parse().ok());
        return Some(());
    }
    let content_type = match &answer.content_type {
        Some(given) => given.clone(),
        None => "text/plain; charset=utf-8".parse().ok()?,
    };
    let lines = answer.lines.iter().filter_map(|line| context.said(line)).collect();
    location.answer = Some(Answer { status, content_type, lines });
    Some(())
}

/// The prefix that an upstream does not see.
fn stripped(context: &mut Context, rule: &Spanned<PathRule>) -> Option<UrlPattern> {
    let plain = rule.prefix.as_ref().filter(|prefix| !prefix.value.has_wildcard());
    if plain.is_none() {
        let at = rule.exact.as_ref().or(rule.prefix.as_ref()).map_or(rule.span, |path| path.span);
        context.scope.diagnostics.push(
            Diagnostic::error(codes::INVALID_SYSTEM, "only a `prefix` without `*` can be stripped")
                .at(at, "")
                .help("strip the plain prefix around it; paths below inherit that"),
        );
    }
    plain.map(|prefix| prefix.value.clone())
}
