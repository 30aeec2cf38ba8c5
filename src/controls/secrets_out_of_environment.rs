//! Pass secrets as files.

use super::{Control, Meta, Reach, Surroundings};
use crate::diagnostics::Severity;
use crate::stack::Service;
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
}
