//! Settings, facts and words of a system that nothing in it uses: whoever sets one would change nothing, and not know.

use super::bounds;
use super::names::{holes, names};
use crate::diagnostics::{Diagnostic, Diagnostics, Wish, codes};
use crate::format::system::System;
use crate::text::Span;
use crate::yaml::Node;
use minijinja::Environment;
use std::collections::{BTreeMap, BTreeSet};

/// What a system describes for its own expressions, and what one of each is called.
const KINDS: [(&str, &str); 3] = [("settings", "setting"), ("facts", "fact"), ("words", "text")];

/// Keys of a system file that hold no expressions.
const PLAIN: [&str; 7] = ["format", "name", "title", "summary", "sources", "settings", "ask"];

/// A part by its kind and name.
type Part<'a> = (&'static str, &'a str);

/// Warns of each, at its place. A fact that only an unused fact asks for is unused, too.
pub(super) fn check<'a>(
    system: &'a System,
    root: &'a Node,
    templates: impl Iterator<Item = &'a str>,
    found: &mut Diagnostics,
) {
    let mut known: BTreeMap<Part, Span> = BTreeMap::new();
    known.extend(system.settings.keys().map(|name| (("settings", name.as_str()), name.span)));
    known.extend(system.facts.keys().map(|name| (("facts", name.as_str()), name.span)));
    known.extend(system.words.keys().map(|name| (("words", name.as_str()), name.span)));
    let mut search = Search { known: &known, syntax: Environment::empty(), used: BTreeSet::new(), waiting: Vec::new() };
    for entry in root.entries().iter().filter(|entry| !PLAIN.contains(&entry.name())) {
        match entry.name() {
            "facts" | "words" => {}
            // Where a rule points is not what it asks for.
            "lints" => {
                let keys = entry.value.items().iter().flat_map(|lint| lint.entries());
                keys.filter(|key| key.name() != "at").for_each(|key| search.node(&key.value));
            }
            _ => search.node(&entry.value),
        }
    }
    templates.flat_map(holes).for_each(|hole| search.expression(hole));
    while let Some((kind, name)) = search.waiting.pop() {
        if let Some(node) = root.get(kind).and_then(|map| map.get(name)).filter(|_| kind != "settings") {
            search.node(node);
        }
    }
    let used = search.used;
    for ((kind, name), span) in known.iter().filter(|(part, _)| !used.contains(*part)) {
        let what = KINDS.iter().find(|(known, _)| known == kind).map_or(*kind, |(_, what)| what);
        found.push_new(
            Diagnostic::warning(codes::UNUSED_PART, format!("no expression uses the {what} `{}`", name.escape_debug()))
                .at(*span, "")
                .help(format!("use it as `{kind}.{}`, or remove it", name.escape_debug()))
                .wish(Wish::Remove),
        );
    }
}

struct Search<'a, 'b> {
    known: &'b BTreeMap<Part<'a>, Span>,
    syntax: Environment<'static>,
    used: BTreeSet<Part<'a>>,
    /// Used parts whose own expressions were not looked at yet.
    waiting: Vec<Part<'a>>,
}

impl<'a> Search<'a, '_> {
    /// Looks at every text below a node. One without delimiters may be a bare expression, such as a condition; prose is
    /// none.
    fn node(&mut self, node: &'a Node) {
        for (text, _) in node.scalars() {
            if text.contains("{{") || text.contains("{%") {
                holes(text).for_each(|hole| self.expression(hole));
            } else if KINDS.iter().any(|(kind, _)| reads(text, kind)) && self.compiles(text) {
                self.expression(text);
            }
        }
    }

    /// Whether a text is an expression; one beyond the bounds is refused where it is computed.
    fn compiles(&self, text: &str) -> bool {
        bounds::expression(text).is_ok() && self.syntax.compile_expression(text).is_ok()
    }

    fn expression(&mut self, expression: &str) {
        for named in names(expression) {
            let Some((kind, _)) = KINDS.iter().find(|(kind, _)| named.path.first() == Some(kind)) else { continue };
            // Without a name, as in `settings[it.key]`, all of them may be meant.
            let name = named.path.get(1);
            let parts: Vec<Part<'a>> = self.known.keys().copied().filter(|part| part.0 == *kind).collect();
            for part in parts.into_iter().filter(|part| name.is_none_or(|name| part.1 == *name)) {
                if self.used.insert(part) {
                    self.waiting.push(part);
                }
            }
        }
    }
}

/// Whether something of a kind is read in a text; `beside-settings` is the name of a rule.
fn reads(text: &str, kind: &str) -> bool {
    text.match_indices(kind).any(|(at, _)| text[at + kind.len()..].trim_start().starts_with(['.', '[', '|']))
}

#[cfg(test)]
mod tests {
    use super::super::{STARTER, builtin_templates, builtins, read};
    use super::*;
    use crate::text::SourceFile;
    use crate::yaml::Sources;
    use std::fs;
    use std::path::Path;

    fn findings(text: &str, templates: &[String]) -> Vec<String> {
        let mut sources = Sources::new();
        let id = sources.add(SourceFile::new("system", text));
        let (system, wrong) = read(&sources, id);
        let system = system.unwrap_or_else(|| panic!("{wrong:?}"));
        let mut found = Diagnostics::default();
        check(&system, sources.tree(id).unwrap(), templates.iter().map(String::as_str), &mut found);
        found.into_iter().map(|one| one.message).collect()
    }

    #[test]
    fn a_part_that_nothing_uses_is_told() {
        let setting = |name: &str| format!("  {name}: {{purpose: Text., type: boolean, default: false}}\n");
        let settings = ["bare", "chain", "dead", "hole", "key", "lint", "page", "plain"].map(setting).concat();
        let text = format!(
            "format: 1\nname: a\ntitle: A\nsummary: An app.\nsettings:\n{settings}\
             words: {{said: \"{{{{ settings.chain }}}}\", unsaid: x}}\n\
             facts: {{one: facts.two, two: words.said, lost: settings.dead, gone: facts.lost}}\n\
             services:\n  app:\n    title: A\n    image: a/a:1.0.0\n    when: settings.bare and facts.one\n    \
             environment: {{A: \"{{{{ settings.hole }}}}\", B: \"{{{{ settings['key'] }}}}\"}}\n\
             lints:\n  - {{code: beside-settings, severity: error, when: \"true\", at: settings.lint, message: x, help: write settings.plain}}\n"
        );
        let templates = ["{% if settings.page %}settings.plain".to_owned()];
        let unused =
            [("fact", "gone"), ("fact", "lost"), ("setting", "dead"), ("setting", "lint"), ("setting", "plain")];
        let said = |(what, name)| format!("no expression uses the {what} `{name}`");
        let expected: Vec<_> = unused.into_iter().chain([("text", "unsaid")]).map(said).collect();
        assert_eq!(findings(&text, &templates), expected);
        let all = text.replace("when: settings.bare", "when: settings[facts.one]");
        assert!(!findings(&all, &[]).join("").contains("setting"), "any of them may be meant");
    }

    #[test]
    fn built_in_systems_and_examples_use_what_they_describe() {
        for (name, text) in builtins() {
            let templates: Vec<_> = builtin_templates(name).into_iter().map(|(_, text)| text.to_owned()).collect();
            assert_eq!(findings(text, &templates), [""; 0], "{name}");
            let one_more = "\nsettings:\n  idle: {purpose: Text., type: boolean, default: false}\n";
            let idle = findings(&text.replacen("\nsettings:\n", one_more, 1), &templates);
            assert_eq!(idle, ["no expression uses the setting `idle`"], "{name}");
        }
        assert_eq!(findings(STARTER, &[]), [""; 0], "the starter");
        let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
        let mut seen = 0;
        for folder in fs::read_dir(examples).unwrap() {
            for file in fs::read_dir(folder.unwrap().path()).into_iter().flatten() {
                let file = file.unwrap().path();
                if file.to_string_lossy().ends_with(".system.yaml") {
                    seen += 1;
                    let beside = fs::read_dir(file.with_file_name("templates")).into_iter().flatten();
                    let templates: Vec<_> =
                        beside.map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap()).collect();
                    assert_eq!(findings(&fs::read_to_string(&file).unwrap(), &templates), [""; 0], "{file:?}");
                }
            }
        }
        assert!(seen > 2, "{seen} examples");
    }
}
