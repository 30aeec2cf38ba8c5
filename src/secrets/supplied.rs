//! Values that somebody brings: typed, piped, from a file or from another file of settings.

use super::placeholder::is_placeholder;
use super::{Flaw, Request, Secret, derive, inspect};

/// Takes a value for one of the secrets: drops exactly one newline at its end (`\n` or `\r\n`), then checks it against its
/// kind, and against what is made of it.
///
/// # Errors
/// The first [`Flaw`] found: empty, not text, a known placeholder, too short, not of the kind, too long to be hashed.
pub fn accept(requests: &[Request], name: &str, bytes: Vec<u8>) -> Result<Secret, Flaw> {
    let given = Secret::from_bytes(bytes)?;
    let text = given.expose();
    let value = match text.strip_suffix("\r\n").or_else(|| text.strip_suffix('\n')) {
        Some(trimmed) => Secret::new(trimmed.to_owned()),
        None => given,
    };
    if is_placeholder(value.expose()) {
        return Err(Flaw::Placeholder);
    }
    if let Some(request) = requests.iter().find(|request| request.name == name) {
        inspect(&request.kind, &value)?;
    }
    if made_of(requests, name).any(|request| request.kind.is_hash()) {
        derive::hashable(&value)?;
    }
    Ok(value)
}

/// What is made of a secret.
pub fn made_of<'r>(requests: &'r [Request], name: &str) -> impl Iterator<Item = &'r Request> {
    requests.iter().filter(move |request| request.kind.source() == Some(name))
}

#[cfg(test)]
mod tests {
    use super::super::{BcryptPrefix, Cost, Kind, MinLength};
    use super::*;

    fn requests(min_length: Option<MinLength>) -> Vec<Request> {
        let kind = Kind::Supplied { min_length, begins: String::new() };
        vec![Request { name: "key".into(), kind, title: None, shared: false, brought: false }]
    }

    fn taken(bytes: &[u8]) -> Result<String, Flaw> {
        accept(&requests(None), "key", bytes.to_vec()).map(|secret| secret.expose().to_owned())
    }

    #[test]
    fn exactly_one_newline_is_dropped() {
        assert_eq!(taken(b"sk-live-7").unwrap(), "sk-live-7");
        assert_eq!(taken(b"sk-live-7\n").unwrap(), "sk-live-7");
        assert_eq!(taken(b"sk-live-7\r\n").unwrap(), "sk-live-7");
        assert_eq!(taken(b"sk-live-7\n\n").unwrap_err(), Flaw::TrailingNewline);
        assert_eq!(taken(b"two\nlines\n").unwrap(), "two\nlines");
        assert_eq!(taken(b" blanks stay \n").unwrap(), " blanks stay ");
    }

    #[test]
    fn what_is_no_secret_is_refused() {
        for nothing in [&b""[..], b"\n", b"   "] {
            assert_eq!(taken(nothing).unwrap_err(), Flaw::Empty);
        }
        assert_eq!(taken(b"\xff\xfe").unwrap_err(), Flaw::NotText);
        for word in ["changeme", "ChangeMe123\n", "xxxx", "<your key>"] {
            assert_eq!(taken(word.as_bytes()).unwrap_err(), Flaw::Placeholder, "{word}");
        }
        let least = MinLength::new(4);
        assert!(accept(&requests(least), "key", "äöüß".into()).is_ok());
        let short = Flaw::TooShort { found: 3, least: 4, unit: "characters" };
        assert_eq!(accept(&requests(least), "key", "äöü".into()).unwrap_err(), short);
    }

    #[test]
    fn what_bcrypt_would_cut_is_refused_where_a_hash_is_made_of_it() {
        let long = "a1".repeat(40);
        assert!(taken(long.as_bytes()).is_ok());
        let mut all = requests(None);
        let kind = Kind::Bcrypt { of: "key".into(), prefix: BcryptPrefix::TwoA, cost: Cost::new(10).unwrap() };
        all.push(Request { name: "hash".into(), kind, title: None, shared: false, brought: false });
        assert_eq!(accept(&all, "key", long.into_bytes()).unwrap_err(), Flaw::TooLongForBcrypt { bytes: 80 });
    }
}
