//! In: a hardened stack, and nothing else. Out: artifacts of every kind.

pub mod app_config;
mod demands;
pub mod escape;
pub mod firewall;
pub mod housekeeping;
pub mod next;
pub mod orchestrator;
pub mod proxy;
pub mod report;
pub mod secrets;
pub mod shims;
pub mod sockproxy;
pub mod templates;
mod watched;

use crate::artifact::Artifact;
use crate::compile::Bundle;
use crate::controls::Hardened;
use crate::diagnostics::{Diagnostic, Diagnostics, codes};
use crate::secrets::Request;
use crate::source::Span;
use rayon::prelude::*;
use templates::{Engine, TemplateError};

/// One kind of artifacts, made from a hardened stack.
type Backend = fn(&Hardened, &Engine) -> Result<Vec<Artifact>, TemplateError>;

/// Every back end whose artifacts the report speaks of, the slowest first.
const BACKENDS: [Backend; 5] = [orchestrator::emit, proxy::emit, firewall::emit, of_the_host, shims::emit];

/// Files of the application and of secrets, and what lists their owners and modes.
fn of_the_host(stack: &Hardened, engine: &Engine) -> Result<Vec<Artifact>, TemplateError> {
    let own = app_config::emit(stack, engine)?;
    let secrets = secrets::emit(stack);
    let mut artifacts = housekeeping::emit(stack, engine, &own, &secrets)?;
    artifacts.extend(own);
    artifacts.extend(secrets);
    Ok(artifacts)
}

/// Makes the bundle of a hardened stack.
///
/// # Errors
/// Values that the grammar of their file cannot hold, and contradictions that only the finished files show.
pub fn emit(stack: &Hardened, engine: &Engine) -> (Option<Bundle>, Diagnostics) {
    let mut diagnostics = Diagnostics::default();
    let bundle = match bundle(stack, engine, &mut diagnostics) {
        Ok(bundle) => Some(bundle),
        Err(error) => {
            diagnostics.push(diagnostic(&error));
            None
        }
    };
    (bundle, diagnostics)
}

fn bundle(stack: &Hardened, engine: &Engine, diagnostics: &mut Diagnostics) -> Result<Bundle, TemplateError> {
    let made = BACKENDS.par_iter().with_max_len(1).map(|backend| {
        let artifacts = backend(stack, engine)?;
        let files = report::files(&artifacts);
        Ok((artifacts, files))
    });
    let (artifacts, files): (Vec<_>, Vec<_>) = made.collect::<Result<Vec<_>, TemplateError>>()?.into_iter().unzip();
    let mut artifacts: Vec<Artifact> = artifacts.into_iter().flatten().collect();
    let files = files.into_iter().flatten().collect();
    let inputs = orchestrator::seal(stack, &mut artifacts);
    let (report, documents) = report::emit(stack, files, engine, diagnostics)?;
    artifacts.extend(documents);
    artifacts.sort_by(|a, b| a.path.cmp(&b.path));
    let secrets = stack
        .secrets
        .values()
        .map(|secret| Request {
            name: secret.name.to_string(),
            kind: secret.kind.clone(),
            title: Some(secret.purpose.to_string()),
            shared: secret.shared,
        })
        .collect();
    let certificate = stack.certificate.clone();
    Ok(Bundle {
        name: stack.name.clone(),
        host: stack.host.clone(),
        watched: watched::places(stack, &artifacts),
        artifacts,
        secrets,
        certificate,
        report,
        next: next::next(stack, inputs),
    })
}

fn diagnostic(error: &TemplateError) -> Diagnostic {
    match error {
        TemplateError::Refused { template, refusal, .. } => Diagnostic::error(
            codes::UNPRINTABLE_VALUE,
            format!("the value `{}` cannot be written: {}", refusal.value, refusal.reason),
        )
        .at(refusal.at, "")
        .with_note(format!("it belongs into a file of the grammar `{}` ({template})", refusal.grammar.id()))
        .help("use another value for it in the profile"),
        TemplateError::Bug { .. } => Diagnostic::error(codes::BUG, error.to_string())
            .help("this is a mistake of Stockade; please report it with the profile"),
        TemplateError::Own { at, named, error } => own(error, at.unwrap_or(*named), *named),
    }
}

/// What is wrong in a system's own template, or with a value it prints.
fn own(error: &TemplateError, at: Span, named: Span) -> Diagnostic {
    let finding = match error {
        TemplateError::Refused { refusal, .. } => {
            let finding = diagnostic(error);
            return if refusal.at.is_unknown() {
                finding.at(at, "printed here")
            } else {
                finding.also(at, "printed here")
            };
        }
        TemplateError::Bug { template, cause, .. } => {
            Diagnostic::error(codes::BAD_TEMPLATE, format!("the template `{template}` fails: {cause}"))
                .at(at, "")
                .help("docs/systems.md lists what templates see and how they print it")
        }
        TemplateError::Own { error, .. } => return diagnostic(error),
    };
    if at == named { finding } else { finding.also(named, "named here") }
}
