//! Which keys of a profile decide what an expression of a system gives.

use crate::profile::Profile;
use crate::source::Span;
use crate::systems::format::System;

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

struct Search<'a> {
    profile: &'a Profile,
    system: &'a System,
    word: &'a mut dyn FnMut(&str) -> Option<String>,
    keys: Vec<String>,
}

impl Search<'_> {
    fn text(&mut self, text: &str, depth: usize) {
        for (open, close) in [("{{", "}}"), ("{%", "%}")] {
            for hole in text.split(open).skip(1) {
                self.expression(hole.split(close).next().unwrap_or_default(), depth);
            }
        }
    }

    /// Looks at every name of an expression, in order.
    fn expression(&mut self, expression: &str, depth: usize) {
        let mut rest = expression;
        let mut before = ' ';
        while let Some(c) = rest.chars().next() {
            let quote = matches!(c, '\'' | '"');
            let name =
                (c.is_ascii_alphabetic() || c == '_') && before != '.' && before != '_' && !before.is_alphanumeric();
            let length = if quote {
                rest[1..].find(c).map_or(rest.len(), |end| end + 2)
            } else if name {
                let (path, length) = path(rest);
                let mut arguments = Vec::new();
                if let Some(list) = rest[length..].strip_prefix('(') {
                    let list = &list[..list.find(')').unwrap_or(list.len())];
                    arguments = list.split(',').map(|one| self.argument(one.trim())).collect();
                }
                self.name(&path, &arguments, depth);
                length
            } else {
                c.len_utf8()
            };
            before = c;
            if name {
                before = 'a';
            }
            rest = &rest[length..];
        }
    }

    fn argument(&mut self, written: &str) -> String {
        let plain = written.strip_prefix(['\'', '"']).and_then(|rest| rest.strip_suffix(['\'', '"']));
        plain.map(str::to_owned).or_else(|| (self.word)(written)).unwrap_or_default()
    }

    /// Takes the key behind a name.
    fn name(&mut self, path: &[String], arguments: &[String], depth: usize) {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let key = match (path.as_slice(), arguments.as_slice()) {
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
                let of =
                    |waiver: &crate::profile::Waiver| waiver.control.as_ref().is_some_and(|it| it.as_str() == *control);
                match self.profile.waivers.iter().position(|waiver| of(waiver)) {
                    Some(index) => format!("waivers[{index}]"),
                    None => return,
                }
            }
            (["settings", name, ..], _) => format!("settings.{name}"),
            (["limits", service, ..], _) => format!("services.{service}.resources.memory"),
            (["images", service, ..], _) => format!("services.{service}.image"),
            (["stop_seconds", service, ..], _) => format!("services.{service}.stop_grace"),
            (["proxy", "can", ..], _) => "proxy.kind".to_owned(),
            (["proxy", "user"], _) => "proxy.auth.user".to_owned(),
            (["tls", "trusted"], _) => "proxy.tls.mode".to_owned(),
            (["tls", "hsts"], _) => "proxy.headers.hsts".to_owned(),
            (["tls", key], _) => format!("proxy.tls.{key}"),
            (["firewall", "ssh_port"], _) => "firewall.ssh.port".to_owned(),
            (["backup", "minutes"], _) => "backup.every".to_owned(),
            (["host" | "hosts", ..], _) => "hosts".to_owned(),
            ([section @ ("proxy" | "firewall" | "backup"), key, ..], _) => format!("{section}.{key}"),
            ([key @ ("admin" | "domain" | "environment" | "level" | "variant"), ..], _) => (*key).to_owned(),
            _ => return,
        };
        self.keys.push(key);
    }
}

/// A name with what is read of it, `limits['web'].memory`, and how long it is.
fn path(text: &str) -> (Vec<String>, usize) {
    let word = |text: &str| text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len());
    let mut at = word(text);
    let mut parts = vec![text[..at].to_owned()];
    loop {
        let rest = &text[at..];
        if let Some(name) = rest.strip_prefix('.') {
            let length = word(name);
            parts.push(name[..length].to_owned());
            at += 1 + length;
        } else if let Some(quoted) = rest.strip_prefix("['").or_else(|| rest.strip_prefix("[\""))
            && let Some(end) = quoted.find(['\'', '"'])
            && quoted[end + 1..].starts_with(']')
        {
            parts.push(quoted[..end].to_owned());
            at += 2 + end + 2;
        } else {
            return (parts, at);
        }
    }
}
