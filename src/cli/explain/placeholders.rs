//! A text of a system as it can be read where no profile says what it becomes: what is known stands, what a profile decides is
//! a placeholder in angle brackets, and a line says what each stands for. Of parts that a profile may change or leave out the
//! first stands.

use crate::format::system::System;

/// How deep facts may use each other before the rest is a placeholder.
const DEEP: usize = 12;
/// Longest word that stands in a placeholder beside another.
const SHORT: usize = 16;
/// What cannot be said in a word.
const COMPUTED: &str = "<…>";
/// What every system's texts may speak of.
const KNOWN: [(&str, &str); 4] = [
    ("base", "the folder of the bundle"),
    ("domain", "the profile's `domain`"),
    ("name", "the profile's `name`"),
    ("url", "the address of the profile's `domain`, with https://"),
];

/// The text, and what its placeholders stand for.
pub(super) fn readable(text: &str, system: &System) -> (String, Vec<String>) {
    let mut reader = Reader { system, legend: Vec::new(), loops: Vec::new() };
    let readable = reader.text(text, 0);
    (readable, reader.legend)
}

struct Reader<'a> {
    system: &'a System,
    legend: Vec<String>,
    /// Names that loops gave so far.
    loops: Vec<String>,
}

impl Reader<'_> {
    fn text(&mut self, mut rest: &str, depth: usize) -> String {
        let mut out = String::new();
        while let Some(at) = rest.find('{').filter(|at| at + 1 < rest.len()) {
            let (open, inner) = (&rest[at..=at + 1], &rest[at + 2..]);
            let close = match open {
                "{{" => "}}",
                "{%" => "%}",
                _ => {
                    out.push_str(&rest[..=at]);
                    rest = &rest[at + 1..];
                    continue;
                }
            };
            out.push_str(&rest[..at]);
            let Some(end) = closing(inner, close) else {
                rest = &rest[at..];
                break;
            };
            let expression = inner[..end].trim_matches(['-', '+']).trim();
            rest = &inner[end + 2..];
            if close == "}}" {
                out.push_str(&self.expression(expression, depth));
            } else if let Some(each) = expression.strip_prefix("for ") {
                // What is said once for each of several is shown once.
                let names = each.split(" in ").next().unwrap_or_default();
                self.loops.extend(names.split(',').map(|name| name.trim().to_owned()));
            }
        }
        out + rest
    }

    fn expression(&mut self, text: &str, depth: usize) -> String {
        let text = text.trim();
        // A choice is between whole texts, so it is looked for before what joins their parts.
        if let Some((then, rest)) = cut(text, " if ") {
            let (condition, other) = cut(rest, " else ").unwrap_or((rest, "''"));
            return self.choice(then, condition, other, depth);
        }
        let parts = split(text, "~");
        if parts.len() > 1 {
            return parts.into_iter().map(|part| self.expression(part, depth)).collect();
        }
        if let Some(inner) = whole(text) {
            return self.expression(inner, depth);
        }
        if let Some(literal) = literal(text) {
            return literal;
        }
        if depth < DEEP {
            if let Some((_, fact)) = text
                .strip_prefix("facts.")
                .and_then(|name| self.system.facts.iter().find(|(known, _)| known.value == name))
            {
                return self.expression(&fact.0.value.clone(), depth + 1);
            }
            if let Some((_, words)) = text
                .strip_prefix("words.")
                .and_then(|name| self.system.words.iter().find(|(known, _)| known.value.as_str() == name))
            {
                return self.text(&words.text.value.clone(), depth + 1);
            }
        }
        let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.".contains(&b));
        if !plain {
            self.note(COMPUTED, "what follows from the profile");
            return COMPUTED.to_owned();
        }
        let place = format!("<{text}>");
        let known = KNOWN.iter().find(|(name, _)| *name == text);
        let of_loop = self.loops.iter().any(|name| name == text || text.starts_with(&format!("{name}.")));
        match (known.filter(|_| !of_loop), text.strip_prefix("settings.")) {
            _ if of_loop => self.note(&place, "each of several in turn"),
            (Some((_, means)), _) => self.note(&place, means),
            (None, Some(name)) => self.note(&place, &format!("the setting `{name}`, or its default")),
            (None, None) => self.note(&place, "what the profile says, or its default"),
        }
        place
    }

    /// One of two: both where they are words, else the one that is there.
    fn choice(&mut self, then: &str, condition: &str, other: &str, depth: usize) -> String {
        let noted = self.legend.len();
        let first = self.expression(then, depth);
        if first.is_empty() {
            return self.expression(other, depth);
        }
        let after = self.legend.len();
        let second = self.expression(other, depth);
        let word = |text: &str| {
            let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
            !text.is_empty() && text.len() <= SHORT && text.bytes().all(plain)
        };
        if word(&first) && word(&second) {
            self.legend.truncate(noted);
            let place = format!("<{first} or {second}>");
            self.note(&place, &format!("the first where `{condition}`"));
            return place;
        }
        self.legend.truncate(after);
        first
    }

    fn note(&mut self, place: &str, means: &str) {
        let line = format!("{place}: {}", means.split_whitespace().collect::<Vec<_>>().join(" "));
        if !self.legend.contains(&line) {
            self.legend.push(line);
        }
    }
}

/// Where an expression ends: outside of its texts.
fn closing(text: &str, close: &str) -> Option<usize> {
    tops(text).find_map(|(at, _)| text[at..].starts_with(close).then_some(at))
}

/// Parts of an expression between a word, outside of brackets and texts.
fn split<'a>(text: &'a str, between: &str) -> Vec<&'a str> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, depth) in tops(text) {
        if depth == 0 && at >= start && text[at..].starts_with(between) {
            parts.push(text[start..at].trim());
            start = at + between.len();
        }
    }
    parts.push(text[start..].trim());
    parts
}

/// What stands before a word and behind it, outside of brackets and texts.
fn cut<'a>(text: &'a str, between: &str) -> Option<(&'a str, &'a str)> {
    let at = tops(text).find_map(|(at, depth)| (depth == 0 && text[at..].starts_with(between)).then_some(at))?;
    Some((text[..at].trim(), text[at + between.len()..].trim()))
}

/// What is between the brackets of a whole expression.
fn whole(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('(')?.strip_suffix(')')?;
    let closed = tops(text).any(|(at, depth)| depth == 0 && at > 0 && at < text.len() - 1);
    (!closed).then_some(inner)
}

/// Bytes that are in no text, with the brackets around them: those of an opening one are not yet counted.
fn tops(text: &str) -> impl Iterator<Item = (usize, usize)> {
    let (mut depth, mut quote, mut escaped) = (0_usize, None, false);
    text.char_indices().filter_map(move |(at, c)| {
        if let Some(open) = quote {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                _ if c == open => quote = None,
                _ => {}
            }
            return None;
        }
        match c {
            '\'' | '"' => quote = Some(c),
            '(' | '[' | '{' => {
                depth += 1;
                return Some((at, depth - 1));
            }
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        (quote.is_none()).then_some((at, depth))
    })
}

/// A text between quotes, as it reads.
fn literal(text: &str) -> Option<String> {
    let quote = text.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    let inner = text.strip_prefix(quote)?.strip_suffix(quote)?;
    let mut out = String::new();
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next()? {
                'n' => out.push('\n'),
                'r' => out.push('\r'),
                't' => out.push('\t'),
                other => out.push(other),
            },
            _ if c == quote => return None,
            _ => out.push(c),
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::systems::parsed;

    fn read(text: &str) -> (String, Vec<String>) {
        let (name, source) = crate::systems::builtins().into_iter().find(|(name, _)| *name == "hyos").unwrap();
        readable(text, &parsed(name, source).unwrap())
    }

    #[test]
    fn what_is_known_stands_and_what_a_profile_decides_is_named() {
        let said = |text: &str| read(text).0;
        assert_eq!(said("plain { text"), "plain { text");
        assert_eq!(said("docker inspect -f '{{ \"{{.Name}}\" }}'"), "docker inspect -f '{{.Name}}'");
        assert_eq!(said("a{{ ' b' ~ (' c' ~ domain) }}"), "a b c<domain>");
        assert_eq!(said("{{ 'x' if settings.a == 'b' else '' }}"), "x");
        assert_eq!(said("{{ 'deny' if settings.a == 'b' else 'same-origin' }}"), "<deny or same-origin>");
        assert_eq!(said("{{ '1 2' if a <= 2 else '$(seq ' ~ (a // 2) ~ ')' }}"), "1 2");
        assert_eq!(said("{% for name, own in facts.x %}{{ name }}: {{ own }}|{% endfor %}"), "<name>: <own>|");
        assert_eq!(said("{{ '' if tls.trusted else ' --cacert ' ~ base }}"), " --cacert <base>");
        assert_eq!(said("{{ settings.list | length + 1 }}"), "<…>");
        assert_eq!(
            said("{{ 'a longer text that stands as it is' if tls.trusted }}"),
            "a longer text that stands as it is"
        );
        let (text, legend) = read("{{ words.curl }} {{ domain }} {{ domain }}");
        assert!(text.starts_with("curl -sS") && text.ends_with(" <domain> <domain>"), "{text}");
        assert_eq!(legend.iter().filter(|line| line.starts_with("<domain>")).count(), 1, "{legend:?}");
        assert!(read("{{ facts.nothing }}").1[0].starts_with("<facts.nothing>"));
    }

    #[test]
    fn no_recommendation_shows_a_template() {
        for (name, source) in crate::systems::builtins() {
            let system = parsed(name, source).unwrap();
            for it in &system.recommendations {
                for outcome in &it.outcomes {
                    for text in [&outcome.verify, &outcome.expect, &outcome.because].into_iter().flatten() {
                        let (shown, _) = readable(&text.text.value, &system);
                        let odd =
                            ["{{ ", " }}", "{%", "facts.", "words."].into_iter().find(|part| shown.contains(part));
                        assert!(odd.is_none(), "{}: {odd:?} in {shown}", it.id.as_str());
                    }
                }
            }
        }
    }
}
