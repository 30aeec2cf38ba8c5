//! Which of the files that Stockade reads an open text is.

use crate::format::File;
use crate::text::{SourceFile, SourceId};
use crate::yaml::Sources;
use std::path::Path;

/// By its name; else by the keys without which such a file says nothing.
pub fn of(path: &Path, file: &SourceFile) -> Option<File> {
    let name = path.file_name()?.to_str()?;
    if name == "stockade.yaml" || name.ends_with(".stockade.yaml") {
        return Some(File::Profile);
    }
    if name.ends_with(".system.yaml") {
        return Some(File::System);
    }
    if !name.ends_with(".yaml") && !name.ends_with(".yml") {
        return None;
    }
    let has =
        |key: &str| file.text().lines().any(|line| line.strip_prefix(key).is_some_and(|rest| rest.starts_with(':')));
    if has("version") && (has("system") || has("systems")) && (has("domain") || has("admin")) {
        return Some(File::Profile);
    }
    (has("format") && has("name") && has("title") && has("services")).then_some(File::System)
}

/// The tree of a text as far as it can be read.
pub fn tree(file: &SourceFile) -> (Sources, SourceId) {
    let mut sources = Sources::new();
    let id = sources.add(SourceFile::new(file.name(), file.text()));
    (sources, id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_a_file_is_and_else_its_keys_do() {
        let kind = |name: &str, text: &str| of(Path::new(name), &SourceFile::new(name, text));
        assert_eq!(kind("/a/stockade.yaml", ""), Some(File::Profile));
        assert_eq!(kind("/a/b.stockade.yaml", "format: 1"), Some(File::Profile));
        assert_eq!(kind("/a/b.system.yaml", ""), Some(File::System));
        assert_eq!(kind("/a/own.yaml", "format: 1\nname: a\ntitle: A\nservices: {}\n"), Some(File::System));
        assert_eq!(kind("/a/p.yml", "version: 1\nsystem: hyos\ndomain: a.example.com\n"), Some(File::Profile));
        assert_eq!(kind("/a/compose.yaml", "name: a\nservices:\n  a: {}\n"), None);
        assert_eq!(kind("/a/notes.txt", "version: 1\nsystem: a\ndomain: b\n"), None);
    }
}
