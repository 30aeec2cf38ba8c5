//! Give devices the least rights.

use super::{Control, Meta, Reach, Surroundings, live};
use crate::checks::{Ask, Claim, Expect};
use crate::diagnostics::Severity;
use crate::stack::{Service, Stack};
use crate::values::{Boundary, Level};

pub static META: Meta = Meta {
    id: "device-rights",
    title: "Give devices the least rights",
    why: "A device of the host is its driver in the kernel; by default the engine lets a container read, write and make anew each one it is handed.",
    boundary: Boundary::HostContainer,
    severity: Severity::Warning,
    level: Level::Baseline,
    reach: Reach::Service,
    references: &["CIS Docker 5.18"],
};

#[derive(Debug)]
pub struct DeviceRights;

impl Control for DeviceRights {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn service(&self, service: &mut Service, _: &Surroundings) {
        if !service.declared.devices.is_empty() {
            service.hardening.devices.set(META.id, ());
        }
    }

    fn shown_by(&self, service: &Service, stack: &Stack) -> Vec<Claim> {
        vec![live::claim(
            service,
            stack,
            "has no other devices of the host",
            Ask::Devices,
            Expect::set(live::devices(service)),
        )]
    }
}
