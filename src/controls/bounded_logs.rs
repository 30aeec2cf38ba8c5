//! Bound container logs.

use super::{Control, Meta, Reach, Surroundings, live};
use crate::checks::{Ask, Claim, Expect};
use crate::diagnostics::Severity;
use crate::stack::{Service, Stack};
use crate::values::{Boundary, Level};
use serde_json::json;

pub static META: Meta = Meta {
    id: "bounded-logs",
    title: "Bound container logs",
    why: "Anyone who can cause log lines could otherwise fill the disk, and a full disk stops databases and backups.",
    boundary: Boundary::HostContainer,
    severity: Severity::Warning,
    level: Level::Baseline,
    reach: Reach::Service,
    references: &["OWASP Docker #10", "CWE-770"],
};

#[derive(Debug)]
pub struct BoundedLogs;

impl Control for BoundedLogs {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn service(&self, service: &mut Service, _: &Surroundings) {
        service.hardening.logs.enforce(META.id);
    }

    fn shown_by(&self, service: &Service, stack: &Stack) -> Vec<Claim> {
        let Some((size, files)) = service.hardening.logs.get() else { return Vec::new() };
        let config =
            json!({ "Type": "json-file", "Config": { "max-file": files.to_string(), "max-size": size.to_string() } });
        vec![live::claim(
            service,
            stack,
            format!("logs at most {files} files of {size}"),
            Ask::inspect("/HostConfig/LogConfig"),
            Expect::Equals(config),
        )]
    }
}
