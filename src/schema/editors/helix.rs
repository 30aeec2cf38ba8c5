//! `.helix/languages.toml`.

use super::{Association, Merged, entries};

const TABLE: &str = "[language-server.yaml-language-server.config.yaml.schemas]";

/// The file with a line for each association in one table of its own.
pub(super) fn merge(text: Option<&str>, all: &[Association]) -> Merged {
    let lines: Vec<(String, String)> =
        entries(all).into_iter().map(|(key, files)| (serde_json::Value::from(key).to_string(), files)).collect();
    let line = |(key, files): &(String, String)| format!("{key} = {files}\n");
    let block = || format!("{TABLE}\n{}", lines.iter().map(line).collect::<String>());
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else { return Merged::Text(block()) };
    let Some(at) = text.find(TABLE) else {
        // A table of the same server may be written in several ways, and twice is an error.
        if text.contains("yaml-language-server") {
            return Merged::ByHand(block());
        }
        let gap = if text.ends_with('\n') { "\n" } else { "\n\n" };
        return Merged::Text(format!("{text}{gap}{}", block()));
    };
    let Some(behind) = text[at..].find('\n').map(|end| at + end + 1) else { return Merged::ByHand(block()) };
    let mut new = String::new();
    for it in &lines {
        let key = |found: &str| {
            found.trim_start().strip_prefix(it.0.as_str()).is_some_and(|rest| rest.trim_start().starts_with('='))
        };
        match text[behind..].lines().take_while(|found| !found.starts_with('[')).find(|found| key(found)) {
            Some(found) if found.trim() == line(it).trim() => {}
            Some(_) => return Merged::ByHand(block()),
            None => new.push_str(&line(it)),
        }
    }
    if new.is_empty() { Merged::Same } else { Merged::Text(format!("{}{new}{}", &text[..behind], &text[behind..])) }
}
