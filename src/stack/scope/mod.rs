//! Expressions of a system file, computed over the facts of one run.

mod headers;
mod language;
mod size;
mod tree;

pub use language::language;
pub use size::{check as check_size, render as render_bounded};

use super::hole;
use crate::diagnostics::{Diagnostic, Diagnostics, codes, nearest_or_allowed};
use crate::format::system::{Computed, When};
use crate::systems::bounds::{self, Beyond};
use crate::text::{Span, Spanned};
use crate::values::Invalid;
use minijinja::{Environment, ErrorKind, UndefinedBehavior, Value};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::{fmt, str::FromStr};

/// The value of `omit`: what becomes it is left out. NUL occurs in no value of a profile or system.
const OMIT: &str = "\u{0}omit";

/// What is known once services are resolved.
const LATER: [&str; 7] = ["limits", "delivered", "header", "images", "rates", "stop_seconds", "variable"];

/// The way out where one of them is asked for too early.
const KNOWN_LATER: &str =
    "services decide this, so files, lints, recommendations, the runbook and limitations alone may ask for it";

/// Steps of the engine for one expression or text.
const MAX_STEPS: u64 = 100_000;

/// Bytes that all expressions of one run may give together, each counting [`COST`] more.
const MAX_WORK: usize = 128 << 20;
const COST: usize = 256;

/// Characters of an expression that a message shows.
const SHOWN: usize = 400;

/// Computes expressions and collects what goes wrong.
pub struct Scope {
    engine: Environment<'static>,
    facts: BTreeMap<String, Value>,
    /// The facts as one value, until the next of them changes.
    together: Option<Value>,
    /// Facts that could not be computed.
    given_up: BTreeSet<String>,
    /// What is left of [`MAX_WORK`].
    work: usize,
    /// What went wrong so far.
    pub diagnostics: Diagnostics,
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope").field("facts", &self.facts.keys()).finish_non_exhaustive()
    }
}

impl Default for Scope {
    fn default() -> Self {
        Self::new()
    }
}

impl Scope {
    /// A scope without facts.
    pub fn new() -> Self {
        let mut engine = Environment::empty();
        engine.set_undefined_behavior(UndefinedBehavior::Strict);
        engine.set_fuel(Some(MAX_STEPS));
        engine.set_formatter(|out, state, value| {
            check_size(value)?;
            minijinja::escape_formatter(out, state, value)
        });
        language(&mut engine);
        let (facts, given_up, diagnostics) = (BTreeMap::new(), BTreeSet::new(), Diagnostics::default());
        let mut scope = Self { engine, facts, together: None, given_up, work: MAX_WORK, diagnostics };
        scope.set("omit", Value::from(OMIT));
        scope
    }

    /// The same facts, to be asked beside this one; what goes wrong there is not known here.
    pub fn fork(&self) -> Self {
        let Self { engine, facts, together, given_up, work, .. } = self;
        let (engine, facts, together) = (engine.clone(), facts.clone(), together.clone());
        let (given_up, work) = (given_up.clone(), *work);
        Self { engine, facts, together, given_up, work, diagnostics: Diagnostics::default() }
    }

    /// Adds or replaces a fact.
    pub fn set(&mut self, name: &str, value: Value) {
        self.change(name, Some(value));
    }

    fn change(&mut self, name: &str, value: Option<Value>) -> Option<Value> {
        self.together = None;
        match value {
            Some(value) => self.facts.insert(name.to_owned(), value),
            None => self.facts.remove(name),
        }
    }

    /// Adds an entry to a fact that is a map.
    pub fn extend(&mut self, name: &str, key: &str, value: Value) {
        let old = self.facts.get(name).cloned().unwrap_or_default();
        let mut entries: BTreeMap<String, Value> = BTreeMap::new();
        for known in old.try_iter().into_iter().flatten() {
            if let Ok(value) = old.get_item(&known) {
                entries.insert(known.to_string(), value);
            }
        }
        entries.insert(key.to_owned(), value);
        self.set(name, Value::from_pairs(entries));
    }

    fn facts(&mut self) -> Value {
        let all = || Value::from_pairs(self.facts.iter().map(|(key, value)| (key.as_str(), value.clone())));
        self.together.get_or_insert_with(all).clone()
    }

    /// What a system's own templates see: all facts, and secrets by `secret('NAME')` as texts with [`hole`]s. Nothing
    /// can be omitted from a text.
    pub fn template_facts(&self, secrets: BTreeMap<String, crate::values::SecretName>) -> Value {
        let secret = move |name: String| match secrets.get(&name) {
            Some(known) => Ok(hole(known)),
            None => {
                let help = nearest_or_allowed(&name, secrets.keys().map(String::as_str));
                let cause = format!("there is no secret `{}`: {help}", name.escape_debug());
                Err(minijinja::Error::new(minijinja::ErrorKind::InvalidOperation, cause))
            }
        };
        let facts = self.facts.iter().filter(|(name, _)| *name != "omit");
        let secret = ("secret", Value::from_function(secret));
        Value::from_pairs(facts.map(|(name, value)| (name.as_str(), value.clone())).chain([secret]))
    }

    /// Adds a function of two words, such as `address('core', 'app')`.
    pub fn add_lookup(&mut self, name: &'static str, table: BTreeMap<(String, String), String>) {
        let lookup = move |a: String, b: String| {
            table.get(&(a.clone(), b.clone())).cloned().ok_or_else(|| {
                minijinja::Error::new(
                    minijinja::ErrorKind::InvalidOperation,
                    format!("there is no {name} of `{b}` on `{a}`"),
                )
            })
        };
        self.set(name, Value::from_function(lookup));
    }

    /// Adds a function of two words that gives an empty text where there is nothing.
    pub fn add_optional_lookup(&mut self, name: &'static str, table: BTreeMap<(String, String), String>) {
        let lookup = move |a: String, b: String| table.get(&(a, b)).cloned().unwrap_or_default();
        self.set(name, Value::from_function(lookup));
    }

    /// Adds a function of one word in either case, such as `header('X-Frame-Options')`, that gives another text where there
    /// is nothing.
    pub fn add_header_lookup(&mut self, name: &'static str, table: Vec<(String, String)>, others: &'static str) {
        let lookup = move |word: String| {
            let known = table.iter().find(|(name, _)| name.eq_ignore_ascii_case(&word));
            known.map_or(others, |(_, value)| value).to_owned()
        };
        self.set(name, Value::from_function(lookup));
    }

    /// Adds a function of one word, such as `gateway('core')`.
    pub fn add_word_lookup(&mut self, name: &'static str, table: BTreeMap<String, String>) {
        let lookup = move |word: String| {
            table.get(&word).cloned().ok_or_else(|| {
                minijinja::Error::new(minijinja::ErrorKind::InvalidOperation, format!("there is no {name} of `{word}`"))
            })
        };
        self.set(name, Value::from_function(lookup));
    }

    /// Adds a yes-or-no function of one known word, such as `waived('read-only-root')`.
    pub fn add_question(
        &mut self,
        name: &'static str,
        yes: Vec<String>,
        known: impl Fn(&str) -> Result<(), String> + Send + Sync + 'static,
    ) {
        let answer = move |word: String| match known(&word) {
            Ok(()) => Ok(yes.contains(&word)),
            Err(reason) => Err(minijinja::Error::new(ErrorKind::InvalidOperation, reason)),
        };
        self.set(name, Value::from_function(answer));
    }

    /// The text with its expressions computed; `None` where it becomes `omit` or went wrong.
    pub fn text(&mut self, text: &Spanned<String>) -> Option<String> {
        let plain = &text.value;
        if plain.contains('\0') {
            self.say(text.span, plain, "a text cannot hold a NUL character", "leave the NUL out".to_owned());
            return None;
        }
        if !plain.contains(['{']) || !(plain.contains("{{") || plain.contains("{%")) {
            return Some(plain.clone());
        }
        let facts = self.facts();
        let bounded = match bounds::text(plain) {
            Ok(bounded) => bounded,
            Err(beyond) => return self.beyond(text.span, plain, &beyond),
        };
        let template = match self.engine.template_from_str(&bounded) {
            Ok(template) => template,
            Err(error) => return self.fail(text.span, plain, &error),
        };
        match size::render(&template, facts) {
            Ok(result) if result.contains(OMIT) => None,
            Ok(result) => self.spend(text.span, result.len()).then_some(result),
            Err(error) => {
                let names = template.undeclared_variables(true);
                self.fail_by_name(text.span, plain, names, &error)
            }
        }
    }

    /// A computed text.
    pub fn string(&mut self, text: &Computed<String>) -> Option<String> {
        self.text(&text.text)
    }

    /// A computed text with its place.
    pub fn spanned(&mut self, text: &Computed<String>) -> Option<Spanned<String>> {
        self.text(&text.text).map(|value| Spanned::new(value, text.text.span))
    }

    /// A computed value of a type.
    pub fn compute<T: FromStr<Err = Invalid>>(&mut self, computed: &Computed<T>) -> Option<T> {
        let text = self.text(&computed.text)?;
        self.parse(&text, &computed.text)
    }

    /// A value of a type from a text that was computed from another.
    pub fn parse<T: FromStr<Err = Invalid>>(&mut self, text: &str, from: &Spanned<String>) -> Option<T> {
        match text.parse() {
            Ok(value) => Some(value),
            Err(Invalid { reason, help }) => {
                let mut diagnostic = Diagnostic::error(codes::INVALID_VALUE, reason).at(from.span, "");
                if text != from.value {
                    diagnostic = diagnostic.with_note(format!("it becomes `{}`", text.escape_debug()));
                }
                if let Some(help) = help {
                    diagnostic = diagnostic.help(help);
                }
                self.diagnostics.push(diagnostic);
                None
            }
        }
    }

    /// The value of a bare expression.
    pub fn value(&mut self, expression: &Spanned<String>) -> Option<Value> {
        let facts = self.facts();
        let bounded = match bounds::expression(&expression.value) {
            Ok(bounded) => bounded,
            Err(beyond) => return self.beyond(expression.span, &expression.value, &beyond),
        };
        let compiled = match self.engine.compile_expression(&bounded) {
            Ok(compiled) => compiled,
            Err(error) => return self.fail(expression.span, &expression.value, &error),
        };
        let error = match compiled.eval(facts) {
            // A misspelt name alone is no error of the language, but it would count as false.
            Ok(value) if value.is_undefined() => ErrorKind::UndefinedError.into(),
            Ok(value) => match size::of(&value) {
                Ok(size) => return self.spend(expression.span, size).then_some(value),
                Err(error) => error,
            },
            Err(error) => error,
        };
        let names = compiled.undeclared_variables(true);
        self.fail_by_name(expression.span, &expression.value, names, &error)
    }

    /// What an expression gives as a text, if anything.
    pub fn word(&mut self, expression: &str) -> Option<String> {
        let facts = self.facts();
        let bounded = bounds::expression(expression).ok()?;
        let value = self.engine.compile_expression(&bounded).ok()?.eval(facts).ok()?;
        size::of(&value).ok()?;
        (!value.is_undefined()).then(|| value.to_string())
    }

    /// Whether a condition holds; none always holds. What a broken one stands at counts, so that nothing else misses it.
    pub fn holds(&mut self, when: &Option<When>) -> bool {
        match when {
            None => true,
            Some(When(expression)) => match expression.value.as_str() {
                "true" => true,
                "false" => false,
                _ => self.value(expression).is_none_or(|value| value.is_true()),
            },
        }
    }

    /// The items of a list that an expression gives, with their numbers.
    pub fn items(&mut self, expression: &Spanned<String>) -> Vec<(usize, Value)> {
        let Some(list) = self.value(expression) else { return Vec::new() };
        match list.try_iter() {
            Ok(items) => items.enumerate().collect(),
            Err(error) => {
                let _: Option<()> = self.fail(expression.span, &expression.value, &error);
                Vec::new()
            }
        }
    }

    /// Runs something with one more fact.
    pub fn with<T>(&mut self, name: &str, value: Value, run: impl FnOnce(&mut Self) -> T) -> T {
        let outer = self.change(name, Some(value));
        let result = run(self);
        self.change(name, outer);
        result
    }

    /// Names a fact that could not be computed: what uses it is not wrong in itself.
    pub fn give_up(&mut self, name: String) {
        self.given_up.insert(name);
    }

    /// Takes what a result costs; whether so much was left. The one that was too much is said.
    pub(super) fn spend(&mut self, span: Span, size: usize) -> bool {
        let had = std::mem::take(&mut self.work);
        self.work = had.saturating_sub(size + COST);
        if self.work == 0 && had > 0 {
            self.diagnostics.push(
                Diagnostic::error(codes::BAD_EXPRESSION, "the expressions of this system give more than can be kept")
                    .at(span, "here the last of it was used up")
                    .help("shorten the lists of the profile's settings, or name fewer lists within lists"),
            );
        }
        self.work > 0
    }

    fn beyond<T>(&mut self, span: Span, expression: &str, beyond: &Beyond) -> Option<T> {
        let help = "compute parts of it under `facts`, and use those here".to_owned();
        self.say(span, expression, &beyond.reason, help);
        None
    }

    fn fail<T>(&mut self, span: Span, expression: &str, error: &minijinja::Error) -> Option<T> {
        let reason = size::reason(error, MAX_STEPS);
        let filter = error.detail().and_then(|detail| detail.strip_prefix("filter ")?.strip_suffix(" is unknown"));
        let early = !self.facts.contains_key(LATER[0]) && LATER.iter().any(|name| reason.starts_with(name));
        let braced = expression.trim().strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}"));
        let help = match (filter, error.kind()) {
            (_, ErrorKind::SyntaxError) if braced.is_some() => {
                format!("write it bare, without braces: `{}`", braced.unwrap_or_default().trim())
            }
            _ if reason.starts_with("there is no gateway of") => "give that network a `subnet`".to_owned(),
            _ if reason.starts_with("there is no address of") => {
                "give that network a `subnet`, and the service a number in it: `networks: {NAME: {address: 5}}`"
                    .to_owned()
            }
            _ if reason.starts_with("there is no control") => "`stockade controls` lists them".to_owned(),
            _ if size::is_too_large(&reason) || error.kind() == ErrorKind::OutOfFuel => {
                "ask for less at once: shorter lists, fewer joins".to_owned()
            }
            (Some(name), _) => nearest_or_allowed(name, language::FILTERS.iter().copied()),
            (_, ErrorKind::UnknownFunction) if early => KNOWN_LATER.to_owned(),
            (_, ErrorKind::SyntaxError) => {
                "complete the expression; docs/systems.md has examples of each form".to_owned()
            }
            _ => "see the list of facts in docs/systems.md; names inside `{{ }}` must be facts of the run".to_owned(),
        };
        self.say(span, expression, &reason, help);
        None
    }

    /// As [`fail`](Self::fail); a name that is not known is said with the nearest one.
    fn fail_by_name<T>(
        &mut self,
        span: Span,
        expression: &str,
        names: HashSet<String>,
        error: &minijinja::Error,
    ) -> Option<T> {
        let names: BTreeSet<String> = names.into_iter().collect();
        match names.iter().find_map(|name| self.stranger(name)) {
            _ if error.kind() != ErrorKind::UndefinedError => self.fail(span, expression, error),
            Some((name, _)) if self.given_up.contains(&name) => None,
            Some((name, help)) => {
                self.say(span, expression, &format!("there is no `{}`", name.escape_debug()), help);
                None
            }
            None => self.fail(span, expression, error),
        }
    }

    fn say(&mut self, span: Span, expression: &str, reason: &str, help: String) {
        let shown = |c: char| match c {
            '\'' | '"' | '\\' => c.to_string(),
            _ => c.escape_debug().to_string(),
        };
        let whole = expression.trim();
        let mut expression: String = whole.chars().take(SHOWN).map(shown).collect();
        if whole.chars().nth(SHOWN).is_some() {
            expression.push('…');
        }
        self.diagnostics.push(
            Diagnostic::error(codes::BAD_EXPRESSION, format!("the expression `{expression}` fails: {reason}"))
                .at(span, "")
                .help(help),
        );
    }

    /// The first part of `settings.users.name` that is not known, with the way out.
    fn stranger(&self, name: &str) -> Option<(String, String)> {
        let mut parts = name.split('.');
        let first = parts.next()?;
        let mut known = first.to_owned();
        let Some(mut value) = self.facts.get(first).cloned() else {
            if LATER.contains(&first) {
                return Some((known, KNOWN_LATER.to_owned()));
            }
            if first == "facts" {
                let help = "networks are made before `facts`, which may ask for their addresses; write the expression out here";
                return Some((known, help.to_owned()));
            }
            return Some((known, nearest_or_allowed(first, self.facts.keys().map(String::as_str))));
        };
        for part in parts {
            let below = value.get_attr(part).unwrap_or_default();
            if below.is_undefined() {
                let keys: Vec<String> = value.try_iter().into_iter().flatten().map(|key| key.to_string()).collect();
                let help = nearest_or_allowed(part, keys.iter().map(String::as_str));
                return Some((format!("{known}.{part}"), help));
            }
            known = format!("{known}.{part}");
            value = below;
        }
        None
    }
}

#[cfg(test)]
mod tests;
