//! What a bundle is made from, as digests: for the lock, which tells a bundle of another profile, system or program from this one.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use crate::controls::Hardened;
use crate::format::profile::Profile;
use crate::systems::{self, Own};
use crate::templates;
use crate::text::SourceId;
use crate::yaml::{Node, NodeKind, Sources, Style};

/// SHA-256 digests in hexadecimal digits, and references of images.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Inputs {
    /// Of what the profile says; comments and spaces count for nothing.
    pub profile: String,
    /// Of each system, with its templates, by the words with which the profile names it.
    pub systems: BTreeMap<String, String>,
    /// Of this program's templates.
    pub templates: String,
    /// By service.
    pub images: BTreeMap<String, String>,
}

impl Inputs {
    /// Of everything that is the same for all hosts of a profile; `written` is its file.
    pub fn of(sources: &Sources, written: SourceId, profile: &Profile, own: &BTreeMap<String, Own>) -> Self {
        let parts = profile.systems.values().filter_map(|part| part.value.system.as_ref());
        let names = profile.system.iter().chain(parts).map(|name| name.as_str());
        Self {
            profile: tree(sources, written).hex(),
            systems: names.map(|name| (name.to_owned(), system(sources, name, own.get(name)).hex())).collect(),
            templates: {
                let mut all = Sum::default();
                templates::builtin().for_each(|(name, text)| all.named(name, text));
                all.hex()
            },
            images: BTreeMap::new(),
        }
    }

    /// The same for one host, whose services have images.
    pub fn with_images(&self, stack: &Hardened) -> Self {
        let images = stack.services.iter().map(|(name, service)| (name.to_string(), service.image.value.to_string()));
        Self { images: images.collect(), ..self.clone() }
    }
}

fn system(sources: &Sources, name: &str, own: Option<&Own>) -> Sum {
    match own {
        Some(own) => {
            let mut sum = tree(sources, own.file);
            let text = |id| sources.get(id).map_or("", |file| file.text());
            let templates = own.templates.iter().map(|(name, id)| (name.as_str(), text(*id))).collect();
            used(text(own.file), templates).iter().for_each(|(name, text)| sum.named(name, text));
            sum
        }
        None => {
            let mut sum = Sum::default();
            sum.part(systems::builtin(name).unwrap_or_default().as_bytes());
            systems::builtin_templates(name).iter().for_each(|(name, text)| sum.named(name, text));
            sum
        }
    }
}

/// Templates whose name stands in a text, or in one of those. What else lies in their folder is on one machine and not on another.
fn used<'t>(text: &'t str, mut left: Vec<(&'t str, &'t str)>) -> BTreeMap<&'t str, &'t str> {
    let (mut used, mut texts) = (BTreeMap::new(), vec![text]);
    while let Some(text) = texts.pop() {
        let (named, others): (Vec<_>, Vec<_>) = left.into_iter().partition(|(name, _)| text.contains(name));
        left = others;
        texts.extend(named.iter().map(|(_, text)| *text));
        used.extend(named);
    }
    used
}

fn tree(sources: &Sources, id: SourceId) -> Sum {
    let mut sum = Sum::default();
    if let Some(root) = sources.tree(id) {
        sum.node(root);
    }
    sum
}

/// A digest of parts that cannot run into one another.
#[derive(Default)]
struct Sum(Sha256);

impl Sum {
    fn part(&mut self, bytes: &[u8]) {
        self.0.update(bytes.len().to_le_bytes());
        self.0.update(bytes);
    }

    fn named(&mut self, name: &str, text: &str) {
        self.part(name.as_bytes());
        self.part(text.as_bytes());
    }

    fn node(&mut self, node: &Node) {
        self.part(node.tag.as_deref().unwrap_or_default().as_bytes());
        match &node.kind {
            // Without quotes `1.10` is a number, or `no` a truth value.
            NodeKind::Scalar { text, style } => {
                self.0.update(if *style == Style::Plain { b"p" } else { b"q" });
                self.part(text.as_bytes());
            }
            NodeKind::Seq { items, .. } => {
                self.0.update(b"s");
                self.0.update(items.len().to_le_bytes());
                items.iter().for_each(|item| self.node(&item.node));
            }
            NodeKind::Map { entries, .. } => {
                self.0.update(b"m");
                self.0.update(entries.len().to_le_bytes());
                for entry in entries {
                    self.node(&entry.key);
                    self.node(&entry.value.node);
                }
            }
        }
    }

    fn hex(self) -> String {
        let digits = self.0.finalize().into_iter().flat_map(|byte| [byte >> 4, byte & 15]);
        digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> String {
        let mut sources = Sources::new();
        let id = sources.add_bytes("stockade.yaml", text.as_bytes()).unwrap();
        tree(&sources, id).hex()
    }

    #[test]
    fn templates_count_where_something_names_them() {
        let all =
            vec![("a.j2", "{% include 'b.j2' %}"), ("b.j2", "x"), ("c.j2", "{% include 'a.j2' %}"), ("a.j2.orig", "")];
        let names = |text| used(text, all.clone()).into_keys().collect::<Vec<_>>();
        assert_eq!(names("template: a.j2"), ["a.j2", "b.j2"]);
        assert_eq!(names("template: c.j2"), ["a.j2", "b.j2", "c.j2"]);
        assert!(names("template: d").is_empty());
    }

    #[test]
    fn what_is_said_counts_and_not_how() {
        let plain = of("name: a\nadmin: [10.0.0.0/8, fd00::/8]\n");
        assert_eq!(of("# why\nname: a # it is\nadmin:\n  - 10.0.0.0/8\n  - fd00::/8\n"), plain);
        assert_eq!(of("x: &x a\ny: *x\n"), of("x: a\ny: a\n"));
        for other in [
            "name: b\nadmin: [10.0.0.0/8, fd00::/8]\n",
            "name: a\nadmin: [fd00::/8, 10.0.0.0/8]\n",
            "name: a\nadmin: [10.0.0.0/8fd00::/8]\n",
            "name: a\nadmin: [10.0.0.0/8]\n",
            "name: \"a\"\nadmin: [10.0.0.0/8, fd00::/8]\n",
        ] {
            assert_ne!(of(other), plain, "{other}");
        }
    }
}
