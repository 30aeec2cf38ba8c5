//! `HARDENING.md`: the view, in which everything is decided, and its rendering.

use super::{Finding, Line, Place, Report, Status};
use crate::backends::templates::{Engine, TemplateError};
use crate::controls::Hardened;
use crate::stack::{HostPort, Network, PortAudience, Service, ServicePort, SystemId};
use crate::systems::format::{Boundary, Limit};
use serde::Serialize;

const TEMPLATE: &str = "report/HARDENING.md.j2";

/// Places of one recommendation that people are shown; all are in `report.json`.
const SHOWN: usize = 6;

/// Text in which words between backticks are code.
type Prose = Vec<Run>;

#[derive(Debug, Serialize)]
struct Run {
    text: String,
    code: bool,
}

/// Everything the template prints.
#[derive(Debug, Serialize)]
struct View {
    name: String,
    host: Option<String>,
    systems: Vec<SystemRow>,
    level: String,
    environment: String,
    version: &'static str,
    total: usize,
    /// Columns of the summary.
    statuses: Vec<&'static str>,
    /// Rows of the summary; the last adds up.
    counts: Vec<Count>,
    ports: Vec<PortRow>,
    admin: Vec<String>,
    networks: Vec<NetworkRow>,
    services: Vec<ServiceRow>,
    /// Boundaries with their recommendations.
    boundaries: Vec<Section>,
    waivers: Vec<WaiverRow>,
    runbook: Vec<Steps>,
    manual: Vec<Manual>,
    checks: Vec<Check>,
    raised: Vec<Said>,
    silent: Vec<Said>,
    limitations: Vec<Prose>,
}

#[derive(Debug, Serialize)]
struct Count {
    title: &'static str,
    numbers: Vec<usize>,
    total: usize,
}

#[derive(Debug, Serialize)]
struct PortRow {
    host: String,
    bound: String,
    audience: String,
    service: String,
    container: String,
    limit: String,
}

#[derive(Debug, Serialize)]
struct NetworkRow {
    name: String,
    purpose: Prose,
    members: String,
    egress: String,
}

#[derive(Debug, Serialize)]
struct ServiceRow {
    name: String,
    image: String,
    user: String,
    root: &'static str,
    capabilities: String,
    memory: String,
    cpus: String,
    pids: String,
}

#[derive(Debug, Serialize)]
struct Section {
    title: &'static str,
    lines: Vec<Entry>,
}

#[derive(Debug, Serialize)]
struct Entry {
    id: String,
    guide: Prose,
    status: &'static str,
    controls: Vec<String>,
    places: Vec<Shown>,
    /// Places that are not shown.
    more: usize,
    because: Option<Prose>,
    waived: Option<Prose>,
    deviation: Option<Prose>,
    notes: Vec<Prose>,
}

#[derive(Debug, Serialize)]
struct Shown {
    at: String,
    key: Option<String>,
}

#[derive(Debug, Serialize)]
struct WaiverRow {
    control: String,
    scope: String,
    reason: Prose,
    until: String,
}

#[derive(Debug, Serialize)]
struct Steps {
    title: String,
    steps: Vec<Step>,
}

#[derive(Debug, Serialize)]
struct Step {
    action: Prose,
    run: Option<String>,
    expect: Option<Prose>,
}

#[derive(Debug, Serialize)]
struct Manual {
    id: String,
    guide: Prose,
    because: Option<Prose>,
    verify: Option<String>,
}

#[derive(Debug, Serialize)]
struct Check {
    verify: String,
    /// What it shows.
    proves: Vec<Proof>,
}

#[derive(Debug, Serialize)]
struct Proof {
    id: String,
    guide: Prose,
}

#[derive(Debug, Serialize)]
struct Said {
    checker: &'static str,
    rule: &'static str,
    places: Vec<Shown>,
    more: usize,
    reason: Prose,
}

#[derive(Debug, Serialize)]
struct SystemRow {
    title: String,
    summary: Prose,
    name: String,
    variant: Option<String>,
    domain: Option<String>,
}

fn system(system: &SystemId) -> SystemRow {
    SystemRow {
        title: system.title.to_string(),
        summary: prose(system.summary.as_str()),
        name: system.name.to_string(),
        variant: system.variant.clone(),
        domain: system.domain.as_ref().map(ToString::to_string),
    }
}

/// The text of `HARDENING.md`.
///
/// # Errors
/// A value that Markdown cannot hold, or a mistake of the template.
pub(super) fn render(stack: &Hardened, report: &Report, engine: &Engine) -> Result<String, TemplateError> {
    engine.render(TEMPLATE, &view(stack, report))
}

fn view(stack: &Hardened, report: &Report) -> View {
    let with = |status: Status| report.lines.iter().filter(move |line| line.status == status);
    let said = |raised: bool| report.checkers.iter().filter(move |f| f.raised == raised).map(said).collect();
    View {
        name: stack.name.to_string(),
        host: stack.host.as_ref().map(ToString::to_string),
        systems: stack.systems.iter().map(system).collect(),
        level: stack.level.to_string(),
        environment: stack.environment.to_string(),
        version: env!("CARGO_PKG_VERSION"),
        total: report.lines.len(),
        statuses: Status::ALL.iter().map(|status| status.title()).collect(),
        counts: counts(report),
        ports: stack.services.values().flat_map(port_rows).chain(stack.host_ports.iter().map(host_port_row)).collect(),
        admin: stack.admin.iter().map(ToString::to_string).collect(),
        networks: stack.networks.values().map(|network| network_row(stack, network)).collect(),
        services: stack.services.values().map(service_row).collect(),
        boundaries: Boundary::ALL
            .into_iter()
            .map(|boundary| Section {
                title: boundary.title(),
                lines: report.lines.iter().filter(|line| line.boundary == boundary).map(entry).collect(),
            })
            .filter(|section| !section.lines.is_empty())
            .collect(),
        waivers: stack
            .waivers
            .iter()
            .map(|waiver| WaiverRow {
                control: waiver.control.to_owned(),
                scope: waiver.service.as_ref().map_or("everything".to_owned(), ToString::to_string),
                reason: prose(&waiver.reason),
                until: waiver.until.to_string(),
            })
            .collect(),
        runbook: stack.runbook.iter().map(steps).collect(),
        manual: with(Status::Manual).map(manual).collect(),
        checks: checks(report),
        raised: said(true),
        silent: said(false),
        limitations: stack.limitations.iter().map(|text| prose(text)).collect(),
    }
}

fn counts(report: &Report) -> Vec<Count> {
    let row = |title, boundary: Option<Boundary>| {
        let lines = || report.lines.iter().filter(move |line| boundary.is_none_or(|b| line.boundary == b));
        let numbers: Vec<_> =
            Status::ALL.iter().map(|status| lines().filter(|line| line.status == *status).count()).collect();
        Count { title, total: numbers.iter().sum(), numbers }
    };
    let rows = Boundary::ALL.into_iter().map(|boundary| row(boundary.title(), Some(boundary)));
    rows.chain([row("All", None)]).collect()
}

fn port_rows(service: &Service) -> impl Iterator<Item = PortRow> {
    service.ports.iter().filter(|port| port.is_published()).map(|port| {
        let ServicePort { name: _, container, host, protocol, audience, limit, bound } = port;
        let addresses = bound.get().map(|list| list.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "));
        PortRow {
            host: format!("{host}/{protocol}"),
            bound: addresses.unwrap_or_else(|| "every address".to_owned()),
            audience: reachable_by(audience),
            service: service.name.to_string(),
            container: container.to_string(),
            limit: limits(limit.as_ref()),
        }
    })
}

fn host_port_row(port: &HostPort) -> PortRow {
    let HostPort { name: _, title, ports, protocol, audience, networks, limit } = port;
    let mut who = reachable_by(audience);
    for network in networks {
        who += &format!(", containers on {network}");
    }
    PortRow {
        host: format!("{ports}/{protocol}"),
        bound: "as its process is configured".to_owned(),
        audience: who,
        service: format!("{title} (on the host)"),
        container: "-".to_owned(),
        limit: limits(limit.as_ref()),
    }
}

fn limits(limit: Option<&Limit>) -> String {
    let mut limits = Vec::new();
    if let Some(Limit { new_flows, packets, connections }) = limit {
        limits.extend(new_flows.as_ref().map(|rate| format!("{rate} new flows")));
        limits.extend(packets.as_ref().map(|rate| format!("{rate} packets")));
        limits.extend(connections.map(|number| format!("{number} connections")));
    }
    if limits.is_empty() { "none".to_owned() } else { limits.join(", ") }
}

fn reachable_by(audience: &PortAudience) -> String {
    match audience {
        PortAudience::Public => "everybody".to_owned(),
        PortAudience::Admin => "admin networks".to_owned(),
        PortAudience::From(networks) => networks.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        PortAudience::Internal => "other containers".to_owned(),
        PortAudience::Never => "nobody".to_owned(),
    }
}

fn network_row(stack: &Hardened, network: &Network) -> NetworkRow {
    let on = |service: &&Service| service.networks.contains_key(&network.name);
    let members: Vec<_> = stack.services.values().filter(on).map(|service| service.name.to_string()).collect();
    NetworkRow {
        name: network.name.to_string(),
        purpose: prose(network.purpose.as_str()),
        members: if members.is_empty() { "none".to_owned() } else { members.join(", ") },
        egress: match (network.internal.is_set(), network.denied.networks.len()) {
            (true, _) => "none".to_owned(),
            (false, 0) => "to the outside".to_owned(),
            (false, _) => {
                let denied: Vec<_> = network.denied.networks.iter().map(ToString::to_string).collect();
                format!("to the outside, but for {}", denied.join(", "))
            }
        },
    }
}

fn service_row(service: &Service) -> ServiceRow {
    let hardening = &service.hardening;
    let or = |text: Option<String>, absent: &str| text.unwrap_or_else(|| absent.to_owned());
    ServiceRow {
        name: service.name.to_string(),
        image: service.image.to_string(),
        user: or(hardening.user.get().map(ToString::to_string), "the image's"),
        root: if hardening.read_only.is_set() { "read-only" } else { "writable" },
        capabilities: match hardening.capabilities.get() {
            None => "the engine's default".to_owned(),
            Some(list) if list.is_empty() => "none".to_owned(),
            Some(list) => list.iter().map(|(name, _)| name.to_string()).collect::<Vec<_>>().join(", "),
        },
        memory: or(hardening.memory.get().map(ToString::to_string), "unlimited"),
        cpus: or(hardening.cpus.get().map(ToString::to_string), "unlimited"),
        pids: or(hardening.pids.get().map(ToString::to_string), "unlimited"),
    }
}

fn entry(line: &Line) -> Entry {
    let (places, more) = shown(&line.places);
    Entry {
        id: line.id.to_string(),
        guide: prose(line.guide.as_str()),
        status: line.status.title(),
        controls: line.controls.iter().map(|id| (*id).to_owned()).collect(),
        places,
        more,
        because: line.because.as_deref().map(prose),
        waived: line.waived.as_ref().map(|waived| {
            let service = waived.service.as_ref().map_or(String::new(), |service| format!(" for `{service}`"));
            match &waived.until {
                Some(until) => prose(&format!("`{}`{service}, until {until}: {}", waived.control, waived.reason)),
                None => prose(&waived.reason),
            }
        }),
        deviation: line.deviation.as_ref().map(|text| prose(text.as_str())),
        notes: line.notes.iter().map(|text| prose(text)).collect(),
    }
}

fn shown(places: &[Place]) -> (Vec<Shown>, usize) {
    let shown = |place: &Place| Shown {
        at: match place.line {
            Some(line) => format!("{}:{line}", place.artifact),
            None => place.artifact.clone(),
        },
        key: place.key.clone(),
    };
    (places.iter().take(SHOWN).map(shown).collect(), places.len().saturating_sub(SHOWN))
}

fn steps(steps: &crate::stack::Steps) -> Steps {
    let step = |(action, run, expect): &(String, Option<String>, Option<String>)| Step {
        action: prose(action),
        run: run.clone(),
        expect: expect.as_deref().map(prose),
    };
    Steps { title: steps.title.to_string(), steps: steps.steps.iter().map(step).collect() }
}

fn manual(line: &Line) -> Manual {
    Manual {
        id: line.id.to_string(),
        guide: prose(line.guide.as_str()),
        because: line.because.as_deref().map(prose),
        verify: line.verify.clone(),
    }
}

/// Commands that prove what the bundle enforces, each once, in the order of the guide.
fn checks(report: &Report) -> Vec<Check> {
    let mut checks: Vec<Check> = Vec::new();
    for line in report.lines.iter().filter(|line| matches!(line.status, Status::Enforced | Status::Compensated)) {
        let Some(verify) = &line.verify else { continue };
        let proof = Proof { id: line.id.to_string(), guide: prose(line.guide.as_str()) };
        match checks.iter_mut().find(|check| check.verify == *verify) {
            Some(check) => check.proves.push(proof),
            None => checks.push(Check { verify: verify.clone(), proves: vec![proof] }),
        }
    }
    checks
}

fn said(finding: &Finding) -> Said {
    let (places, more) = shown(&finding.places);
    Said { checker: finding.checker, rule: finding.rule, places, more, reason: prose(&finding.reason) }
}

/// Splits at backticks; an odd one, which opens nothing, stays text.
fn prose(text: &str) -> Prose {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return vec![Run { text: text.to_owned(), code: false }];
    }
    let run = |(index, part): (usize, &&str)| Run { text: (*part).to_owned(), code: index % 2 == 1 };
    parts.iter().enumerate().map(run).filter(|run| !run.text.is_empty()).collect()
}
