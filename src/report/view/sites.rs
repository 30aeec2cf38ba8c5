//! Names and paths that the proxy answers, by who may reach them.

use crate::stack::{Edge, Location, Site};
use serde::Serialize;

/// Paths of a site that are alike.
#[derive(Debug, Clone, Serialize)]
pub(in super::super) struct SiteRow {
    pub address: String,
    pub paths: Vec<String>,
    pub audience: String,
    /// What is asked for first.
    pub asks: &'static str,
    /// With paths as code.
    pub limits: Vec<String>,
}

/// Paths of one site, drawn together.
struct Group {
    paths: Vec<String>,
    audience: String,
    asks: &'static str,
    /// Each limit with the paths that have it.
    limits: Vec<(String, Vec<String>)>,
}

/// The paths of each site, `/` first, by who may reach them.
pub(super) fn rows(edge: &Edge) -> Vec<SiteRow> {
    edge.sites.iter().flat_map(|site| of_site(edge, site)).collect()
}

fn of_site(edge: &Edge, site: &Site) -> Vec<SiteRow> {
    let mut groups: Vec<Group> = Vec::new();
    // The last is `/`, which tells most.
    for location in site.locations.iter().rev() {
        let path = format!("{}{}", location.path, if location.exact { " alone" } else { "" });
        let (audience, asks) = reach(edge, site, location);
        let at = groups.iter().position(|group| group.audience == audience && group.asks == asks);
        let at = at.unwrap_or_else(|| {
            groups.push(Group { paths: Vec::new(), audience, asks, limits: Vec::new() });
            groups.len() - 1
        });
        let group = &mut groups[at];
        if let Some(limit) = limit(edge, location) {
            match group.limits.iter_mut().find(|(known, _)| *known == limit) {
                Some((_, paths)) => paths.push(path.clone()),
                None => group.limits.push((limit, vec![path.clone()])),
            }
        }
        group.paths.push(path);
    }
    let address = match edge.https_port.get() {
        443 => format!("https://{}", site.host),
        port => format!("https://{}:{port}", site.host),
    };
    groups.into_iter().map(|group| row(group, address.clone())).collect()
}

/// What most paths have is said without them.
fn row(group: Group, address: String) -> SiteRow {
    let Group { paths, audience, asks, mut limits } = group;
    limits.sort_by_key(|(_, at)| at.len());
    let (last, several) = (limits.len().saturating_sub(1), limits.len() > 1);
    let all = limits.iter().map(|(_, at)| at.len()).sum::<usize>() == paths.len();
    let said = |(number, (limit, at)): (usize, (String, Vec<String>))| match (number == last && all, several) {
        (true, false) => limit,
        (true, true) => format!("{limit} elsewhere"),
        (false, _) => {
            format!("{limit} at {}", at.iter().map(|path| format!("`{path}`")).collect::<Vec<_>>().join(", "))
        }
    };
    let limits = limits.into_iter().enumerate().map(said).collect();
    SiteRow { address, paths, audience, asks, limits }
}

/// Who may reach a path, and what the proxy asks them for.
fn reach(edge: &Edge, site: &Site, location: &Location) -> (String, &'static str) {
    if location.blocked.is_set() {
        return ("nobody".to_owned(), "nothing: it answers 404");
    }
    let audience = match location.allow.get() {
        None => "whoever reaches the port".to_owned(),
        Some(networks) if *networks == edge.admin => "admin networks".to_owned(),
        Some(networks) => networks.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    };
    let asks = match (&location.answer, site.authentication.is_set()) {
        (Some(_), _) => "nothing: the proxy answers itself",
        (None, true) => "the proxy's password",
        (None, false) => "what the application wants",
    };
    (audience, asks)
}

fn limit(edge: &Edge, location: &Location) -> Option<String> {
    let class = location.rate.get().filter(|_| !location.blocked.is_set())?;
    Some(edge.rates.get(class)?.rate.to_string())
}
