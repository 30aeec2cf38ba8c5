//! Services that end, and who waits for it: `docker compose up --wait` fails, or never returns, where the two do not fit.

use super::Context;
use crate::diagnostics::{Diagnostic, codes};
use crate::format::system::{Condition, Restart};
use crate::stack::Stack;

/// Says which ends are waited for in vain, and which end nobody waits for.
pub fn check(context: &mut Context, stack: &Stack) {
    let services = &context.system.services;
    let mut found = Vec::new();
    for (name, description) in services {
        let Some(service) = stack.services.get(&name.value) else { continue };
        for (other, _) in description.depends_on.iter().filter(|(_, wanted)| wanted.condition == Condition::Completed) {
            let runs_on =
                |other: &&crate::stack::Service| other.hardening.restart.wished() == Some(&Restart::UnlessStopped);
            if stack.services.get(&other.value).filter(runs_on).is_none() {
                continue;
            }
            found.push(
                Diagnostic::error(
                    codes::INVALID_SYSTEM,
                    format!(
                        "`{}` waits for the end of `{}`, which is started again whenever it ends",
                        name.value, other.value
                    ),
                )
                .at(other.span, "`docker compose up` would never return")
                .help(format!("write `restart: no` at `{}` if it is a job; else wait for `healthy`", other.value)),
            );
        }
        for (other, _) in description.depends_on.iter().filter(|(_, wanted)| wanted.condition == Condition::Healthy) {
            if stack.services.get(&other.value).is_none_or(|other| other.hardening.healthcheck.wished().is_some()) {
                continue;
            }
            found.push(
                Diagnostic::error(
                    codes::INVALID_SYSTEM,
                    format!("`{}` waits for the health of `{}`, which has no health check", name.value, other.value),
                )
                .at(other.span, "`docker compose up` would refuse to go on")
                .help(format!("write a `healthcheck` at `{}`, or wait for `started` or `completed`", other.value)),
            );
        }
        let waited_for = |service: &crate::stack::Service| {
            service.depends_on.get(&name.value).is_some_and(|it| it.condition == Condition::Completed)
        };
        if !service.lasts() && !stack.services.values().any(waited_for) {
            found.push(
                Diagnostic::warning(
                    codes::INVALID_SYSTEM,
                    format!("`{}` is not started again once it ends, and no service waits for its end", name.value),
                )
                .at(name.span, "`docker compose up --wait` fails when such a container ends, also with status 0")
                .help(format!("let the service that needs its work wait: `depends_on: {{{}: completed}}`", name.value)),
            );
        }
    }
    for finding in found {
        context.scope.diagnostics.push(finding);
    }
}
