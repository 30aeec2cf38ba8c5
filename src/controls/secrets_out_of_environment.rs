//! Pass secrets as files.

use super::{Control, Meta, Reach, Surroundings, live};
use crate::checks::{Ask, Claim, Expect};
use crate::diagnostics::Severity;
use crate::format::system::ContainerEngine;
use crate::stack::{Service, Stack};
use crate::values::{Boundary, Level};

pub static META: Meta = Meta {
    id: "secrets-out-of-environment",
    title: "Pass secrets as files",
    why: "Variables of the compose file show in `docker inspect`, in the file itself, in crash reports and in every child process.",
    boundary: Boundary::HostContainer,
    severity: Severity::Error,
    level: Level::Baseline,
    reach: Reach::Service,
    references: &["CIS Docker 4.10", "OWASP Docker #12", "CWE-526"],
};

#[derive(Debug)]
pub struct SecretsOutOfEnvironment;

impl Control for SecretsOutOfEnvironment {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn service(&self, service: &mut Service, _: &Surroundings) {
        if !service.secrets.is_empty() {
            service.hardening.secrets.set(META.id, ());
        }
    }

    fn shown_by(&self, service: &Service, stack: &Stack) -> Vec<Claim> {
        if !service.hardening.secrets.is_set() || stack.engine == ContainerEngine::Podman {
            return Vec::new();
        }
        let files = stack.secrets.keys().map(|name| format!("secrets/{name}")).collect();
        let read = service.secrets.iter().map(|(name, used)| used.file.as_ref().unwrap_or(name).to_string());
        vec![
            live::claim(
                service,
                stack,
                "has no secret among its variables, arguments and labels",
                Ask::Leaks { secrets: files },
                Expect::nothing(),
            ),
            live::claim(service, stack, "sees its own secrets alone", Ask::Secrets, Expect::set(read)).part("files"),
        ]
    }
}
