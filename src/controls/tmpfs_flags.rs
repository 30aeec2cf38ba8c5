//! Restrict scratch space.

use super::{Control, Meta, Reach, Surroundings, live};
use crate::checks::{Ask, Claim, Expect};
use crate::diagnostics::Severity;
use crate::stack::{Service, Stack, Tmpfs};
use crate::values::{Boundary, Level};

pub static META: Meta = Meta {
    id: "tmpfs-flags",
    title: "Restrict scratch space",
    why: "Unbounded scratch space fills the host's memory, and executable one is where downloaded tools are started from.",
    boundary: Boundary::ContainerInside,
    severity: Severity::Warning,
    level: Level::Baseline,
    reach: Reach::Service,
    references: &["OWASP Docker #8"],
};

#[derive(Debug)]
pub struct TmpfsFlags;

impl Control for TmpfsFlags {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn service(&self, service: &mut Service, _: &Surroundings) {
        if !service.tmpfs.is_empty() {
            service.hardening.tmpfs.set(META.id, ());
        }
    }

    fn shown_by(&self, service: &Service, stack: &Stack) -> Vec<Claim> {
        if !service.hardening.tmpfs.is_set() {
            return Vec::new();
        }
        let flags = |tmpfs: &Tmpfs| {
            let size = format!("size={}k", tmpfs.size.get() >> 10);
            let flags = ["tmpfs", "nosuid", "nodev", &size].map(str::to_owned);
            flags.into_iter().chain(tmpfs.exec.is_none().then(|| "noexec".to_owned())).collect()
        };
        let one = |tmpfs: &Tmpfs| {
            let ask = Ask::Mounted { target: tmpfs.target.to_string() };
            let text = format!("has bounded scratch space without special files at {}", tmpfs.target);
            live::claim(service, stack, text, ask, Expect::Holds(flags(tmpfs)))
                .part(tmpfs.target.as_str().trim_start_matches('/'))
        };
        service.tmpfs.iter().map(one).collect()
    }
}
