//! Answers that come with the command: a file, and `--set`.

use super::Arguments;
use super::offers;
use crate::cli::input::bounded;
use crate::diagnostics::{Diagnostic, Diagnostics, codes};
use crate::init::{AnswersFile, Key, Wizard, answers_of};
use crate::systems::is_path;
use crate::values::Invalid;
use crate::yaml::{Sources, read_as};
use std::path::Path;

/// What is wrong, with the files of the places.
pub type Refused = Box<(Diagnostics, Sources)>;

/// Takes all of them; what is said by `--set` goes before the file.
///
/// # Errors
/// Everything that is wrong with them.
pub fn take(arguments: &Arguments, folder: &Path, wizard: &mut Wizard) -> Result<(), Refused> {
    let mut found = Diagnostics::new();
    let mut sources = Sources::new();
    if let Some(path) = &arguments.answers {
        file(path, folder, wizard, &mut sources, &mut found)?;
    }
    let mut set = Vec::new();
    for text in &arguments.set {
        match text.split_once('=') {
            Some((name, value)) => match name.trim().parse::<Key>() {
                Ok(key) => set.push((key, text, value)),
                Err(invalid) => found.push_new(said(text, invalid)),
            },
            None => found.push_new(said(
                text,
                Invalid::new("there is no `=` in it")
                    .help("write `--set KEY=VALUE`, such as `--set domain=play.example.com`"),
            )),
        }
    }
    // The system first: others are judged by it.
    set.sort_by(|(a, ..), (b, ..)| a.cmp(b));
    for (key, text, value) in set {
        if key == Key::System {
            add_own(value.trim(), folder, wizard)?;
        }
        if let Err(invalid) = wizard.set(key, value) {
            found.push_new(said(text, invalid));
        }
    }
    if found.has_errors() { Err(Box::new((found, sources))) } else { Ok(()) }
}

fn said(text: &str, Invalid { reason, help }: Invalid) -> Diagnostic {
    let finding = Diagnostic::error(codes::INVALID_VALUE, format!("`--set {}`: {reason}", text.escape_debug()));
    match help {
        Some(help) => finding.help(help),
        None => finding,
    }
}

/// A system file that is named and not among the offers yet.
fn add_own(reference: &str, folder: &Path, wizard: &mut Wizard) -> Result<(), Refused> {
    if is_path(reference) && wizard.offers.iter().all(|offer| offer.reference != reference) {
        wizard.offers.push(offers::own(folder, reference).map_err(Box::new)?);
    }
    Ok(())
}

fn file(
    path: &Path,
    folder: &Path,
    wizard: &mut Wizard,
    sources: &mut Sources,
    found: &mut Diagnostics,
) -> Result<(), Refused> {
    let refuse = |finding: Diagnostic, sources: &Sources| Box::new((finding.into(), sources.clone()));
    let bytes = bounded(path).map_err(|(finding, _)| {
        refuse(
            finding.help("name a file of answers; `stockade schema init-answers` says what may stand in it"),
            sources,
        )
    })?;
    let id = sources.add_bytes(path.display().to_string(), &bytes).map_err(|finding| refuse(finding, sources))?;
    let decoded = read_as::<AnswersFile>(sources, id);
    found.extend(decoded.diagnostics);
    let mut answers = answers_of(decoded.value.unwrap_or_default());
    answers.sort_by(|(a, ..), (b, ..)| a.cmp(b));
    for (key, span, value) in answers {
        if key == Key::System {
            add_own(&value.text(), folder, wizard)?;
        }
        // Words that only a system knows are judged like typed ones.
        let done = match &key {
            Key::System | Key::Variant | Key::Admin => wizard.set(key, &value.text()),
            Key::Own(_) => wizard.judge(&key, &value.text()).and_then(|_| wizard.put(key, value)),
            _ => wizard.put(key, value),
        };
        if let Err(Invalid { reason, help }) = done {
            let finding = Diagnostic::error(codes::INVALID_VALUE, reason).at(span, "");
            found.push_new(match help {
                Some(help) => finding.help(help),
                None => finding,
            });
        }
    }
    Ok(())
}
