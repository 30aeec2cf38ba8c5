use super::{Diagnostic, Fix, Grade};
use crate::text::{Edit, Span};

/// How many allowed names a message lists before it says how many more there are.
const LISTED: usize = 12;

/// The candidate a typing mistake away from `word`, ignoring case and `-`/`_`; `None` when nothing is near enough.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    near(word, candidates).first().copied()
}

/// All such candidates, the nearest first.
fn near<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let folded = fold(word);
    let limit = match folded.chars().count() {
        0 => return Vec::new(),
        1..=4 => 1,
        5..=7 => 2,
        _ => 3,
    };
    let candidates: Vec<&str> = candidates.into_iter().collect();
    let mut typos: Vec<(usize, &str)> = candidates
        .iter()
        .copied()
        .map(|candidate| (strsim::damerau_levenshtein(&folded, &fold(candidate)), candidate))
        // A name all of whose letters differ is no suggestion, however short.
        .filter(|(distance, candidate)| *distance <= limit && *distance < candidate.chars().count())
        .collect();
    typos.sort_by_key(|(distance, _)| *distance);
    typos.dedup();
    if !typos.is_empty() {
        return typos.into_iter().map(|(_, candidate)| candidate).collect();
    }
    // The first word of a longer name, where that is of one alone.
    let begun = |name: &&str| name.strip_prefix(word).is_some_and(|rest| rest.starts_with('_'));
    let longer: Vec<&str> = candidates.into_iter().filter(begun).collect();
    if word.len() > 2 && longer.len() == 1 { longer } else { Vec::new() }
}

/// The allowed names as a phrase: "`a`, `b` or `c`", cut after a dozen.
pub fn allowed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match names.as_slice() {
        [] => "nothing".to_owned(),
        [only] => only.clone(),
        _ if names.len() > LISTED => {
            format!("{} … ({} more)", names[..LISTED].join(", "), names.len() - LISTED)
        }
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

/// The way out for a name that is not in the list: the nearest one, else the list.
pub fn nearest_or_allowed<'a>(word: &str, names: impl IntoIterator<Item = &'a str> + Clone) -> String {
    match nearest(word, names.clone()) {
        Some(name) => match word.chars().find(|c| !c.is_ascii() && c.is_alphanumeric()) {
            // It may look the same on the screen.
            Some(c) => format!("did you mean `{name}`? `{c}` is U+{:04X}, not a letter of ASCII", u32::from(c)),
            None => format!("did you mean `{name}`?"),
        },
        None => format!("allowed: {}", allowed(names)),
    }
}

/// Most names of which each gets a fix of its own.
const CHOICES: usize = 3;

impl Diagnostic {
    /// Says which name was meant by the word at the primary place, as [`nearest_or_allowed`] does, and how to write it there:
    /// safe where one name alone is near.
    pub fn meant<'a>(self, word: &str, names: impl IntoIterator<Item = &'a str> + Clone) -> Self {
        let help = nearest_or_allowed(word, names.clone());
        let Some(place) = self.primary().and_then(|label| inside(label.span, word)) else { return self.help(help) };
        let near = near(word, names);
        // Its beginning alone may stand for something else.
        let sure = near.len() == 1 && near.first().is_some_and(|name| fold(name).len() <= fold(word).len() + 3);
        let grade = if sure { Grade::Safe } else { Grade::Shown };
        let plain = |name: &&&str| name.chars().all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c));
        let fixes = near.iter().filter(plain).take(CHOICES);
        fixes
            .fold(self, |finding, name| {
                let title = format!("write `{name}` for `{}`", word.escape_debug());
                finding.fix(Fix::new(title, grade, Edit::replace(place, *name)))
            })
            .help(help)
    }
}

impl Diagnostic {
    /// Writes another word for the one at the primary place, where that is all of it; nothing where it is not.
    pub fn rewritten(self, word: &str, new: &str, grade: Grade) -> Self {
        match self.primary().and_then(|label| inside(label.span, word)) {
            Some(place) => self.fix(Fix::new(format!("write `{new}`"), grade, Edit::replace(place, new))),
            None => self,
        }
    }
}

/// Where a word stands that is all of a place, within quotes where it has them.
fn inside(span: Span, word: &str) -> Option<Span> {
    match (span.end - span.start).checked_sub(word.len())? {
        _ if word.is_empty() => None,
        0 => Some(span),
        2 => Some(Span { start: span.start + 1, end: span.end - 1, ..span }),
        _ => None,
    }
}

fn fold(word: &str) -> String {
    word.chars()
        .filter(|c| !matches!(c, '-' | '_' | ' '))
        // Enough of an overlong word to tell that it is near nothing.
        .take(64)
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_name_and_nonsense_finds_none() {
        let names = ["domain", "environment", "rate_limits", "tls"];
        assert_eq!(nearest("domian", names), Some("domain"));
        assert_eq!(nearest("rateLimits", names), Some("rate_limits"));
        assert_eq!(nearest("TLS", names), Some("tls"));
        assert_eq!(nearest("ssh", names), None);
        assert_eq!(nearest("", names), None);
        assert_eq!(nearest("x", ["y"]), None);
    }

    #[test]
    fn long_lists_are_cut() {
        assert_eq!(allowed(["a", "b", "c"]), "`a`, `b` or `c`");
        let many: Vec<String> = (0..20).map(|n| format!("k{n}")).collect();
        let text = allowed(many.iter().map(String::as_str));
        assert!(text.ends_with("`k11` … (8 more)"), "{text}");
    }
}
