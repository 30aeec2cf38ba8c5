//! What was chosen, and how many recommendations have which answer.

use super::super::{Report, Status};
use crate::controls::Hardened;
use crate::stack::SystemId;
use crate::values::Boundary;
use crate::values::FirewallKind;
use serde::Serialize;

#[derive(Debug, Clone, Serialize)]
pub(in super::super) struct SystemRow {
    pub title: String,
    pub summary: String,
}

#[derive(Debug, Clone, Serialize)]
pub(in super::super) struct Chosen {
    pub key: &'static str,
    /// The key inside a sentence.
    pub word: String,
    pub value: String,
}

#[derive(Debug, Clone, Serialize)]
pub(in super::super) struct StatusView {
    pub id: &'static str,
    pub title: &'static str,
    /// Its title inside a sentence.
    pub word: String,
    pub count: usize,
}

#[derive(Debug, Clone, Serialize)]
pub(in super::super) struct Count {
    pub title: &'static str,
    pub numbers: Vec<usize>,
    pub total: usize,
}

pub(super) fn chosen(stack: &Hardened) -> Vec<Chosen> {
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
    rows.filter_map(|(key, value)| Some(Chosen { key, word: key.to_lowercase(), value: value? })).collect()
}

pub(super) fn counts(report: &Report) -> Vec<Count> {
    let row = |title, boundary: Option<Boundary>| {
        let lines = || report.counted().filter(move |line| boundary.is_none_or(|b| line.boundary == b));
        let numbers: Vec<_> =
            Status::ALL.iter().map(|status| lines().filter(|line| line.status == *status).count()).collect();
        Count { title, total: numbers.iter().sum(), numbers }
    };
    let rows = Boundary::ALL.into_iter().map(|boundary| row(boundary.title(), Some(boundary)));
    rows.chain([row("All", None)]).collect()
}

pub(super) fn system(system: &SystemId) -> SystemRow {
    SystemRow { title: system.title.to_string(), summary: system.summary.to_string() }
}

pub(super) fn status((status, count): &(Status, usize)) -> StatusView {
    StatusView { id: status.as_str(), title: status.title(), word: status.title().to_lowercase(), count: *count }
}
