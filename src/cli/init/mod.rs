//! `stockade init`: looks at the host, asks at most five questions, and writes a profile that compiles.
//!
//! What is asked and what comes of it is decided in [`crate::init`]; here are the host, the terminal and the disk.

mod change;
mod end;
mod given;
mod host;
mod look;
pub(super) mod offers;
mod prompt;
#[cfg(test)]
mod tests;
mod write;

use super::exit::{Done, Exit, Failure};
use super::generate;
use super::input::{self, InputRefused, PROFILE};
use super::messages::{Format, Messages};
use super::places;
use super::supplied;
use super::terminal::{Terminal, shown};
use crate::compile::{Compiled, compile};
use crate::diagnostics::codes;
use crate::init::{Draft, Key, Wizard};
use crate::text::SourceId;
use crate::values::Day;
use clap::ValueHint;
pub(super) use end::word;
use host::ThisHost;
pub(super) use prompt::obstacle;
use prompt::{Asked, Prompt};
use serde_json::json;
use std::path::{Path, PathBuf};

const AFTER: &str = "\
Examples:
  stockade init                     asks, and writes ./stockade.yaml
  stockade init play                the same in the folder `play`
  stockade init --yes --set system=NAME --set domain=play.example.com \
    --set admin=10.8.0.0/24
  stockade init --answers answers.yaml
  stockade init --set proxy=caddy   changes that line of a profile that is here

Keys: system, variant, host (here, elsewhere), name, domain, admin, proxy,
certificate, firewall, ssh_port, bind, settings.NAME, images.SERVICE.
`stockade systems` lists the systems, `stockade schema init-answers` describes
the file of answers.";

/// Asks at most five questions and writes a profile
///
/// It looks at this host first, and what it finds becomes the defaults. Where a profile is there already, it asks what is to
/// change, and edits those lines alone.
#[derive(Debug, clap::Args)]
#[command(after_long_help = AFTER)]
pub struct Arguments {
    /// Folder of the profile [default: this one]
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    folder: Option<PathBuf>,
    /// Ask nothing, and take the defaults
    ///
    /// Of every question that no `--set` and no file answers.
    #[arg(long, short)]
    yes: bool,
    /// Answers in a YAML file
    ///
    /// `stockade schema init-answers` describes it.
    #[arg(long, value_name = "FILE")]
    answers: Option<PathBuf>,
    /// One answer; goes before the file
    #[arg(long, value_name = "KEY=VALUE", add = super::complete::answers())]
    set: Vec<String>,
}

/// Runs the command.
///
/// # Errors
/// Too few answers and nobody to ask, a folder that cannot be written.
pub fn run(arguments: &Arguments, format: Format, terminal: &Terminal) -> Done {
    let today = input::today()?;
    let folder = arguments.folder.as_deref().unwrap_or(Path::new("."));
    let path = match &arguments.folder {
        Some(folder) => folder.join(PROFILE),
        None => PathBuf::from(PROFILE),
    };
    if path.symlink_metadata().is_ok() {
        // A link that leads nowhere is somebody's file all the same.
        path.metadata().map_err(|_| write::exists(&path))?;
        return change::run(arguments, &path, format, terminal);
    }
    let facts = look::look(&ThisHost, &folder.display().to_string());
    let mut wizard = Wizard::new(offers::all(folder)?, facts);
    if let Err(refused) = given::take(arguments, folder, &mut wizard) {
        let (found, sources) = *refused;
        let mut messages = Messages::new(format, terminal);
        messages.add(&found, &sources);
        messages.finish(json!({}))?;
        return Ok(Exit::Input);
    }
    let run = Run { path: &path, typed: arguments.folder.as_deref(), today, format, terminal };
    match prompt::obstacle() {
        None if !arguments.yes => run.asking(&mut wizard),
        obstacle => run.at_once(&wizard, obstacle),
    }
}

/// What a run knows of where it is.
struct Run<'r> {
    path: &'r Path,
    typed: Option<&'r Path>,
    today: Day,
    format: Format,
    terminal: &'r Terminal,
}

impl Run<'_> {
    /// Without questions.
    fn at_once(&self, wizard: &Wizard, obstacle: Option<&'static str>) -> Done {
        let missing = wizard.missing();
        if !missing.is_empty() {
            return Err(self.unanswered(wizard, &missing, obstacle));
        }
        let draft = draft(wizard)?;
        let (compiled, ..) = self.compiled(wizard, &draft);
        let mut messages = Messages::new(self.format, self.terminal);
        let broken = compiled.diagnostics.has_errors();
        messages.add(&compiled.diagnostics, &compiled.sources);
        if broken && draft.missing.is_empty() {
            messages.finish(json!({ "written": false }))?;
            return Ok(Exit::Input);
        }
        self.write(wizard, &draft)?;
        if messages.are_for_people() {
            let end = self.end(wizard, &draft, &compiled);
            self.terminal.out(&format!("{}{}{}", end.summary(), end.text(), end.next(false)))?;
        }
        let missing: Vec<&str> = draft.missing.iter().map(|one| one.key.as_str()).collect();
        messages.finish(json!({ "profile": shown(self.path), "written": true, "missing": missing }))?;
        Ok(if broken { Exit::Findings } else { Exit::Fine })
    }

    /// With a person at the terminal.
    fn asking(&self, wizard: &mut Wizard) -> Done {
        let prompt = Prompt::new(self.terminal);
        prompt.begin(wizard);
        loop {
            match prompt.questions(wizard) {
                Asked::Done => {}
                Asked::Quit => return Ok(prompt.quit()),
                Asked::Failed(failure) => return Err(failure),
            }
            let draft = draft(wizard)?;
            let (compiled, written, lacks_secrets) = self.compiled(wizard, &draft);
            Messages::new(self.format, self.terminal).add(&compiled.diagnostics, &compiled.sources);
            let broken = compiled.diagnostics.has_errors();
            if broken && draft.missing.is_empty() {
                let fault = written.and_then(|id| wizard.at_fault(&compiled.diagnostics, &compiled.sources, id));
                match fault {
                    Some(key) if wizard.reopen(&key) => {
                        self.terminal.message(&format!("`{key}` is open again; the other answers stay\n"));
                    }
                    _ if wizard.back() => {}
                    _ => return Ok(Exit::Input),
                }
                continue;
            }
            let end = self.end(wizard, &draft, &compiled);
            self.terminal.out(&format!("{}{}", end.summary(), end.text()))?;
            match prompt.last(&format!("write {}", shown(self.path)), !broken && !lacks_secrets) {
                Ok(prompt::Last::Back) => {
                    wizard.back();
                    continue;
                }
                Ok(prompt::Last::Quit) => return Ok(prompt.quit()),
                Ok(prompt::Last::Write { generate }) => {
                    self.write(wizard, &draft)?;
                    self.terminal.out(&end.next(generate))?;
                    if generate {
                        let arguments = generate::Arguments::of(self.path.to_owned());
                        return generate::run(&arguments, self.format, self.terminal);
                    }
                    return Ok(if broken { Exit::Findings } else { Exit::Fine });
                }
                Err(failure) => return Err(failure),
            }
        }
    }

    /// What comes of the profile, which file it is, and whether `generate` would want secrets that only the operator can bring.
    fn compiled(&self, wizard: &Wizard, draft: &Draft) -> (Compiled, Option<SourceId>, bool) {
        let beside = beside(wizard, self.path);
        let open = |asked: &Path| match &beside {
            _ if asked == self.path => Some(draft.text.clone().into_bytes()),
            Some((path, text)) if asked == path => Some(text.as_bytes().to_vec()),
            _ => None,
        };
        match input::read_over(self.path, self.today, &open) {
            Ok(input) => {
                let written = input.profile;
                let mut compiled = compile(input);
                let missing = supplied::missing(self.path, &places::base(self.path, None), false, &compiled, written);
                let lacks = !missing.is_empty();
                compiled.diagnostics.extend(missing);
                (compiled, Some(written), lacks)
            }
            Err(refused) => {
                let InputRefused { sources, diagnostics, .. } = *refused;
                (Compiled { sources, diagnostics, bundles: Vec::new() }, None, false)
            }
        }
    }

    /// The profile, and before it the file of an example that it names.
    fn write(&self, wizard: &Wizard, draft: &Draft) -> Result<(), Failure> {
        if let Some((path, text)) = beside(wizard, self.path) {
            let path: PathBuf = path.components().filter(|part| *part != std::path::Component::CurDir).collect();
            write::new(&path, text)?;
            self.terminal.message(&format!("{} written\n", shown(&path)));
        }
        write::new(self.path, &draft.text)
    }

    fn end<'e>(&'e self, wizard: &'e Wizard, draft: &'e Draft, compiled: &'e Compiled) -> end::End<'e> {
        end::End {
            wizard,
            draft,
            bundles: &compiled.bundles,
            path: self.path,
            typed: self.typed,
            terminal: self.terminal,
            reach: reach(wizard),
        }
    }

    /// Nobody can be asked: the command that needs nobody.
    fn unanswered(&self, wizard: &Wizard, missing: &[Key], obstacle: Option<&'static str>) -> Failure {
        let names: Vec<String> = missing.iter().map(|key| format!("`{key}`")).collect();
        let why = obstacle.map(|why| format!(", and {why}")).unwrap_or_default();
        let mut command = vec!["stockade init".to_owned()];
        command.extend(self.typed.map(|folder| end::word(&folder.display().to_string())));
        command.push("--yes".to_owned());
        command.extend(wizard.answers().all().map(|(key, value)| format!("--set {key}={}", end::word(&value.text()))));
        for key in missing {
            let example = match key {
                Key::System => wizard.offers.first().map_or("./NAME.system.yaml", |offer| offer.reference.as_str()),
                Key::Domain => "play.example.com",
                _ => "10.8.0.0/24",
            };
            command.push(format!("--set {key}={example}"));
        }
        Failure::input(
            codes::MISSING_KEY,
            format!("`init` has no answer to {}{why}", names.join(", ")),
            format!("say it, as in `{}`; `stockade systems` lists the systems", command.join(" ")),
        )
    }
}

/// The file of an example that was chosen, with its text.
fn beside(wizard: &Wizard, profile: &Path) -> Option<(PathBuf, &'static str)> {
    let offer = wizard.offer()?;
    Some((profile.parent().unwrap_or(Path::new("")).join(&offer.reference), offer.example?))
}

fn draft(wizard: &Wizard) -> Result<Draft, Failure> {
    wizard.draft().map_err(|refused| {
        Failure::input(codes::UNPRINTABLE_VALUE, format!("an answer cannot be written: {refused}"), "give another")
    })
}

/// Where the name leads, where an authority will ask it here.
fn reach(wizard: &Wizard) -> Option<String> {
    use crate::init::Value;
    use crate::values::TlsMode;
    let facts = wizard.local()?;
    match (wizard.value(&Key::Domain)?, wizard.value(&Key::Certificate)?) {
        (Value::Domain(domain), Value::Certificate(TlsMode::Acme)) => look::reach(&ThisHost, facts, domain.as_str()),
        _ => None,
    }
}
