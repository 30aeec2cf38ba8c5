//! Locations: every path gets all it inherits.

use super::super::Context;
use super::headers::{self, Headers};
use super::upstream::upstream;
use crate::diagnostics::{Diagnostic, codes};
use crate::format::system::{self, Abilities, Encoded, PathRule};
use crate::stack::Audience;
use crate::stack::edge::{Answer, Location, Upstream};
use crate::stack::{Enforced, Stack};
use crate::text::Spanned;
use crate::values::{ByteSize, Duration, Line, UrlPattern};

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

pub(super) fn base(site: &system::Site, upstream: Upstream, body: ByteSize, path: UrlPattern) -> Location {
    Location {
        path,
        exact: false,
        block_reason: None,
        blocked: Enforced::default(),
        answer: None,
        rate_class: site.rate.as_ref().map(|rate| rate.value.clone()),
        rate: Enforced::default(),
        body_limit: body,
        body: Enforced::default(),
        timeout: TIMEOUT,
        api: false,
        api_headers: Enforced::default(),
        streaming: false,
        upstream,
        strip: None,
        wanted_methods: None,
        methods: Enforced::default(),
        wanted_headers: Vec::new(),
        headers: Enforced::default(),
        wanted_hidden: Vec::new(),
        hide: Enforced::default(),
        passed: Vec::new(),
        encoded: site.encoded.as_deref().unwrap_or(&Encoded::DEFAULT).iter().copied().collect(),
        wants_origin: false,
        origin: Enforced::default(),
        sources: None,
        audience: site.audience.into(),
        allow: Enforced::default(),
    }
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
    // From the outside in: what a closer path says replaces what a wider one said.
    let is_itself = |path: &UrlPattern| !result.exact && path.is_same(&result.path);
    let is_around = |(path, exact): &(UrlPattern, bool)| !exact && !is_itself(path) && path.encloses(&result.path);
    let mut around: Vec<&Rule> = rules.iter().filter(|(path, _)| is_around(path)).collect();
    around.sort_by_key(|((path, _), _)| (path.as_str().len(), !path.has_wildcard()));
    for rule in around.into_iter().map(|(_, rule)| *rule).chain([own]) {
        if let Some(rate) = &rule.rate {
            result.rate_class = Some(rate.value.clone());
        }
        if let Some(limit) = &rule.body {
            result.body_limit = context.scope.compute(limit)?;
        }
        if let Some(upstream) = &rule.upstream {
            result.upstream = self::upstream(context, upstream, stack)?;
            result.strip.clone_from(&whole);
        }
        if let Some(strip) = rule.strip_prefix {
            result.strip = if strip { Some(below(base_path, &stripped(context, rule)?)?) } else { whole.clone() };
        }
        headers::of_path(context, rule, site_headers, &mut result);
        if let Some(encoded) = &rule.encoded {
            result.encoded = encoded.iter().copied().collect();
        }
        if let Some(from) = &rule.from {
            result.sources = Some(context.scope.compute(from)?.0);
        }
        if let Some(methods) = &rule.methods {
            result.wanted_methods = Some(methods.clone());
        }
        result.wants_origin = rule.require_origin.unwrap_or(result.wants_origin);
        result.timeout = rule.timeout.unwrap_or(result.timeout);
        result.api = rule.api.unwrap_or(result.api);
        result.streaming = rule.streaming.unwrap_or(result.streaming);
        result.audience = rule.audience.map_or(result.audience, Audience::from).max(site.audience.into());
        let serve = rule.serve || rule.answer.is_some();
        result.block_reason = rule.block.clone().or(result.block_reason.filter(|_| !serve));
    }
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
        location.block_reason = "The proxy here says nothing by itself.".parse().ok();
        return Some(());
    }
    let content_type = match &answer.content_type {
        Some(given) => given.clone(),
        None => "text/plain; charset=utf-8".parse().ok()?,
    };
    let line = |line: &system::Computed<Line>| Some(Spanned::new(context.scope.compute(line)?, line.text.span));
    let lines = answer.lines.iter().filter_map(line).collect();
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
