//! Names in expressions, found without computing them.

/// A name with what is read of it, `limits['web'].memory`.
#[derive(Debug, PartialEq, Eq)]
pub struct Named<'a> {
    /// Its parts.
    pub path: Vec<&'a str>,
    /// What stands in the parentheses behind it, where it is called.
    pub arguments: Option<&'a str>,
}

/// The expressions and statements of a text, without their delimiters.
pub fn holes(text: &str) -> impl Iterator<Item = &str> {
    let of = |(open, close): (&'static str, &'static str)| {
        text.split(open).skip(1).map(move |hole| hole.split(close).next().unwrap_or_default())
    };
    [("{{", "}}"), ("{%", "%}")].into_iter().flat_map(of)
}

/// Every name of an expression, in order; those in arguments follow what is called.
pub fn names(expression: &str) -> Vec<Named<'_>> {
    let mut found = Vec::new();
    let mut rest = expression;
    let mut before = ' ';
    while let Some(c) = rest.chars().next() {
        let quote = matches!(c, '\'' | '"');
        let begins = c.is_ascii_alphabetic() || c == '_';
        let length = if quote {
            before = c;
            rest[1..].find(c).map_or(rest.len(), |end| end + 2)
        } else if begins && !matches!(before, '.' | '_') && !before.is_alphanumeric() {
            let (path, length) = path(rest);
            let list = rest[length..].strip_prefix('(');
            let arguments = list.map(|list| &list[..list.find(')').unwrap_or(list.len())]);
            found.push(Named { path, arguments });
            before = 'a';
            length
        } else {
            before = c;
            c.len_utf8()
        };
        rest = &rest[length..];
    }
    found
}

/// A name with what is read of it, and how long it is.
fn path(text: &str) -> (Vec<&str>, usize) {
    let word = |text: &str| text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len());
    let mut at = word(text);
    let mut parts = vec![&text[..at]];
    loop {
        let rest = &text[at..];
        if let Some(name) = rest.strip_prefix('.') {
            let length = word(name);
            parts.push(&name[..length]);
            at += 1 + length;
        } else if let Some(quoted) = rest.strip_prefix("['").or_else(|| rest.strip_prefix("[\""))
            && let Some(end) = quoted.find(['\'', '"'])
            && quoted[end + 1..].starts_with(']')
        {
            parts.push(&quoted[..end]);
            at += 2 + end + 2;
        } else {
            return (parts, at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_with_what_is_read_of_them() {
        let read = |text| -> Vec<String> {
            let one = |it: Named| it.path.join(".") + &it.arguments.map(|list| format!("({list})")).unwrap_or_default();
            names(text).into_iter().map(one).collect()
        };
        assert_eq!(read("limits['web'].memory.mib < settings.a * 2"), ["limits.web.memory.mib", "settings.a"]);
        assert_eq!(read("variable('app', settings.b) ~ 'settings.c'"), ["variable('app', settings.b)", "settings.b"]);
        assert_eq!(read("x.settings.d or _settings.e"), ["x.settings.d", "or", "_settings.e"]);
        assert_eq!(read("settings[\"f\"] | join(settings)"), ["settings.f", "join(settings)", "settings"]);
        assert_eq!(read("'open"), [""; 0]);
    }

    #[test]
    fn holes_are_what_stands_between_delimiters() {
        assert_eq!(holes("a {{ b }} c {% if d %} e {{ f").collect::<Vec<_>>(), [" b ", " f", " if d "]);
    }
}
