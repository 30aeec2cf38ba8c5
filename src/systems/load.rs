//! Finding and reading system files.

use super::bounds;
use super::entries;
use super::memo::{self, Memo};
use super::references;
use super::template;
use super::unused;
use crate::diagnostics::{Diagnostic, Diagnostics, codes, nearest_or_allowed};
use crate::embedded;
use crate::format::profile::Profile;
use crate::format::system::{System, Template};
use crate::format::{File, misplaced_keys};
use crate::images;
use crate::text::{SourceFile, SourceId, Span};
use crate::yaml::{Sources, read_as, read_tree};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A user's own system as it lies on the disk.
#[derive(Debug, Clone)]
pub struct Own {
    /// Its file.
    pub file: SourceId,
    /// Templates beside it, by their path in their folder.
    pub templates: BTreeMap<String, SourceId>,
}

/// What stands for the system of a profile that has none and shares its proxy.
const ALONE: &str = include_str!("alone.yaml");

/// Names and texts of the built-in systems, by name.
pub fn builtins() -> Vec<(&'static str, &'static str)> {
    let folder = "systems/builtin/";
    let names = embedded::below(folder).filter_map(|path| path.strip_prefix(folder)?.strip_suffix(".yaml"));
    names.filter(|name| !name.contains('/')).filter_map(|name| Some((name, builtin(name)?))).collect()
}

/// The text of one built-in system.
pub fn builtin(name: &str) -> Option<&'static str> {
    embedded::text(&format!("systems/builtin/{name}.yaml")).filter(|_| !name.contains('/'))
}

/// The events of a built-in system or component, parsed when the program was built.
pub(super) fn recorded(name: &str) -> Option<&'static [u8]> {
    embedded::bytes(&format!("recorded/{name}"))
}

/// Whether a profile's `system` names a file rather than a built-in.
pub fn is_path(reference: &str) -> bool {
    reference.contains('/') || reference.ends_with(".yaml") || reference.ends_with(".yml")
}

/// The system files that a profile names, with the places; none where it cannot be read at all, and the compiler says why.
pub fn paths(sources: &Sources, profile: SourceId) -> Vec<(String, Span)> {
    let Some(root) = sources.tree(profile) else { return Vec::new() };
    let parts = root.get("systems").into_iter().flat_map(|systems| systems.entries());
    let named = root.get("system").into_iter().chain(parts.filter_map(|part| part.value.get("system")));
    named.filter_map(|node| Some((node.as_text()?.to_owned(), node.span))).filter(|(text, _)| is_path(text)).collect()
}

/// Reads the system a profile names with its templates: a built-in one, or the file the caller has put into `sources`
/// already.
///
/// # Errors
/// An unknown name, with the nearest known one; everything that is wrong in the file, with places.
pub fn load(
    profile: &Profile,
    custom: &BTreeMap<String, Own>,
    sources: &mut Sources,
    memo: &Memo,
) -> (Option<Arc<System>>, Diagnostics) {
    let Some(reference) = &profile.system else {
        if !profile.proxy.is_shared() || profile.written.contains("system") {
            return (None, Diagnostics::default());
        }
        let id = sources.add(SourceFile::embedded("shared proxy (built in)", ALONE, None));
        let (system, found) = read(sources, id);
        return (system.map(Arc::new), found);
    };
    let name = reference.as_str();
    if let Some((system, found)) = memo.find(name, custom.get(name), sources) {
        return (Some(system), found);
    }
    let first = sources.next_id();
    let (id, templates) = match (custom.get(name), builtin(name)) {
        (Some(Own { file, templates }), _) => {
            let own = templates.iter().map(|(name, id)| (name.clone(), Template::new(*id, sources)));
            (*file, own.collect())
        }
        (None, Some(text)) => {
            let id = sources.add(SourceFile::embedded(format!("{name} (built in)"), text, recorded(name)));
            (id, template::load(name, sources))
        }
        (None, None) => {
            let mut diagnostics = Diagnostics::default();
            let names = builtins();
            let help = nearest_or_allowed(name, names.iter().map(|(name, _)| *name));
            let joint = if help.ends_with('?') { "" } else { ";" };
            diagnostics.push(
                Diagnostic::error(codes::UNKNOWN_SYSTEM, format!("there is no system `{}`", name.escape_debug()))
                    .at(reference.span, "")
                    .meant(name, names.iter().map(|(name, _)| *name))
                    .help(format!("{help}{joint} a system of your own is named by its path, `./NAME.system.yaml`")),
            );
            return (None, diagnostics);
        }
    };
    let (mut system, mut diagnostics) = read(sources, id);
    if let Some(system) = &mut system {
        system.templates = Arc::new(templates);
        for (name, template) in system.templates.iter() {
            diagnostics.extend(bounds::text(&template.text).err().map(|beyond| {
                Diagnostic::error(codes::BAD_TEMPLATE, format!("the template `{name}` fails: {}", beyond.reason))
                    .at(template.line(beyond.line(&template.text)), "")
                    .help("compute parts of it under `facts` of the system file, and print those")
            }));
        }
        // Of built-in systems a test knows. Where something could not be read, what it uses is not known.
        if let Some(root) = sources.tree(id).filter(|_| custom.contains_key(name) && !diagnostics.has_errors()) {
            let templates = system.templates.values().map(|template| template.text.as_str());
            unused::check(system, root, templates, &mut diagnostics);
        }
    }
    let system = system.map(Arc::new);
    if let Some(system) = &system {
        let files = match custom.get(name) {
            Some(own) => memo::files(own),
            None => sources.iter().map(|(id, _)| id).filter(|id| *id >= first).collect(),
        };
        memo.keep(name, files, sources, system, &diagnostics);
    }
    (system, diagnostics)
}

/// Reads the systems of all parts of a profile, in their order; nothing stands for one that cannot be read.
pub fn load_all(
    profile: &Profile,
    custom: &BTreeMap<String, Own>,
    sources: &mut Sources,
    memo: &Memo,
) -> (Vec<Option<Arc<System>>>, Diagnostics) {
    let mut diagnostics = Diagnostics::default();
    let parts = profile.parts();
    let mut systems = Vec::with_capacity(parts.len());
    for (index, (name, part)) in parts.iter().enumerate() {
        let same = |(_, other): &&(_, std::borrow::Cow<Profile>)| {
            part.system.is_some()
                && other.system.as_ref().map(|it| it.as_str()) == part.system.as_ref().map(|it| it.as_str())
        };
        match (parts[..index].iter().find(same), name, &part.system) {
            (Some((Some(first), _)), Some(name), Some(system)) => {
                let message = format!("`{}` and `{}` are the same system", first.value, name.value);
                diagnostics.push(
                    Diagnostic::error(codes::SYSTEM_CLASH, message)
                        .at(system.span, "again here")
                        .also(first.span, "first here")
                        .help("give the second one a profile of its own, on another host or with other names"),
                );
                systems.push(None);
            }
            _ => systems.push(diagnostics.absorb(load(part, custom, sources, memo))),
        }
    }
    (systems, diagnostics)
}

/// Reads a system file.
///
/// # Errors
/// Everything that is wrong in it, with places.
pub fn read(sources: &Sources, id: SourceId) -> (Option<System>, Diagnostics) {
    // What a file that is read in part says of a service is not known.
    let whole = sources.tree(id).filter(|_| !sources.is_partial(id));
    let completed = whole.and_then(images::complete);
    let mut decoded = match &completed {
        Some(completed) => read_tree::<System>(sources, id, &completed.root),
        None => read_as::<System>(sources, id),
    };
    let mut diagnostics = decoded.diagnostics;
    if let Some(system) = &mut decoded.value {
        system.damaged = diagnostics.has_errors();
        let mut given = completed.map(|completed| completed.given).unwrap_or_default();
        for (name, service) in &mut system.services {
            service.from_image = given.remove(name.as_str());
        }
    }
    if let Some(root) = sources.tree(id) {
        diagnostics = misplaced_keys::explain(diagnostics, sources, root, File::System);
    }
    if sources.is_partial(id) {
        // Names may be described where the file is no YAML.
        return (None, diagnostics);
    }
    if let Some(system) = &decoded.value
        && system.format.value != 1
    {
        diagnostics.push(
            Diagnostic::error(codes::UNKNOWN_VALUE, format!("system format {} is not known", system.format.value))
                .at(system.format.span, "this Stockade reads format 1")
                .help("write `format: 1`, or use a newer Stockade"),
        );
    }
    if let Some(system) = &decoded.value {
        let mut beyond = Diagnostics::default();
        entries::check(system, &mut beyond);
        if beyond.has_errors() {
            // What looks at each entry beside the others would take its time.
            diagnostics.extend(beyond);
            return (None, diagnostics);
        }
    }
    if let (Some(system), Some(root)) = (&decoded.value, sources.tree(id)) {
        references::check(system, root, &mut diagnostics);
    }
    (decoded.value, diagnostics)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::{Tags, read_with};

    #[test]
    fn what_the_build_recorded_is_what_the_parser_reads() {
        let paths: Vec<_> = embedded::below("systems/").filter(|path| path.ends_with(".yaml")).collect();
        assert!(paths.len() > 4);
        for path in paths {
            let name = path.strip_suffix(".yaml").unwrap().rsplit('/').next().unwrap();
            let text = embedded::text(path).unwrap();
            let id = SourceId::new(0);
            let parsed = read_with(&SourceFile::new(name, text), id, Tags::Refuse).unwrap();
            let kept =
                read_with(&SourceFile::embedded(name, text, Some(recorded(name).unwrap())), id, Tags::Refuse).unwrap();
            assert_eq!(format!("{kept:?}"), format!("{parsed:?}"), "{name}");
        }
    }
}
