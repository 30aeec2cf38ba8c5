//! What all checks came to.

use super::{Proof, Verdict};
use crate::checks::{Check, Subject};
use crate::diagnostics::{Diagnostic, Diagnostics, Severity, codes};
use crate::values::Boundary;
use serde_json::{Value, json};

/// How many checks came to what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// The host shows what is claimed.
    pub proven: usize,
    /// The host shows something else.
    pub broken: usize,
    /// It could not be seen.
    pub not_proven: usize,
    /// Not asked here.
    pub left_out: usize,
}

impl Counts {
    /// Counts proofs.
    pub fn of<'p, 'c: 'p>(proofs: impl IntoIterator<Item = &'p Proof<'c>>) -> Self {
        let mut counts = Self::default();
        for proof in proofs {
            *match proof.verdict {
                Verdict::Proven => &mut counts.proven,
                Verdict::Broken(_) => &mut counts.broken,
                Verdict::NotProven(_) => &mut counts.not_proven,
                Verdict::LeftOut(_) => &mut counts.left_out,
            } += 1;
        }
        counts
    }
}

/// What the checks about one subject came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The boundary.
    pub boundary: Boundary,
    /// What they are about.
    pub subject: String,
    /// How many came to what.
    pub counts: Counts,
}

/// What a check is about, as rows have it: files of one folder are one subject.
pub(super) fn subject(check: &Check) -> String {
    match &check.subject {
        Subject::File { path } => format!("{}/", path.split('/').next().unwrap_or_default()),
        other => other.name().to_owned(),
    }
}

/// A row for each subject, by boundary.
pub fn rows<'p, 'c: 'p>(proofs: impl IntoIterator<Item = &'p Proof<'c>>) -> Vec<Row> {
    let mut rows: Vec<(Boundary, String, Vec<&'p Proof<'c>>)> = Vec::new();
    for proof in proofs {
        let boundary = proof.check.boundary;
        let subject = subject(proof.check);
        match rows.iter_mut().find(|(there, name, _)| *there == boundary && *name == subject) {
            Some((_, _, list)) => list.push(proof),
            None => rows.push((boundary, subject, vec![proof])),
        }
    }
    rows.sort_by_key(|(boundary, _, _)| *boundary);
    let row = |(boundary, subject, list): (Boundary, String, Vec<&'p Proof<'c>>)| Row {
        boundary,
        subject,
        counts: Counts::of(list),
    };
    rows.into_iter().map(row).collect()
}

/// Findings: what is broken as errors, what could not be seen as `unseen` says.
pub fn findings(proofs: &[Proof<'_>], unseen: Severity) -> Diagnostics {
    let one = |proof: &Proof<'_>| {
        let check = proof.check;
        let whose = check.controls.iter().chain(&check.recommendations).map(String::as_str).collect::<Vec<_>>();
        let found = match &proof.verdict {
            Verdict::Proven | Verdict::LeftOut(_) => return None,
            Verdict::Broken(seen) => {
                let says = format!("{}: not so: {}", check.id, check.claim);
                let seen = format!("the host shows {seen}, expected is {}", check.shows);
                Diagnostic::error(codes::UNPROVEN, says).with_note(seen)
            }
            Verdict::NotProven(why) => {
                let says = format!("{}: not proven: {}", check.id, check.claim);
                Diagnostic::new(codes::UNPROVEN, unseen, says).with_note(why.clone())
            }
        };
        let found =
            if whose.is_empty() { found } else { found.with_note(format!("it speaks of {}", whose.join(", "))) };
        Some(found.help(format!("see for yourself, from inside the bundle: `{}`", check.run)))
    };
    proofs.iter().filter_map(one).collect()
}

/// What became of the stack since it was brought up, for programs: how many checks came to what, and which do not hold.
pub fn drift(proofs: &[Proof<'_>]) -> Value {
    let of_drift = || proofs.iter().filter(|proof| proof.check.ask.is_drift());
    let Counts { proven, broken, not_proven, left_out: _ } = Counts::of(of_drift());
    let found = of_drift().filter(|proof| matches!(proof.verdict, Verdict::Broken(_)));
    let found: Vec<&str> = found.map(|proof| proof.check.id.as_str()).collect();
    json!({ "proven": proven, "broken": broken, "notProven": not_proven, "found": found })
}

/// Every check with what it came to, for programs.
pub fn data(proofs: &[Proof<'_>]) -> Value {
    let one = |proof: &Proof<'_>| {
        let check = proof.check;
        let (state, detail) = match &proof.verdict {
            Verdict::Proven => ("proven", None),
            Verdict::Broken(seen) => ("broken", Some(("seen", seen))),
            Verdict::NotProven(why) => ("not-proven", Some(("because", why))),
            Verdict::LeftOut(why) => ("left-out", Some(("because", why))),
        };
        let mut value = json!({
            "id": check.id,
            "claim": check.claim,
            "boundary": check.boundary.as_str(),
            "subject": check.subject,
            "controls": check.controls,
            "recommendations": check.recommendations,
            "state": state,
            "expected": check.shows,
            "run": check.run,
        });
        if let Some((key, text)) = detail {
            value[key] = json!(text);
        }
        value
    };
    proofs.iter().map(one).collect()
}
