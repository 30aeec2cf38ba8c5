//! The compiler as a function of a folder or of two texts.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use stockade::Own;
use stockade::SourceFile;
use stockade::Sources;
use stockade::{Compiled, Input, compile};

/// Compiles `profile.yaml` of a folder, with the system files and templates that lie beside it.
pub fn folder(folder: &Path) -> Compiled {
    let text = |path: &Path| fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let systems: Vec<(String, String)> = fs::read_dir(folder)
        .expect("the case can be listed")
        .map(|entry| entry.expect("the case can be listed").path())
        .filter(|path| path.to_string_lossy().ends_with(".system.yaml"))
        .map(|path| (format!("./{}", path.file_name().unwrap_or_default().to_string_lossy()), text(&path)))
        .collect();
    let templates = super::tree::read(&folder.join("templates"));
    run(&text(&folder.join("profile.yaml")), &systems, templates)
}

/// Compiles a profile for a built-in system.
pub fn profile(text: &str) -> Compiled {
    run(text, &[], BTreeMap::new())
}

/// Compiles a profile for a system of its own with templates, each a name and a text.
pub fn templates(profile: &str, name: &str, text: &str, templates: &[(&str, &str)]) -> Compiled {
    let owned = templates.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    run(profile, &[(name.to_owned(), text.to_owned())], owned.collect())
}

/// Compiles a profile for a system of its own.
pub fn system(profile: &str, name: &str, text: &str) -> Compiled {
    run(profile, &[(name.to_owned(), text.to_owned())], BTreeMap::new())
}

fn run(profile: &str, systems: &[(String, String)], templates: BTreeMap<String, String>) -> Compiled {
    let mut sources = Sources::new();
    let profile = sources.add(SourceFile::new("profile.yaml", profile));
    let mut add = |name: &str, text: &str| sources.add(SourceFile::new(name, text));
    let templates: BTreeMap<_, _> = templates.iter().map(|(name, text)| (name.clone(), add(name, text))).collect();
    let own =
        |(name, text): &(String, String)| (name.clone(), Own { file: add(name, text), templates: templates.clone() });
    let systems = systems.iter().map(own).collect();
    let today = super::TODAY.parse().expect("a day of the calendar");
    compile(Input { sources, profile, systems, today })
}

/// Findings as lines `CODE LINE:COLUMN MESSAGE`, in order; `error` and `warning` in front.
pub fn findings(compiled: &Compiled) -> Vec<String> {
    compiled
        .diagnostics
        .iter()
        .map(|finding| {
            let severity = format!("{:?}", finding.severity).to_lowercase();
            format!("{severity} {} {} {}", finding.code, place(compiled, finding), finding.message)
        })
        .collect()
}

fn place(compiled: &Compiled, finding: &stockade::Diagnostic) -> String {
    let Some(label) = finding.primary() else { return "-".into() };
    let Some(file) = compiled.sources.get(label.span.source) else { return "?".into() };
    let at = file.position(label.span.start);
    let name = if file.name() == "profile.yaml" { "" } else { file.name() };
    format!("{name}{}{}:{}", if name.is_empty() { "" } else { ":" }, at.line, at.column)
}
