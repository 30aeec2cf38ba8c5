//! `stockade certs trust`: how machines and browsers come to trust the bundle's authority, and on Debian the doing of it.

use super::install::{install, remove};
use super::renew::none;
use super::ways::{WAYS, Way};
use crate::artifact::CertificatePart;
use crate::certs;
use crate::cli::exit::{Done, Exit, Failure};
use crate::cli::input;
use crate::cli::messages::Format;
use crate::cli::own_chain::{Read, read};
use crate::cli::secrets::place::{self, Opened, Place, Where};
use crate::cli::terminal::Terminal;
use crate::diagnostics::codes;
use crate::diagnostics::render::visible;
use crate::secrets::Secret;
use crate::values::Day;
use crate::writer::certificates::artifact;
use serde_json::{Value, json};
use std::path::PathBuf;

const AFTER: &str = "\
Examples:
  stockade certs trust                       for every system and browser
  stockade certs trust --for windows         for one of them
  sudo stockade certs trust --install        this machine (Debian, Ubuntu)
  stockade certs trust --install             Chromium of the user who types it
  sudo stockade certs trust --remove         and back";

/// Shows how machines and browsers come to trust the bundle's authority; with `--install` this one does
///
/// As root, `--install` puts the certificate into the list of Debian, which curl, git, Python and Go read. As anybody, it puts it into
/// the user's own list that Chromium and Chrome read, where `certutil` is installed. `--remove` takes back both.
#[derive(Debug, clap::Args)]
#[command(after_long_help = AFTER)]
pub struct Arguments {
    /// Only for this system, browser or kind of program
    #[arg(long = "for", value_name = "WHAT", value_parser = known, conflicts_with_all = ["install", "remove"])]
    of: Option<String>,
    /// Have this machine trust it
    #[arg(long)]
    install: bool,
    /// Have it trust it no more
    #[arg(long, conflicts_with = "install")]
    remove: bool,
    #[command(flatten)]
    place: Where,
}

fn known(text: &str) -> Result<String, String> {
    let ids: Vec<&str> = WAYS.iter().map(|way| way.id).collect();
    if ids.contains(&text) { Ok(text.to_owned()) } else { Err(format!("use one of {}", ids.join(", "))) }
}

/// An authority to be trusted.
pub struct Trusted {
    /// Under which name lists have it.
    pub name: String,
    /// Its certificate.
    pub file: PathBuf,
    /// What that says.
    pub text: Secret,
    facts: certs::Facts,
}

/// Runs the command.
///
/// # Errors
/// There is no authority, a program fails, the disk refuses.
pub fn run(arguments: &Arguments, format: Format, terminal: &Terminal) -> Done {
    let opened = match place::open(&arguments.place, format, terminal)? {
        Ok(opened) => opened,
        Err(exit) => return Ok(exit),
    };
    if opened.places.iter().all(|place| place.bundle.certificate.is_none()) {
        return Err(none(&opened));
    }
    let own = opened.places.iter().filter(|place| place.bundle.certificate.is_some());
    let all = own.map(|place| trusted(place, &opened)).collect::<Result<Vec<_>, _>>()?;
    let done = match (arguments.install, arguments.remove) {
        (false, false) => {
            let ways: Vec<&Way> =
                WAYS.iter().filter(|way| arguments.of.as_deref().is_none_or(|id| id == way.id)).collect();
            return match format {
                Format::Human => terminal.out(&visible(all.iter().map(|it| text(it, &ways)).collect())),
                _ => terminal.out(&visible(format!(
                    "{:#}\n",
                    json!({ "version": 1, "authorities": all.iter().map(|it| data(it, &ways)).collect::<Vec<_>>() })
                ))),
            }
            .map(|()| Exit::Fine);
        }
        (true, _) => all.iter().try_fold(Vec::new(), |done, it| install(it).map(|more| [done, more].concat()))?,
        (_, true) => all.iter().try_fold(Vec::new(), |done, it| remove(it).map(|more| [done, more].concat()))?,
    };
    match format {
        Format::Human => done.iter().for_each(|line| terminal.message(&format!("{line}\n"))),
        _ => terminal.out(&format!("{:#}\n", json!({ "version": 1, "diagnostics": [], "done": done })))?,
    }
    Ok(Exit::Fine)
}

fn trusted(place: &Place, opened: &Opened) -> Result<Trusted, Failure> {
    let part = artifact(&place.bundle, CertificatePart::AuthorityCertificate);
    let file = place.folder.join(part.map_or("certs/ca.crt", |file| file.path.as_str()));
    let broken = |why: &str| {
        Failure::input(
            codes::BAD_CERTIFICATE,
            format!("`{}` {why}", file.display()),
            format!("`stockade generate` makes it; `stockade certs inspect{}` says more", opened.typed),
        )
    };
    let text = match read(&file) {
        Read::Text(text, _) | Read::Piped(text) => text,
        Read::Closed(_) => {
            return Err(Failure::machine(format!("`{}` is not yours to read", file.display()), "use `sudo`"));
        }
        Read::Absent if place.folder.exists() && std::fs::read_dir(&place.folder).is_err() => {
            return Err(Failure::machine(
                format!("`{}` is not yours to enter", place.folder.display()),
                "use `sudo`, or copy `certs/ca.crt` here and follow `stockade certs trust`",
            ));
        }
        Read::Absent => return Err(broken("is not there yet")),
        Read::Strange(why) => return Err(broken(&format!("cannot be used: {why}"))),
    };
    let facts = certs::facts(text.expose(), input::now()?).ok().and_then(|all| all.into_iter().next());
    let facts = facts.filter(|it| it.authority).ok_or_else(|| broken("is no certificate of an authority"))?;
    let host = place.bundle.host.as_ref().map(|host| format!("-{host}")).unwrap_or_default();
    Ok(Trusted { name: format!("stockade-{}{host}", place.bundle.name), file, text, facts })
}

impl Trusted {
    fn filled(&self, step: &str) -> String {
        let path = self.file.canonicalize().unwrap_or_else(|_| self.file.clone()).display().to_string();
        let quoted = shlex::try_quote(&path).unwrap_or_default().into_owned();
        let subject = self.facts.subject.strip_prefix("CN=").unwrap_or(&self.facts.subject);
        step.replace("{file}", &quoted).replace("{name}", &self.name).replace("{subject}", subject)
    }
}

fn text(it: &Trusted, ways: &[&Way]) -> String {
    let mut text = format!(
        "{}\n  {}\n  until {}, SHA-256 {}\n  It can sign for the names of this bundle and for nothing else. Its key is not needed for this.\n",
        it.file.display(),
        it.facts.subject.strip_prefix("CN=").unwrap_or(&it.facts.subject),
        Day(it.facts.until.date()),
        it.facts.sha256,
    );
    for way in ways {
        text.push_str(&format!("\n{} ({})\n", way.title, way.id));
        way.steps.iter().for_each(|step| text.push_str(&format!("  {}\n", it.filled(step))));
        text.push_str("  and back:\n");
        way.undo.iter().for_each(|step| text.push_str(&format!("  {}\n", it.filled(step))));
    }
    text
}

fn data(it: &Trusted, ways: &[&Way]) -> Value {
    let filled = |steps: &[&str]| steps.iter().map(|step| it.filled(step)).collect::<Vec<_>>();
    let ways: Vec<Value> = ways
        .iter()
        .map(|way| json!({ "for": way.id, "title": way.title, "steps": filled(way.steps), "undo": filled(way.undo) }))
        .collect();
    json!({ "path": it.file.display().to_string(), "name": it.name, "sha256": it.facts.sha256, "ways": ways })
}
