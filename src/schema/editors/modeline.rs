//! The comment that tells the yaml-language-server, and others, which schema a file has.

/// What becomes of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// It names the schema already.
    Same,
    /// Its new text.
    Text(String),
    /// It names another schema, which stays.
    Other(String),
}

const MARK: &str = "yaml-language-server:";
const SCHEMA: &str = "$schema=";

/// The file with a comment that names a schema. One of Stockade's is brought up to date; `folder` is how their paths begin behind
/// any `../`.
pub fn put(text: &str, schema: &str, folder: &str) -> Line {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let is_comment = line.trim_start_matches('\u{feff}').trim_start().starts_with('#');
        if let Some(found) = line.find(SCHEMA).filter(|_| is_comment && line.contains(MARK)) {
            let start = at + found + SCHEMA.len();
            let length = text[start..].find(char::is_whitespace).unwrap_or(text.len() - start);
            let now = &text[start..start + length];
            return match now {
                _ if now == schema => Line::Same,
                _ if is_ours(now, folder) => {
                    Line::Text(format!("{}{schema}{}", &text[..start], &text[start + length..]))
                }
                _ => Line::Other(now.to_owned()),
            };
        }
        at += line.len();
    }
    let (mark, rest) = text.strip_prefix('\u{feff}').map_or(("", text), |rest| ("\u{feff}", rest));
    let end = if rest.split_inclusive('\n').next().is_some_and(|line| line.ends_with("\r\n")) { "\r\n" } else { "\n" };
    Line::Text(format!("{mark}# {MARK} {SCHEMA}{schema}{end}{rest}"))
}

fn is_ours(schema: &str, folder: &str) -> bool {
    let mut inner = schema.strip_prefix("./").unwrap_or(schema);
    while let Some(rest) = inner.strip_prefix("../") {
        inner = rest;
    }
    inner.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}
