//! Image references.

use super::{Invalid, pattern, textual};
use std::{fmt, str::FromStr};

/// A reference to an image: repository, and tag and digest where given (OCI distribution specification, names and digests).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImageRef {
    /// Registry and path, such as `ghcr.io/owner/app`.
    pub repository: String,
    /// The tag, which the publisher can move.
    pub tag: Option<String>,
    /// The digest, which names the content itself.
    pub digest: Option<Digest>,
}

impl FromStr for ImageRef {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        const HELP: &str = "write repository, tag and digest such as `ghcr.io/owner/app:1.2.3@sha256:…`";
        let refuse = |reason: &str| Err(Invalid::new(reason).help(HELP));
        let (name, digest) = match text.split_once('@') {
            Some((name, digest)) => (name, Some(digest.parse()?)),
            None => (text, None),
        };
        let (repository, tag) = match name.rsplit_once(':') {
            Some((repository, tag)) if !tag.contains('/') => (repository, Some(tag)),
            _ => (name, None),
        };
        if repository.is_empty() || repository.len() > 255 {
            return refuse("an image needs a repository of at most 255 characters");
        }
        let mut parts = repository.split('/').peekable();
        let mut first = true;
        while let Some(part) = parts.next() {
            // Only the first of several parts is a registry, which may have a port.
            let host = first && parts.peek().is_some() && (part.contains(['.', ':']) || part == "localhost");
            first = false;
            let (part, port) = match part.split_once(':') {
                Some((part, port)) if host => (part, Some(port)),
                _ => (part, None),
            };
            let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
            if part.is_empty()
                || !part.chars().all(word)
                || part.starts_with(['.', '_', '-'])
                || part.ends_with(['.', '_', '-'])
            {
                return refuse("a repository is lower-case words of letters, digits, `.`, `_` and `-`, joined by `/`");
            }
            if port.is_some_and(|p| p.parse::<u16>().is_err()) {
                return refuse("the port of the registry is no number");
            }
        }
        if let Some(tag) = tag {
            let word = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
            if tag.is_empty() || tag.len() > 128 || !tag.chars().all(word) || tag.starts_with(['.', '-']) {
                return refuse("a tag is at most 128 letters, digits, `.`, `_` and `-`");
            }
        }
        Ok(Self { repository: repository.to_owned(), tag: tag.map(str::to_owned), digest })
    }
}

impl fmt::Display for ImageRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.repository)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}

textual!(
    ImageRef,
    "ImageRef",
    "an image: repository, tag and, best, digest",
    Some(pattern::image()),
    ["ghcr.io/owner/app:1.2.3"]
);

/// The SHA-256 digest of an image's manifest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(String);

impl FromStr for Digest {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text.strip_prefix("sha256:") {
            Some(hex) if hex.len() == 64 && hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) => Ok(Self(text.to_owned())),
            _ => Err(Invalid::new("this is no digest").help("a digest is `sha256:` and 64 lower-case hex digits; `docker buildx imagetools inspect IMAGE` prints it")),
        }
    }
}

impl Digest {
    /// Whether it stands for one that is still to be found: all zeros, which no content has.
    pub fn is_placeholder(&self) -> bool {
        self.0.bytes().skip("sha256:".len()).all(|digit| digit == b'0')
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

textual!(Digest, "Digest", "`sha256:` and 64 hex digits", Some("^sha256:[0-9a-f]{64}$"), []);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_come_back_as_written() {
        let digest = format!("sha256:{}", "0a".repeat(32));
        for text in [
            "nginx",
            "nginx:1.29",
            "ghcr.io/a/b:0.0.24",
            "localhost:5000/a/b",
            &format!("reg.example:443/a:1@{digest}"),
            &format!("a@{digest}"),
        ] {
            assert_eq!(text.parse::<ImageRef>().map(|i| i.to_string()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for text in ["", ":1", "A/b", "a/b:", "a//b", "a b", "a:1:2", "a@sha256:1", "a$b", "-a", "a:\u{202e}1"] {
            assert!(text.parse::<ImageRef>().is_err(), "{text:?}");
        }
    }
}
