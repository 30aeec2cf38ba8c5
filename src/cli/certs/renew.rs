//! `stockade certs renew`: what is due, said first, and made anew under the same authority.

use super::key::Kept;
use super::work::{Asked, Work};
use crate::cli::exit::{Done, Exit, Failure};
use crate::cli::messages::Format;
use crate::cli::secrets::place::{self, Opened, Where};
use crate::cli::secrets::{apply, ask};
use crate::cli::terminal::Terminal;
use crate::cli::{generate, input};
use crate::diagnostics::codes;
use crate::values::Day;
use crate::writer::{Folder, exchange};
use serde_json::json;

const AFTER: &str = "\
Examples:
  stockade certs renew                     what is due; says what, and asks
  stockade certs renew --yes --apply       for a timer: nothing where nothing is due
  stockade certs renew --all               also what is not due
  stockade certs renew --ca-key /media/stick/ca.key
  stockade certs renew --undo              brings back what was there before";

/// Makes the bundle's certificates anew that are due, under the same authority
///
/// Due is what has a third of its life left, is for other names than the profile's, lasts longer than it allows, or is not whole.
/// The authority stays, so that whoever trusts it need do nothing, as long as it may sign for the names of the profile. What was
/// there before is kept in `certs/.earlier`, until the next time.
#[derive(Debug, clap::Args)]
#[command(after_long_help = AFTER)]
pub struct Arguments {
    /// Also what is not due
    #[arg(long)]
    all: bool,
    /// Another authority, too: for a key that is lost or was seen
    #[arg(long)]
    new_authority: bool,
    /// Bring back what the last renewal took the place of; once more swaps them again
    #[arg(long, conflicts_with_all = ["all", "new_authority", "ca_key", "ca_key_out"])]
    undo: bool,
    #[command(flatten)]
    kept: Kept,
    /// Also run what takes it into effect on this host, as it is printed
    #[arg(long)]
    apply: bool,
    /// Ask no question
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    place: Where,
}

/// Runs the command.
///
/// # Errors
/// A profile without certificates of its own, a key that does not fit, nobody to ask, a failing disk.
pub fn run(arguments: &Arguments, format: Format, terminal: &Terminal) -> Done {
    let opened = match place::open(&arguments.place, format, terminal)? {
        Ok(opened) => opened,
        Err(exit) => return Ok(exit),
    };
    if arguments.apply {
        apply::is_here(&opened)?;
    }
    if arguments.undo {
        return undo(&opened, arguments, format, terminal);
    }
    let now = input::now()?;
    let asked = Asked { all: arguments.all, authority: arguments.new_authority };
    let mut works = Vec::new();
    for place in &opened.places {
        works.extend(Work::of(place, asked, now)?);
    }
    if works.is_empty() {
        return Err(none(&opened));
    }
    if works.iter().all(Work::is_new) {
        return Err(Failure::input(
            codes::BAD_CERTIFICATE,
            "there is no certificate yet",
            "`stockade generate` makes it; or `stockade certs issue`, where the authority's key is not to lie in the bundle",
        ));
    }
    let due: Vec<&Work> = works.iter().filter(|work| !work.is_done()).collect();
    if due.is_empty() {
        terminal.message("nothing is due; `stockade certs inspect` shows when it is\n");
        return finish(format, terminal, &[]);
    }
    arguments.kept.is_for(due.len())?;
    due.iter().for_each(|work| terminal.message(&work.said()));
    if !ask::agrees_about(codes::BAD_CERTIFICATE, "make them anew?", arguments.yes, "certificates are made anew")? {
        terminal.message("nothing was changed\n");
        return Ok(Exit::Findings);
    }
    let typed = format!("stockade certs renew{}", opened.typed);
    let mut random = rand::rngs::SysRng;
    for work in &due {
        work.apply(&arguments.kept, &typed, now, &mut random)?;
    }
    let folders: Vec<String> = due.iter().map(|work| work.place.folder.display().to_string()).collect();
    take_up(&opened, arguments.apply, (format, terminal), &folders)
}

/// Nothing to say to a program but that.
fn finish(format: Format, terminal: &Terminal, folders: &[String]) -> Done {
    if format == Format::Json {
        terminal.out(&format!("{:#}\n", json!({ "version": 1, "diagnostics": [], "renewed": folders })))?;
    }
    Ok(Exit::Fine)
}

/// Generates, so that labels follow, and runs what takes it into effect where that is asked for.
pub fn take_up(opened: &Opened, applies: bool, (format, terminal): (Format, &Terminal), folders: &[String]) -> Done {
    let document = json!({ "renewed": folders });
    let (exit, bundles) = generate::after(&opened.profile, opened.out.as_deref(), (format, terminal), document)?;
    match exit {
        Exit::Fine if applies => apply::run(opened, &bundles, terminal),
        Exit::Fine => Ok(exit),
        _ => {
            terminal.message("the new certificates are in place; generate again once what stands above is settled\n");
            Ok(exit)
        }
    }
}

/// The profile has no certificates that are ours to make.
pub fn none(opened: &Opened) -> Failure {
    let files = opened.places.iter().any(|place| place.bundle.certificate_files.is_some());
    let (message, help) = match files {
        true => (
            "the certificate is yours (`tls.mode: files`), so whoever issued it renews it",
            "`stockade certs inspect` shows what is in it",
        ),
        false => (
            "this stack makes no certificates of its own: its proxy gets them by ACME and renews them, or there is none",
            "with `proxy.tls.mode: self-signed` it would",
        ),
    };
    Failure::input(codes::BAD_CERTIFICATE, message, help)
}

fn undo(opened: &Opened, arguments: &Arguments, format: Format, terminal: &Terminal) -> Done {
    let mut back = Vec::new();
    for place in &opened.places {
        let Some(folder) = Folder::watch(&place.folder)? else { continue };
        let texts = exchange::earlier(&place.bundle, &folder)?;
        if !texts.is_empty() {
            back.push((place, texts));
        }
    }
    if back.is_empty() {
        terminal.message("no earlier certificates are kept\n");
        return finish(format, terminal, &[]);
    }
    for (place, texts) in &back {
        let names: Vec<String> = texts.iter().filter_map(|(part, _)| place.file_of(*part)).collect();
        let day =
            |text: &str| crate::certs::facts(text, input::now().ok()?).ok()?.first().map(|it| Day(it.until.date()));
        let until = texts.iter().find_map(|(part, text)| match part {
            crate::artifact::CertificatePart::ServerCertificate => day(text.expose()),
            _ => None,
        });
        let ends = until.map(|day| format!(", which ends on {day}")).unwrap_or_default();
        terminal.message(&format!("{}: brings back {}{ends}\n", place.folder.display(), names.join(", ")));
    }
    if !ask::agrees_about(codes::BAD_CERTIFICATE, "bring them back?", arguments.yes, "certificates are replaced")? {
        terminal.message("nothing was changed\n");
        return Ok(Exit::Findings);
    }
    for (place, texts) in &back {
        exchange::exchange(&place.bundle, &Folder::claim(&place.folder)?, texts)?;
    }
    let folders: Vec<String> = back.iter().map(|(place, _)| place.folder.display().to_string()).collect();
    take_up(opened, arguments.apply, (format, terminal), &folders)
}
