//! Boxes and lines between them, sorted into columns and given places.

use super::super::super::view::{ServiceRow, View};
use super::{
    Diagram, GAP, GUTTER, HEADING, Heading, Kind, MARGIN, NARROWEST, Node, Rectangle, boundary, heading, line, shape,
};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Default)]
pub(super) struct Graph {
    nodes: Vec<Node>,
    columns: Vec<Vec<usize>>,
    /// Pairs of boxes, the left one first.
    edges: BTreeSet<(usize, usize, &'static str)>,
    services: BTreeMap<String, usize>,
}

impl Graph {
    fn add(&mut self, column: usize, node: Node) -> usize {
        self.nodes.push(node);
        self.columns.resize_with(self.columns.len().max(column + 1), Vec::new);
        self.columns[column].push(self.nodes.len() - 1);
        self.nodes.len() - 1
    }

    /// Who comes from outside, and the ports they come to.
    pub(super) fn outside(&mut self, view: &View) {
        let mut actors: BTreeMap<&str, usize> = BTreeMap::new();
        self.columns = vec![Vec::new(), Vec::new(), Vec::new()];
        for port in &view.ports {
            let served = match self.services.get(&port.service) {
                Some(known) => *known,
                None => {
                    let row = view.services.iter().find(|row| row.name == port.service);
                    let note = row.map_or("on the host".to_owned(), user);
                    let kind = if row.is_some() { Kind::Service } else { Kind::Process };
                    let full = format!("{}: {note}", port.service);
                    let name = port.service.trim_end_matches(" (on the host)").to_owned();
                    let node = self.add(2, Node { kind, name, note: Some(note), full });
                    self.services.insert(port.service.clone(), node);
                    node
                }
            };
            let full = format!("port {} of {}, open to {}", port.host, port.service, port.audience);
            let gate = self.add(1, Node { kind: Kind::Gate, name: port.host.clone(), note: None, full });
            let kind = if port.outside.as_deref() == Some("everybody") { "public" } else { "limited" };
            self.edges.insert((gate, served, kind));
            if let Some(outside) = &port.outside {
                let actor = *actors.entry(outside).or_insert_with(|| {
                    let full = format!("from outside: {outside}");
                    self.add(0, Node { kind: Kind::Actor, name: outside.clone(), note: None, full })
                });
                self.edges.insert((actor, gate, kind));
            }
        }
    }

    /// Services and networks, by their distance from what is published.
    pub(super) fn inside(&mut self, view: &View) {
        let mut networks: BTreeSet<usize> = BTreeSet::new();
        let mut column = 2;
        loop {
            // Networks of the services in this column that no earlier column has.
            let here: Vec<String> = self.services_in(column);
            for (number, network) in view.networks.iter().enumerate() {
                let processes = view.ports.iter().filter(|port| port.networks.contains(&network.name));
                let members: BTreeSet<&String> =
                    network.members.iter().chain(processes.map(|port| &port.service)).collect();
                let touched = members.iter().any(|member| here.contains(member));
                if !touched || !networks.insert(number) {
                    continue;
                }
                let note = if network.internal { "no way out" } else { "way out" };
                let node = self.add(
                    column + 1,
                    Node {
                        kind: if network.internal { Kind::Internal } else { Kind::Open },
                        name: network.name.clone(),
                        note: Some(note.to_owned()),
                        full: format!("network {}, way out: {}", network.name, network.egress),
                    },
                );
                for member in members {
                    match self.services.get(member) {
                        Some(service) if here.contains(member) => {
                            self.edges.insert((*service, node, "network"));
                        }
                        // A service of an earlier column would have brought the network there.
                        Some(service) => {
                            self.edges.insert((node, *service, "network"));
                        }
                        None => {
                            let service = self.service(column + 2, view, member);
                            self.edges.insert((node, service, "network"));
                        }
                    }
                }
            }
            if self.columns.get(column + 2).is_some_and(|next| !next.is_empty()) {
                column += 2;
                continue;
            }
            // What nothing leads to stands with what is published.
            match view.services.iter().find(|row| !self.services.contains_key(&row.name)) {
                Some(row) => {
                    self.service(2, view, &row.name);
                    column = 2;
                }
                None => return,
            }
        }
    }

    fn services_in(&self, column: usize) -> Vec<String> {
        let nodes = self.columns.get(column).map(Vec::as_slice).unwrap_or_default();
        self.services.iter().filter(|(_, node)| nodes.contains(node)).map(|(name, _)| name.clone()).collect()
    }

    fn service(&mut self, column: usize, view: &View, name: &str) -> usize {
        let row = view.services.iter().find(|row| row.name == name);
        let note = row.map_or_else(String::new, user);
        let full = row.map_or_else(String::new, |row| {
            format!("{}: user {}, {} root, capabilities {}", row.name, row.user, row.root, row.capabilities)
        });
        let node = self.add(column, Node { kind: Kind::Service, name: name.to_owned(), note: Some(note), full });
        self.services.insert(name.to_owned(), node);
        node
    }

    /// Puts what is joined near each other, column by column.
    pub(super) fn order(&mut self) {
        self.columns.retain(|column| !column.is_empty());
        for column in 1..self.columns.len() {
            let rank: BTreeMap<usize, usize> =
                self.columns[column - 1].iter().enumerate().map(|(rank, node)| (*node, rank)).collect();
            // Thousandths of the mean rank of what leads here; what nothing leads to comes last.
            let weight = |node: usize| {
                let ranks: Vec<usize> = self
                    .edges
                    .iter()
                    .filter(|edge| edge.1 == node)
                    .filter_map(|edge| rank.get(&edge.0).copied())
                    .collect();
                ranks.iter().sum::<usize>().saturating_mul(1000).checked_div(ranks.len()).unwrap_or(usize::MAX)
            };
            let mut sorted: Vec<(usize, usize)> =
                self.columns[column].iter().map(|node| (weight(*node), *node)).collect();
            sorted.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.cmp(&b.1)));
            self.columns[column] = sorted.into_iter().map(|(_, node)| node).collect();
        }
    }

    pub(super) fn place(self, view: &View) -> Diagram {
        let tall = |column: &[usize]| {
            let boxes: u32 = column.iter().map(|node| self.nodes[*node].height()).sum();
            boxes + GAP * (column.len() as u32).saturating_sub(1)
        };
        let tallest = self.columns.iter().map(|column| tall(column)).max().unwrap_or_default();
        let mut places: BTreeMap<usize, Rectangle> = BTreeMap::new();
        let mut diagram = Diagram { height: MARGIN + HEADING + tallest + 2 * MARGIN, ..Diagram::default() };
        let mut x = MARGIN;
        for column in &self.columns {
            let widest = column.iter().map(|node| self.nodes[*node].width()).max().unwrap_or_default();
            let width = widest.max(NARROWEST);
            let kind = self.nodes[column[0]].kind;
            if kind != Kind::Actor && diagram.host.width == 0 {
                diagram.host = Rectangle { x: x - MARGIN.min(x) / 2, y: MARGIN / 2, width: 1, height: 0 };
            }
            diagram.headings.push(Heading { x: x + width / 2, title: heading(kind, view), boundary: boundary(kind) });
            let mut y = MARGIN + HEADING + (tallest - tall(column)) / 2;
            for node in column {
                let height = self.nodes[*node].height();
                places.insert(*node, Rectangle { x, y, width, height });
                y += height + GAP;
            }
            x += width + GUTTER;
        }
        diagram.width = x.saturating_sub(GUTTER) + MARGIN;
        diagram.host.width = diagram.width - diagram.host.x - MARGIN / 2;
        diagram.host.height = diagram.height - MARGIN;
        diagram.lines = self.edges.iter().map(|edge| line(places[&edge.0], places[&edge.1], edge.2)).collect();
        diagram.shapes = self.nodes.into_iter().zip(places.into_values()).map(|(node, at)| shape(node, at)).collect();
        diagram
    }
}

fn user(row: &ServiceRow) -> String {
    format!("user {}", row.user)
}
