//! In: the hardened stack and the answers to its guide. Out: what both documents for people show, all of it decided; the
//! templates only print.

mod answers;
mod brief;
mod details;
mod due;
mod exposure;
mod images;
mod procedure;
mod repeats;
mod sites;
mod summary;
mod waived;

use super::{Report, Status};
use crate::controls::Hardened;
use crate::values::Boundary;
use answers::{Section, entry};
use brief::Brief;
use details::{DifferenceView, Said};
use exposure::{device_rows, host_port_row, network_row, opened_row, port_rows, service_row};
use procedure::{Check, Manual, checks, manual};
use repeats::Shown;
use serde::Serialize;
use summary::{Chosen, StatusView, SystemRow};
use waived::{LeftOut, Relaxed, WaiverRow};

#[cfg(test)]
pub(super) use answers::seen;
pub(super) use details::{ControlRow, references};
pub(super) use due::Due;
pub(super) use exposure::{DeviceRow, NetworkRow, PortRow, READ_ONLY, ServiceRow};
pub(super) use procedure::{Step, Steps};
pub(super) use sites::SiteRow;
pub(super) use summary::Count;

/// Everything the templates print.
#[derive(Debug, Clone, Default, Serialize)]
pub struct View {
    pub(super) name: String,
    /// The name, with the host where there are several.
    pub(super) title: String,
    pub(super) systems: Vec<SystemRow>,
    /// What the profile chose, as rows.
    pub(super) chosen: Vec<Chosen>,
    pub(super) version: &'static str,
    /// Recommendations, those that ask the same counted once.
    pub(super) total: usize,
    /// How many ask the same as another.
    pub(super) same: usize,
    /// Enforced and compensated.
    pub(super) met: usize,
    pub(super) statuses: Vec<StatusView>,
    /// Rows of the summary; the last adds up.
    pub(super) counts: Vec<Count>,
    pub(super) ports: Vec<PortRow>,
    /// Paths of the proxy's sites, by who may reach them.
    pub(super) sites: Vec<SiteRow>,
    /// What loads the firewall, where there is one.
    pub(super) firewall: Option<String>,
    pub(super) admin: Vec<String>,
    pub(super) networks: Vec<NetworkRow>,
    pub(super) services: Vec<ServiceRow>,
    /// Devices of the host that containers use; mostly none.
    pub(super) devices: Vec<DeviceRow>,
    /// The first start: the bundle itself, what the system adds, and how it is seen that all runs.
    pub(super) start: Vec<Steps>,
    /// What comes due, and when.
    pub(super) due: Vec<Due>,
    /// Recommendations as short as they can be said.
    pub(super) brief: Brief,
    /// Boundaries with their recommendations.
    pub(super) boundaries: Vec<Section>,
    pub(super) waivers: Vec<WaiverRow>,
    pub(super) left_out: Vec<LeftOut>,
    /// Recommendations that are met in another way than the guide says.
    pub(super) deviations: Vec<String>,
    /// Recommendations with a value that is weaker than the guide's.
    pub(super) relaxed: Vec<Relaxed>,
    /// What comes after the first start.
    pub(super) runbook: Vec<Steps>,
    pub(super) manual: Vec<Manual>,
    pub(super) checks: Vec<Check>,
    /// What steps and checks show besides what they are for.
    pub(super) shown: Vec<Shown>,
    pub(super) raised: Vec<Said>,
    pub(super) silent: Vec<Said>,
    pub(super) controls: Vec<ControlRow>,
    pub(super) limitations: Vec<String>,
    pub(super) differences: Vec<DifferenceView>,
    pub(super) images: Vec<images::FromImage>,
}

/// Decides what is shown.
pub(super) fn view(stack: &Hardened, report: &Report) -> View {
    let with = |status: Status| report.counted().filter(move |line| line.status == status);
    let total = report.counted().count();
    let said = |raised: bool| report.checkers.iter().filter(move |f| f.raised == raised).map(details::said).collect();
    let (start, runbook) = procedure::lists(stack, report);
    let mut view = View {
        name: stack.name.to_string(),
        title: match &stack.host {
            Some(host) => format!("{} on {host}", stack.name),
            None => stack.name.to_string(),
        },
        systems: stack.systems.iter().map(summary::system).collect(),
        chosen: summary::chosen(stack),
        version: env!("CARGO_PKG_VERSION"),
        total,
        same: report.lines.len() - total,
        met: report.counted().filter(|line| line.status.is_met()).count(),
        statuses: super::summary(report).iter().map(summary::status).collect(),
        counts: summary::counts(report),
        ports: stack
            .services
            .values()
            .flat_map(port_rows)
            .chain(stack.host_ports.iter().map(host_port_row))
            .chain(stack.firewall_choice.open.iter().filter(|_| stack.firewall.is_set()).map(opened_row))
            .collect(),
        sites: stack.edge.iter().flat_map(sites::rows).collect(),
        firewall: stack.firewall.is_set().then(|| stack.firewall_choice.kind.to_string()),
        admin: stack.admin.iter().map(ToString::to_string).collect(),
        networks: stack.networks.values().map(|network| network_row(stack, network)).collect(),
        services: stack.services.values().map(service_row).collect(),
        devices: stack.services.values().flat_map(device_rows).collect(),
        start,
        due: due::rows(stack),
        brief: brief::brief(report),
        boundaries: Boundary::ALL
            .into_iter()
            .map(|boundary| Section {
                id: boundary.as_str(),
                title: boundary.title(),
                about: boundary.about(),
                lines: report.lines.iter().filter(|line| line.boundary == boundary).map(entry).collect(),
            })
            .filter(|section| !section.lines.is_empty())
            .collect(),
        waivers: stack.waivers.iter().map(|waiver| waived::waiver_row(report, waiver)).collect(),
        left_out: report.controls.iter().filter_map(|control| waived::left_out(stack, report, control)).collect(),
        deviations: report
            .counted()
            .filter(|line| line.deviation.is_some() && line.status.is_met())
            .map(|line| line.id.to_string())
            .collect(),
        relaxed: with(Status::Relaxed).map(waived::relaxed).collect(),
        runbook,
        manual: with(Status::Manual).map(manual).collect(),
        checks: checks(report),
        shown: Vec::new(),
        raised: said(true),
        silent: said(false),
        controls: report.controls.iter().filter_map(details::control).collect(),
        limitations: stack.limitations.clone(),
        differences: stack.differences.iter().map(details::difference).collect(),
        images: stack.services.values().filter_map(images::given).collect(),
    };
    repeats::refer(&mut view);
    view
}
