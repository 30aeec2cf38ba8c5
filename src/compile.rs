//! The whole compiler on one screen. Pure: no disk, clock or randomness; what it needs of them is in [`Input`].

use crate::artifact::{Artifact, Watched};
use crate::backends::{self, next};
use crate::controls::{self, Hardened};
use crate::diagnostics::Diagnostics;
use crate::format::{misplaced_keys, profile};
use crate::report::{self, Report};
use crate::stack::{self, Basis, Certificate};
use crate::templates::{Engine, TemplateError};
use crate::text::SourceId;
use crate::values::{Day, HostName, ProjectName};
use crate::yaml::Sources;
use crate::{secrets, systems};
use std::collections::BTreeMap;

/// Findings of one profile that are told.
const MAX_FINDINGS: usize = 200;

/// Everything the compiler reads.
#[derive(Debug)]
pub struct Input {
    /// Files of this run; the profile, and the system where it is a user's own, are in it already.
    pub sources: Sources,
    /// The profile.
    pub profile: SourceId,
    /// Users' own systems, by the words with which the profile names them; their files are in `sources` already.
    pub systems: BTreeMap<String, systems::Own>,
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
    /// The bundles, one for each host; mostly one.
    pub bundles: Vec<Bundle>,
}

/// Everything that is written, complete but for secrets and certificates, which are only named.
#[derive(Debug)]
pub struct Bundle {
    /// Name of the compose project.
    pub name: ProjectName,
    /// The host it is for, where the profile lists several.
    pub host: Option<HostName>,
    /// Files and directories, by path.
    pub artifacts: Vec<Artifact>,
    /// Where a program would read what is not of this bundle.
    pub watched: Vec<Watched>,
    /// Secrets to be there.
    pub secrets: Vec<secrets::Request>,
    /// Certificate to be there.
    pub certificate: Option<Certificate>,
    /// Every recommendation and where it is met.
    pub report: Report,
    /// What the operator does next.
    pub next: next::Next,
}

/// Compiles a profile.
pub fn compile(input: Input) -> Compiled {
    let Input { mut sources, profile, systems, today } = input;
    let mut diagnostics = Diagnostics::default();
    let engine = Engine::builtin();
    // Templates are parsed while the profile and its systems are read.
    let run = || run(&mut sources, profile, &systems, &engine, today, &mut diagnostics);
    let bundles = rayon::join(run, || engine.prepare()).0.unwrap_or_default();
    diagnostics.drop_consequences();
    sources.keep_own_fixes(&mut diagnostics);
    diagnostics.sort();
    diagnostics.keep(MAX_FINDINGS);
    let bundles = if diagnostics.has_errors() { Vec::new() } else { bundles };
    Compiled { sources, diagnostics, bundles }
}

fn run(
    sources: &mut Sources,
    written: SourceId,
    systems: &BTreeMap<String, systems::Own>,
    engine: &Engine,
    today: Day,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<Bundle>> {
    let profile = diagnostics.absorb(profile::parse(sources, written))?;
    let own = systems;
    let (systems, found) = systems::load_all(&profile, own, sources);
    diagnostics.extend(found);
    let named = profile.parts().into_iter().zip(&systems).filter_map(|((_, part), system)| {
        let names = system.as_ref()?.settings.keys().map(|name| name.value.to_string()).collect();
        Some(misplaced_keys::Settings { path: part.settings_path(), names })
    });
    if let Some(root) = sources.tree(written) {
        misplaced_keys::name_settings(diagnostics, sources, root, written, &named.collect::<Vec<_>>());
        if systems.iter().all(Option::is_some) {
            let secrets = systems.iter().flatten().flat_map(|system| system.secrets.keys());
            let secrets: Vec<String> = secrets.map(|name| name.value.to_string()).collect();
            misplaced_keys::name_secrets(diagnostics, root, written, &secrets);
        }
        diagnostics.extend(misplaced_keys::cut_by_comment(root, sources.get(written).map_or("", |file| file.text())));
    }
    if sources.is_partial(written) {
        // What is not written may stand where the profile is no YAML: its values are judged one by one.
        diagnostics.extend(stack::check_settings(&profile, &systems, today));
        return None;
    }
    let basis = Basis { controls: controls::catalogue::known(), today };
    let mut bundles = Vec::new();
    for host in diagnostics.absorb(stack::hosts(&profile, &systems))? {
        let stack = diagnostics.absorb_new(stack::resolve(&profile, &systems, &host, sources, basis));
        let Some(stack) = stack.filter(|_| !diagnostics.has_errors()) else { continue };
        let hardened = controls::enforce(stack);
        let mut found = Diagnostics::default();
        match bundle(&hardened, engine, &mut found) {
            Ok(bundle) => bundles.push(bundle),
            Err(error) => found.push(backends::diagnostic(&error)),
        }
        diagnostics.absorb_new((Some(()), found));
        let_go(hardened);
    }
    let_go(systems);
    Some(bundles)
}

/// What the back ends make of a hardened stack, and the report on it. Contradictions that only the finished files show go to
/// `found`.
fn bundle(stack: &Hardened, engine: &Engine, found: &mut Diagnostics) -> Result<Bundle, TemplateError> {
    let backends::Made { mut artifacts, seen, inputs } = backends::emit(stack, engine, report::files)?;
    let (report, documents) = report::emit(stack, seen.into_iter().flatten().collect(), engine, found)?;
    artifacts.extend(documents);
    artifacts.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(Bundle {
        name: stack.name.clone(),
        host: stack.host.clone(),
        watched: backends::watched(stack, &artifacts),
        artifacts,
        secrets: stack.secrets.values().map(request).collect(),
        certificate: stack.certificate.clone(),
        report,
        next: next::next(stack, inputs),
    })
}

fn request(secret: &stack::Secret) -> secrets::Request {
    secrets::Request {
        name: secret.name.to_string(),
        kind: secret.kind.clone(),
        title: Some(secret.purpose.to_string()),
        shared: secret.shared,
    }
}

/// Drops beside what is still to be done: thousands of small texts take their time.
fn let_go(value: impl Send + 'static) {
    rayon::spawn(move || drop(value));
}
