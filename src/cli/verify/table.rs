//! What checks came to, for people.

use crate::checks::Check;
use crate::cli::exit::{Done, Exit};
use crate::cli::messages::Format;
use crate::cli::terminal::{Terminal, lines};
use crate::values::Boundary;
use crate::verify::{Asked, Counts, Proof, Row, Verdict, rows};
use serde_json::json;

/// Lists checks without asking them.
pub fn list(checks: &[Check], format: Format, terminal: &Terminal) -> Done {
    let text = if format == Format::Json {
        format!("{:#}\n", json!({ "version": 1, "checks": checks }))
    } else {
        let mut table = terminal.table();
        table.set_header(["CHECK", "WHAT IT CLAIMS"]);
        table.add_rows(checks.iter().map(|check| [check.id.as_str(), &check.claim]));
        lines(table)
    };
    terminal.out(&text)?;
    Ok(Exit::Fine)
}

/// A row for each subject, by boundary; on demand one for each check.
pub fn table(proofs: &[Proof<'_>], asked: &Asked, terminal: &Terminal, all: bool) -> String {
    let mut text = String::new();
    if all {
        let mut table = terminal.table();
        table.set_header(["CHECK", "CAME TO", "WHAT IT CLAIMS"]);
        table.add_rows(proofs.iter().map(|proof| [proof.check.id.as_str(), word(&proof.verdict), &proof.check.claim]));
        text.push_str(&lines(table));
        text.push('\n');
    }
    let sections = [("BOUNDARY", false), ("DRIFT SINCE IT WAS BROUGHT UP", true)];
    for (title, drift) in sections {
        let rows = rows(proofs.iter().filter(|proof| proof.check.ask.is_drift() == drift));
        if !rows.is_empty() {
            text.push_str(&section(title, &rows, terminal));
            text.push('\n');
        }
    }
    let Counts { proven, broken, not_proven, left_out } = Counts::of(proofs);
    text.push_str(&format!("{proven} proven, {broken} broken, {not_proven} not proven"));
    if left_out > 0 {
        text.push_str(&format!(", {left_out} to be asked elsewhere"));
    }
    text.push('\n');
    if !asked.manual.is_empty() {
        let number = asked.manual.len();
        text.push_str(&format!("{number} recommendations are a person's to answer: chapter 3 of HARDENING.md\n"));
    }
    text
}

/// A row for each subject.
fn section(title: &str, rows: &[Row], terminal: &Terminal) -> String {
    let mut table = terminal.table();
    table.set_header([title, "SUBJECT", "PROVEN", "BROKEN", "NOT PROVEN"]);
    let mut last: Option<Boundary> = None;
    for row in rows {
        let Counts { proven, broken, not_proven, left_out: _ } = row.counts;
        let boundary = if last == Some(row.boundary) { "" } else { row.boundary.title() };
        last = Some(row.boundary);
        table.add_row([boundary.to_owned(), row.subject.clone(), count(proven), count(broken), count(not_proven)]);
    }
    lines(table)
}

fn word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Proven => "proven",
        Verdict::Broken(_) => "broken",
        Verdict::NotProven(_) => "not proven",
        Verdict::LeftOut(_) => "left out",
    }
}

fn count(number: usize) -> String {
    if number == 0 { "-".to_owned() } else { number.to_string() }
}

/// Reasons for which checks are not proven, each with their number and the first of them.
pub fn unseen(proofs: &[Proof<'_>]) -> Vec<(String, usize, String)> {
    let mut found: Vec<(String, usize, String)> = Vec::new();
    for proof in proofs {
        let Verdict::NotProven(why) = &proof.verdict else { continue };
        match found.iter_mut().find(|(known, _, _)| known == why) {
            Some((_, number, _)) => *number += 1,
            None => found.push((why.clone(), 1, proof.check.id.clone())),
        }
    }
    found
}

/// What helps against a reason.
pub fn way_out(why: &str) -> &'static str {
    if why == "it needs root" {
        "ask as root: `sudo stockade verify`"
    } else if why.contains("does not answer") || why.contains("cannot be started") {
        "start the engine, as with `sudo systemctl start docker`, or ask as root: `sudo stockade verify`"
    } else {
        "on the host of the stack: start what is missing with `docker compose up -d`, and ask again"
    }
}
