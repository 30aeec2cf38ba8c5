//! The whole compiler on one screen. Pure: no disk, clock or randomness; what it needs of them is in [`Input`].

use crate::artifact::{Artifact, Watched};
use crate::backends::{self, next};
use crate::controls::{self, Hardened};
use crate::diagnostics::Diagnostics;
use crate::format::profile::{self, Profile};
use crate::format::{misplaced_keys, wished};
use crate::inputs::Inputs;
use crate::report::{self, Report};
use crate::stack::{self, Basis, Certificate, CertificateFiles, Claims};
use crate::templates::{Engine, TemplateError};
use crate::text::{SourceId, Spanned};
use crate::values::{BundlePath, Day, HostName, HostPath, ImageRef, ProjectName, ServiceName};
use crate::yaml::Sources;
use crate::{secrets, systems};
use std::collections::{BTreeMap, BTreeSet};

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
    /// What else is known of them, by name.
    pub described: BTreeMap<String, Described>,
    /// How they are kept.
    pub keeping: stack::Keeping,
    /// Certificate to be there.
    pub certificate: Option<Certificate>,
    /// The operator's certificate on the host, where the proxy uses that.
    pub certificate_files: Option<CertificateFiles>,
    /// Who signs the certificates that the proxy asks clients for: a file of the bundle, or of the host.
    pub client_authority: Option<Result<BundlePath, Spanned<HostPath>>>,
    /// The image of each service.
    pub images: BTreeMap<ServiceName, ImageRef>,
    /// What it takes of its host, which no other profile may take.
    pub claims: Claims,
    /// Every recommendation and where it is met.
    pub report: Report,
    /// What the operator does next.
    pub next: next::Next,
    /// What it is made from.
    pub inputs: Inputs,
}

/// What several profiles share: templates and systems, each read once.
#[derive(Debug)]
pub struct Compiler {
    engine: Engine,
    systems: systems::Memo,
}

impl Default for Compiler {
    fn default() -> Self {
        Self { engine: Engine::builtin(), systems: systems::Memo::default() }
    }
}

/// What is known of a secret beside its form.
#[derive(Debug, Clone)]
pub struct Described {
    /// Who reads it, what a rotation does.
    pub secret: stack::Secret,
    /// Variables in which services get it.
    pub variables: BTreeSet<String>,
}

/// Compiles a profile.
pub fn compile(input: Input) -> Compiled {
    Compiler::default().compile(input)
}

impl Compiler {
    /// For a run over many profiles.
    pub fn of_many() -> Self {
        Self { systems: systems::Memo::of_many(), ..Self::default() }
    }

    /// Compiles a profile.
    pub fn compile(&self, input: Input) -> Compiled {
        let Input { mut sources, profile, systems, today } = input;
        let mut diagnostics = Diagnostics::default();
        // Templates are parsed while the profile and its systems are read.
        let run = || run(&mut sources, profile, &systems, self, today, &mut diagnostics);
        let bundles = rayon::join(run, || self.engine.prepare()).0.unwrap_or_default();
        diagnostics.drop_consequences();
        wished::fulfil(&mut diagnostics, &sources, today);
        diagnostics = profile::hide(diagnostics, &sources);
        sources.keep_own_fixes(&mut diagnostics);
        diagnostics.sort();
        diagnostics.keep(MAX_FINDINGS);
        let bundles = if diagnostics.has_errors() { Vec::new() } else { bundles };
        Compiled { sources, diagnostics, bundles }
    }
}

fn run(
    sources: &mut Sources,
    written: SourceId,
    systems: &BTreeMap<String, systems::Own>,
    shared: &Compiler,
    today: Day,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<Bundle>> {
    let Compiler { engine, systems: memo } = shared;
    let profile = diagnostics.absorb(profile::parse(sources, written))?;
    let own = systems;
    let (systems, found) = systems::load_all(&profile, own, sources, memo);
    diagnostics.extend(found);
    let named = profile.parts().into_iter().zip(&systems).filter_map(|((_, part), system)| {
        let names = system.as_ref()?.settings.keys().map(|name| name.value.to_string()).collect();
        Some(misplaced_keys::Settings { path: part.settings_path(), names })
    });
    if let Some(root) = sources.tree(written) {
        misplaced_keys::name_settings(diagnostics, sources, root, written, &named.collect::<Vec<_>>());
        if systems.iter().all(Option::is_some) {
            let secrets = systems.iter().flatten().flat_map(|system| system.secrets.keys());
            // That of the proxy is made by Stockade, where a site asks for one.
            let proxy = std::iter::once(stack::PROXY_PASSWORD.to_owned());
            let secrets: Vec<String> = secrets.map(|name| name.value.to_string()).chain(proxy).collect();
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
    let inputs = Inputs::of(sources, written, &profile, own);
    let mut bundles = Vec::new();
    for host in diagnostics.absorb(stack::hosts(&profile, &systems))? {
        let stack = diagnostics.absorb_new(stack::resolve(&profile, &systems, &host, sources, basis));
        let Some(stack) = stack.filter(|_| !diagnostics.has_errors()) else { continue };
        let hardened = controls::enforce(stack);
        let mut found = Diagnostics::default();
        match bundle(&hardened, &profile, engine, &inputs, &mut found) {
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
fn bundle(
    stack: &Hardened,
    profile: &Profile,
    engine: &Engine,
    inputs: &Inputs,
    found: &mut Diagnostics,
) -> Result<Bundle, TemplateError> {
    let backends::Made { mut artifacts, seen, inputs: mounted } = backends::emit(stack, engine, report::files)?;
    let (report, documents) = report::emit(stack, seen.into_iter().flatten().collect(), engine, found)?;
    artifacts.extend(documents);
    artifacts.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(Bundle {
        name: stack.name.clone(),
        host: stack.host.clone(),
        watched: backends::watched(stack, &artifacts),
        artifacts,
        secrets: stack.secrets.values().map(request).collect(),
        described: stack.secrets.values().map(|secret| (secret.name.to_string(), described(secret, stack))).collect(),
        keeping: stack.keeping.clone(),
        certificate: stack.certificate.clone(),
        certificate_files: stack.certificate_files.clone(),
        client_authority: backends::client_authority(stack),
        images: stack.services.iter().map(|(name, it)| (name.clone(), it.image.value.clone())).collect(),
        claims: Claims::of(stack, profile),
        report,
        next: next::next(stack, mounted),
        inputs: inputs.with_images(stack),
    })
}

fn request(secret: &stack::Secret) -> secrets::Request {
    secrets::Request {
        name: secret.name.to_string(),
        kind: secret.kind.clone(),
        title: Some(secret.purpose.to_string()),
        shared: secret.shared,
        brought: secret.brought,
    }
}

fn described(secret: &stack::Secret, stack: &Hardened) -> Described {
    let uses = stack.services.values().filter_map(|service| service.secrets.get(&secret.name));
    let variables = uses.filter_map(|it| it.environment.as_ref()).map(ToString::to_string).collect();
    Described { secret: secret.clone(), variables }
}

/// Drops beside what is still to be done: thousands of small texts take their time.
fn let_go(value: impl Send + 'static) {
    rayon::spawn(move || drop(value));
}
