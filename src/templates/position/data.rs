//! YAML, JSON and TOML: a value is a node of its own, with nothing but structure before and behind it on its line.

use super::{Fault, MARK, Scanner};
use crate::grammar::Grammar;
use std::borrow::Cow;

pub(super) struct Lines {
    grammar: Grammar,
    yaml: bool,
    /// The line so far, a mark in place of each value.
    line: String,
}

impl Lines {
    pub(super) fn new(grammar: Grammar) -> Self {
        Self { grammar, yaml: false, line: String::new() }
    }

    pub(super) fn yaml(grammar: Grammar) -> Self {
        Self { yaml: true, ..Self::new(grammar) }
    }

    fn begins_a_node(&self) -> bool {
        let mut start = self.line.trim_start();
        while let Some(rest) = start.strip_prefix("- ").filter(|_| self.yaml) {
            start = rest.trim_start();
        }
        let quotes = |quote| start.matches(quote).count();
        let single = self.grammar != Grammar::Json && quotes('\'') % 2 == 1;
        if single || (quotes('"') - start.matches("\\\"").count()) % 2 == 1 {
            return false;
        }
        let trimmed = start.trim_end();
        match trimmed.chars().next_back() {
            None => true,
            Some('[' | '{') => true,
            Some(':') => self.grammar == Grammar::Json || self.yaml && trimmed.len() < start.len(),
            Some(',') => !self.yaml || start.contains(['[', '{']),
            Some('=' | '.') => self.grammar == Grammar::Toml,
            _ => false,
        }
    }

    fn ends_a_node(&self, after: &str) -> bool {
        let rest = after.trim_start_matches(' ');
        let spaced = rest.len() < after.len();
        match rest.chars().next() {
            None | Some('\n' | ',' | ']' | '}') => true,
            Some('#') => spaced && self.grammar != Grammar::Json,
            Some(':') if self.yaml => matches!(rest.as_bytes().get(1), None | Some(b' ' | b'\n')),
            Some(':') => self.grammar == Grammar::Json,
            Some('=' | '.') => self.grammar == Grammar::Toml,
            _ => false,
        }
    }
}

impl Scanner for Lines {
    fn is_comment(&self) -> bool {
        let closed = |text: &str| ['"', '\''].iter().all(|quote| text.matches(*quote).count() % 2 == 0);
        let start = self.line.trim_start();
        self.grammar != Grammar::Json
            && (start.starts_with('#') || start.split_once(" # ").is_some_and(|(before, _)| closed(before)))
    }

    /// A comma ends a value in what the template opens with `[` or `{`.
    fn spelled<'v>(&self, value: &'v str) -> Cow<'v, str> {
        let bare = value.starts_with(|c| !matches!(c, '"' | '[' | '{')) && value.contains(',');
        match self.yaml && bare && self.line.contains(['[', '{']) {
            true => Cow::Owned(format!("\"{value}\"")),
            false => Cow::Borrowed(value),
        }
    }

    fn text(&mut self, text: &str) {
        match text.rsplit_once('\n') {
            Some((_, last)) => last.clone_into(&mut self.line),
            None => self.line.push_str(text),
        }
    }

    fn value(&mut self, value: &str, after: &str) -> Result<(), Fault> {
        let (begins, ends) = (self.begins_a_node(), self.ends_a_node(after));
        let comment = self.is_comment();
        self.line.push(MARK);
        if comment {
            return Ok(());
        }
        if !begins {
            return Err("follows other text; a value must be a whole node, so join texts in the view");
        }
        if !ends {
            return Err("is followed by other text; a value must be a whole node, so join texts in the view");
        }
        let is_key = after.trim_start().starts_with(':');
        if self.grammar == Grammar::Compose && is_key && value.contains('$') {
            return Err("is a key with `$`, which compose does not unescape in keys");
        }
        Ok(())
    }
}
