//! HTML: a value stands in text or in a quoted attribute, never in a bare attribute, a tag, a script or a style.

use super::{Fault, Scanner};

#[derive(Default)]
pub(super) struct Tags {
    /// The tag so far, from its `<`; `None` in text.
    tag: Option<String>,
    quote: Option<char>,
    /// Between `<script>` or `<style>` and its end tag, where entities are not read.
    raw: bool,
}

impl Scanner for Tags {
    /// `remark` is refused before.
    fn is_comment(&self) -> bool {
        false
    }

    fn text(&mut self, text: &str) {
        for c in text.chars() {
            let Some(tag) = &mut self.tag else {
                self.tag = (c == '<').then(String::new);
                continue;
            };
            match (self.quote, c) {
                (Some(quote), _) if quote == c => self.quote = None,
                (Some(_), _) => {}
                (None, '"' | '\'') => self.quote = Some(c),
                (None, '>') => {
                    let name = tag.to_ascii_lowercase();
                    self.raw = name.starts_with("script") || name.starts_with("style");
                    self.tag = None;
                }
                (None, _) => tag.push(c),
            }
        }
    }

    fn value(&mut self, _: &str, _: &str) -> Result<(), Fault> {
        if self.raw {
            return Err("stands in a script or style, where html has no escape");
        }
        if self.tag.is_some() && self.quote.is_none() {
            return Err("stands in a tag without quotes; put the attribute in double quotes");
        }
        Ok(())
    }
}
