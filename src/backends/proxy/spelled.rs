//! Lines that a server says, as variables of its own: a character that it cannot write stands in one by itself.

use crate::templates::Said;
use crate::text::Spanned;
use crate::values::Line;

/// What a server says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Spelled {
    /// Variables and what they hold.
    pub variables: Vec<(String, Said)>,
    /// Lines, each the names of variables.
    pub lines: Vec<Vec<String>>,
    /// Whether a character stands apart.
    pub apart: bool,
}

/// Spells lines with variables that begin with `name`, and those of `apart` for the characters beside them.
pub(super) fn spelled<'a>(
    lines: impl IntoIterator<Item = &'a Spanned<Line>>,
    name: &str,
    apart: &[(char, &'static str)],
) -> Spelled {
    let sign = |c: char| apart.iter().find(|(known, _)| *known == c).map(|(_, variable)| *variable);
    let mut all = Spelled::default();
    for (number, line) in lines.into_iter().enumerate() {
        let mut names = Vec::new();
        let mut rest = line.as_str();
        while !rest.is_empty() {
            let end = rest.find(|c| sign(c).is_some()).unwrap_or(rest.len());
            if end > 0 {
                let first = names.is_empty();
                let own = if first { format!("{name}_{number}") } else { format!("{name}_{number}_{}", names.len()) };
                all.variables.push((own.clone(), Said::new(&rest[..end], line.span)));
                names.push(own);
            }
            rest = &rest[end..];
            if let Some(variable) = rest.chars().next().and_then(sign) {
                all.apart = true;
                names.push(variable.to_owned());
                // All of them are one byte long.
                rest = &rest[1..];
            }
        }
        all.lines.push(names);
    }
    all
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use proptest::prelude::*;

    const APART: [(char, &str); 2] = [('$', "dollar"), ('{', "open")];

    #[test]
    fn what_needs_no_spelling_is_one_variable() {
        let line = Spanned::from("Contact: mailto:a@example.com".parse::<Line>().unwrap());
        let spelled = spelled([&line], "a", &APART);
        assert_eq!(spelled.variables, [("a_0".to_owned(), Said::of(&line))]);
        assert_eq!((spelled.lines, spelled.apart), (vec![vec!["a_0".to_owned()]], false));
    }

    proptest! {
        #[test]
        fn spelled_lines_read_as_the_lines(texts in proptest::collection::vec("[a${é ]{1,9}", 0..4)) {
            let lines: Vec<Spanned<Line>> =
                texts.iter().filter_map(|text| text.parse::<Line>().ok()).map(Spanned::from).collect();
            let spelled = spelled(&lines, "a", &APART);
            let mut held: std::collections::BTreeMap<String, String> = spelled.variables.iter().map(|(name, text)| (name.clone(), text.to_string())).collect();
            prop_assert_eq!(held.len(), spelled.variables.len(), "each has a name of its own");
            let signs: Vec<char> = APART.iter().map(|(sign, _)| *sign).collect();
            let whole = held.values().all(|text| !text.contains(signs.as_slice()));
            prop_assert!(whole, "no variable holds a sign");
            held.extend([("dollar".to_owned(), "$".to_owned()), ("open".to_owned(), "{".to_owned())]);
            let read: Vec<String> =
                spelled.lines.iter().map(|names| names.iter().map(|name| held[name].as_str()).collect()).collect();
            prop_assert_eq!(read, lines.iter().map(ToString::to_string).collect::<Vec<_>>());
        }
    }
}
