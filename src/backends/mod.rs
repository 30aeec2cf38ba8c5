//! In: a hardened stack, and nothing else. Out: artifacts of every kind.

pub mod app_config;
mod demands;
pub mod firewall;
pub mod housekeeping;
pub mod next;
pub mod orchestrator;
pub mod proxy;
pub mod secrets;
pub mod shims;
mod watched;

pub use watched::places as watched;

use crate::artifact::Artifact;
use crate::controls::Hardened;
use crate::diagnostics::{Diagnostic, codes};
use crate::stack::edge::CLIENT_AUTHORITY;
use crate::templates::{Engine, TemplateError};
use crate::text::{Span, Spanned};
use crate::values::{BundlePath, HostPath};
use rayon::prelude::*;

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

/// Who signs the certificates that the proxy asks clients for: a file of the bundle, or of the host.
pub fn client_authority(stack: &Hardened) -> Option<Result<BundlePath, Spanned<HostPath>>> {
    let edge = stack.edge.as_ref().filter(|edge| edge.knows_clients())?;
    let name = CLIENT_AUTHORITY.parse().ok()?;
    match orchestrator::secret_file(&name, stack) {
        Ok(path) => Some(Ok(path)),
        Err(_) => edge.client_authority.clone().map(Err),
    }
}

/// What all back ends made of a hardened stack.
pub struct Made<T> {
    /// The artifacts, sealed.
    pub artifacts: Vec<Artifact>,
    /// What `look` saw in those of each back end.
    pub seen: Vec<T>,
    /// Files of each service whose change starts it anew.
    pub inputs: orchestrator::Inputs,
}

/// Makes the artifacts of a hardened stack; `look` sees those of each back end while others still work.
///
/// # Errors
/// Values that the grammar of their file cannot hold.
pub fn emit<T: Send>(
    stack: &Hardened,
    engine: &Engine,
    look: impl Fn(&[Artifact]) -> T + Sync,
) -> Result<Made<T>, TemplateError> {
    let made = BACKENDS.par_iter().with_max_len(1).map(|backend| {
        let artifacts = backend(stack, engine)?;
        let seen = look(&artifacts);
        Ok((artifacts, seen))
    });
    let (artifacts, seen): (Vec<_>, Vec<_>) = made.collect::<Result<Vec<_>, TemplateError>>()?.into_iter().unzip();
    let mut artifacts: Vec<Artifact> = artifacts.into_iter().flatten().collect();
    let inputs = orchestrator::seal(stack, &mut artifacts);
    Ok(Made { artifacts, seen, inputs })
}

/// What is wrong where an artifact could not be made.
pub fn diagnostic(error: &TemplateError) -> Diagnostic {
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
