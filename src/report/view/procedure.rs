//! What a person does: the runbook, what is left to people, and checks.

use super::super::{Line, Report, Status};
use super::repeats::Repeat;
use crate::backends::next;
use crate::controls::Hardened;
use crate::stack::Wait;
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Debug, Clone, Serialize)]
pub(in super::super) struct Steps {
    pub title: String,
    pub steps: Vec<Step>,
    /// Whether they show that the bundle as a whole is in place, and change nothing.
    pub proofs: bool,
}

#[derive(Debug, Clone, Serialize)]
pub(in super::super) struct Step {
    /// Its number in the list, so wide that all of a list line up.
    pub number: String,
    pub action: String,
    pub run: Option<String>,
    pub expect: Option<String>,
    /// Where the command stands already.
    pub again: Option<Repeat>,
}

#[derive(Debug, Clone, Serialize)]
pub(in super::super) struct Manual {
    pub id: String,
    pub guide: String,
    pub because: Option<String>,
    pub verify: Option<String>,
    pub expect: String,
    /// Where the command stands already.
    pub again: Option<Repeat>,
}

#[derive(Debug, Clone, Serialize)]
pub(in super::super) struct Check {
    pub verify: String,
    pub expect: String,
    /// Its number; none where a step or check with another number shows just that.
    pub number: Option<usize>,
    /// Where the command stands already.
    pub again: Option<Repeat>,
    /// What it shows.
    pub proves: Vec<Proof>,
}

#[derive(Debug, Clone, Serialize)]
pub(in super::super) struct Proof {
    pub id: String,
    pub guide: String,
    /// That it shows a weaker value than the guide's, or nothing yet.
    pub note: Option<&'static str>,
}

/// Runs the command of each recommendation that is met, and prints the numbers of those that do not end well.
const ALL_CHECKS: &str = "checks=$(jq -r '.recommendations[] | select(.verify and .status != \"manual\" and .status != \
                          \"waived\" and (.sameAs | not)) | @sh \"sh -c \\(.verify) < /dev/null > /dev/null 2>&1 || echo \
                          \\(.id)\"' report.json) && failed=$(printf '%s\\n' \"$checks\" | sh) && ! printf '%s' \
                          \"$failed\" | grep .";

/// The list that shows that all runs.
const PROOFS: &str = "See that it holds, now and after every update";

/// What shows that the bundle as a whole is in place.
fn proofs(stack: &Hardened, report: &Report) -> Option<Steps> {
    let mut steps: Vec<Step> = next::checks(stack).into_iter().map(general).collect();
    if report.counted().any(|line| line.verify.is_some() && is_asked(line)) {
        steps.push(new(
            "What is called met in chapter 5 holds; this needs `jq`".to_owned(),
            Some(ALL_CHECKS.to_owned()),
            Some(
                "nothing; otherwise the numbers of those that do not hold, or that only an admin network may ask"
                    .to_owned(),
            ),
        ));
    }
    (!steps.is_empty()).then(|| Steps { title: PROOFS.to_owned(), steps, proofs: true })
}

/// The lists of the first start, and those that come later.
pub(super) fn lists(stack: &Hardened, report: &Report) -> (Vec<Steps>, Vec<Steps>) {
    let first = stack
        .runbook
        .iter()
        .enumerate()
        .rposition(|(number, list)| is_first(stack, number, list))
        .map_or(0, |last| last + 1);
    let (now, later) = stack.runbook.split_at(first);
    let mut now: Vec<Steps> = now.iter().map(steps).collect();
    if let Some(start) = start(stack) {
        now.insert(0, start);
    }
    now.extend(proofs(stack, report));
    (now, later.iter().map(steps).collect())
}

/// Commands that put any bundle in place.
const SCRIPTS: [&str; 3] = ["install.sh", "firewall/apply", "compose up"];

/// Whether the first start needs a list: it waits for one of its steps, or the system starts the stack in it.
fn is_first(stack: &Hardened, number: usize, list: &crate::stack::Steps) -> bool {
    let starts = number == 0 && {
        let runs = || list.steps.iter().filter_map(|(_, run, _)| run.as_deref());
        stack.base.is_some() || SCRIPTS.iter().any(|script| runs().any(|run| run.contains(script)))
    };
    starts || stack.waits.iter().any(|wait| wait.list == number)
}

/// The way from the bundle to the running stack, but for what a system's own first list does at its own time; a system for
/// hosts with forms of their own describes it whole.
fn start(stack: &Hardened) -> Option<Steps> {
    let own = stack.runbook.first().map(|list| list.steps.as_slice()).unwrap_or_default();
    let told = |script: &str| own.iter().any(|(_, run, _)| run.as_ref().is_some_and(|run| run.contains(script)));
    let known = |step: &next::Step| {
        let run = step.run.as_deref().unwrap_or_default();
        SCRIPTS.iter().any(|script| run.contains(script) && told(script))
    };
    let whole = stack.base.is_none() || own.is_empty();
    let all = if whole { next::start(stack) } else { next::folders(stack) };
    let mut steps: Vec<Step> = all.into_iter().filter(|step| !known(step)).map(general).collect();
    // What the start waits for comes before it, in whichever list it stands.
    let up = steps.iter().position(|step| step.run.as_ref().is_some_and(|run| run.contains(" up -d")));
    if let Some(up) = up {
        // This list is the first of the chapter.
        let step = |wait: &Wait| format!("step 2.{}.{} below", wait.list + 2, wait.step + 1);
        let before = stack.waits.iter().filter(|wait| wait.before);
        let before = before.map(|wait| new(format!("Before the start, {}: {}", wait.text, step(wait)), None, None));
        let before: Vec<Step> = before.collect();
        steps.splice(up..up, before);
    }
    (!steps.is_empty()).then(|| Steps { title: "Put the bundle in place".to_owned(), steps, proofs: false })
}

fn general(step: next::Step) -> Step {
    let next::Step { action, run, expect } = step;
    new(action, run, expect)
}

fn new(action: String, run: Option<String>, expect: Option<String>) -> Step {
    Step { number: String::new(), action, run, expect, again: None }
}

fn steps(steps: &crate::stack::Steps) -> Steps {
    let step = |(action, run, expect): &(String, Option<String>, Option<String>)| {
        new(action.clone(), run.clone(), expect.clone())
    };
    Steps { title: steps.title.to_string(), steps: steps.steps.iter().map(step).collect(), proofs: false }
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

/// Commands that prove what is met, or would be, each once, in the order of the guide.
pub(super) fn checks(report: &Report) -> Vec<Check> {
    let mut checks: Vec<Check> = Vec::new();
    let mut known: BTreeMap<(&str, Option<&str>), usize> = BTreeMap::new();
    // What is waived has its command too: it shows when nothing has to be waived any more.
    for line in report.counted().filter(|line| is_asked(line) || line.status == Status::Waived) {
        let Some(verify) = &line.verify else { continue };
        let note = match line.status {
            Status::Relaxed => Some("relaxed"),
            Status::Waived => Some("waived: it may fail"),
            _ => None,
        };
        let proof = Proof { id: line.id.to_string(), guide: line.guide.to_string(), note };
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

/// Whether its command shows something that is in place.
fn is_asked(line: &Line) -> bool {
    line.status.is_met() || line.status == Status::Relaxed
}

/// What its command shows when all is well.
pub(super) fn expected(line: &Line) -> String {
    line.expect.clone().unwrap_or_else(|| "exit status 0".to_owned())
}
