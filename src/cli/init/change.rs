//! A profile that is there already: the same questions, and edits of the lines whose answers are others.

use super::prompt::{self, Asked, Last, Prompt};
use super::{Arguments, end, given, offers, write};
use crate::cli::exit::{Done, Exit, Failure};
use crate::cli::generate;
use crate::cli::input::{self, PROFILE};
use crate::cli::messages::{Format, Messages};
use crate::cli::terminal::{Terminal, shown};
use crate::compile::{Compiled, compile};
use crate::diagnostics::codes;
use crate::format::profile::{self, Profile};
use crate::init::{Key, Offer, Value, Wizard, changed, current};
use crate::systems::{builtin, is_path};
use crate::yaml::Sources;
use serde_json::json;
use similar::TextDiff;
use std::path::Path;

/// Runs the command where a profile is.
///
/// # Errors
/// The profile cannot be read or changed, nobody can be asked and nothing was given.
pub fn run(arguments: &Arguments, path: &Path, format: Format, terminal: &Terminal) -> Done {
    let bytes = input::bounded(path).map_err(|(finding, exit)| Failure { finding, exit })?;
    let mut sources = Sources::new();
    let id = match sources.add_bytes(shown(path), &bytes) {
        Ok(id) => id,
        Err(finding) => return told(&finding.into(), &sources, format, terminal),
    };
    let (profile, found) = profile::parse(&sources, id);
    let profile = match profile {
        Some(profile) if !sources.is_partial(id) && !found.has_errors() => profile,
        _ => {
            told(&found, &sources, format, terminal)?;
            return Err(fixed(path, "is there already, and must be right before `init` can change it", "correct it"));
        }
    };
    let text = sources.get(id).map(|file| file.text().to_owned()).unwrap_or_default();
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let offer = match offered(&profile, folder, path)? {
        Ok(offer) => offer,
        Err((found, sources)) => return told(&found, &sources, format, terminal),
    };
    let system = offer.reference.clone();
    let mut wizard = Wizard::of_profile(offer, current(&profile));
    // Another system is judged like any answer, and refused below.
    let others = offers::all(folder)?.into_iter().filter(|other| other.reference != system && other.example.is_none());
    wizard.offers.extend(others);
    if let Err(refused) = given::take(arguments, folder, &mut wizard) {
        return told(&refused.0, &refused.1, format, terminal);
    }
    if wizard.answers().get(&Key::System) != Some(&Value::System(system.clone())) {
        let why = format!("is there already, and sets up `{}`", system.escape_debug());
        return Err(fixed(path, &why, "`stockade init DIR` makes a profile of another system"));
    }
    let change = Change { path, bytes: &bytes, text: &text, arguments, format, terminal };
    match prompt::obstacle() {
        None if !arguments.yes => change.asking(&mut wizard),
        obstacle => change.at_once(&wizard, obstacle),
    }
}

/// The system of the profile.
fn offered(
    profile: &Profile,
    folder: &Path,
    path: &Path,
) -> Result<Result<Offer, (crate::diagnostics::Diagnostics, Sources)>, Failure> {
    let several = !profile.systems.is_empty() || !profile.hosts.is_empty();
    let Some(system) = profile.system.as_ref().filter(|_| !several) else {
        return Err(fixed(
            path,
            "lists several systems or hosts, which `init` does not ask about",
            "change it in an editor",
        ));
    };
    let name = system.value.as_str();
    match builtin(name) {
        Some(text) => Ok(Ok(Offer::of(name, &crate::cli::systems::parsed(name, text)?, true))),
        None if is_path(name) => Ok(offers::own(folder, name)),
        None => {
            Err(fixed(path, &format!("names the system `{}`, which is not known", name.escape_debug()), "correct it"))
        }
    }
}

fn fixed(path: &Path, why: &str, way: &str) -> Failure {
    let shown = shown(path);
    Failure::input(
        codes::INVALID_VALUE,
        format!("`{shown}` {why}"),
        format!("{way}; `stockade check {}` looks at it", end::word(&shown)),
    )
}

fn told(found: &crate::diagnostics::Diagnostics, sources: &Sources, format: Format, terminal: &Terminal) -> Done {
    let mut messages = Messages::new(format, terminal);
    messages.add(found, sources);
    messages.finish(json!({}))?;
    Ok(Exit::Input)
}

struct Change<'c> {
    path: &'c Path,
    bytes: &'c [u8],
    text: &'c str,
    arguments: &'c Arguments,
    format: Format,
    terminal: &'c Terminal,
}

impl Change<'_> {
    fn at_once(&self, wizard: &Wizard, obstacle: Option<&'static str>) -> Done {
        if self.arguments.set.is_empty() && self.arguments.answers.is_none() {
            let why = obstacle.map_or_else(|| "nothing to change was said".to_owned(), str::to_owned);
            return Err(Failure::input(
                codes::IO,
                format!("`{}` is there already, and {why}", shown(self.path)),
                "say what is to change, as in `stockade init --yes --set proxy=caddy`; or name another folder, `stockade init DIR`",
            ));
        }
        let text = self.changed(wizard)?;
        let mut messages = Messages::new(self.format, self.terminal);
        let people = messages.are_for_people();
        if text == self.text {
            if people {
                self.terminal.out(&format!("{}: nothing to change\n", shown(self.path)))?;
            }
            messages.finish(json!({ "profile": shown(self.path), "written": false }))?;
            return Ok(Exit::Fine);
        }
        let compiled = self.compiled(&text)?;
        messages.add(&compiled.diagnostics, &compiled.sources);
        let broken = compiled.diagnostics.has_errors();
        if !broken {
            write::change(self.path, self.bytes, &text)?;
            if people {
                self.terminal.out(&format!("{}{}", self.difference(&text), self.next()))?;
            }
        }
        messages.finish(json!({ "profile": shown(self.path), "written": !broken }))?;
        Ok(if broken { Exit::Input } else { Exit::Fine })
    }

    fn asking(&self, wizard: &mut Wizard) -> Done {
        let prompt = Prompt::new(self.terminal);
        prompt.begin_change(&shown(self.path));
        loop {
            match prompt.questions(wizard) {
                Asked::Done => {}
                Asked::Quit => return Ok(prompt.quit()),
                Asked::Failed(failure) => return Err(failure),
            }
            let text = self.changed(wizard)?;
            if text == self.text {
                self.terminal.out(&format!("\n{}: nothing to change\n", shown(self.path)))?;
                return Ok(Exit::Fine);
            }
            let compiled = self.compiled(&text)?;
            Messages::new(self.format, self.terminal).add(&compiled.diagnostics, &compiled.sources);
            if compiled.diagnostics.has_errors() {
                if !wizard.back() {
                    return Ok(Exit::Input);
                }
                continue;
            }
            self.terminal.out(&format!("\n{}", self.difference(&text)))?;
            match prompt.last(&format!("change {}", shown(self.path)), true)? {
                Last::Back => {
                    wizard.back();
                }
                Last::Quit => return Ok(prompt.quit()),
                Last::Write { generate } => {
                    write::change(self.path, self.bytes, &text)?;
                    if generate {
                        let arguments = generate::Arguments::of(self.path.to_owned());
                        return generate::run(&arguments, self.format, self.terminal);
                    }
                    self.terminal.out(&self.next())?;
                    return Ok(Exit::Fine);
                }
            }
        }
    }

    fn changed(&self, wizard: &Wizard) -> Result<String, Failure> {
        let domain = wizard.value(&Key::Domain);
        changed(self.text, &wizard.changes(), domain.as_ref()).map_err(|(key, refusal)| {
            fixed(self.path, &format!("cannot be changed at `{key}`: {refusal}"), "change it in an editor")
        })
    }

    fn compiled(&self, text: &str) -> Result<Compiled, Failure> {
        Ok(match input::assemble(self.path, text.as_bytes(), input::today()?) {
            Ok(input) => compile(input),
            Err(refused) => {
                Compiled { sources: refused.sources, diagnostics: refused.diagnostics, bundles: Vec::new() }
            }
        })
    }

    fn difference(&self, text: &str) -> String {
        let shown = shown(self.path);
        TextDiff::from_lines(self.text, text).unified_diff().header(&shown, &shown).to_string()
    }

    fn next(&self) -> String {
        let path = shown(self.path);
        let typed = if path == PROFILE { String::new() } else { format!(" {}", end::word(&path)) };
        format!("\n{path} changed\n\nnext\n  stockade generate{typed} --diff\n  stockade generate{typed}\n")
    }
}
