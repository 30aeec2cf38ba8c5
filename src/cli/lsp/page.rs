//! The page that explains codes and controls, where an editor can open it without a network.

use crate::controls::catalogue;
use crate::diagnostics::codes;
use crate::editor::uri;
use crate::writer::Cache;
use std::collections::BTreeMap;

/// Its name among the user's cached files.
const NAME: &str = "diagnostics.md";

/// The page as it lies on disk.
pub struct Page {
    uri: String,
    lines: BTreeMap<&'static str, usize>,
}

impl Page {
    /// Puts the page among the user's cached files; nothing where the user has none.
    pub fn write() -> Option<Self> {
        let (text, lines) = text();
        Some(Self { uri: uri::of(&Cache::of_user()?.keep(NAME, &text)?), lines })
    }

    /// Where a code or a control is explained; editors jump to the line that the fragment says.
    pub fn of(&self, code: &str) -> Option<String> {
        Some(format!("{}#L{}", self.uri, self.lines.get(code)?))
    }
}

fn text() -> (String, BTreeMap<&'static str, usize>) {
    let codes = codes::ALL.iter().map(|info| {
        (info.code.as_str(), format!("{}\n\nWhy: {}.\n\nWay out: {}.", info.title, info.explanation, info.way_out))
    });
    let controls = catalogue::ALL.iter().map(|control| {
        let meta = control.meta();
        let about = format!(
            "{}\n\n{}\n\nBoundary: {}; level: {} and above.",
            meta.title,
            meta.why,
            meta.boundary.title(),
            meta.level
        );
        (meta.id, about)
    });
    let mut text =
        "# What Stockade finds\n\nEvery code, then every control, whose id is the code of what is found about it.\n"
            .to_owned();
    let mut lines = BTreeMap::new();
    for (name, about) in codes.chain(controls) {
        text.push('\n');
        lines.insert(name, text.lines().count() + 1);
        text.push_str(&format!("## {name}\n\n{about}\n"));
    }
    (text, lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_and_control_has_its_heading_where_the_page_says() {
        let (text, lines) = text();
        let rows: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), codes::ALL.len() + catalogue::ALL.len());
        for (name, line) in lines {
            assert_eq!(rows.get(line - 1), Some(&format!("## {name}").as_str()));
        }
    }
}
