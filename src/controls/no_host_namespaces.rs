//! Keep namespaces apart.

use super::{Control, Meta, Reach, Surroundings, live};
use crate::checks::{Ask, Claim, Expect};
use crate::diagnostics::Severity;
use crate::stack::{Service, Stack};
use crate::values::{Boundary, Level};

pub static META: Meta = Meta {
    id: "no-host-namespaces",
    title: "Keep namespaces apart",
    why: "A container in a namespace of the host sees its processes, shared memory or network, and can signal or listen to them.",
    boundary: Boundary::HostContainer,
    severity: Severity::Error,
    level: Level::Baseline,
    reach: Reach::Service,
    references: &[
        "CIS Docker 5.10",
        "CIS Docker 5.16",
        "CIS Docker 5.17",
        "CIS Docker 5.21",
        "CIS Docker 5.25",
        "CIS Docker 5.31",
    ],
};

#[derive(Debug)]
pub struct NoHostNamespaces;

impl Control for NoHostNamespaces {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn service(&self, service: &mut Service, _: &Surroundings) {
        service.hardening.namespaces.set(META.id, ());
    }

    fn shown_by(&self, service: &Service, stack: &Stack) -> Vec<Claim> {
        let Some(()) = service.hardening.namespaces.get() else { return Vec::new() };
        let own = || Expect::OneOf(vec!["".into(), "private".into()]);
        vec![
            live::claim(service, stack, "has processes of its own", Ask::inspect("/HostConfig/PidMode"), own())
                .part("pid"),
            live::claim(service, stack, "has shared memory of its own", Ask::inspect("/HostConfig/IpcMode"), own())
                .part("ipc"),
            live::claim(service, stack, "has a host name of its own", Ask::inspect("/HostConfig/UTSMode"), own())
                .part("uts"),
            live::claim(
                service,
                stack,
                "has control groups of its own",
                Ask::inspect("/HostConfig/CgroupnsMode"),
                own(),
            )
            .part("cgroup"),
        ]
    }
}
