//! The vendor's guide: lints, the outcome of each recommendation that counts here, and steps by hand.

use super::distinct::Names;
use super::{Context, asked};
use crate::diagnostics::{Diagnostic, Severity, codes};
use crate::format::profile::Profile;
use crate::format::system::{self, LintSeverity, Status, System};
use crate::stack::edge::Site;
use crate::stack::{Catalogue, Difference, Recommendation, Scope, Stack, Steps, Wait, cause};
use crate::text::Span;
use crate::values::{ByteSize, MaybeLine, ServiceName, amounts};
use minijinja::Value;
use std::collections::BTreeMap;

/// Gives results of the resolution to expressions: `limits`, `images`, `stop_seconds`, `rates` and `variables`.
pub fn tell_results(context: &mut Context, stack: &Stack) {
    let by_service = |value: &dyn Fn(&crate::stack::Service) -> Value| {
        let named = |(name, service)| Some((context.names.service(name)?.to_string(), value(service)));
        Value::from_pairs(stack.services.iter().filter_map(named))
    };
    let limits = by_service(&|service| {
        // One that went wrong was said; the stand-in is for what is computed from it.
        let memory = service.hardening.memory.wished().copied().unwrap_or(ByteSize::bytes(512 << 20));
        Value::from_pairs([("memory", amounts::size(memory))])
    });
    let images = by_service(&|service| Value::from(service.image.to_string()));
    let stop =
        by_service(&|service| Value::from(service.hardening.stop_grace.wished().map_or(0, |grace| grace.as_seconds())));
    let variables: BTreeMap<(String, String), String> = stack
        .services
        .values()
        .filter_map(|service| Some((context.names.service(&service.name)?, service)))
        .flat_map(|(word, service)| {
            let variables = service.environment.iter();
            variables.map(|(name, variable)| ((word.to_string(), name.to_string()), variable.value.clone()))
        })
        .collect();
    let delivered = by_service(&|service| {
        let pair = |(name, reading): (&crate::values::SecretName, &crate::stack::SecretUse)| {
            let variable = Value::from(reading.environment.as_ref()?.to_string());
            let name = context.names.secret(name)?.to_string();
            Some(Value::from_pairs([("name", Value::from(name)), ("variable", variable)]))
        };
        service.secrets.iter().filter_map(pair).collect::<Vec<_>>().into()
    });
    let containers = |(name, service): (&ServiceName, &crate::stack::Service)| {
        Some((context.names.service(name)?.to_string(), service.container.to_string()))
    };
    let containers = stack.services.iter().filter_map(containers).collect();
    context.scope.add_word_lookup("container", containers);
    let classes = context.system.edge.iter().flat_map(|edge| &edge.rates);
    let rates = classes.map(|(name, class)| {
        let changed = context.profile.proxy.rate_limits.iter().find(|(key, _)| key.value == name.value);
        (name.as_str(), amounts::rate(changed.map_or(class.rate, |(_, rate)| rate.value)))
    });
    let rates = Value::from_pairs(rates);
    context.scope.set("rates", rates);
    context.scope.add_header_lookup("header", headers(context.system, stack), "left to the application");
    context.scope.set("delivered", delivered);
    context.scope.set("limits", limits);
    context.scope.set("images", images);
    context.scope.set("stop_seconds", stop);
    context.scope.add_optional_lookup("variable", variables);
}

/// Response headers that the proxy decides about, on the first site of a system; what a profile says of them holds for all.
fn headers(system: &System, stack: &Stack) -> Vec<(String, String)> {
    let Some((edge, own)) = stack.edge.as_ref().zip(system.edge.as_ref()) else { return Vec::new() };
    let is_own = |site: &&Site| own.sites.iter().any(|(name, _)| name.value == site.name);
    let Some(site) = edge.sites.iter().find(is_own) else { return Vec::new() };
    let transport = site.hsts.wished().map_or_else(|| "not sent".to_owned(), ToString::to_string);
    let set = site.headers.wished().into_iter().flatten().map(|(name, value)| (name.to_string(), value.to_string()));
    let removed = site.hide.wished().into_iter().flatten().map(|name| (name.to_string(), "removed".to_owned()));
    // That one has a control of its own.
    [("Strict-Transport-Security".to_owned(), transport)].into_iter().chain(set).chain(removed).collect()
}

/// Says what is wrong for this application, chooses the outcome of every recommendation, and computes the steps by hand.
pub fn all(context: &mut Context, stack: &mut Stack) {
    let Context { profile, system, refused, scope, names, controls, .. } = context;
    let mut rules = Rules { profile, system, refused, scope: scope.fork() };
    rules.scope.diagnostics = std::mem::take(&mut scope.diagnostics);
    rayon::join(|| recommendations((profile, system, names, *controls), scope, stack), || rules.judge_all());
    rules.scope.diagnostics.extend(std::mem::take(&mut scope.diagnostics));
    scope.diagnostics = rules.scope.diagnostics;
}

/// The rules of a system, judged over facts of their own.
struct Rules<'a> {
    profile: &'a Profile,
    system: &'a System,
    refused: &'a [Span],
    scope: Scope,
}

impl Rules<'_> {
    fn judge_all(&mut self) {
        for lint in &self.system.lints {
            let Some(each) = &lint.each else {
                self.judge(lint, None);
                continue;
            };
            for (index, item) in self.scope.items(&each.0) {
                self.judge(lint, Some((index, item)));
            }
        }
    }

    /// One rule, of the stack or of one item of a list.
    fn judge(&mut self, lint: &system::Lint, item: Option<(usize, Value)>) {
        let (profile, system) = (self.profile, self.system);
        let index = item.as_ref().map(|(index, _)| *index);
        let name = lint.name.as_ref().map_or("item", |name| name.as_str());
        let said = |scope: &mut Scope| {
            // A condition that fails was reported; that it holds as well would only hide why.
            if !scope.value(&lint.when.0).is_some_and(|value| value.is_true()) {
                return None;
            }
            let message = scope.string(&lint.message).unwrap_or_default();
            let help =
                super::typed::typed(&scope.string(&lint.help).unwrap_or_default(), system, &profile.settings_path());
            let keys = cause::of_condition(profile, system, &lint.when.0.value, &mut |word| scope.word(word));
            Some((message, help, keys))
        };
        let said = match item {
            Some((_, item)) => self.scope.with(name, item, said),
            None => said(&mut self.scope),
        };
        let Some((message, help, mut keys)) = said else { return };
        if let Some(each) = &lint.each {
            keys.extend(cause::of_condition(profile, system, &each.0.value, &mut |_| None));
        }
        // What stands in for a value that was refused is nothing the profile says.
        let no_value = |code| [codes::INVALID_VALUE, codes::UNKNOWN_VALUE, codes::UNKNOWN_KEY].contains(&code);
        let refused = self.scope.diagnostics.iter().filter(|finding| no_value(finding.code));
        let refused = refused.flat_map(|finding| &finding.labels).map(|label| label.span);
        let mut refused = refused.chain(profile.refused.iter().chain(self.refused).copied());
        if refused.any(|span| keys.iter().any(|key| profile.holds(key, span))) {
            return;
        }
        let severity = match lint.severity {
            LintSeverity::Error => Severity::Error,
            LintSeverity::Warning => Severity::Warning,
        };
        let at = place(profile, lint, index, keys.iter().find_map(|key| profile.said(key)));
        self.scope.diagnostics.push(
            Diagnostic::new(codes::LINT, severity, message)
                .at(at, "")
                .help(help)
                .with_note(format!("rule `{}` of `{}`", lint.code.value, system.name.value)),
        );
    }
}

/// Where the profile says the key a rule names; where that is a whole section or not written, what the rule's condition
/// asks for; else the closest key around the one named.
fn place(profile: &Profile, lint: &system::Lint, item: Option<usize>, cause: Option<Span>) -> Span {
    let Some(at) = &lint.at else { return cause.unwrap_or_else(|| profile.near("system")) };
    let key = match item {
        Some(index) => at.value.replacen("[]", &format!("[{index}]"), 1),
        None => at.value.clone(),
    };
    let section = ["services", "proxy", "waivers"].contains(&key.as_str());
    let said = profile.said(&key);
    said.filter(|_| !section).or(cause).or(said).unwrap_or_else(|| profile.near(&key))
}

fn recommendations(
    (profile, system, names, controls): (&Profile, &System, &Names, Catalogue),
    scope: &mut Scope,
    stack: &mut Stack,
) {
    // Beside other systems, steps say whose they are.
    let several = stack.systems.len() > 1;
    let whose = if several { format!("{}: ", system.title) } else { String::new() };
    let mut own = BTreeMap::new();
    for recommendation in system.recommendations.iter().filter(|one| one.same_as.is_none()) {
        let chosen = recommendation.outcomes.iter().find(|outcome| scope.holds(&outcome.when));
        let Some(outcome) = chosen else {
            scope.diagnostics.push(
                Diagnostic::error(
                    codes::INVALID_SYSTEM,
                    format!("`{}` has no outcome that counts here", recommendation.id.value),
                )
                .at(recommendation.id.span, "")
                .help("end its outcomes with one without `when`"),
            );
            continue;
        };
        own.insert(recommendation.id.as_str(), one((profile, system, names, controls), scope, recommendation, outcome));
    }
    for recommendation in &system.recommendations {
        let of = recommendation.same_as.as_ref().map_or(recommendation.id.as_str(), |same| same.as_str());
        let Some(answer) = own.get(of) else { continue };
        stack.recommendations.push(Recommendation {
            id: recommendation.id.value.clone(),
            guide: recommendation.guide.clone(),
            boundary: recommendation.boundary,
            same_as: recommendation.same_as.as_ref().map(|same| same.value.clone()),
            span: recommendation.id.span,
            ..answer.clone()
        });
    }
    for difference in &system.differences {
        if !scope.holds(&difference.when) {
            continue;
        }
        let texts = [&difference.vendor, &difference.here, &difference.because].map(|text| scope.string(text));
        let restore = difference.restore.iter().filter_map(|text| scope.compute(text)).collect();
        if let [Some(vendor), Some(here), Some(because)] = texts {
            let system = several.then(|| system.title.clone());
            stack.differences.push(Difference { system, kind: difference.kind, vendor, here, because, restore });
        }
    }
    for list in &system.runbook {
        if !scope.holds(&list.when) {
            continue;
        }
        let mut steps = Vec::new();
        for step in &list.steps {
            if !scope.holds(&step.when) {
                continue;
            }
            let Some(action) = scope.string(&step.action) else { continue };
            let run = step.run.as_ref().and_then(|run| scope.string(run)).map(|run| names.command(&run));
            for (before, text) in [(true, &step.before_start), (false, &step.after_start)] {
                let text = text.as_ref().and_then(|text| scope.compute(text)).and_then(|MaybeLine(text)| text);
                let (list, step) = (stack.runbook.len(), steps.len());
                stack.waits.extend(text.map(|text| Wait { before, text: format!("{whose}{text}"), list, step }));
            }
            steps.push((action, run, step.expect.as_ref().and_then(|expect| scope.string(expect))));
        }
        stack.runbook.push(Steps { title: format!("{whose}{}", list.title), steps });
    }
    for limitation in &system.limitations {
        stack.limitations.extend(scope.text(limitation).map(|text| format!("{whose}{text}")));
    }
}

fn one(
    (profile, system, names, known): (&Profile, &System, &Names, Catalogue),
    scope: &mut Scope,
    recommendation: &system::Recommendation,
    outcome: &system::Outcome,
) -> Recommendation {
    let id = &recommendation.id;
    // What has no object here has no value either.
    let asks = recommendation.asks.iter().filter(|_| outcome.status != Status::NotApplicable);
    let compared = asks.filter_map(|asked| asked::compare((profile, system), scope, &id.value, asked)).collect();
    let mut controls = Vec::new();
    for name in &outcome.controls {
        match known.find(name.as_str()) {
            Some(meta) => controls.push(meta.id),
            None => {
                scope.diagnostics.push(
                    Diagnostic::error(codes::INVALID_SYSTEM, format!("there is no control `{}`", name.value))
                        .at(name.span, "")
                        .meant(name.as_str(), known.ids()),
                );
            }
        }
    }
    let because = outcome.because.as_ref().and_then(|text| scope.string(text));
    let verify = outcome.verify.as_ref().and_then(|text| scope.string(text)).map(|text| names.command(&text));
    if let (Some(written), Some(command)) = (&outcome.verify, &verify)
        && command.trim_start().starts_with('!')
    {
        scope.diagnostics.push(
            Diagnostic::warning(
                codes::BLIND_CHECK,
                format!("the check of `{}` also succeeds where its command cannot run", id.value),
            )
            .at(written.text.span, "")
            .help(
                "prove first that its subject is there: `found=$(COMMAND) && ! printf '%s\\n' \"$found\" | grep WORD`",
            ),
        );
    }
    let expect = outcome.expect.as_ref().and_then(|text| scope.string(text));
    let lacks = match outcome.status {
        Status::Enforced => None,
        Status::Manual if verify.is_none() => Some("verify"),
        _ if because.is_none() => Some("because"),
        _ => None,
    };
    if let Some(key) = lacks {
        scope.diagnostics.push(
            Diagnostic::error(codes::INVALID_SYSTEM, format!("the outcome of `{}` has no `{key}`", id.value))
                .at(id.span, ""),
        );
    }
    Recommendation {
        id: id.value.clone(),
        guide: recommendation.guide.clone(),
        boundary: recommendation.boundary,
        status: outcome.status,
        controls,
        places: outcome
            .places
            .iter()
            .filter_map(|place| scope.spanned(place))
            .map(|place| place.map(|text| names.place(&text)))
            .collect(),
        because,
        verify,
        expect,
        from: outcome.from,
        changes: outcome.changes,
        evidence: outcome.evidence.iter().filter_map(|word| scope.spanned(word)).collect(),
        deviation: recommendation.deviation.clone(),
        compared,
        same_as: None,
        span: id.span,
    }
}
