//! `stockade secrets rotate`: another value, said first what it means, and the earlier one kept until somebody confirms.

use super::apply;
use super::ask;
use super::place::{self, Opened, Where};
use crate::artifact::{Content, Piece, Policy};
use crate::cli::exit::{Done, Exit, Failure};
use crate::cli::generate;
use crate::cli::messages::Format;
use crate::cli::terminal::{Terminal, wrapped};
use crate::diagnostics::codes;
use crate::secrets::made_of;
use crate::writer::{Folder, Found, values};
use serde_json::json;
use std::collections::BTreeSet;

const AFTER: &str = "\
Examples:
  stockade secrets rotate NAME        says what it means, and asks
  stockade secrets rotate --confirm   all is well: earlier values may go
  stockade secrets rotate --undo      all is not well: they come back";

/// Makes another value of secrets, keeps the earlier one and says what to do on the host
///
/// First it says who is logged out and what else no longer works. Values made of a secret, such as hashes, are made anew with it.
/// The earlier value is kept among the secrets until `--confirm`; `--undo` brings it back.
#[derive(Debug, clap::Args)]
#[command(after_long_help = AFTER)]
pub struct Arguments {
    /// Names, as `secrets list` shows them; with `--confirm` and `--undo` default is all whose earlier value is kept
    #[arg(value_name = "NAME", required_unless_present_any = ["confirm", "undo"], add = crate::cli::complete::secrets())]
    names: Vec<String>,
    /// All is well: remove earlier values
    #[arg(long, conflicts_with_all = ["undo", "apply"])]
    confirm: bool,
    /// Bring earlier values back; the newer ones are gone then
    #[arg(long)]
    undo: bool,
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
/// An unknown name, one that cannot be rotated, nobody to ask, a failing disk.
pub fn run(arguments: &Arguments, format: Format, terminal: &Terminal) -> Done {
    let opened = match place::open(&arguments.place, format, terminal)? {
        Ok(opened) => opened,
        Err(exit) => return Ok(exit),
    };
    opened.know(&arguments.names)?;
    if arguments.confirm {
        return confirm(&opened, &arguments.names, format, terminal);
    }
    if arguments.undo {
        return undo(&opened, arguments, format, terminal);
    }
    let names: Vec<String> = arguments.names.iter().cloned().collect::<BTreeSet<_>>().into_iter().collect();
    may_be_rotated(&opened, &names)?;
    if arguments.apply {
        apply::is_here(&opened)?;
    }
    terminal.message(&meaning(&opened, &names, terminal));
    if !ask::agrees("make another value?", arguments.yes, "a secret is rotated")? {
        terminal.message("nothing was changed\n");
        return Ok(Exit::Findings);
    }
    let aside = each(&opened, &names, values::set_aside)?;
    let document = json!({ "rotated": names });
    let done = generate::after(&opened.profile, opened.out.as_deref(), (format, terminal), document);
    match done {
        Ok((Exit::Fine, bundles)) => {
            terminal.message(&format!(
                "\nthe earlier {} kept: `stockade secrets rotate --confirm{typed}` once all is well, `stockade secrets rotate --undo{typed}` brings it back\n",
                if names.len() == 1 { "value is" } else { "values are" },
                typed = opened.typed,
            ));
            if arguments.apply { apply::run(&opened, &bundles, terminal) } else { Ok(Exit::Fine) }
        }
        failed => {
            // Nothing hangs on the new value yet.
            for (place, name) in aside {
                let place = &opened.places[place];
                if let Some(file) = place.file(&name) {
                    values::bring_back(&Folder::claim(&place.folder)?, &file.path)?;
                }
            }
            terminal.message("nothing was rotated: the values are what they were\n");
            failed.map(|(exit, _)| exit)
        }
    }
}

/// Does it to the file of each name in each bundle that has one; says where it was done.
fn each(
    opened: &Opened,
    names: &[String],
    work: impl Fn(&Folder, &crate::values::BundlePath) -> Result<(), crate::writer::WriteError>,
) -> Result<Vec<(usize, String)>, Failure> {
    let mut done = Vec::new();
    for (at, place) in opened.places.iter().enumerate() {
        let folder = Folder::claim(&place.folder)?;
        for name in names {
            if let Some(file) = place.file(name) {
                work(&folder, &file.path)?;
                done.push((at, name.clone()));
            }
        }
    }
    Ok(done)
}

fn may_be_rotated(opened: &Opened, names: &[String]) -> Result<(), Failure> {
    let refuse = |message: String, help: String| Err(Failure::input(codes::BAD_SECRET, message, help));
    let typed = &opened.typed;
    for name in names {
        let Some(request) = opened.request(name) else { continue };
        if let Some(of) = request.kind.source() {
            return refuse(
                format!("`{name}` is made of `{of}` and follows it"),
                format!("`stockade secrets rotate {of}{typed}`"),
            );
        }
        if request.is_brought() {
            let help = format!("have one made by whoever issues it, then `stockade secrets set {name}{typed}`");
            return refuse(format!("only you can bring another `{name}`"), help);
        }
    }
    for place in &opened.places {
        let there = place.is_generated().then(|| Folder::watch(&place.folder)).transpose()?.flatten();
        let Some(folder) = there else {
            let help = "`stockade generate` makes all of them".to_owned();
            return refuse(format!("there is no bundle in `{}` yet", place.folder.display()), help);
        };
        let kept = values::earlier(&folder)?;
        for name in names {
            let Some(file) = place.file(name) else { continue };
            if kept.contains(name) {
                let help = format!("first `stockade secrets rotate --confirm {name}{typed}`, or `--undo`");
                return refuse(format!("the earlier value of `{name}` is kept already"), help);
            }
            if matches!(folder.find(&file.path)?, Found::Absent) {
                let help = "`stockade generate` makes one".to_owned();
                return refuse(format!("`{name}` has no value yet"), help);
            }
        }
    }
    Ok(())
}

/// What another value of each means, as far as the system file and the bundle tell.
pub fn meaning(opened: &Opened, names: &[String], terminal: &Terminal) -> String {
    let mut text = String::new();
    for name in names {
        let Some(described) = opened.described(name) else { continue };
        text.push_str(&format!("{name}: {}\n", described.secret.purpose));
        let mut say = |line: String| text.push_str(&wrapped(&line, 2, terminal.width.into()));
        if let Some((effect, _)) = &described.secret.rotation {
            say(format!("- {effect}"));
        }
        let (mut anew, mut readers, mut kept) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for place in &opened.places {
            let derived = made_of(&place.bundle.secrets, name).map(|request| request.name.as_str());
            let all: BTreeSet<&str> = derived.chain([name.as_str()]).collect();
            anew.extend(all.iter().filter(|it| **it != name.as_str()).map(|it| (*it).to_owned()));
            let known = all.iter().filter_map(|it| place.bundle.described.get(*it));
            readers.extend(known.flat_map(|it| &it.secret.readers).map(ToString::to_string));
            kept.extend(place.bundle.artifacts.iter().filter_map(|artifact| match &artifact.content {
                Content::Pieces(pieces) if artifact.policy == Policy::Once => {
                    pieces.iter().flat_map(Piece::secrets).any(|it| all.contains(it)).then(|| artifact.path.to_string())
                }
                _ => None,
            }));
        }
        let joined = |names: BTreeSet<String>| names.into_iter().collect::<Vec<_>>().join(", ");
        if !anew.is_empty() {
            say(format!("- made anew with it: {}", joined(anew)));
        }
        match readers.is_empty() {
            true => say("- no container reads it".to_owned()),
            false => say(format!("- containers that are made anew: {}", joined(readers))),
        }
        if !kept.is_empty() {
            say(format!("- keeps the earlier value until you change it in the application: {}", joined(kept)));
        }
    }
    text
}

/// Names that are meant and kept, by bundle.
fn kept(opened: &Opened, names: &[String]) -> Result<BTreeSet<String>, Failure> {
    let mut all = BTreeSet::new();
    for place in &opened.places {
        let Some(folder) = Folder::watch(&place.folder)? else { continue };
        let kept = values::earlier(&folder)?;
        all.extend(kept.into_iter().filter(|name| names.is_empty() || names.contains(name)));
    }
    match names.iter().find(|name| !all.contains(*name)) {
        None => Ok(all),
        Some(name) => Err(Failure::input(
            codes::BAD_SECRET,
            format!("no earlier value of `{name}` is kept"),
            "`stockade secrets list` shows of which one is",
        )),
    }
}

/// Those of the names whose earlier value is kept in a bundle.
fn each_kept(
    opened: &Opened,
    names: &BTreeSet<String>,
    work: impl Fn(&Folder, &crate::values::BundlePath) -> Result<(), crate::writer::WriteError>,
) -> Result<(), Failure> {
    for place in opened.places.iter().filter(|place| place.folder.exists()) {
        let folder = Folder::claim(&place.folder)?;
        for name in values::earlier(&folder)?.iter().filter(|name| names.contains(*name)) {
            let path =
                place.file(name).map_or_else(|| format!("secrets/{name}").parse().ok(), |it| Some(it.path.clone()));
            if let Some(path) = path {
                work(&folder, &path)?;
            }
        }
    }
    Ok(())
}

fn nothing(terminal: &Terminal) -> Done {
    terminal.message("no earlier value is kept\n");
    Ok(Exit::Fine)
}

fn said(names: &BTreeSet<String>) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn confirm(opened: &Opened, names: &[String], format: Format, terminal: &Terminal) -> Done {
    let kept = kept(opened, names)?;
    if kept.is_empty() {
        return nothing(terminal);
    }
    each_kept(opened, &kept, values::forget)?;
    terminal.message(&format!("removed the earlier value of {}\n", said(&kept)));
    if format == Format::Json {
        terminal.out(&format!("{:#}\n", json!({ "version": 1, "diagnostics": [], "confirmed": kept })))?;
    }
    Ok(Exit::Fine)
}

fn undo(opened: &Opened, arguments: &Arguments, format: Format, terminal: &Terminal) -> Done {
    let kept = kept(opened, &arguments.names)?;
    if kept.is_empty() {
        return nothing(terminal);
    }
    if arguments.apply {
        apply::is_here(opened)?;
    }
    if !ask::agrees(
        &format!("bring the earlier value of {} back? the newer is gone then", said(&kept)),
        arguments.yes,
        "a value is taken away",
    )? {
        terminal.message("nothing was changed\n");
        return Ok(Exit::Findings);
    }
    each_kept(opened, &kept, values::bring_back)?;
    terminal.message(&format!("brought the earlier value of {} back\n", said(&kept)));
    let document = json!({ "undone": kept });
    let (exit, bundles) = generate::after(&opened.profile, opened.out.as_deref(), (format, terminal), document)?;
    if arguments.apply && exit == Exit::Fine { apply::run(opened, &bundles, terminal) } else { Ok(exit) }
}
