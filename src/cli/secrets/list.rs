//! `stockade secrets list`: what there is and what is wrong with it; no value is shown.

use super::place::{self, Opened, Place, Where};
use crate::cli::exit::{Done, Exit, Failure};
use crate::cli::input;
use crate::cli::messages::Format;
use crate::cli::terminal::{Terminal, lines};
use crate::diagnostics::render::visible;
use crate::secrets::{Kind, Request, Secret, describe, inspect};
use crate::values::{Day, Mode};
use crate::writer::values::{self, Lying};
use crate::writer::{Folder, Found, Identity, WriteError, fits, settle};
use serde_json::{Value, json};
use std::io::ErrorKind;
use time::UtcDateTime;

const AFTER: &str = "\
Examples:
  stockade secrets list                 what there is, and what is wrong or due
  stockade secrets list --format json   for programs";

/// Lists secrets: what each is, who reads it, where it comes from, how old it is and whether all is well with it
///
/// Status 1 where something is wrong or due. No value is read aloud, and whether a hash belongs to its secret is left to
/// `generate --check`, which computes it.
#[derive(Debug, clap::Args)]
#[command(after_long_help = AFTER)]
pub struct Arguments {
    #[command(flatten)]
    place: Where,
}

/// Runs the command.
///
/// # Errors
/// A profile that cannot be read, a failing disk.
pub fn run(arguments: &Arguments, format: Format, terminal: &Terminal) -> Done {
    let opened = match place::open(&arguments.place, format, terminal)? {
        Ok(opened) => opened,
        Err(exit) => return Ok(exit),
    };
    let today = input::today()?;
    let mut rows = Vec::new();
    for place in &opened.places {
        let folder = Folder::watch(&place.folder)?;
        let earlier = folder.as_ref().map_or(Ok(Vec::new()), values::earlier).or_else(closed)?;
        for request in &place.bundle.secrets {
            rows.push(row(place, request, folder.as_ref(), &earlier, today)?);
        }
    }
    let exit = if rows.iter().all(|row| row.problems.is_empty()) { Exit::Fine } else { Exit::Findings };
    match format {
        Format::Human => terminal.out(&table(&opened, &rows, terminal))?,
        _ => {
            let all: Vec<Value> = rows.iter().map(Row::data).collect();
            terminal.out(&visible(format!("{:#}\n", json!({ "version": 1, "secrets": all }))))?;
        }
    }
    Ok(exit)
}

/// A directory that only its owner may enter hides what it holds from others, which is as it should be.
fn closed(error: WriteError) -> Result<Vec<String>, WriteError> {
    if is_closed(&error) { Ok(Vec::new()) } else { Err(error) }
}

fn is_closed(error: &WriteError) -> bool {
    matches!(error, WriteError::Io { error, .. } if error.kind() == ErrorKind::PermissionDenied)
}

/// One secret of one bundle.
struct Row<'r> {
    place: &'r Place,
    request: &'r Request,
    lying: Option<Lying>,
    /// Whether its form is right; nothing where it is not there or cannot be read.
    well_formed: Option<bool>,
    /// Whether owner and mode are right.
    access: Option<bool>,
    age: Option<i64>,
    due: Option<Day>,
    overdue: bool,
    kept: bool,
    problems: Vec<String>,
}

fn row<'r>(
    place: &'r Place,
    request: &'r Request,
    folder: Option<&Folder>,
    earlier: &[String],
    today: Day,
) -> Result<Row<'r>, Failure> {
    let kept = earlier.contains(&request.name);
    let mut row = Row {
        place,
        request,
        lying: None,
        well_formed: None,
        access: None,
        age: None,
        due: None,
        overdue: false,
        kept,
        problems: Vec::new(),
    };
    let (Some(folder), Some(artifact)) = (folder, place.file(&request.name)) else {
        row.problems.push(missing(request));
        return Ok(row);
    };
    let found = values::lying(folder, &artifact.path).and_then(|lying| Ok((lying, folder.find(&artifact.path)?)));
    match found {
        Err(error) if is_closed(&error) => {
            row.lying = values::lying(folder, &artifact.path).ok().flatten();
            row.problems.push("only its owner may look: use `sudo`".to_owned());
        }
        Err(error) => return Err(error.into()),
        Ok((_, Found::Absent | Found::Directory { .. })) => row.problems.push(missing(request)),
        Ok((lying, Found::File { mut bytes, .. })) => {
            row.lying = lying;
            let judged =
                Secret::from_bytes(std::mem::take(&mut *bytes)).and_then(|value| inspect(&request.kind, &value));
            row.well_formed = Some(judged.is_ok());
            row.problems.extend(judged.err().map(|flaw| format!("cannot be used: {flaw}")));
        }
    }
    if let Some(lying) = row.lying {
        let identity = Identity::current();
        let right = fits(artifact.access, identity, lying.access);
        row.access = Some(right);
        if !right {
            let wanted = settle(artifact.access, identity);
            let owner = wanted.owner.map(|user| format!(" of {}:{}", user.uid, user.gid)).unwrap_or_default();
            let (uid, gid, Mode(mode)) = lying.access;
            row.problems.push(format!(
                "is {mode:04o} of {uid}:{gid} and should be {:04o}{owner}: `stockade generate` or `install.sh` mends it",
                wanted.mode.0
            ));
        }
        let made = lying.modified.date();
        row.age = Some((today.0 - made).whole_days());
        if let Some(most) = place.bundle.keeping.max_age {
            let days = i64::try_from(most.as_seconds() / 86_400).unwrap_or(i64::MAX);
            row.due = made.checked_add(time::Duration::days(days.min(1_000_000))).map(Day);
            row.overdue = row.due.is_some_and(|due| due <= today) && request.kind.source().is_none();
            if row.overdue {
                let verb = if request.is_brought() { "set" } else { "rotate" };
                let since = row.due.map(|day| format!(" since {day}")).unwrap_or_default();
                row.problems.push(format!("is due{since}: `stockade secrets {verb} {}`", request.name));
            }
        }
    }
    Ok(row)
}

fn missing(request: &Request) -> String {
    match request.is_brought() {
        true => format!("is missing: `stockade secrets set {}`", request.name),
        false => "is missing: `stockade generate` makes it".to_owned(),
    }
}

impl Row<'_> {
    fn origin(&self) -> &'static str {
        match &self.request.kind {
            Kind::Supplied { .. } => "supplied",
            _ if self.request.is_brought() => "external",
            kind if kind.source().is_some() => "derived",
            _ => "made",
        }
    }

    fn readers(&self) -> Vec<String> {
        let described = self.place.bundle.described.get(&self.request.name);
        described.map(|it| it.secret.readers.iter().map(ToString::to_string).collect()).unwrap_or_default()
    }

    fn state(&self) -> &'static str {
        match (&self.lying, self.problems.is_empty()) {
            (_, true) => "well",
            (None, false) => "missing",
            (Some(_), false) => "see below",
        }
    }

    fn data(&self) -> Value {
        let described = self.place.bundle.described.get(&self.request.name);
        let path = self.place.file(&self.request.name).map(|file| self.place.folder.join(file.path.as_str()));
        let (uid, gid, mode) = self.lying.map_or((None, None, None), |lying| {
            let (uid, gid, Mode(mode)) = lying.access;
            (Some(uid), Some(gid), Some(format!("{mode:04o}")))
        });
        json!({
            "name": self.request.name,
            "host": self.place.bundle.host.as_ref().map(ToString::to_string),
            "path": path.map(|path| path.display().to_string()),
            "purpose": self.request.title,
            "kind": describe(&self.request.kind),
            "from": self.origin(),
            "of": self.request.kind.source(),
            "read_by": self.readers(),
            "variables": described.map(|it| &it.variables),
            "rotation": described.and_then(|it| it.secret.rotation.as_ref()).map(|(effect, _)| effect.to_string()),
            "present": self.lying.is_some(),
            "well_formed": self.well_formed,
            "owner": uid.zip(gid).map(|(uid, gid)| format!("{uid}:{gid}")),
            "mode": mode,
            "access_right": self.access,
            "modified": self.lying.map(|lying| time_of(lying.modified)),
            "age_days": self.age,
            "due": self.due.map(|day| day.to_string()),
            "overdue": self.overdue,
            "earlier_kept": self.kept,
            "problems": self.problems,
        })
    }
}

fn table(opened: &Opened, rows: &[Row], terminal: &Terminal) -> String {
    if rows.is_empty() {
        return "this stack has no secrets\n".to_owned();
    }
    let several = opened.places.len() > 1;
    let ends = rows.iter().any(|row| row.due.is_some());
    let mut table = terminal.table();
    let mut head = vec!["NAME", "WHAT", "READ BY", "FROM", "AGE", "STATE"];
    if ends {
        head.insert(5, "DUE");
    }
    table.set_header(head);
    let mut below = String::new();
    for row in rows {
        let name = match &row.place.bundle.host {
            Some(host) if several => format!("{host}: {}", row.request.name),
            _ => row.request.name.clone(),
        };
        let readers = row.readers();
        let mut cells = vec![
            name.clone(),
            what(&row.request.kind),
            if readers.is_empty() { "you".to_owned() } else { readers.join(", ") },
            row.origin().to_owned(),
            row.age.map_or("-".to_owned(), |days| format!("{days} d")),
            row.state().to_owned(),
        ];
        if ends {
            cells.insert(5, row.due.map_or("-".to_owned(), |day| day.to_string()));
        }
        table.add_row(cells);
        below.extend(row.problems.iter().map(|problem| format!("{name} {problem}\n")));
        if row.kept {
            below.push_str(&format!(
                "{name}: the earlier value is kept: `stockade secrets rotate --confirm`, or `--undo`\n"
            ));
        }
    }
    let between = if below.is_empty() { "" } else { "\n" };
    format!("{}{between}{below}", lines(table))
}

/// RFC 3339.
fn time_of(time: UtcDateTime) -> String {
    format!("{}T{:02}:{:02}:{:02}Z", Day(time.date()), time.hour(), time.minute(), time.second())
}

/// A kind in few words.
fn what(kind: &Kind) -> String {
    match kind {
        Kind::Hex { bytes } => format!("hex, {bytes} bytes"),
        Kind::Base64 { bytes } => format!("base64, {bytes} bytes"),
        Kind::Base64Url { bytes } => format!("base64url, {bytes} bytes"),
        Kind::Password { length } => format!("password of {length}"),
        Kind::Bcrypt { of, .. } => format!("bcrypt of {of}"),
        Kind::Htpasswd { of, .. } => format!("htpasswd of {of}"),
        Kind::Text { of, .. } => format!("text around {of}"),
        Kind::Supplied { .. } => "a value of yours".to_owned(),
    }
}
