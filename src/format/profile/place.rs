//! Where the file says a key, also one that is absent.

use super::Profile;
use crate::text::{Span, Spanned};
use crate::yaml::{Node, NodeKind};
use std::sync::Arc;

/// The file behind a profile, as it was written.
#[derive(Debug, Clone, Default)]
pub struct Written {
    root: Option<Arc<Node>>,
    /// The entry of `systems` whose view of the profile this is.
    part: Option<String>,
}

/// Where something is written.
struct Place<'a> {
    /// What is marked in a message.
    shown: Span,
    /// The value.
    value: &'a Node,
}

/// Keys that each entry of `systems` has for itself.
const OF_PART: [&str; 4] = ["system", "variant", "domain", "settings"];

impl Written {
    pub(super) const fn new(root: Option<Arc<Node>>) -> Self {
        Self { root, part: None }
    }

    pub(super) fn of_part(&self, name: &str) -> Self {
        Self { root: self.root.clone(), part: Some(name.to_owned()) }
    }

    /// What a path such as `settings.users[2].name` leads to, and whether all of the path is written.
    fn follow(&self, path: &str) -> Option<(Place<'_>, bool)> {
        let mut steps: Vec<&str> = path.split('.').collect();
        if let Some(part) = self.part.as_deref().filter(|_| OF_PART.contains(&steps[0])) {
            steps.splice(0..0, ["systems", part]);
        }
        let mut node: &Node = self.root.as_ref()?;
        let mut found = None;
        for step in steps {
            let (key, index) = match step.split_once('[') {
                Some((key, index)) => (key, index.trim_end_matches(']').parse::<usize>().ok()),
                None => (step, None),
            };
            let Some(entry) = node.entry(key) else { return Some((found?, false)) };
            node = &entry.value;
            found = Some(Place { shown: shown(entry.key.span, node), value: node });
            if let Some(index) = index {
                let Some(item) = node.items().get(index) else { return Some((found?, false)) };
                node = item;
                found = Some(Place { shown: item.span, value: item });
            }
        }
        Some((found?, true))
    }
}

/// A value in its place; of one that is absent or spread over lines, its key.
fn shown(key: Span, value: &Node) -> Span {
    let block = matches!(&value.kind, NodeKind::Seq { flow: false, .. } | NodeKind::Map { flow: false, .. });
    if block || value.is_null() { key } else { value.span }
}

impl Profile {
    /// The path of a setting's section from the file's root, such as `systems.game.settings`.
    pub fn settings_path(&self) -> String {
        self.file.part.as_ref().map_or_else(|| "settings".to_owned(), |part| format!("systems.{part}.settings"))
    }

    /// The place of a key such as `proxy.tls.mode`; `None` where the file does not say it.
    pub fn said(&self, path: &str) -> Option<Span> {
        self.file.follow(path).filter(|(_, all)| *all).map(|(place, _)| place.shown)
    }

    /// Every text in the value of a key.
    pub fn texts(&self, path: &str) -> Vec<Spanned<String>> {
        let value = self.file.follow(path).filter(|(_, all)| *all).map(|(place, _)| place.value);
        value.into_iter().flat_map(Node::scalars).map(|(text, at)| Spanned::new(text.to_owned(), at)).collect()
    }

    /// Whether something lies in the value of a key.
    pub fn holds(&self, path: &str, part: Span) -> bool {
        let value = self.file.follow(path).filter(|(_, all)| *all).map(|(place, _)| place.value.span);
        value.is_some_and(|all| all.source == part.source && all.start <= part.start && part.end <= all.end)
    }

    /// The place of a key, of the closest one around it where it is absent, else of the line that names the system.
    pub fn near(&self, path: &str) -> Span {
        let (name, system) = (self.name.as_ref().map(|it| it.span), self.system.as_ref().map(|it| it.span));
        let start = || self.file.root.as_ref().map(|root| Span { end: root.span.start, ..root.span });
        let found = self.file.follow(path).map(|(place, _)| place.shown).or(system).or(name);
        found.or_else(start).unwrap_or(Span::UNKNOWN)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use crate::format::profile::{Profile, parse};
    use crate::text::{SourceFile, Span};
    use crate::yaml::Sources;

    const TEXT: &str = "version: 1\nname: a\nsystem: demo\nadmin:\n  - 10.0.0.0/8\nproxy: {kind: nginx}\nsettings:\n  \
        heap: ~\n  users:\n    - {id: x}\nsystems:\n  game: {system: ./a.yaml, settings: {heap: 4g}}\n";

    fn shown(look: impl Fn(&Profile, &str) -> Option<Span>, path: &str, part: bool) -> String {
        let mut sources = Sources::new();
        let id = sources.add(SourceFile::new("stockade.yaml", TEXT));
        let profile = parse(&sources, id).0.unwrap();
        let profile = if part { profile.parts()[0].1.clone().into_owned() } else { profile };
        let Some(span) = look(&profile, path) else { return "nowhere".to_owned() };
        TEXT[span.start..span.end].to_owned()
    }

    #[test]
    fn a_key_is_found_where_it_is_written_or_belongs() {
        for (path, said, near) in [
            ("proxy.kind", "nginx", "nginx"),
            ("proxy.tls.mode", "nowhere", "{kind: nginx}"),
            ("admin", "admin", "admin"),
            ("admin[0]", "10.0.0.0/8", "10.0.0.0/8"),
            ("admin[1]", "nowhere", "admin"),
            ("settings.heap", "heap", "heap"),
            ("settings.users[0].id", "x", "x"),
            ("settings.users[0].name", "nowhere", "{id: x}"),
            ("firewall.kind", "nowhere", "demo"),
        ] {
            assert_eq!(shown(Profile::said, path, false), said, "{path}");
            assert_eq!(shown(|profile, path| Some(profile.near(path)), path, false), near, "{path}");
        }
        assert_eq!(shown(Profile::said, "settings.heap", true), "4g");
        assert_eq!(
            shown(|profile, path| Some(profile.near(path)), "domain", true),
            "{system: ./a.yaml, settings: {heap: 4g}}"
        );
    }
}
