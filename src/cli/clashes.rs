//! What several profiles of a run all want, though it can be had once: domains, and ports, names and addresses of one host.
//!
//! Profiles share a host where they say so: by the same `address` under `hosts`, or by the same domain, which leads to one host.
//! With `--one-host` all of them do.

use super::input;
use crate::compile::Bundle;
use crate::diagnostics::{Diagnostic, Diagnostics, codes};
use crate::stack::Claim;
use crate::text::{SourceId, Span};
use crate::yaml::Sources;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::path::PathBuf;

/// Findings that are told.
const MOST: usize = 100;

/// What the bundle of one profile takes of one host.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Taken {
    address: Option<IpAddr>,
    /// With the place in the profile, from and to.
    claims: Vec<(Claim, usize, usize)>,
}

/// What bundles of one profile take.
pub fn taken(bundles: &[Bundle], profile: SourceId) -> Vec<Taken> {
    let one = |bundle: &Bundle| {
        // Everybody has that one.
        let counts = |claim: &Claim| !matches!(claim, Claim::Domain(domain) if domain == "localhost");
        let all = bundle.claims.all.iter().filter(|(claim, _)| counts(claim));
        let placed = all.map(|(claim, at)| match at.source == profile {
            true => (claim.clone(), at.start, at.end),
            false => (claim.clone(), 0, 0),
        });
        Taken { address: bundle.claims.address, claims: placed.collect() }
    };
    bundles.iter().map(one).collect()
}

/// One claim of one profile.
#[derive(Clone, Copy)]
struct Held<'c> {
    profile: usize,
    claim: &'c Claim,
    at: (usize, usize),
}

/// Every clash, with both places; profiles by their number.
pub fn find(profiles: &[PathBuf], taken: &[(usize, Taken)], one_host: bool) -> (Diagnostics, Sources) {
    let mut found =
        Found { profiles, findings: Diagnostics::new(), sources: Sources::new(), known: HashMap::new(), more: 0 };
    let mut domains: BTreeMap<&str, Held> = BTreeMap::new();
    for held in all(taken) {
        let Claim::Domain(domain) = held.claim else { continue };
        match domains.get(domain.as_str()) {
            Some(other) if other.profile != held.profile => found.add(*other, held, &format!("the domain `{domain}`")),
            Some(_) => {}
            None => drop(domains.insert(domain, held)),
        }
    }
    for host in hosts(taken, one_host) {
        found.on_host(&host);
    }
    found.finish()
}

fn all(taken: &[(usize, Taken)]) -> impl Iterator<Item = Held<'_>> {
    taken.iter().flat_map(|(profile, taken)| {
        taken.claims.iter().map(|(claim, start, end)| Held { profile: *profile, claim, at: (*start, *end) })
    })
}

/// Bundles of different profiles that share a host.
fn hosts(taken: &[(usize, Taken)], one_host: bool) -> Vec<Vec<&(usize, Taken)>> {
    if one_host {
        return vec![taken.iter().collect()];
    }
    // Each bundle leads to the first one that it shares a host with.
    let mut first: Vec<usize> = (0..taken.len()).collect();
    let mut addresses: HashMap<IpAddr, usize> = HashMap::new();
    let mut domains: HashMap<&str, usize> = HashMap::new();
    for (index, (_, one)) in taken.iter().enumerate() {
        let address = one.address.map(|address| *addresses.entry(address).or_insert(index));
        // Where the host is said, its domain may lead to something in front of it.
        let named = one.claims.iter().filter(|_| address.is_none()).filter_map(|(claim, ..)| match claim {
            Claim::Domain(domain) => Some(domain.as_str()),
            _ => None,
        });
        let same = named.map(|domain| *domains.entry(domain).or_insert(index));
        for other in address.into_iter().chain(same).collect::<Vec<_>>() {
            let (a, b) = (root(&first, other), root(&first, index));
            first[a.max(b)] = a.min(b);
        }
    }
    let mut groups: BTreeMap<usize, Vec<&(usize, Taken)>> = BTreeMap::new();
    for (index, one) in taken.iter().enumerate() {
        groups.entry(root(&first, index)).or_default().push(one);
    }
    groups.into_values().filter(|group| group.len() > 1).collect()
}

fn root(first: &[usize], mut index: usize) -> usize {
    while first[index] != index {
        index = first[index];
    }
    index
}

struct Found<'p> {
    profiles: &'p [PathBuf],
    findings: Diagnostics,
    sources: Sources,
    known: HashMap<usize, Option<SourceId>>,
    more: usize,
}

impl Found<'_> {
    fn on_host(&mut self, group: &[&(usize, Taken)]) {
        let mut names: HashMap<(&str, &str), Held> = HashMap::new();
        let mut ports: BTreeMap<u16, Vec<Held>> = BTreeMap::new();
        let mut subnets: Vec<Held> = Vec::new();
        for (profile, one) in group {
            for (claim, start, end) in &one.claims {
                let held = Held { profile: *profile, claim, at: (*start, *end) };
                match claim {
                    Claim::Domain(_) => {}
                    Claim::Name(kind, name) => match names.get(&(kind.as_str(), name.as_str())) {
                        Some(other) if other.profile != *profile => {
                            self.add(*other, held, &format!("the {kind} `{name}` of one host"));
                        }
                        Some(_) => {}
                        None => drop(names.insert((kind, name), held)),
                    },
                    Claim::Ports(low, high, ..) => {
                        let there = (*low..=*high).filter_map(|port| ports.get(&port)).flatten();
                        let other = there.copied().find(|other| other.profile != *profile && clash(other.claim, claim));
                        if let Some(other) = other {
                            self.add(other, held, &port(claim));
                        }
                        (*low..=*high).for_each(|port| ports.entry(port).or_default().push(held));
                    }
                    Claim::Subnet(subnet) => {
                        let other = subnets.iter().find(|other| {
                            other.profile != *profile
                                && matches!(other.claim, Claim::Subnet(their) if their.contains(subnet) || subnet.contains(their))
                        });
                        if let Some(other) = other.copied() {
                            self.add(other, held, &format!("the addresses {subnet} of one host"));
                        }
                        subnets.push(held);
                    }
                }
            }
        }
    }

    fn add(&mut self, one: Held<'_>, two: Held<'_>, what: &str) {
        if self.findings.len() >= MOST {
            self.more += 1;
            return;
        }
        let (first, second) = (self.place(one), self.place(two));
        let shown = |held: Held<'_>| self.profiles[held.profile].display();
        let help = match two.claim {
            Claim::Domain(_) => "give one of them another `domain`; one proxy serves a domain".to_owned(),
            Claim::Name(kind, _) if kind == "container" => {
                "give one of them another host, or name its system under `systems` with a key of yours, which is put before its names"
                    .to_owned()
            }
            Claim::Name(..) => "give one of them another `name`".to_owned(),
            Claim::Ports(..) => "give one of them another port, or another host under `hosts`".to_owned(),
            Claim::Subnet(_) => "give one of them another `subnet`".to_owned(),
        };
        let says = format!("`{}` and `{}` both want {what}", shown(one), shown(two));
        self.findings.push_new(
            Diagnostic::error(codes::PROFILE_CLASH, says).at(second, "").also(first, "taken here").help(help),
        );
    }

    /// The place in a store of our own; of a profile that has changed since it was read, nothing.
    fn place(&mut self, held: Held<'_>) -> Span {
        let path = &self.profiles[held.profile];
        let sources = &mut self.sources;
        let file = *self.known.entry(held.profile).or_insert_with(|| {
            let bytes = input::bounded(path).ok()?;
            sources.add_bytes(path.display().to_string(), &bytes).ok()
        });
        let Some(source) = file.filter(|_| held.at != (0, 0)) else { return Span::UNKNOWN };
        let span = Span::new(source, held.at.0, held.at.1);
        let there = sources.get(source).is_some_and(|file| file.text().get(span.start..span.end).is_some());
        if there { span } else { Span::UNKNOWN }
    }

    fn finish(mut self) -> (Diagnostics, Sources) {
        if self.more > 0 {
            let says = format!("{} further clashes are not told", self.more);
            self.findings.push(Diagnostic::error(codes::PROFILE_CLASH, says).help("correct those shown and run again"));
        }
        (self.findings, self.sources)
    }
}

/// Whether two want one port on one address.
fn clash(one: &Claim, two: &Claim) -> bool {
    let (Claim::Ports(a, b, protocol, on), Claim::Ports(c, d, other, also)) = (one, two) else { return false };
    let shared = on.is_empty() || also.is_empty() || on.iter().any(|address| also.contains(address));
    protocol == other && a <= d && c <= b && shared
}

fn port(claim: &Claim) -> String {
    match claim {
        Claim::Ports(low, high, protocol, _) if low == high => format!("port {low}/{protocol} of one host"),
        Claim::Ports(low, high, protocol, _) => format!("ports {low}-{high}/{protocol} of one host"),
        _ => String::new(),
    }
}
