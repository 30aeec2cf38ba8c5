//! The whole compiler on one screen. Pure: no disk, clock or randomness; what it needs of them is in [`Input`].

use crate::artifact::Artifact;
use crate::backends::{self, escape::Refusal, report::Report};
use crate::controls;
use crate::diagnostics::Diagnostics;
use crate::source::{self, SourceId, Sources, Span};
use crate::stack::{self, Certificate};
use crate::values::{Day, ProjectName};
use crate::{profile, secrets, systems};
use std::collections::BTreeMap;

/// Everything the compiler reads.
#[derive(Debug)]
pub struct Input {
    /// Files of this run; the profile, and the system where it is a user's own, are in it already.
    pub sources: Sources,
    /// The profile.
    pub profile: SourceId,
    /// The user's own system file.
    pub system: Option<SourceId>,
    /// Templates beside the user's own system file, by relative path.
    pub templates: BTreeMap<String, String>,
    /// The day on which waivers are judged.
    pub today: Day,
}

/// What came of it. Warnings may stand beside a bundle; with an error there is none.
#[derive(Debug)]
pub struct Compiled {
    /// Files of this run, for the places in `diagnostics`.
    pub sources: Sources,
    /// Everything that was found.
    pub diagnostics: Diagnostics,
    /// The bundle.
    pub bundle: Option<Bundle>,
}

/// Everything that is written, complete but for secrets and certificates, which are only named.
#[derive(Debug)]
pub struct Bundle {
    /// Name of the compose project.
    pub name: ProjectName,
    /// Files and directories, by path.
    pub artifacts: Vec<Artifact>,
    /// Secrets to be there.
    pub secrets: Vec<secrets::Request>,
    /// Certificate to be there.
    pub certificate: Option<Certificate>,
    /// Every recommendation and where it is met.
    pub report: Report,
    /// Commands for the operator to type next.
    pub next: Vec<String>,
}

/// Compiles a profile.
pub fn compile(input: Input) -> Compiled {
    let Input { mut sources, profile, system, templates, today } = input;
    let mut diagnostics = Diagnostics::default();
    let bundle = run(&mut sources, profile, system, templates, today, &mut diagnostics);
    diagnostics.sort();
    let bundle = bundle.filter(|_| !diagnostics.has_errors());
    Compiled { sources, diagnostics, bundle }
}

fn run(
    sources: &mut Sources,
    written: SourceId,
    system: Option<SourceId>,
    templates: BTreeMap<String, String>,
    today: Day,
    diagnostics: &mut Diagnostics,
) -> Option<Bundle> {
    let profile = diagnostics.absorb(profile::parse(sources, written))?;
    let system = diagnostics.absorb(systems::load(&profile, system, sources))?;
    let stack = diagnostics.absorb(stack::resolve(&profile, &system, sources, today))?;
    if diagnostics.has_errors() {
        return None;
    }
    let hardened = controls::enforce(stack);
    diagnostics.absorb(backends::emit(&hardened, templates, &|shown| place(sources, written, shown)))
}

/// Where a file says a value that a back end could not write.
fn place(sources: &Sources, file: SourceId, shown: &str) -> Span {
    let root = sources.get(file).and_then(|text| source::read(text, file).ok());
    root.and_then(|root| root.scalars().find(|(text, _)| Refusal::shown(text.trim()) == shown).map(|(_, span)| span))
        .unwrap_or(Span::UNKNOWN)
}
