//! Hashes of other secrets, computed on all cores.

use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use zeroize::Zeroizing;

use super::{BcryptPrefix, Flaw, Kind, Request, Secret, SecretError};

/// Told how many hashes are done and how many there are, first with 0; calls never overlap and never go back.
pub type Progress<'a> = &'a (dyn Fn(usize, usize) + Sync);

/// Longest input of bcrypt: it ignores what follows.
const LONGEST: usize = 72;

/// What stands in front of the hash, and how the hash is written.
struct Form {
    // with its separator
    user: Option<String>,
    prefix: BcryptPrefix,
    cost: u32,
}

/// One hash still to be computed.
pub(super) struct Job<'a> {
    form: Form,
    source: &'a str,
    salt: [u8; 16],
}

impl<'a> Job<'a> {
    /// `None` if the kind is not a derived one.
    pub(super) fn new(kind: &Kind, source: &'a Secret, salt: [u8; 16]) -> Option<Self> {
        Some(Self { form: Form::of(kind)?, source: source.expose(), salt })
    }

    fn run(&self) -> Secret {
        let parts = bcrypt::hash_with_salt(self.source, self.form.cost, self.salt)
            .expect("a `Cost` lies within what bcrypt allows");
        let version = match self.form.prefix {
            BcryptPrefix::TwoA => bcrypt::Version::TwoA,
            BcryptPrefix::TwoB => bcrypt::Version::TwoB,
            BcryptPrefix::TwoY => bcrypt::Version::TwoY,
        };
        let hash = Zeroizing::new(parts.format_for_version(version));
        Secret::new(match &self.form.user {
            Some(user) => format!("{user}{}", *hash),
            None => (*hash).clone(),
        })
    }
}

impl Form {
    fn of(kind: &Kind) -> Option<Self> {
        match kind {
            Kind::Bcrypt { prefix, cost, .. } => Some(Self { user: None, prefix: *prefix, cost: cost.get().into() }),
            Kind::Htpasswd { user, cost, separator, .. } => Some(Self {
                user: Some(format!("{}{}", user.as_str(), separator.character())),
                prefix: BcryptPrefix::TwoY,
                cost: cost.get().into(),
            }),
            Kind::Hex { .. }
            | Kind::Base64 { .. }
            | Kind::Base64Url { .. }
            | Kind::Password { .. }
            | Kind::Text { .. }
            | Kind::Supplied { .. } => None,
        }
    }
}

/// A secret between two texts; `None` if the kind is another one.
pub(super) fn text(kind: &Kind, source: &Secret) -> Option<Secret> {
    match kind {
        Kind::Text { before, after, .. } => Some(Secret::new(format!("{before}{}{after}", source.expose()))),
        _ => None,
    }
}

/// Whether bcrypt reads the whole value the same way everywhere.
pub(super) fn hashable(source: &Secret) -> Result<(), Flaw> {
    let text = source.expose();
    match text.len() {
        0 => Err(Flaw::Empty),
        bytes if bytes > LONGEST => Err(Flaw::TooLongForBcrypt { bytes }),
        _ if text.contains('\0') => Err(Flaw::HasNul),
        _ => Ok(()),
    }
}

/// Whether what the kind generates can be hashed; supplied values are judged when they are there.
pub(super) fn hashable_kind(source: &Kind) -> Result<(), Flaw> {
    match source.generated_length() {
        Some(bytes) if bytes > LONGEST => Err(Flaw::TooLongForBcrypt { bytes }),
        _ => Ok(()),
    }
}

/// Runs all jobs, one thread a core; the results stand in the order of the jobs.
pub(super) fn run(jobs: &[Job<'_>], progress: Progress<'_>) -> Vec<Secret> {
    on_all_cores(jobs, Job::run, progress)
}

/// Makes every derived secret again and says which ones do not belong to their source, a quarter of a second a hash of
/// cost 12.
/// Requests without a value in `values`, or whose source has none, are passed over.
pub fn verify<'a>(
    requests: &[Request],
    value: impl Fn(&str) -> Option<&'a Secret>,
    progress: Progress<'_>,
) -> Vec<SecretError> {
    let pairs: Vec<_> = requests
        .iter()
        .filter_map(|request| {
            let of = request.kind.source()?;
            Some((request, of, value(&request.name)?, value(of)?))
        })
        .collect();
    let (hashes, texts): (Vec<_>, Vec<_>) = pairs.into_iter().partition(|(request, ..)| request.kind.is_hash());
    let fits = on_all_cores(&hashes, |(_, _, text, source)| is_hash_of(text.expose(), source.expose()), progress);
    let wrong_hashes = hashes.into_iter().zip(fits).filter(|(_, fits)| !fits).map(|(pair, _)| pair);
    let wrong_texts = texts.into_iter().filter(|(request, _, found, source)| {
        text(&request.kind, source).is_some_and(|made| made.expose() != found.expose())
    });
    wrong_hashes
        .chain(wrong_texts)
        .map(|(request, of, ..)| SecretError::Mismatch { name: request.name.clone(), of: of.to_owned() })
        .collect()
}

/// Whether a hash, with or without a user before it, is of the source.
pub(super) fn is_hash_of(text: &str, source: &str) -> bool {
    // bcrypt's alphabet has no colon, so what follows the last one is the hash.
    let hash = text.trim_end_matches('\n').rsplit([':', ' ']).next().unwrap_or_default();
    bcrypt::verify(source, hash).unwrap_or(false)
}

fn on_all_cores<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync, progress: Progress<'_>) -> Vec<R> {
    if items.is_empty() {
        return Vec::new();
    }
    let total = items.len();
    progress(0, total);
    let next = AtomicUsize::new(0);
    let done = Mutex::new(0);
    let worker = || {
        let mut results = Vec::new();
        while let Some((at, item)) = {
            let at = next.fetch_add(1, Ordering::Relaxed);
            items.get(at).map(|item| (at, item))
        } {
            results.push((at, work(item)));
            let mut done = done.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            *done += 1;
            progress(*done, total);
        }
        results
    };
    let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get).min(total);
    let mut results: Vec<(usize, R)> = thread::scope(|scope| {
        let workers: Vec<_> = (1..cores).map(|_| scope.spawn(worker)).collect();
        let mut results = worker();
        for handle in workers {
            match handle.join() {
                Ok(more) => results.extend(more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        results
    });
    results.sort_by_key(|(at, _)| *at);
    results.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cheap(user: Option<&str>, prefix: BcryptPrefix) -> String {
        let form = Form { user: user.map(|user| format!("{user}:")), prefix, cost: 4 };
        Job { form, source: "correct horse", salt: *b"0123456789abcdef" }.run().expose().to_owned()
    }

    #[test]
    fn prefixes_differ_and_the_hash_does_not() {
        let hashes = [BcryptPrefix::TwoA, BcryptPrefix::TwoB, BcryptPrefix::TwoY].map(|prefix| cheap(None, prefix));
        assert!(
            hashes[0].starts_with("$2a$04$") && hashes[1].starts_with("$2b$04$") && hashes[2].starts_with("$2y$04$")
        );
        for hash in &hashes {
            assert_eq!(hash[4..], hashes[0][4..]);
            assert_eq!(hash.len(), 60);
            assert!(bcrypt::verify("correct horse", hash).unwrap());
        }
    }

    #[test]
    fn an_htpasswd_line_is_user_colon_hash() {
        assert_eq!(cheap(Some("admin"), BcryptPrefix::TwoY), format!("admin:{}", cheap(None, BcryptPrefix::TwoY)));
    }

    #[test]
    fn what_bcrypt_would_cut_or_misread_is_refused() {
        assert_eq!(hashable(&Secret::new("a".repeat(72))), Ok(()));
        assert_eq!(hashable(&Secret::new("a".repeat(73))), Err(Flaw::TooLongForBcrypt { bytes: 73 }));
        assert_eq!(hashable(&Secret::new("ü".repeat(37))), Err(Flaw::TooLongForBcrypt { bytes: 74 }));
        assert_eq!(hashable(&Secret::new("a\0b".into())), Err(Flaw::HasNul));
        assert_eq!(hashable(&Secret::new(String::new())), Err(Flaw::Empty));
    }

    #[test]
    fn every_item_is_worked_once_in_order_and_progress_only_grows() {
        let items: Vec<usize> = (0..500).collect();
        let seen = Mutex::new(vec![]);
        let results = on_all_cores(&items, |item| item * 2, &|done, total| seen.lock().unwrap().push((done, total)));
        assert_eq!(results, (0..500).map(|item| item * 2).collect::<Vec<_>>());
        assert_eq!(seen.into_inner().unwrap(), (0..=500).map(|done| (done, 500)).collect::<Vec<_>>());
    }
}
