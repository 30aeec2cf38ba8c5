//! Services, networks, ports and trust boundaries as shapes with places: from outside through the host's ports to the
//! services that publish them, their networks, the services behind those, and so on.
//!
//! Services and networks are laid in columns by their distance from outside. A line then only ever joins neighbouring
//! columns and runs in the gap between them, so that nothing can overlap, however many there are.

mod graph;

use super::super::view::View;
use graph::Graph;
use serde::Serialize;

/// Blank around everything.
const MARGIN: u32 = 20;
/// Blank between columns, in which lines run.
const GUTTER: u32 = 56;
/// Blank between boxes of a column.
const GAP: u32 = 16;
/// Space for the headings of columns.
const HEADING: u32 = 58;
/// Width of a character of a name and of a note; the fonts are monospaced.
const NAME: u32 = 8;
const NOTE: u32 = 7;
/// Longest text that is shown whole.
const LONGEST: usize = 26;
/// Narrowest column, so that its heading fits.
const NARROWEST: u32 = 150;

/// A drawing.
#[derive(Debug, Default, Serialize)]
pub(super) struct Diagram {
    pub width: u32,
    pub height: u32,
    /// The host: everything that is not outside.
    pub host: Rectangle,
    pub headings: Vec<Heading>,
    pub lines: Vec<Joint>,
    pub shapes: Vec<Shape>,
}

/// A rectangle.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) struct Rectangle {
    pub x: u32,
    pub y: u32,
    pub width: u32,
    pub height: u32,
}

/// What stands above a column.
#[derive(Debug, Serialize)]
pub(super) struct Heading {
    /// Middle of the column.
    pub x: u32,
    pub title: String,
    /// The trust boundary.
    pub boundary: &'static str,
}

/// One box.
#[derive(Debug, Serialize)]
pub(super) struct Shape {
    pub kind: Kind,
    pub at: Rectangle,
    /// Middle of the box.
    pub middle: u32,
    /// Baselines of name and note.
    pub name_y: u32,
    pub note_y: u32,
    pub name: String,
    pub note: Option<String>,
    /// Everything in words.
    pub full: String,
    /// Radius of its corners: containers are boxes, networks are pills.
    pub corner: u32,
}

/// What a box stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Kind {
    /// Who comes from outside.
    Actor,
    /// A port of the host.
    Gate,
    /// A container.
    Service,
    /// A process of the host.
    Process,
    /// A network without a way out.
    Internal,
    /// A network with one.
    Open,
}

/// A line between two boxes.
#[derive(Debug, Serialize)]
pub(super) struct Joint {
    pub path: String,
    pub kind: &'static str,
}

/// A box before it has a place.
struct Node {
    kind: Kind,
    name: String,
    note: Option<String>,
    full: String,
}

impl Node {
    fn height(&self) -> u32 {
        if self.note.is_some() { 50 } else { 34 }
    }

    fn width(&self) -> u32 {
        let name = NAME * short(&self.name).chars().count() as u32;
        let note = self.note.as_ref().map_or(0, |note| NOTE * short(note).chars().count() as u32);
        name.max(note) + 24
    }
}

/// Draws what the view says.
pub(super) fn draw(view: &View) -> Diagram {
    let mut graph = Graph::default();
    graph.outside(view);
    graph.inside(view);
    graph.order();
    graph.place(view)
}

fn heading(kind: Kind, view: &View) -> String {
    match (kind, &view.firewall) {
        (Kind::Actor, _) => "Outside".to_owned(),
        (Kind::Gate, Some(firewall)) => format!("Firewall: {firewall}"),
        (Kind::Gate, None) => "Host ports".to_owned(),
        (Kind::Service | Kind::Process, _) => "Services".to_owned(),
        (Kind::Internal | Kind::Open, _) => "Networks".to_owned(),
    }
}

/// The trust boundary that the boxes of a column stand for.
fn boundary(kind: Kind) -> &'static str {
    match kind {
        Kind::Actor => "untrusted",
        Kind::Gate => "external to host",
        Kind::Service | Kind::Process => "host to container",
        Kind::Internal | Kind::Open => "container to container",
    }
}

fn line(from: Rectangle, to: Rectangle, kind: &'static str) -> Joint {
    let (x1, y1) = (from.x + from.width, from.y + from.height / 2);
    let (x2, y2) = (to.x, to.y + to.height / 2);
    let bend = x1 + x2.saturating_sub(x1) / 2;
    Joint { path: format!("M{x1} {y1}C{bend} {y1} {bend} {y2} {x2} {y2}"), kind }
}

fn shape(node: Node, at: Rectangle) -> Shape {
    let middle = at.y + at.height / 2;
    Shape {
        kind: node.kind,
        at,
        middle: at.x + at.width / 2,
        name_y: if node.note.is_some() { middle - 3 } else { middle + 5 },
        note_y: middle + 14,
        name: short(&node.name),
        note: node.note.as_deref().map(short),
        full: node.full,
        corner: if matches!(node.kind, Kind::Internal | Kind::Open) { at.height / 2 } else { 5 },
    }
}

/// The text, cut where it would make its column too wide.
fn short(text: &str) -> String {
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    text.chars().take(LONGEST - 1).chain(['…']).collect()
}
