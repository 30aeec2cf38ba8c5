//! `stockade certs inspect`: what certificates there are and what is wrong with them, of a profile, a bundle or a file.

use super::look::{INPUT, Look};
use super::seen;
use crate::certs::Facts;
use crate::cli::exit::{Done, Exit, Failure};
use crate::cli::input;
use crate::cli::messages::Format;
use crate::cli::own_chain::{self, Read};
use crate::cli::secrets::place::{self, Where};
use crate::cli::terminal::{Terminal, shown, wrapped};
use crate::diagnostics::codes;
use crate::diagnostics::render::visible;
use crate::values::Day;
use crate::writer::LOCK;
use comfy_table::ColumnConstraint;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use time::UtcDateTime;

const AFTER: &str = "\
Examples:
  stockade certs inspect                       those of ./stockade.yaml
  stockade certs inspect bundle                those of a bundle alone
  stockade certs inspect chain.pem --key key.pem
  openssl s_client -connect HOST:443 -showcerts < /dev/null | stockade certs inspect -
  stockade certs inspect --format json         for programs";

/// Shows every certificate: names, issuer, key, days, order, whether the key fits and the proxy can read it
///
/// Of a profile, its bundle's certificates and those that `proxy.tls` names; of a bundle's folder, those in it; of any file in PEM,
/// those in that. Status 1 where something is wrong or due.
#[derive(Debug, clap::Args)]
#[command(after_long_help = AFTER)]
pub struct Arguments {
    /// Profiles, bundles or files in PEM, `-` for standard input [default: stockade.yaml]
    #[arg(value_name = "WHAT")]
    what: Vec<PathBuf>,
    /// The key of the one file that is named
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    #[command(flatten)]
    place: Where,
}

/// Runs the command.
///
/// # Errors
/// A profile that cannot be read, no such file.
pub fn run(arguments: &Arguments, format: Format, terminal: &Terminal) -> Done {
    let now = input::now()?;
    if arguments.key.is_some() && arguments.what.len() != 1 {
        let help = "as in `stockade certs inspect chain.pem --key key.pem`";
        return Err(Failure::input(codes::BAD_CERTIFICATE, "`--key` goes with the one file whose key it is", help));
    }
    let inputs = arguments.what.iter().chain(&arguments.key).filter(|path| *path == Path::new(INPUT)).count();
    if inputs > 1 {
        let help = "name a file for the other one";
        return Err(Failure::input(codes::BAD_CERTIFICATE, "standard input can be read once", help));
    }
    let mut looks = Vec::new();
    let mut notes = Vec::new();
    for kind in kinds(&arguments.what)? {
        match kind {
            Kind::File(path) => looks.push(seen::of_file(path, arguments.key.as_deref(), now)),
            Kind::Bundle(folder) => {
                let found = seen::of_folder(folder, now);
                if found.is_empty() {
                    notes.push(format!("{}: there are no certificates\n", shown(folder)));
                }
                looks.extend(found);
            }
            Kind::Profile(profile) => {
                let opened = match place::open(&arguments.place.of(profile), format, terminal)? {
                    Ok(opened) => opened,
                    Err(exit) => return Ok(exit),
                };
                let several = opened.places.len() > 1;
                for place in &opened.places {
                    let found = seen::of_place(place, several, now);
                    if found.is_empty() {
                        notes.push(format!(
                            "{}: this stack has no certificate in a file: its proxy gets them by ACME, or there is none\n",
                            shown(&opened.profile)
                        ));
                    }
                    looks.extend(found);
                }
            }
        }
    }
    let exit = if looks.iter().all(|look| look.problems.is_empty()) { Exit::Fine } else { Exit::Findings };
    match format {
        Format::Human => {
            notes.iter().for_each(|note| terminal.message(note));
            if !looks.is_empty() {
                terminal.out(&visible(text(&looks, terminal)))?;
            }
        }
        _ => {
            let all: Vec<Value> = looks.iter().map(data).collect();
            terminal.out(&visible(format!("{:#}\n", json!({ "version": 1, "certificates": all }))))?;
        }
    }
    Ok(exit)
}

/// What a word of the command stands for.
enum Kind<'k> {
    Profile(Option<&'k Path>),
    Bundle(&'k Path),
    File(&'k Path),
}

fn kinds(what: &[PathBuf]) -> Result<Vec<Kind<'_>>, Failure> {
    if what.is_empty() {
        return Ok(vec![Kind::Profile(None)]);
    }
    fn one(path: &Path) -> Result<Kind<'_>, Failure> {
        if path == Path::new(INPUT) {
            return Ok(Kind::File(path));
        }
        if path.is_dir() {
            return Ok(if path.join(LOCK).exists() || path.join("certs").is_dir() {
                Kind::Bundle(path)
            } else {
                Kind::Profile(Some(path))
            });
        }
        let yaml = path.extension().is_some_and(|end| end == "yaml" || end == "yml");
        match own_chain::read(path) {
            Read::Absent => Err(Failure::input(
                codes::IO,
                format!("there is no `{}`", shown(path)),
                "name a profile, a bundle or a file in PEM",
            )),
            Read::Text(..) if yaml => Ok(Kind::Profile(Some(path))),
            _ => Ok(Kind::File(path)),
        }
    }
    what.iter().map(|path| one(path)).collect()
}

fn day(time: UtcDateTime) -> String {
    Day(time.date()).to_string()
}

fn text(looks: &[Look], terminal: &Terminal) -> String {
    let mut table = terminal.table();
    table.set_header(["FILE", "FOR", "KEY", "FROM", "UNTIL", "LEFT", "RENEW", "STATE"]);
    let mut below = String::new();
    for look in looks {
        // In a bundle they lie in one directory.
        let name =
            look.name.strip_prefix("certs/").map_or_else(|| look.name.replacen(": certs/", ": ", 1), str::to_owned);
        let state = if look.problems.is_empty() { "well" } else { "wrong" };
        for (at, facts) in look.certificates.iter().enumerate() {
            let first = at == 0;
            table.add_row([
                if first { name.clone() } else { format!("  + {}", at + 1) },
                whom(facts),
                facts.key.to_string().replace("ECDSA ", ""),
                day(facts.from),
                day(facts.until),
                format!("{} d", facts.days_left),
                day(facts.due),
                if first { state.to_owned() } else { String::new() },
            ]);
        }
        if look.certificates.is_empty() {
            table.add_row([name.as_str(), "", "", "", "", "", "", state]);
        }
        let said = look.said().join("; ");
        below.push_str(&wrapped(&format!("{}: {said}", look.name), 0, terminal.width.into()));
        for (problem, way) in &look.problems {
            below.push_str(&wrapped(&format!("- {problem}: {way}"), 2, terminal.width.into()));
        }
    }
    // Days are not cut; long names are.
    for column in table.column_iter_mut().skip(2) {
        column.set_constraint(ColumnConstraint::ContentWidth);
    }
    format!("{}\n\n{below}", table.trim_fmt())
}

/// One name a line; what has none is told of below the table.
fn whom(facts: &Facts) -> String {
    match (facts.names.is_empty(), facts.authority) {
        (false, _) => facts.names.join("\n"),
        (true, true) if facts.issuer == facts.subject => "an authority".to_owned(),
        (true, _) => facts.subject.strip_prefix("CN=").unwrap_or(&facts.subject).to_owned(),
    }
}

fn data(look: &Look) -> Value {
    let one = |facts: &Facts| {
        json!({
            "subject": facts.subject,
            "names": facts.names,
            "issuer": facts.issuer,
            "key": facts.key.to_string(),
            "signature": facts.signature,
            "authority": facts.authority,
            "not_before": time_of(facts.from),
            "not_after": time_of(facts.until),
            "days_left": facts.days_left,
            "renewal_due": time_of(facts.due),
            "sha256": facts.sha256,
        })
    };
    let access = |access: Option<own_chain::Access>| {
        access.map(|(uid, gid, mode)| json!({ "owner": format!("{uid}:{gid}"), "mode": format!("{mode:04o}") }))
    };
    json!({
        "path": look.path.display().to_string(),
        "role": look.role.word(),
        "file": access(look.access),
        "chain": look.certificates.iter().map(one).collect::<Vec<_>>(),
        "in_order": look.in_order,
        "key": look.key.as_ref().map(|key| json!({
            "path": key.path.display().to_string(), "file": access(key.access), "fits": key.fits,
        })),
        "read_by": look.reader.map(|user| format!("{}:{}", user.uid, user.gid)),
        "readable": look.readable,
        "problems": look.problems.iter().map(|(problem, way)| json!({ "message": problem, "help": way })).collect::<Vec<_>>(),
    })
}

/// RFC 3339.
fn time_of(time: UtcDateTime) -> String {
    format!("{}T{:02}:{:02}:{:02}Z", Day(time.date()), time.hour(), time.minute(), time.second())
}
