//! In: rendered text in which every quoted value stands between marks. Out: the text without marks, or what is wrong with
//! the place of a value. A quoted value is harmless only as a whole token: inside the template's own quotes, glued to
//! another word or in a here document the same characters mean something else, so such a template is a bug, whatever
//! the value.

mod data;
mod html;
mod words;

use crate::backends::escape::Grammar;

/// Stands on both sides of every quoted value until [`settle`] has seen where it landed. No value and no template can
/// hold it.
pub(super) const MARK: char = '\0';

/// What is wrong with a place.
type Fault = &'static str;

/// Reads the text around the values; each grammar family has its own.
trait Scanner {
    /// Template text that comes next.
    fn text(&mut self, text: &str);

    /// A quoted value that comes next; `after` is the rest of the file, marks included.
    fn value(&mut self, value: &str, after: &str) -> Result<(), Fault>;
}

/// Removes the marks.
///
/// # Errors
/// The line of the output and the fault, when a quoted value stands where it is not one whole token.
pub(super) fn settle(grammar: Grammar, rendered: String) -> Result<String, String> {
    if !rendered.contains(MARK) {
        return Ok(rendered);
    }
    let mut scanner: Box<dyn Scanner> = match grammar {
        Grammar::Compose | Grammar::Traefik | Grammar::Yaml => Box::new(data::Lines::yaml(grammar)),
        Grammar::Json | Grammar::Toml => Box::new(data::Lines::new(grammar)),
        Grammar::Html => Box::new(html::Tags::default()),
        // The last three print no quoted values at all.
        Grammar::Caddy
        | Grammar::Dotenv
        | Grammar::Haproxy
        | Grammar::Nft
        | Grammar::Nginx
        | Grammar::Shell
        | Grammar::Gitignore
        | Grammar::Markdown
        | Grammar::Systemd => Box::new(words::Words::new(grammar)),
    };
    let mut settled = String::with_capacity(rendered.len());
    let mut rest = rendered.as_str();
    while let Some((text, marked)) = rest.split_once(MARK) {
        // Every value is closed by the gate that opened it.
        let (value, after) = marked.split_once(MARK).unwrap_or((marked, ""));
        rest = after;
        scanner.text(text);
        settled.push_str(text);
        scanner.value(value, after).map_err(|fault| {
            let line = settled.matches('\n').count() + 1;
            format!("the value on line {line} of the output {fault}")
        })?;
        settled.push_str(value);
    }
    settled.push_str(rest);
    Ok(settled)
}
