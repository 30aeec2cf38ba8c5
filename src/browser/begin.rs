//! What one can begin with: what `stockade init` offers, with its own examples for answers.

use crate::init::{Facts, Form, Offer, Open, Wizard};
use crate::systems::{builtins, examples, read};
use crate::text::SourceFile;
use crate::yaml::Sources;
use serde::Serialize;

/// A profile to begin with.
#[derive(Debug, Serialize)]
pub struct Begin {
    /// What it sets up.
    pub title: String,
    /// More on it.
    pub note: String,
    /// The profile.
    pub profile: String,
    /// The system file beside it, by its path, where the system is not built in.
    pub system: Option<(String, &'static str)>,
}

/// All of them, in the order in which `init` offers them.
pub fn all() -> Vec<Begin> {
    let built_in =
        builtins().into_iter().filter_map(|(name, text)| offer(name, text, |system| Offer::of(name, system, true)));
    let others = examples()
        .into_iter()
        .filter_map(|(file, text)| offer(file, text, |system| Offer::of_example(file, text, system)));
    let wizard = Wizard::new(built_in.chain(others).collect(), Facts::default());
    let Some(Open { form: Form::Pick { choices, .. }, .. }) = wizard.next() else { return Vec::new() };
    let begin = choices.into_iter().filter_map(|choice| {
        let mut wizard = wizard.clone();
        wizard.choose(choice.answers);
        let offer = wizard.offer()?;
        let system = offer.example.map(|text| (offer.reference.replacen('.', "", 1), text));
        Some(Begin { title: choice.label, note: choice.note, profile: profile(wizard)?, system })
    });
    begin.collect()
}

fn offer(name: &str, text: &'static str, of: impl Fn(&crate::format::system::System) -> Offer) -> Option<Offer> {
    let mut sources = Sources::new();
    let id = sources.add(SourceFile::new(name, text));
    read(&sources, id).0.map(|system| of(&system))
}

/// The profile where every question is answered by its example or its default.
fn profile(mut wizard: Wizard) -> Option<String> {
    while let Some(open) = wizard.next() {
        match open.form {
            Form::Type { example, .. } => wizard.set(open.key, &example).ok()?,
            Form::Pick { mut choices, first } => wizard.choose(choices.swap_remove(first).answers),
        }
    }
    let text = wizard.draft().ok()?.text;
    // The first line names a schema beside the profile, which only an editor on a disk finds.
    let lines = text.lines().filter(|line| !line.starts_with("# yaml-language-server:"));
    Some(lines.map(|line| format!("{line}\n")).collect())
}
