//! Which keys of a profile decide what an expression of a system gives.

use super::keys;
use crate::format::profile::Profile;
use crate::format::system::System;
use crate::systems::is_path;
use crate::systems::names::{Named, holes, names};
use crate::text::{Span, Spanned};
use crate::values::HeaderName;
use std::collections::BTreeMap;

/// How deep facts and words are followed.
const MAX_DEPTH: usize = 4;

/// The keys behind a condition, as paths, in the order in which it asks for them. `word` computes an argument that is not
/// written out.
pub fn of_condition(
    profile: &Profile,
    system: &System,
    condition: &str,
    word: &mut dyn FnMut(&str) -> Option<String>,
) -> Vec<String> {
    let mut search = Search { profile, system, word, keys: Vec::new() };
    search.expression(condition, 0);
    search.keys
}

/// The place of the first key behind a text with expressions in it that the profile says.
pub fn of_text(profile: &Profile, system: &System, text: &str) -> Option<Span> {
    let mut search = Search { profile, system, word: &mut |_| None, keys: Vec::new() };
    search.text(text, 0);
    search.keys.iter().find_map(|key| profile.said(key))
}

/// Where a text with expressions in it is said: by the profile, where it is one name and nothing else, or stands in a file
/// that nobody here can change; else where it stands.
pub fn origin(profile: &Profile, system: &System, text: &Spanned<String>) -> Span {
    let own = profile.system.as_ref().is_some_and(|system| is_path(system.value.as_str()));
    let inner = text.value.trim().strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}")).map(str::trim);
    let alone = inner.is_some_and(|inner| names(inner).first().is_some_and(|name| name.path.join(".") == inner));
    let said = if own && !alone { None } else { of_text(profile, system, &text.value) };
    said.unwrap_or(text.span)
}

/// What the profile says of the values that a template prints, by line; a name in a loop stands for its list.
pub fn of_lines(profile: &Profile, system: &System, template: &str) -> BTreeMap<usize, Vec<Spanned<String>>> {
    let mut lists: BTreeMap<&str, String> = BTreeMap::new();
    let mut said = BTreeMap::new();
    for (at, line) in template.lines().enumerate() {
        for hole in holes(line) {
            let named = names(hole);
            let meant = named.iter().filter_map(|name| lists.get(name.path[0]).map(String::as_str));
            let whole = std::iter::once(hole).chain(meant).collect::<Vec<_>>().join(", ");
            let each = hole.trim_matches(['-', '+', ' ']).strip_prefix("for ").and_then(|each| each.split_once(" in "));
            if let Some((items, _)) = each {
                lists.extend(items.split(',').map(|item| (item.trim(), whole.clone())));
            }
            let mut search = Search { profile, system, word: &mut |_| None, keys: Vec::new() };
            search.expression(&whole, 0);
            let texts: Vec<_> = search.keys.iter().flat_map(|key| profile.texts(key)).collect();
            if !texts.is_empty() {
                said.entry(at + 1).or_insert_with(Vec::new).extend(texts);
            }
        }
    }
    said
}

struct Search<'a> {
    profile: &'a Profile,
    system: &'a System,
    word: &'a mut dyn FnMut(&str) -> Option<String>,
    keys: Vec<String>,
}

impl Search<'_> {
    fn text(&mut self, text: &str, depth: usize) {
        holes(text).for_each(|hole| self.expression(hole, depth));
    }

    /// Looks at every name of an expression, in order.
    fn expression(&mut self, expression: &str, depth: usize) {
        for Named { path, arguments } in names(expression) {
            let list = arguments.into_iter().flat_map(|list| list.split(','));
            let arguments: Vec<String> = list.map(|one| self.argument(one.trim())).collect();
            self.name(&path, &arguments, depth);
        }
    }

    fn argument(&mut self, written: &str) -> String {
        let plain = written.strip_prefix(['\'', '"']).and_then(|rest| rest.strip_suffix(['\'', '"']));
        plain.map(str::to_owned).or_else(|| (self.word)(written)).unwrap_or_default()
    }

    /// Takes the key behind a name.
    fn name(&mut self, path: &[&str], arguments: &[String], depth: usize) {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let key = match (path, arguments.as_slice()) {
            (["facts", name, ..], _) if depth < MAX_DEPTH => {
                let fact = self.system.facts.iter().find(|(key, _)| key.value == *name);
                if let Some((_, fact)) = fact {
                    self.expression(&fact.0.value, depth + 1);
                }
                return;
            }
            (["words", name, ..], _) if depth < MAX_DEPTH => {
                let text = self.system.words.iter().find(|(key, _)| key.as_str() == *name);
                if let Some((_, text)) = text {
                    self.text(&text.text.value, depth + 1);
                }
                return;
            }
            (["variable"], [service, name]) => format!("services.{service}.environment.{name}"),
            (["waived"], [control]) => {
                let of = |waiver: &crate::format::profile::Waiver| {
                    waiver.control.as_ref().is_some_and(|it| it.as_str() == *control)
                };
                match self.profile.waivers.iter().position(|waiver| of(waiver)) {
                    Some(index) => format!("waivers[{index}]"),
                    None => return,
                }
            }
            (["header"], [name]) => match header(self.profile, name) {
                Some(key) => key,
                None => return,
            },
            (["settings", name, ..], _) => format!("settings.{name}"),
            (["rates", class, ..], _) => format!("proxy.rate_limits.{class}"),
            _ => match keys::behind(path) {
                Some(key) => key,
                None => return,
            },
        };
        self.keys.push(key);
    }
}

/// The key of the profile that decides a response header, where one does.
fn header(profile: &Profile, name: &str) -> Option<String> {
    let headers = &profile.proxy.headers;
    let is = |known: &HeaderName| known.as_str().eq_ignore_ascii_case(name);
    let set = headers.set.keys().find(|known| is(&known.value)).map(|known| format!("set.{}", known.value));
    let within = |key: &str, list: &[Spanned<HeaderName>]| {
        list.iter().any(|known| is(&known.value)).then(|| format!("proxy.headers.{key}"))
    };
    // Whether others may frame a page is said by the policy as well.
    let policy = ["Content-Security-Policy", "X-Frame-Options"].iter().any(|known| known.eq_ignore_ascii_case(name));
    let policy = (policy && headers.content_security_policy.is_some()).then(|| "content_security_policy".to_owned());
    let transport = name.eq_ignore_ascii_case("Strict-Transport-Security").then(|| "hsts".to_owned());
    let off = headers.hsts.as_ref().is_some_and(|hsts| !hsts.value);
    let key = |key: String| format!("proxy.headers.{key}");
    let switched_off = transport.clone().filter(|_| off).map(key);
    switched_off
        .or_else(|| set.map(key))
        .or_else(|| within("pass", &headers.pass))
        .or_else(|| within("hide", &headers.hide))
        .or_else(|| policy.map(key))
        .or_else(|| transport.map(key))
}
