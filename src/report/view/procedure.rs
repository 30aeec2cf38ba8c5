//! What a person does: the runbook, what is left to people, and checks.

use super::super::{Line, Report, Status};
use super::{Check, Manual, Proof, Step, Steps};
use crate::backends::next;
use crate::controls::Hardened;
use std::collections::BTreeMap;

/// The way from the bundle to the running stack, but for what a system's own first list does at its own time; a system for
/// hosts with forms of their own describes it whole.
pub(super) fn start(stack: &Hardened) -> Option<Steps> {
    let own = stack.runbook.first().map(|list| list.steps.as_slice()).unwrap_or_default();
    let told = |script: &str| own.iter().any(|(_, run, _)| run.as_ref().is_some_and(|run| run.contains(script)));
    let known = |step: &next::Step| {
        let run = step.run.as_deref().unwrap_or_default();
        ["install.sh", "firewall/apply", "compose up"].iter().any(|script| run.contains(script) && told(script))
    };
    let whole = stack.base.is_none() || own.is_empty();
    let all = if whole { next::start(stack) } else { next::folders(stack) };
    let steps: Vec<_> = all.into_iter().filter(|step| !known(step)).map(general).collect();
    (!steps.is_empty()).then(|| Steps { title: "Put the bundle in place".to_owned(), steps })
}

pub(super) fn general(step: next::Step) -> Step {
    let next::Step { action, run, expect } = step;
    Step { action, run, expect, again: None }
}

pub(super) fn steps(steps: &crate::stack::Steps) -> Steps {
    let step = |(action, run, expect): &(String, Option<String>, Option<String>)| Step {
        action: action.clone(),
        run: run.clone(),
        expect: expect.clone(),
        again: None,
    };
    Steps { title: steps.title.to_string(), steps: steps.steps.iter().map(step).collect() }
}

pub(super) fn manual(line: &Line) -> Manual {
    Manual {
        id: line.id.to_string(),
        guide: line.guide.to_string(),
        because: line.because.clone(),
        verify: line.verify.clone(),
        expect: expected(line),
        again: None,
    }
}

/// Commands that prove what the bundle enforces, each once, in the order of the guide.
pub(super) fn checks(report: &Report) -> Vec<Check> {
    let mut checks: Vec<Check> = Vec::new();
    let mut known: BTreeMap<(&str, Option<&str>), usize> = BTreeMap::new();
    let asked = |line: &&Line| line.status.is_met() || line.status == Status::Relaxed;
    for line in report.counted().filter(asked) {
        let Some(verify) = &line.verify else { continue };
        let relaxed = line.status == Status::Relaxed;
        let proof = Proof { id: line.id.to_string(), guide: line.guide.to_string(), relaxed };
        match known.get(&(verify.as_str(), line.expect.as_deref())) {
            Some(at) => checks[*at].proves.push(proof),
            None => {
                known.insert((verify, line.expect.as_deref()), checks.len());
                checks.push(Check {
                    verify: verify.clone(),
                    expect: expected(line),
                    number: None,
                    again: None,
                    proves: vec![proof],
                });
            }
        }
    }
    checks
}

/// What its command shows when all is well.
pub(super) fn expected(line: &Line) -> String {
    line.expect.clone().unwrap_or_else(|| "exit status 0".to_owned())
}
