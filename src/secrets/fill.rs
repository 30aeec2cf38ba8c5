//! Fills the gaps: keeps what exists, generates what is missing, hashes last.

use std::collections::BTreeMap;

use super::derive::{self, Job, Progress};
use super::generate::generate;
use super::{Entropy, Kind, MinLength, Request, Secret, SecretError, inspect};

/// Values found in the bundle, by name.
pub type Existing = BTreeMap<String, Secret>;

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It was there and is unchanged.
    Kept,
    /// It is new and has to be written.
    Created,
}

/// A value and where it comes from.
#[derive(Debug)]
pub struct Value {
    /// Kept or created.
    pub origin: Origin,
    /// The value.
    pub secret: Secret,
}

/// What filling gives.
#[derive(Debug, Default)]
pub struct Filled {
    /// Every secret that has a value, by name.
    pub values: BTreeMap<String, Value>,
    /// Supplied secrets the operator still has to bring, in the order requested.
    pub missing: Vec<Missing>,
    /// Hashes that wait for a missing one.
    pub blocked: Vec<Blocked>,
    /// Names that exist but were not requested; they are left alone.
    pub unrequested: Vec<String>,
}

/// A supplied secret that is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub title: Option<String>,
    /// Least length in characters.
    pub min_length: Option<MinLength>,
}

/// A derived secret whose source is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocked {
    /// Its name.
    pub name: String,
    /// The supplied secret it waits for.
    pub of: String,
}

/// Checks what needs no values: names are unique, each hash has a source in clear that bcrypt can read in full. Pure,
/// so that whoever loads a system file can call it.
///
/// # Errors
/// All that is wrong.
pub fn check(requests: &[Request]) -> Result<(), Vec<SecretError>> {
    let mut kinds: BTreeMap<&str, &Kind> = BTreeMap::new();
    let mut errors = Vec::new();
    for Request { name, kind, .. } in requests {
        if kinds.insert(name, kind).is_some() {
            errors.push(SecretError::Duplicate { name: name.clone() });
        }
    }
    for Request { name, kind, .. } in requests {
        let Some(of) = kind.source() else { continue };
        let (name, of) = (name.clone(), of.to_owned());
        match kinds.get(of.as_str()) {
            None => errors.push(SecretError::UnknownSource { name, of }),
            Some(source) if source.source().is_some() => errors.push(SecretError::SourceIsDerived { name, of }),
            Some(_) if !kind.is_hash() => {}
            Some(source) => {
                if let Err(flaw) = derive::hashable_kind(source) {
                    errors.push(SecretError::Unhashable { name, of, flaw });
                }
            }
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

/// Gives every request a value. What exists is checked against its kind and never changed; what is missing is
/// generated, hashes after their sources and on all cores. To rotate a secret, leave it and the hashes of it out
/// of `existing`.
///
/// Nothing is generated unless everything that exists is fit, so an error leaves no half-made set behind.
///
/// # Errors
/// All that is wrong: requests that [`check`] refuses, values unfit for their kind, hashes whose source is gone, a
/// source that bcrypt cannot read, a failing entropy source.
pub fn fill(
    requests: &[Request],
    mut existing: Existing,
    entropy: &mut dyn Entropy,
    progress: Progress<'_>,
) -> Result<Filled, Vec<SecretError>> {
    check(requests)?;
    unfit(requests, &existing)?;

    let mut filled = Filled::default();
    for request in requests {
        if let Some(secret) = existing.remove(&request.name) {
            filled.values.insert(request.name.clone(), Value { origin: Origin::Kept, secret });
        }
    }
    filled.unrequested = existing.into_keys().collect();

    for request @ Request { name, kind, title, .. } in requests {
        if filled.values.contains_key(name) {
            continue;
        }
        if request.is_brought() {
            let min_length = if let Kind::Supplied { min_length, .. } = kind { *min_length } else { None };
            filled.missing.push(Missing { name: name.clone(), title: title.clone(), min_length });
        } else if let Some(secret) = generate(kind, entropy).map_err(one)? {
            filled.values.insert(name.clone(), Value { origin: Origin::Created, secret });
        }
    }
    hash(requests, filled, entropy, progress)
}

fn one(error: impl Into<SecretError>) -> Vec<SecretError> {
    vec![error.into()]
}

fn unfit(requests: &[Request], existing: &Existing) -> Result<(), Vec<SecretError>> {
    let mut errors = Vec::new();
    for Request { name, kind, .. } in requests {
        if let Some(secret) = existing.get(name) {
            if let Err(flaw) = inspect(kind, secret) {
                errors.push(SecretError::Unfit { name: name.clone(), flaw });
            }
            if let Some(of) = kind.source().filter(|of| !existing.contains_key(*of)) {
                errors.push(SecretError::Orphaned { name: name.clone(), of: of.to_owned() });
            }
        } else if let Some((of, source)) = kind.source().and_then(|of| Some((of, existing.get(of)?)))
            && kind.is_hash()
            && let Err(flaw) = derive::hashable(source)
        {
            errors.push(SecretError::Unhashable { name: name.clone(), of: of.to_owned(), flaw });
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

fn hash(
    requests: &[Request],
    mut filled: Filled,
    entropy: &mut dyn Entropy,
    progress: Progress<'_>,
) -> Result<Filled, Vec<SecretError>> {
    let mut texts = Vec::new();
    let mut names = Vec::new();
    let mut jobs = Vec::new();
    for Request { name, kind, .. } in requests {
        let Some(of) = kind.source().filter(|_| !filled.values.contains_key(name)) else {
            continue;
        };
        let Some(source) = filled.values.get(of) else {
            filled.blocked.push(Blocked { name: name.clone(), of: of.to_owned() });
            continue;
        };
        if let Some(secret) = derive::text(kind, &source.secret) {
            texts.push((name.clone(), Value { origin: Origin::Created, secret }));
            continue;
        }
        let mut salt = [0; 16];
        entropy.fill(&mut salt).map_err(one)?;
        jobs.extend(Job::new(kind, &source.secret, salt));
        names.push(name.clone());
    }
    let hashes = derive::run(&jobs, progress);
    let created = hashes.into_iter().map(|secret| Value { origin: Origin::Created, secret });
    filled.values.extend(names.into_iter().zip(created).chain(texts));
    Ok(filled)
}

#[cfg(test)]
mod tests;
