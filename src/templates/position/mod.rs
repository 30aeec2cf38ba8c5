//! In: rendered text in which every quoted value stands between marks. Out: the text without marks, cut where secrets are
//! filled in later, or what is wrong with the place of a value. A quoted value is harmless only as a whole token: inside the template's own quotes, glued to
//! another word or in a here document the same characters mean something else, so such a template is a bug, whatever
//! the value.

mod data;
mod html;
mod words;

use std::borrow::Cow;

use crate::artifact::Piece;
use crate::grammar::Grammar;

/// Stands on both sides of every quoted value until [`settle`] has seen where it landed. No value and no template can
/// hold it.
pub(super) const MARK: char = '\0';

/// Begins what stands for a value with secrets in it: its parts as JSON.
pub(super) const SECRET: char = '\u{1}';

/// Begins a bare value whose place matters.
pub(super) const BARE: char = '\u{2}';

/// Begins what can stand in a comment only.
pub(super) const REMARK: char = '\u{3}';

/// Worst case of a value with secrets in it, by which its place is judged.
const UNKNOWN: &str = "\n$";

/// What is wrong with a place.
type Fault = &'static str;

/// Reads the text around the values; each grammar family has its own.
trait Scanner {
    /// Template text that comes next.
    fn text(&mut self, text: &str);

    /// A quoted value that comes next; `after` is the rest of the file, marks included.
    fn value(&mut self, value: &str, after: &str) -> Result<(), Fault>;

    /// Whether a comment is open.
    fn is_comment(&self) -> bool;

    /// The value as it has to be written here.
    fn spelled<'v>(&self, value: &'v str) -> Cow<'v, str> {
        Cow::Borrowed(value)
    }

    /// A bare value that means something else in some places.
    fn bare(&mut self, value: &str) -> Result<(), Fault> {
        self.text(value);
        Ok(())
    }
}

/// Removes the marks.
///
/// # Errors
/// The line of the output and the fault, when a quoted value stands where it is not one whole token.
pub(super) fn settle(grammar: Grammar, rendered: String) -> Result<Vec<Piece>, String> {
    if !rendered.contains(MARK) {
        return Ok(vec![Piece::Text(rendered)]);
    }
    let mut scanner = scanner(grammar);
    let mut pieces = Vec::new();
    let mut settled = String::with_capacity(rendered.len());
    let mut line = 1;
    let mut rest = rendered.as_str();
    while let Some((text, marked)) = rest.split_once(MARK) {
        // Every value is closed by the gate that opened it.
        let (value, after) = marked.split_once(MARK).unwrap_or((marked, ""));
        rest = after;
        scanner.text(text);
        settled.push_str(text);
        line += text.matches('\n').count();
        let at_line = |fault| format!("the value on line {line} of the output {fault}");
        if let Some(bare) = value.strip_prefix(BARE) {
            scanner.bare(bare).map_err(at_line)?;
            settled.push_str(bare);
            continue;
        }
        if let Some(remark) = value.strip_prefix(REMARK) {
            if !scanner.is_comment() {
                return Err(at_line("is a remark and stands in no comment; remove `remark`"));
            }
            scanner.value(remark, after).map_err(at_line)?;
            settled.push_str(remark);
            continue;
        }
        let parts = value.strip_prefix(SECRET);
        let spelled = scanner.spelled(value);
        scanner.value(if parts.is_some() { UNKNOWN } else { value }, after).map_err(at_line)?;
        match parts {
            None => settled.push_str(&spelled),
            Some(parts) => {
                pieces.push(Piece::Text(std::mem::take(&mut settled)));
                let parts = serde_json::from_str(parts).map_err(|error| error.to_string())?;
                pieces.push(Piece::Value { parts, grammar });
            }
        }
        line += value.matches('\n').count();
    }
    settled.push_str(rest);
    pieces.push(Piece::Text(settled));
    Ok(pieces)
}

fn scanner(grammar: Grammar) -> Box<dyn Scanner> {
    match grammar {
        Grammar::Compose | Grammar::Traefik | Grammar::Yaml => Box::new(data::Lines::yaml(grammar)),
        Grammar::Json | Grammar::Toml => Box::new(data::Lines::new(grammar)),
        Grammar::Html => Box::new(html::Tags::default()),
        // The last four print no quoted values at all.
        Grammar::Caddy
        | Grammar::Dotenv
        | Grammar::Haproxy
        | Grammar::Nft
        | Grammar::Nginx
        | Grammar::Shell
        | Grammar::Gitignore
        | Grammar::Iptables
        | Grammar::Markdown
        | Grammar::Systemd => Box::new(words::Words::new(grammar)),
    }
}
