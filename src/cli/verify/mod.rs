//! `stockade verify`: asks the running host for every check of a bundle. Nothing is changed.

mod ahead;
mod bundle;
mod child;
mod client;
mod engine;
mod facts;
mod guests;
mod here;
mod kept;
mod kernel;
mod table;

use super::exit::{Done, Exit, Failure};
use super::input;
use super::messages::{Format, Messages};
use super::put::put;
use super::terminal::Terminal;
use crate::checks::Ask;
use crate::diagnostics::{Diagnostic, Severity, codes};
use crate::verify::{self, Asked, Counts, Proof, Verdict};
use crate::yaml::Sources;
use clap::ValueHint;
use here::Here;
use rayon::prelude::*;
use serde_json::{Value, json};
use std::path::PathBuf;

const AFTER: &str = "\
Examples:
  sudo stockade verify                 the bundle here, or that of ./stockade.yaml
  sudo stockade verify bundle          that of a folder
  stockade verify --only no-new-privileges     one control
  stockade verify --only proxy --all   a service, with what is proven
  sudo stockade verify --only drift    what was changed by hand since
  sudo stockade verify --commands      also the commands of the guide's answers
  stockade verify --list               what would be asked
  stockade verify --format junit       for a pipeline
  sudo stockade verify --save result.json      to look at later

Exit status: 0 everything is proven; 1 the host shows something else;
2 the input is wrong; 3 the machine failed; 4 nothing is known to be wrong, but
not everything could be seen.";

/// Asks the running host whether it is as the bundle claims
///
/// Every check of the bundle's report.json is asked on this host: what the engine and the kernel say of each container,
/// networks, owners and modes of files, the firewall, and every site over TLS. Nothing is changed, and no profile is needed. What cannot be seen, for
/// want of root or because it does not run, is never called proven.
#[derive(Debug, clap::Args)]
#[command(after_long_help = AFTER)]
pub struct Arguments {
    /// The bundle's folder, or its profile [default: here]
    #[arg(value_name = "BUNDLE", value_hint = ValueHint::AnyPath)]
    bundle: Option<PathBuf>,
    /// Only checks of this control, recommendation, service or boundary; or `drift`
    #[arg(long, value_name = "WORD")]
    only: Vec<String>,
    /// Show what is proven, too
    #[arg(long)]
    all: bool,
    /// Also run the commands that the guide's answers bring
    ///
    /// Each is a line of shell that the system's author wrote for a recommendation. All of them together take some seconds.
    #[arg(long)]
    commands: bool,
    /// Show what would be asked, and ask nothing
    #[arg(long, conflicts_with_all = ["save", "metrics"])]
    list: bool,
    /// Also write the result into a file, as JSON
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    save: Option<PathBuf>,
    /// Also write numbers for Prometheus into a file
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    metrics: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// There is no bundle with checks.
pub fn run(arguments: &Arguments, format: Format, terminal: &Terminal) -> Done {
    let folder = bundle::folder(arguments.bundle.as_deref())?;
    let whole = bundle::checks(&folder)?;
    let mut asked = whole.clone();
    let all = asked.checks.len();
    asked.checks.retain(|check| arguments.commands || check.ask != Ask::Command);
    let commands = all - asked.checks.len();
    narrow(&mut asked, &arguments.only)?;
    if arguments.list {
        return table::list(&asked.checks, format, terminal);
    }
    let folder = folder.canonicalize().map_err(|error| {
        Failure::machine(format!("cannot open `{}`: {error}", folder.display()), "look at its permissions")
    })?;
    // Of all of them, so that what is asked for alone comes to what it comes to among the others.
    let here = Here::of(&whole, &asked.checks, folder.clone());
    let bar = terminal.bar("asking");
    bar.set_length(asked.checks.len() as u64);
    let ask = |check| {
        let proof = Proof::of(check, &here);
        bar.inc(1);
        proof
    };
    let proofs: Vec<Proof<'_>> = asked.checks.par_iter().map(ask).collect();
    bar.finish_and_clear();
    let counts = Counts::of(&proofs);
    keep(&proofs, &asked, arguments)?;
    told(&proofs, &asked, format, terminal, arguments.all)?;
    if commands > 0 && format == Format::Human {
        terminal.out(&format!("{commands} commands of the guide's answers were not run; `--commands` runs them\n"))?;
    }
    Ok(match counts {
        Counts { broken: 1.., .. } => Exit::Findings,
        Counts { not_proven: 1.., .. } => Exit::Unproven,
        _ => Exit::Fine,
    })
}

/// Keeps the checks that were asked for.
fn narrow(asked: &mut Asked, words: &[String]) -> Result<(), Failure> {
    for word in words {
        if !asked.checks.iter().any(|check| verify::is_named(check, word)) {
            let says = format!("no check of this bundle is about `{}`", word.escape_debug());
            return Err(Failure::input(codes::UNKNOWN_VALUE, says, "`stockade verify --list` shows all of them"));
        }
    }
    if !words.is_empty() {
        asked.checks.retain(|check| words.iter().any(|word| verify::is_named(check, word)));
    }
    Ok(())
}

/// Writes what was asked for, for whoever looks later.
fn keep(proofs: &[Proof<'_>], asked: &Asked, arguments: &Arguments) -> Result<(), Failure> {
    let now = input::now()?;
    if let Some(path) = &arguments.save {
        let (day, time) = (now.date(), now.time());
        let mut whole = document(proofs, asked);
        whole["version"] = json!(1);
        whole["time"] = json!(format!("{day}T{:02}:{:02}:{:02}Z", time.hour(), time.minute(), time.second()));
        put(path, &format!("{whole:#}\n"), "--save")?;
    }
    if let Some(path) = &arguments.metrics {
        let seconds = u64::try_from(now.unix_timestamp()).unwrap_or_default();
        put(path, &kept::metrics(proofs, &asked.project, seconds), "--metrics")?;
    }
    Ok(())
}

/// What it came to, for programs.
fn document(proofs: &[Proof<'_>], asked: &Asked) -> Value {
    let Counts { proven, broken, not_proven, left_out } = Counts::of(proofs);
    json!({
        "project": asked.project,
        "summary": { "proven": proven, "broken": broken, "notProven": not_proven, "leftOut": left_out },
        "drift": verify::drift(proofs),
        "checks": verify::data(proofs),
        "manual": asked.manual,
    })
}

/// What it came to: for people a table and the findings, for programs one document.
fn told(proofs: &[Proof<'_>], asked: &Asked, format: Format, terminal: &Terminal, all: bool) -> Result<(), Failure> {
    let mut messages = Messages::new(format, terminal);
    if messages.are_for_people() {
        let broken: Vec<Proof<'_>> =
            proofs.iter().filter(|proof| matches!(proof.verdict, Verdict::Broken(_))).cloned().collect();
        messages.add(&verify::findings(&broken, Severity::Warning), &Sources::new());
        for (why, count, first) in table::unseen(proofs) {
            let others = if count > 1 { format!(" and {} others", count - 1) } else { String::new() };
            let says = format!("not proven, because {why}: {first}{others}");
            let finding = Diagnostic::warning(codes::UNPROVEN, says).help(table::way_out(&why));
            messages.add(&finding.into(), &Sources::new());
        }
        return terminal.out(&table::table(proofs, asked, terminal, all));
    }
    let sources = Sources::new();
    // JUnit knows no warnings, and what is not proven is not to pass there.
    let unseen = if format == Format::Junit { Severity::Error } else { Severity::Warning };
    for proof in proofs {
        messages.add(&verify::findings(std::slice::from_ref(proof), unseen), &sources);
        if format == Format::Junit {
            messages.close(&proof.check.id);
        }
    }
    messages.finish(document(proofs, asked))
}
