//! Commands that systems' authors wrote for what is met, as checks.

use super::{Line, Report, Status};
use crate::checks::{Ask, Check, Expect, Need, Subject};
use crate::controls::Hardened;

/// A check for each command of a recommendation that is met; what several have in common is asked once.
pub(super) fn checks(stack: &Hardened, report: &Report) -> Vec<Check> {
    let mut checks: Vec<Check> = Vec::new();
    let met = report.counted().filter(|line| line.status.is_met() || line.status == Status::Relaxed);
    for line in met {
        let Some(command) = &line.verify else { continue };
        match checks.iter_mut().find(|known| known.run == *command) {
            Some(known) => known.recommendations.push(line.id.to_string()),
            None => checks.push(check(stack, line, command)),
        }
    }
    checks
}

fn check(stack: &Hardened, line: &Line, command: &str) -> Check {
    Check {
        id: line.id.to_string(),
        claim: line.guide.to_string(),
        boundary: line.boundary,
        controls: Vec::new(),
        recommendations: vec![line.id.to_string()],
        subject: subject(stack, command),
        at: line.from,
        ask: Ask::Command,
        expect: Expect::Status(0),
        needs: if command.contains("sudo ") { vec![Need::Root] } else { Vec::new() },
        changes: line.changes,
        run: command.to_owned(),
        shows: line.expect.clone().unwrap_or_else(|| "exit status 0".to_owned()),
    }
}

/// The first container that a command names, else the stack.
fn subject(stack: &Hardened, command: &str) -> Subject {
    let words: Vec<&str> = command.split(|c: char| !(c.is_alphanumeric() || "._-".contains(c))).collect();
    let named = stack.services.values().filter_map(|service| {
        let at = words.iter().position(|word| *word == service.container.as_str())?;
        Some((at, service))
    });
    match named.min_by_key(|(at, _)| *at) {
        Some((_, service)) => crate::controls::live::subject(service, stack),
        None => Subject::Stack,
    }
}
