//! In: the hardened stack and the answers to its guide. Out: what both documents for people show, all of it decided; the
//! templates only print.

mod answers;
mod exposure;
mod procedure;
mod repeats;

use super::{Finding, Line, Report, Status};
use crate::backends::next;
use crate::controls::{Hardened, catalogue};
use crate::stack::Waiver;
use crate::values::{Boundary, FirewallKind};
use answers::entry;
pub(super) use answers::seen;
use exposure::{device_rows, host_port_row, network_row, opened_row, port_rows, service_row};
use procedure::{checks, general, manual, start, steps};
use repeats::{Repeat, Shown};
use serde::Serialize;

/// How a root file system that cannot be written is called.
pub(super) const READ_ONLY: &str = "read-only";

/// Everything the templates print.
#[derive(Debug, Clone, Default, Serialize)]
pub struct View {
    pub(super) name: String,
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
    /// What loads the firewall, where there is one.
    pub(super) firewall: Option<String>,
    pub(super) admin: Vec<String>,
    pub(super) networks: Vec<NetworkRow>,
    pub(super) services: Vec<ServiceRow>,
    /// Devices of the host that containers use; mostly none.
    pub(super) devices: Vec<DeviceRow>,
    /// Boundaries with their recommendations.
    pub(super) boundaries: Vec<Section>,
    pub(super) waivers: Vec<WaiverRow>,
    pub(super) left_out: Vec<LeftOut>,
    /// Recommendations that are met in another way than the guide says.
    pub(super) deviations: Vec<String>,
    /// Recommendations with a value that is weaker than the guide's.
    pub(super) relaxed: Vec<Relaxed>,
    pub(super) runbook: Vec<Steps>,
    pub(super) manual: Vec<Manual>,
    /// Checks of the bundle as a whole.
    pub(super) general: Vec<Step>,
    pub(super) checks: Vec<Check>,
    /// What steps and checks show besides what they are for.
    pub(super) shown: Vec<Shown>,
    pub(super) raised: Vec<Said>,
    pub(super) silent: Vec<Said>,
    pub(super) limitations: Vec<String>,
    pub(super) differences: Vec<DifferenceView>,
}

/// A recommendation that is relaxed, with its weaker values.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Relaxed {
    pub id: String,
    pub values: Vec<ValueView>,
}

/// A value beside the guide's.
#[derive(Debug, Clone, Serialize)]
pub(super) struct ValueView {
    pub what: String,
    pub chosen: String,
    pub guide: String,
    pub weaker: bool,
}

/// Something that works differently than with the vendor's own compose file.
#[derive(Debug, Clone, Serialize)]
pub(super) struct DifferenceView {
    pub system: Option<String>,
    pub kind: &'static str,
    pub vendor: String,
    pub here: String,
    pub because: String,
    /// Lines of the profile.
    pub restore: Vec<String>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct SystemRow {
    pub title: String,
    pub summary: String,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Chosen {
    pub key: &'static str,
    pub value: String,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct StatusView {
    pub id: &'static str,
    pub title: &'static str,
    /// Its title inside a sentence.
    pub word: String,
    pub count: usize,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Count {
    pub title: &'static str,
    pub numbers: Vec<usize>,
    pub total: usize,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct PortRow {
    pub host: String,
    pub bound: String,
    pub audience: String,
    /// Who of them comes from outside.
    pub outside: Option<String>,
    /// Networks whose containers may reach it too.
    pub networks: Vec<String>,
    pub service: String,
    pub container: String,
    pub limit: String,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct NetworkRow {
    pub name: String,
    pub purpose: String,
    pub members: Vec<String>,
    pub internal: bool,
    pub egress: String,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct ServiceRow {
    pub name: String,
    pub image: String,
    pub user: String,
    pub root: &'static str,
    pub capabilities: String,
    pub memory: String,
    pub cpus: String,
    pub pids: String,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct DeviceRow {
    pub host: String,
    pub service: String,
    pub rights: String,
    pub reason: String,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Section {
    pub id: &'static str,
    pub title: &'static str,
    pub about: &'static str,
    pub lines: Vec<Entry>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Entry {
    pub id: String,
    pub guide: String,
    pub status: &'static str,
    pub title: &'static str,
    /// The answer, as the beginning of a sentence.
    pub answer: &'static str,
    /// Values that are not the guide's.
    pub values: Vec<ValueView>,
    /// The recommendation that asks the same.
    pub same_as: Option<String>,
    pub controls: Vec<String>,
    pub seen: Vec<Seen>,
    /// How many further places there are.
    pub more: usize,
    pub because: Option<String>,
    pub waived: Option<String>,
    pub deviation: Option<String>,
    pub notes: Vec<String>,
    /// Number of the step or check with its command.
    pub place: Option<String>,
}

/// Places in one file.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Seen {
    pub file: String,
    /// Lines, with runs drawn together: `4, 7-9`; empty where the whole file is meant.
    pub lines: String,
    /// Whether there is more than one line.
    pub several: bool,
    /// What the lines say, where it is the same on all.
    pub key: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct WaiverRow {
    pub control: String,
    /// What the control does.
    pub does: String,
    pub service: Option<String>,
    pub reason: String,
    pub until: String,
    /// Recommendations that are not, or not everywhere, met because of it.
    pub affects: Vec<String>,
}

/// A control that the level leaves out.
#[derive(Debug, Clone, Serialize)]
pub(super) struct LeftOut {
    pub control: String,
    pub does: String,
    pub level: String,
    pub affects: Vec<String>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Steps {
    pub title: String,
    pub steps: Vec<Step>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Step {
    pub action: String,
    pub run: Option<String>,
    pub expect: Option<String>,
    /// Where the command stands already.
    pub again: Option<Repeat>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Manual {
    pub id: String,
    pub guide: String,
    pub because: Option<String>,
    pub verify: Option<String>,
    pub expect: String,
    /// Where the command stands already.
    pub again: Option<Repeat>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Check {
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
pub(super) struct Proof {
    pub id: String,
    pub guide: String,
    /// Whether it shows a value that is weaker than the guide's.
    pub relaxed: bool,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Said {
    pub checker: &'static str,
    pub rule: &'static str,
    pub seen: Vec<Seen>,
    pub reason: String,
}

/// Decides what is shown.
pub(super) fn view(stack: &Hardened, report: &Report) -> View {
    let with = |status: Status| report.counted().filter(move |line| line.status == status);
    let total = report.counted().count();
    let said = |raised: bool| report.checkers.iter().filter(move |f| f.raised == raised).map(said).collect();
    let counted = super::summary(report);
    let mut view = View {
        name: stack.name.to_string(),
        systems: stack
            .systems
            .iter()
            .map(|system| SystemRow { title: system.title.to_string(), summary: system.summary.to_string() })
            .collect(),
        chosen: chosen(stack),
        version: env!("CARGO_PKG_VERSION"),
        total,
        same: report.lines.len() - total,
        met: report.counted().filter(|line| line.status.is_met()).count(),
        statuses: counted
            .iter()
            .map(|(status, count)| StatusView {
                id: status.as_str(),
                title: status.title(),
                word: status.title().to_lowercase(),
                count: *count,
            })
            .collect(),
        counts: counts(report),
        ports: stack
            .services
            .values()
            .flat_map(port_rows)
            .chain(stack.host_ports.iter().map(host_port_row))
            .chain(stack.firewall_choice.open.iter().filter(|_| stack.firewall.is_set()).map(opened_row))
            .collect(),
        firewall: stack.firewall.is_set().then(|| stack.firewall_choice.kind.to_string()),
        admin: stack.admin.iter().map(ToString::to_string).collect(),
        networks: stack.networks.values().map(|network| network_row(stack, network)).collect(),
        services: stack.services.values().map(service_row).collect(),
        devices: stack.services.values().flat_map(device_rows).collect(),
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
        waivers: stack.waivers.iter().map(|waiver| waiver_row(report, waiver)).collect(),
        left_out: report.controls.iter().filter_map(|control| left_out(stack, report, control)).collect(),
        deviations: report
            .counted()
            .filter(|line| line.deviation.is_some() && line.status.is_met())
            .map(|line| line.id.to_string())
            .collect(),
        relaxed: with(Status::Relaxed).map(relaxed).collect(),
        runbook: start(stack).into_iter().chain(stack.runbook.iter().map(steps)).collect(),
        manual: with(Status::Manual).map(manual).collect(),
        general: next::checks(stack).into_iter().map(general).collect(),
        checks: checks(report),
        shown: Vec::new(),
        raised: said(true),
        silent: said(false),
        limitations: stack.limitations.clone(),
        differences: stack.differences.iter().map(difference).collect(),
    };
    repeats::refer(&mut view);
    view
}

fn chosen(stack: &Hardened) -> Vec<Chosen> {
    let edge = stack.edge.as_ref();
    let host = [("Host", stack.host.as_ref().map(ToString::to_string))];
    let systems = stack.systems.iter().flat_map(|system| {
        [
            ("System", Some(system.name.to_string())),
            ("Variant", system.variant.clone()),
            ("Domain", system.domain.as_ref().map(ToString::to_string)),
        ]
    });
    let all = [
        ("Level", Some(stack.level.to_string())),
        ("Environment", Some(stack.environment.to_string())),
        ("Proxy", edge.map(|edge| edge.kind.to_string())),
        ("Certificates", edge.map(|edge| edge.tls.mode.to_string())),
        (
            "Firewall",
            Some(match (stack.firewall_choice.kind, stack.firewall.is_set()) {
                (FirewallKind::None, _) | (_, true) => stack.firewall_choice.kind.to_string(),
                (kind, false) => format!("{kind}, switched off"),
            }),
        ),
    ];
    let rows = host.into_iter().chain(systems).chain(all);
    rows.filter_map(|(key, value)| Some(Chosen { key, value: value? })).collect()
}

fn counts(report: &Report) -> Vec<Count> {
    let row = |title, boundary: Option<Boundary>| {
        let lines = || report.counted().filter(move |line| boundary.is_none_or(|b| line.boundary == b));
        let numbers: Vec<_> =
            Status::ALL.iter().map(|status| lines().filter(|line| line.status == *status).count()).collect();
        Count { title, total: numbers.iter().sum(), numbers }
    };
    let rows = Boundary::ALL.into_iter().map(|boundary| row(boundary.title(), Some(boundary)));
    rows.chain([row("All", None)]).collect()
}

fn relaxed(line: &Line) -> Relaxed {
    let values = entry(line).values.into_iter().filter(|value| value.weaker).collect();
    Relaxed { id: line.id.to_string(), values }
}

fn difference(difference: &crate::stack::Difference) -> DifferenceView {
    DifferenceView {
        system: difference.system.as_ref().map(ToString::to_string),
        kind: difference.kind.title(),
        vendor: difference.vendor.clone(),
        here: difference.here.clone(),
        because: difference.because.clone(),
        restore: difference.restore.iter().map(ToString::to_string).collect(),
    }
}

fn waiver_row(report: &Report, waiver: &Waiver) -> WaiverRow {
    let Waiver { control, service, reason, until } = waiver;
    WaiverRow {
        control: (*control).to_owned(),
        does: does(control),
        service: service.as_ref().map(ToString::to_string),
        reason: reason.clone(),
        until: until.to_string(),
        affects: affected(report, control),
    }
}

fn left_out(stack: &Hardened, report: &Report, control: &super::ControlLine) -> Option<LeftOut> {
    let waived = stack.waivers.iter().any(|waiver| waiver.control == control.id && waiver.service.is_none());
    if control.active || waived {
        return None;
    }
    let meta = catalogue::find(control.id)?.meta();
    Some(LeftOut {
        control: meta.id.to_owned(),
        does: meta.title.to_owned(),
        level: meta.level.to_string(),
        affects: affected(report, meta.id),
    })
}

/// What a control does, in a few words.
fn does(control: &str) -> String {
    catalogue::find(control).map_or_else(String::new, |control| control.meta().title.to_owned())
}

/// Recommendations that a control was to meet.
fn affected(report: &Report, control: &str) -> Vec<String> {
    let to_meet = |line: &&Line| !matches!(line.status, Status::Manual | Status::NotApplicable);
    let named = report.counted().filter(|line| line.controls.contains(&control));
    named.filter(to_meet).map(|line| line.id.to_string()).collect()
}

fn said(finding: &Finding) -> Said {
    Said { checker: finding.checker, rule: finding.rule, seen: seen(&finding.places), reason: finding.reason.clone() }
}
