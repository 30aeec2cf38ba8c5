//! Gives every secret and certificate of a bundle a value: what exists stays, what is missing is made.

use std::collections::{BTreeMap, BTreeSet};

use time::UtcDateTime;
use zeroize::Zeroizing;

use super::certificates::{self, Certificates};
use super::marks::{Known, Left};
use super::{Folder, Found, WriteError};
use crate::artifact::{CertificatePart, Content};
use crate::compile::Bundle;
use crate::diagnostics::{Diagnostic, Diagnostics, codes};
use crate::secrets::{self, Entropy, Existing, Origin, Outdated, Progress, Secret, SecretError};
use crate::values::BundlePath;

/// What new values are made with; without it nothing is made and gaps stay gaps.
pub struct Chance<'a> {
    /// Random bytes.
    pub entropy: &'a mut dyn Entropy,
    /// Told how many slow hashes are done.
    pub progress: Progress<'a>,
}

/// Values for a bundle.
#[derive(Debug, Default)]
pub struct Filled {
    secrets: BTreeMap<String, secrets::Value>,
    certificates: Certificates,
    left: Left,
    /// What is to be said about values that exist.
    pub warnings: Diagnostics,
    /// What is to be said of derived values that are made anew, once they are written.
    pub made: Diagnostics,
}

impl Filled {
    /// The value of a secret.
    pub(super) fn secret(&self, name: &str) -> Option<&Secret> {
        self.secrets.get(name).map(|value| &value.secret)
    }

    /// A part of the certificate.
    pub(super) fn certificate(&self, part: CertificatePart) -> Option<&str> {
        self.certificates.part(part).map(Secret::expose)
    }

    /// The value of a secret, or of a part of the certificate by its path.
    fn value(&self, bundle: &Bundle, name: &str) -> Option<&str> {
        let part = bundle.artifacts.iter().find_map(|artifact| match artifact.content {
            Content::Certificate(part) if artifact.path.as_str() == name => Some(part),
            _ => None,
        });
        part.map_or_else(|| self.secret(name).map(Secret::expose), |part| self.certificate(part))
    }

    /// Whether a part of the certificate is meant to be absent: its owner has taken it away.
    pub(super) fn left_out(&self, part: CertificatePart) -> bool {
        self.certificates.left_out(part)
    }

    /// Whether the certificate that is there is not what the profile asks for: its names, or the days on which it is valid.
    pub fn has_unfit_certificate(&self) -> bool {
        self.certificates.unfit
    }

    /// The generation of each secret and certificate that some service mounts.
    pub(super) fn generations(&self) -> &BTreeMap<String, String> {
        &self.left.generations
    }

    /// The text of the file that tells which secrets change.
    pub(super) fn marks(&self) -> Option<&Secret> {
        self.left.marks.as_ref()
    }

    /// Names of secrets that have another value than the last run left.
    pub fn changed(&self) -> &BTreeSet<String> {
        &self.left.changed
    }

    /// Names of secrets that are new.
    pub fn created(&self) -> impl Iterator<Item = &str> {
        self.secrets.iter().filter(|(_, value)| value.origin == Origin::Created).map(|(name, _)| name.as_str())
    }
}

/// Values that several hosts must agree on, by name.
#[derive(Debug, Default)]
pub struct Shared(BTreeMap<String, Secret>);

impl Shared {
    /// Reads what the hosts of a profile have already.
    ///
    /// # Errors
    /// Inside: hosts that have different values. Outside: a failing disk.
    pub fn gather(hosts: &[(Bundle, Option<Folder>)]) -> Result<Result<Self, Diagnostics>, WriteError> {
        let mut shared = Self::default();
        let mut findings = Diagnostics::new();
        for (bundle, folder) in hosts {
            let mut existing = existing(bundle, folder.as_ref(), &mut Diagnostics::new())?;
            for request in bundle.secrets.iter().filter(|request| request.shared) {
                let Some(secret) = existing.remove(&request.name) else { continue };
                match shared.0.get(&request.name) {
                    Some(known) if known.expose() != secret.expose() => findings.push(
                        Diagnostic::error(
                            codes::BAD_SECRET,
                            format!("the hosts have different values of `{}`", request.name),
                        )
                        .help("keep the right one and remove the other files; the next run copies it to every host"),
                    ),
                    Some(_) => {}
                    None => drop(shared.0.insert(request.name.clone(), secret)),
                }
            }
        }
        Ok(if findings.has_errors() { Err(findings) } else { Ok(shared) })
    }

    fn add_to(&self, bundle: &Bundle, existing: &mut Existing) {
        for request in bundle.secrets.iter().filter(|request| request.shared) {
            if let Some(secret) = self.0.get(&request.name)
                && !existing.contains_key(&request.name)
            {
                existing.insert(request.name.clone(), Secret::new(secret.expose().to_owned()));
            }
        }
    }

    fn learn(&mut self, bundle: &Bundle, filled: &Filled) {
        for request in bundle.secrets.iter().filter(|request| request.shared) {
            if let Some(secret) = filled.secret(&request.name) {
                self.0.insert(request.name.clone(), Secret::new(secret.expose().to_owned()));
            }
        }
    }
}

/// Reads the values that lie in the folder and makes those that are missing; writes nothing.
///
/// # Errors
/// Inside: findings that forbid to write, such as a value that only the operator can bring. Outside: a failing disk.
pub fn fill(
    bundle: &Bundle,
    folder: Option<&Folder>,
    shared: &mut Shared,
    now: UtcDateTime,
    mut chance: Option<Chance<'_>>,
) -> Result<Result<Filled, Diagnostics>, WriteError> {
    let (mut findings, mut made) = (Diagnostics::new(), Diagnostics::new());
    let writes = chance.is_some();
    let mut existing = existing(bundle, folder, &mut findings)?;
    if findings.has_errors() {
        return Ok(Err(findings));
    }
    shared.add_to(bundle, &mut existing);
    let known = Known::of(folder)?;
    let progress: Progress<'_> = chance.as_ref().map_or(&|_, _| (), |chance| chance.progress);
    let fits = |name: &str, value: &str| known.fits(name, value);
    let given = secrets::outdated(&bundle.secrets, &existing, &fits, progress).and_then(|outdated| {
        for derived in outdated {
            existing.remove(&derived.name);
            made.push(derive_again(&derived, bundle, writes));
        }
        match &mut chance {
            Some(chance) => secrets::fill(&bundle.secrets, existing, chance.entropy, chance.progress),
            None => keep(bundle, existing),
        }
    });
    let mut filled = Filled::default();
    match given {
        Ok(given) => {
            findings.extend(given.missing.iter().map(|missing| supplied(missing, bundle, folder)));
            filled.secrets = given.values;
        }
        Err(errors) => findings.extend(errors.iter().map(|error| unfit(error, bundle))),
    }
    let mut entropy = chance.map(|chance| chance.entropy);
    let borrowed = entropy.as_mut().map(|entropy| &mut **entropy as &mut dyn Entropy);
    filled.certificates = certificates::fill(bundle, folder, now, known.issuing, borrowed, &mut findings)?;
    if !findings.has_errors() {
        let value = |name: &str| filled.value(bundle, name);
        match known.settle(bundle, value, entropy) {
            Ok(left) => filled.left = left,
            Err(error) => findings.push(unfit(&error.into(), bundle)),
        }
    }
    if findings.has_errors() {
        return Ok(Err(findings));
    }
    shared.learn(bundle, &filled);
    match writes {
        true => filled.made = made,
        false => findings.extend(made),
    }
    filled.warnings = findings;
    Ok(Ok(filled))
}

/// What is said of a derived value that no longer fits.
fn derive_again(derived: &Outdated, bundle: &Bundle, writes: bool) -> Diagnostic {
    let Outdated { name, of, source_changed } = derived;
    let path = place(bundle, name).map_or_else(|| name.clone(), ToString::to_string);
    let why = if *source_changed { "which has another value now" } else { "in the form asked for now" };
    let what = if writes { "was" } else { "will be" };
    let help = match writes {
        true => "start the stack as said at the end, so that its readers take the new one".to_owned(),
        false => format!("run `stockade generate`, which keeps `{of}` as it is"),
    };
    Diagnostic::warning(codes::DRIFT, format!("`{path}` {what} made anew from `{of}`, {why}")).help(help)
}

/// Where the file of a secret lies.
pub(super) fn place<'b>(bundle: &'b Bundle, name: &str) -> Option<&'b BundlePath> {
    let holds = |content: &Content| matches!(content, Content::Secret(secret) if secret.as_str() == name);
    bundle.artifacts.iter().find(|artifact| holds(&artifact.content)).map(|artifact| &artifact.path)
}

fn existing(bundle: &Bundle, folder: Option<&Folder>, findings: &mut Diagnostics) -> Result<Existing, WriteError> {
    let mut existing = Existing::new();
    let Some(folder) = folder else { return Ok(existing) };
    for request in &bundle.secrets {
        let Some(path) = place(bundle, &request.name) else { continue };
        match folder.find(path)? {
            Found::Absent => {}
            Found::Directory { .. } => {
                return Err(WriteError::InTheWay { path: folder.shown(path.as_str()), wanted: "regular file" });
            }
            Found::File { mut bytes, .. } => match Secret::from_bytes(std::mem::take(&mut *bytes)) {
                Ok(secret) => drop(existing.insert(request.name.clone(), secret)),
                Err(flaw) => {
                    findings.push(Diagnostic::error(codes::BAD_SECRET, format!("`{path}` cannot be used: {flaw}")))
                }
            },
        }
    }
    Ok(existing)
}

/// As [`secrets::fill`], but nothing is made.
fn keep(bundle: &Bundle, mut existing: Existing) -> Result<secrets::Filled, Vec<SecretError>> {
    secrets::check(&bundle.secrets)?;
    let mut kept = secrets::Filled::default();
    let mut errors = Vec::new();
    for request in &bundle.secrets {
        let Some(secret) = existing.remove(&request.name) else { continue };
        match secrets::inspect(&request.kind, &secret) {
            Ok(()) => drop(kept.values.insert(request.name.clone(), secrets::Value { origin: Origin::Kept, secret })),
            Err(flaw) => errors.push(SecretError::Unfit { name: request.name.clone(), flaw }),
        }
    }
    if errors.is_empty() { Ok(kept) } else { Err(errors) }
}

fn supplied(missing: &secrets::Missing, bundle: &Bundle, folder: Option<&Folder>) -> Diagnostic {
    let path = place(bundle, &missing.name).map_or_else(|| format!("secrets/{}", missing.name), ToString::to_string);
    let shown = folder.map_or_else(|| path.clone(), |folder| folder.shown(&path));
    let quoted = |text: &str| shlex::try_quote(text).unwrap_or_default().into_owned();
    let parent = shown.rsplit_once('/').map_or(".", |(parent, _)| parent);
    // The bundle may not be there yet, and is closed like the directory in it.
    let bundle = folder.map(|folder| folder.path().display().to_string()).filter(|bundle| bundle != parent);
    let directories: Vec<String> = bundle.iter().map(String::as_str).chain([parent]).map(quoted).collect();
    let command =
        format!("mkdir -p -m 700 {} && (umask 077; printf %s \"$VALUE\" > {})", directories.join(" "), quoted(&shown));
    let least = missing.min_length.map(|least| format!(" of at least {least} characters")).unwrap_or_default();
    let finding = Diagnostic::error(
        codes::BAD_SECRET,
        format!("the secret `{}` is missing, and only you can bring it", missing.name),
    )
    .help(format!(
        "`stockade secrets set {}` takes it{least}; or write it to `{shown}` without a newline at its end, as in `{command}`, and run again",
        missing.name
    ));
    match &missing.title {
        Some(title) => finding.with_note(format!("it is for: {title}")),
        None => finding,
    }
}

fn unfit(error: &SecretError, bundle: &Bundle) -> Diagnostic {
    let finding = Diagnostic::error(codes::BAD_SECRET, error.to_string());
    match error {
        SecretError::Unfit { name, .. } | SecretError::Orphaned { name, .. } | SecretError::Mismatch { name, .. } => {
            match place(bundle, name) {
                Some(path) => finding.with_note(format!("it lies in `{path}`")),
                None => finding,
            }
        }
        _ => finding,
    }
}

/// Text of a file that must be text.
pub(super) fn text(bytes: &Zeroizing<Vec<u8>>) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}
