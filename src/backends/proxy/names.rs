//! Names in the generated files: words made from the system's names and paths, each given out once.

use std::collections::BTreeSet;

/// Gives out names. Two different things never get the same one, however alike their sources are.
#[derive(Debug, Default)]
pub(super) struct Names {
    taken: BTreeSet<String>,
}

impl Names {
    /// A name made of lower-case letters and digits of the parts, joined by `separator`.
    pub(super) fn give(&mut self, parts: &[&str], separator: char) -> String {
        let base = word(&parts.join(" "), separator);
        let mut name = base.clone();
        let mut number = 2;
        while !self.taken.insert(name.clone()) {
            name = format!("{base}{separator}{number}");
            number += 1;
        }
        name
    }
}

fn word(text: &str, separator: char) -> String {
    let mut word = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            word.push(c.to_ascii_lowercase());
        } else if !word.is_empty() && !word.ends_with(separator) {
            word.push(separator);
        }
    }
    let word = word.trim_end_matches(separator);
    if word.is_empty() { "x".to_owned() } else { word.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain_words_and_never_repeat() {
        let mut names = Names::default();
        assert_eq!(names.give(&["manager", "/api/auth/login"], '-'), "manager-api-auth-login");
        assert_eq!(names.give(&["manager", "/api-auth/login"], '-'), "manager-api-auth-login-2");
        assert_eq!(names.give(&["../ä\n\"$x"], '_'), "x");
        assert_eq!(names.give(&["…"], '_'), "x_2");
    }
}
