//! What the resolution knows of controls: their ids, levels and reach. What they set is their own matter.

use super::Stack;
use crate::diagnostics::Severity;
use crate::values::{Boundary, Level, ServiceName};

/// Name of a control in kebab-case: its file, test, waiver, comment in generated files and anchor in the docs.
pub type Id = &'static str;

/// What is known about a control beside what it sets.
#[derive(Debug)]
pub struct Meta {
    /// Its name.
    pub id: Id,
    /// What it does, as a heading.
    pub title: &'static str,
    /// Why, in one or two sentences: what an attacker could do without it.
    pub why: &'static str,
    /// The trust boundary it guards.
    pub boundary: Boundary,
    /// How bad its absence is.
    pub severity: Severity,
    /// The lowest level that turns it on.
    pub level: Level,
    /// How small a part of the stack a waiver can name.
    pub reach: Reach,
    /// Numbers in outside checklists, such as `CIS Docker 5.12`; or one entry `none: …` that says why there is none.
    pub references: &'static [&'static str],
}

impl Meta {
    /// Whether the stack's level and waivers leave it on, everywhere or for one service.
    pub fn is_on(&self, stack: &Stack, service: Option<&ServiceName>) -> bool {
        self.level <= stack.level && !stack.waived(self.id, service)
    }
}

/// How small a part of the stack a control can be switched off for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// One service, with its networks, secrets, ports and sites.
    Service,
    /// Only the whole stack: a waiver that names a service changes nothing.
    Stack,
}

/// Every control there is, handed in by whoever has their list.
#[derive(Debug, Clone, Copy)]
pub struct Catalogue(pub &'static [&'static Meta]);

impl Catalogue {
    /// The control of an id.
    pub fn find(self, id: &str) -> Option<&'static Meta> {
        self.0.iter().copied().find(|meta| meta.id == id)
    }

    /// All ids, in the order of the documentation.
    pub fn ids(self) -> impl Iterator<Item = Id> + Clone {
        self.0.iter().map(|meta| meta.id)
    }
}
