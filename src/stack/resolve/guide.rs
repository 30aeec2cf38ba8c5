//! The vendor's guide: lints, the outcome of each recommendation that counts here, and steps by hand.

use super::Context;
use crate::controls::catalogue;
use crate::diagnostics::{Diagnostic, Severity, codes, nearest_or_allowed};
use crate::profile::Profile;
use crate::source::Span;
use crate::stack::{Recommendation, Scope, Stack, Steps, cause, facts};
use crate::systems::format::{self, LintSeverity, Status, System};
use minijinja::Value;
use std::collections::BTreeMap;

/// Gives results of the resolution to expressions: `limits`, `images`, `stop_seconds` and `variables`.
pub fn tell_results(context: &mut Context, stack: &Stack) {
    let by_service = |value: &dyn Fn(&crate::stack::Service) -> Value| {
        Value::from_pairs(stack.services.iter().map(|(name, service)| (name.as_str().to_owned(), value(service))))
    };
    let limits = by_service(&|service| Value::from_pairs([("memory", facts::size(service.declared.limits.memory))]));
    let images = by_service(&|service| Value::from(service.image.to_string()));
    let stop = by_service(&|service| Value::from(service.declared.stop_grace.as_seconds()));
    let variables: BTreeMap<(String, String), String> = stack
        .services
        .values()
        .flat_map(|service| {
            service
                .environment
                .iter()
                .map(|(name, variable)| ((service.name.to_string(), name.to_string()), variable.value.clone()))
        })
        .collect();
    let delivered = by_service(&|service| {
        let pair = |(name, reading): (&crate::values::SecretName, &crate::stack::SecretUse)| {
            let variable = Value::from(reading.environment.as_ref()?.to_string());
            Some(Value::from_pairs([("name", Value::from(name.to_string())), ("variable", variable)]))
        };
        service.secrets.iter().filter_map(pair).collect::<Vec<_>>().into()
    });
    context.scope.set("delivered", delivered);
    context.scope.set("limits", limits);
    context.scope.set("images", images);
    context.scope.set("stop_seconds", stop);
    context.scope.add_optional_lookup("variable", variables);
}

/// Says what is wrong for this application, chooses the outcome of every recommendation, and computes the steps by hand.
pub fn all(context: &mut Context, stack: &mut Stack) {
    let Context { profile, system, refused, scope, .. } = context;
    let mut rules = Rules { profile, system, refused, scope: scope.fork() };
    rules.scope.diagnostics = std::mem::take(&mut scope.diagnostics);
    rayon::join(|| recommendations(system, scope, stack), || rules.judge_all());
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
    fn judge(&mut self, lint: &format::Lint, item: Option<(usize, Value)>) {
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
fn place(profile: &Profile, lint: &format::Lint, item: Option<usize>, cause: Option<Span>) -> Span {
    let Some(at) = &lint.at else { return cause.unwrap_or_else(|| profile.near("system")) };
    let key = match item {
        Some(index) => at.value.replacen("[]", &format!("[{index}]"), 1),
        None => at.value.clone(),
    };
    let section = ["services", "proxy", "waivers"].contains(&key.as_str());
    let said = profile.said(&key);
    said.filter(|_| !section).or(cause).or(said).unwrap_or_else(|| profile.near(&key))
}

fn recommendations(system: &System, scope: &mut Scope, stack: &mut Stack) {
    // Beside other systems, steps say whose they are.
    let whose = if stack.systems.len() > 1 { format!("{}: ", system.title) } else { String::new() };
    for recommendation in &system.recommendations {
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
        let resolved = one(scope, recommendation, outcome);
        stack.recommendations.push(resolved);
    }
    for list in &system.runbook {
        if !scope.holds(&list.when) {
            continue;
        }
        let steps = list
            .steps
            .iter()
            .filter_map(|step| {
                if !scope.holds(&step.when) {
                    return None;
                }
                let action = scope.string(&step.action)?;
                let run = step.run.as_ref().and_then(|run| scope.string(run));
                Some((action, run, step.expect.as_ref().and_then(|expect| scope.string(expect))))
            })
            .collect();
        let title = format!("{whose}{}", list.title).parse().unwrap_or_else(|_| list.title.clone());
        stack.runbook.push(Steps { title, steps });
    }
    for limitation in &system.limitations {
        stack.limitations.extend(scope.text(limitation).map(|text| format!("{whose}{text}")));
    }
}

fn one(scope: &mut Scope, recommendation: &format::Recommendation, outcome: &format::Outcome) -> Recommendation {
    let id = &recommendation.id;
    let mut controls = Vec::new();
    for name in &outcome.controls {
        match catalogue::find(name.as_str()) {
            Some(control) => controls.push(control.meta().id),
            None => {
                let names = catalogue::ALL.iter().map(|control| control.meta().id);
                scope.diagnostics.push(
                    Diagnostic::error(codes::INVALID_SYSTEM, format!("there is no control `{}`", name.value))
                        .at(name.span, "")
                        .help(nearest_or_allowed(name.as_str(), names)),
                );
            }
        }
    }
    let because = outcome.because.as_ref().and_then(|text| scope.string(text));
    let verify = outcome.verify.as_ref().and_then(|text| scope.string(text));
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
        places: outcome.places.iter().filter_map(|place| scope.spanned(place)).collect(),
        because,
        verify,
        expect,
        deviation: recommendation.deviation.clone(),
        span: id.span,
    }
}
