//! Derived values that no longer fit: of another form than is asked for now, or of another source than the one that is there.
//!
//! What Stockade derived is derived again. A hash that somebody put there in its place is theirs, and stays an error.

use super::derive::{self, Progress};
use super::fill::Existing;
use super::{Kind, Request, SecretError, inspect};

/// A derived value to be made anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outdated {
    /// Its name.
    pub name: String,
    /// The secret it is made of.
    pub of: String,
    /// Whether that has changed; else it is the form that has.
    pub source_changed: bool,
}

/// Finds derived values to be made anew. `known` says whether a value is the one that the last run left, `None` where
/// nobody noted it; hashes are computed only where it does not say so of the hash and its source.
///
/// # Errors
/// Values that somebody changed by hand and that do not belong to their source.
pub fn outdated(
    requests: &[Request],
    existing: &Existing,
    known: &dyn Fn(&str, &str) -> Option<bool>,
    progress: Progress<'_>,
) -> Result<Vec<Outdated>, Vec<SecretError>> {
    let kind = |name: &str| requests.iter().find(|request| request.name == name).map(|request| &request.kind);
    let value = |name: &str| existing.get(name).map(super::Secret::expose);
    let mut found = Vec::new();
    let mut doubtful = Vec::new();
    for request in requests {
        let (Some(of), Some(derived)) = (request.kind.source(), existing.get(&request.name)) else { continue };
        let ours = known(&request.name, derived.expose());
        let outdated = |source_changed| Outdated { name: request.name.clone(), of: of.to_owned(), source_changed };
        match value(of) {
            // A supplied source that is missing is asked for first.
            None if ours == Some(true) && !matches!(kind(of), None | Some(Kind::Supplied { .. })) => {
                found.push(outdated(true));
            }
            None => {}
            Some(source) => match inspect(&request.kind, derived) {
                Err(_)
                    if ours == Some(true) || (ours.is_none() && belongs(&request.kind, derived.expose(), source)) =>
                {
                    found.push(outdated(false));
                }
                // Said by whoever judges what exists.
                Err(_) => {}
                Ok(()) if ours == Some(true) && known(of, source) == Some(true) => {}
                Ok(()) => doubtful.push(request.clone()),
            },
        }
    }
    let mut errors = Vec::new();
    for error in derive::verify(&doubtful, |name| existing.get(name), progress) {
        match error {
            SecretError::Mismatch { name, of }
                if value(&name).is_some_and(|derived| known(&name, derived) == Some(true)) =>
            {
                found.push(Outdated { name, of, source_changed: true });
            }
            error => errors.push(error),
        }
    }
    if errors.is_empty() { Ok(found) } else { Err(errors) }
}

/// Whether a value of another form was made of the source all the same.
fn belongs(kind: &Kind, derived: &str, source: &str) -> bool {
    if kind.is_hash() { derive::is_hash_of(derived, source) } else { derived.contains(source) }
}

#[cfg(test)]
mod tests {
    use super::super::{Cost, HtpasswdUser, RandomBytes, Secret, Separator, fill};
    use super::super::{Seeded, marks::Marks};
    use super::*;

    fn line(user: &str, separator: Separator) -> Request {
        let user = HtpasswdUser::try_from(user.to_owned()).unwrap();
        let kind = Kind::Htpasswd { user, of: "key".into(), cost: Cost::new(10).unwrap(), separator };
        Request { name: "line".into(), kind, title: None, shared: false, brought: false }
    }

    fn requests(line: Request) -> Vec<Request> {
        let kind = Kind::Base64Url { bytes: RandomBytes::new(32).unwrap() };
        vec![line, Request { name: "key".into(), kind, title: None, shared: false, brought: false }]
    }

    /// What a first run leaves, and its notes.
    fn first() -> (Existing, Marks) {
        let made =
            fill(&requests(line("admin", Separator::Colon)), Existing::new(), &mut Seeded(1), &|_, _| ()).unwrap();
        let existing: Existing = made.values.into_iter().map(|(name, value)| (name, value.secret)).collect();
        let mut marks = Marks::new(&mut Seeded(2)).unwrap();
        existing.iter().for_each(|(name, value)| marks.note(name, value.expose(), None));
        (existing, marks)
    }

    fn judge(line: Request, existing: &Existing, marks: Option<&Marks>) -> Result<Vec<Outdated>, Vec<SecretError>> {
        outdated(&requests(line), existing, &|name, value| marks?.fits(name, value), &|_, _| ())
    }

    fn of_form() -> Vec<Outdated> {
        vec![Outdated { name: "line".into(), of: "key".into(), source_changed: false }]
    }

    fn of_source() -> Vec<Outdated> {
        vec![Outdated { name: "line".into(), of: "key".into(), source_changed: true }]
    }

    const OTHER: &str = "Vk9PT1J0ZXN0LXZhbHVlLW9mLTMyLWJ5dGVzLWhlcmU";

    #[test]
    fn another_user_or_separator_makes_the_line_anew() {
        let (existing, marks) = first();
        assert_eq!(judge(line("admin", Separator::Colon), &existing, Some(&marks)).unwrap(), []);
        for line in [line("admin", Separator::Blank), line("root", Separator::Colon)] {
            assert_eq!(judge(line.clone(), &existing, Some(&marks)).unwrap(), of_form());
            assert_eq!(judge(line, &existing, None).unwrap(), of_form(), "it is of the source that is there");
        }
    }

    #[test]
    fn another_source_makes_our_hash_anew_and_is_an_error_beside_somebody_elses() {
        let (mut existing, marks) = first();
        existing.insert("key".into(), Secret::new(OTHER.into()));
        let plain = || line("admin", Separator::Colon);
        assert_eq!(judge(plain(), &existing, Some(&marks)).unwrap(), of_source());
        let mismatch = SecretError::Mismatch { name: "line".into(), of: "key".into() };
        assert_eq!(judge(plain(), &existing, None).unwrap_err(), std::slice::from_ref(&mismatch));

        let (mut existing, marks) = first();
        let by_hand = "admin:$2y$10$Ro0CUfOqk6cXEKf3dyaM7OhSCvnwM9s4wIX9JeLapehKK5YdLxKcm";
        existing.insert("line".into(), Secret::new(by_hand.into()));
        assert_eq!(judge(plain(), &existing, Some(&marks)).unwrap_err(), [mismatch]);
    }

    #[test]
    fn a_source_that_was_moved_away_takes_its_hash_along() {
        let (mut existing, marks) = first();
        existing.remove("key");
        assert_eq!(judge(line("admin", Separator::Colon), &existing, Some(&marks)).unwrap(), of_source());
        assert_eq!(judge(line("admin", Separator::Colon), &existing, None).unwrap(), [], "said elsewhere");
    }
}
