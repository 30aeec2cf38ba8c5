//! What tells at the next run which secrets somebody has changed since the last one.
//!
//! A keyed digest of each value (HMAC-SHA256) under a random key that lies in the same file: who cannot read the secrets
//! cannot read the file either and learns nothing from what is public, the generation, which is random.

use std::borrow::Cow;
use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{Entropy, EntropyError, Secret};

/// Version of the file's format.
const FORMAT: u32 = 1;
/// Length of the key: that of the digest (RFC 2104 section 3).
const KEY: usize = 32;
/// Length of a generation: long enough never to be drawn twice.
const GENERATION: usize = 9;

/// A key, and what it makes of each secret.
pub struct Marks {
    key: Zeroizing<Vec<u8>>,
    of: BTreeMap<String, Mark>,
}

/// What is known of one secret.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Mark {
    digest: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    generation: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File<'a> {
    format: u32,
    note: Cow<'a, str>,
    key: Cow<'a, str>,
    secrets: Cow<'a, BTreeMap<String, Mark>>,
}

/// What the file says of itself.
const NOTE: &str = "private: tells stockade which secrets changed since the last run; leave it beside stockade.lock";

impl Marks {
    /// With a new key, and nothing known.
    ///
    /// # Errors
    /// The entropy source failed.
    pub fn new(entropy: &mut dyn Entropy) -> Result<Self, EntropyError> {
        let mut key = Zeroizing::new(vec![0; KEY]);
        entropy.fill(&mut key)?;
        Ok(Self { key, of: BTreeMap::new() })
    }

    /// With the key of earlier ones, and nothing known.
    #[must_use]
    pub fn again(&self) -> Self {
        Self { key: self.key.clone(), of: BTreeMap::new() }
    }

    /// From the text of a file; nothing where it is none of ours.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let file: File<'_> = serde_json::from_str(text).ok().filter(|file: &File<'_>| file.format == FORMAT)?;
        let text = Zeroizing::new(file.key.into_owned());
        let key = URL_SAFE_NO_PAD.decode(text.as_bytes()).map(Zeroizing::new).ok().filter(|key| key.len() == KEY)?;
        Some(Self { key, of: file.secrets.into_owned() })
    }

    /// The text of the file.
    #[must_use]
    pub fn text(&self) -> Secret {
        let key = Zeroizing::new(URL_SAFE_NO_PAD.encode(&*self.key));
        let file =
            File { format: FORMAT, note: NOTE.into(), key: key.as_str().into(), secrets: Cow::Borrowed(&self.of) };
        let mut text = serde_json::to_string_pretty(&file).expect("plain strings and numbers serialize");
        text.push('\n');
        Secret::new(text)
    }

    /// Whether the value is the one that was noted; `None` where none was.
    #[must_use]
    pub fn fits(&self, name: &str, value: &str) -> Option<bool> {
        let digest = URL_SAFE_NO_PAD.decode(&self.of.get(name)?.digest).unwrap_or_default();
        Some(hmac::verify(&self.hmac(), value.as_bytes(), &digest).is_ok())
    }

    /// The generation that was noted.
    #[must_use]
    pub fn generation(&self, name: &str) -> Option<&str> {
        self.of.get(name)?.generation.as_deref()
    }

    /// Notes a value, and its generation where somebody asks for that.
    pub fn note(&mut self, name: &str, value: &str, generation: Option<String>) {
        let digest = URL_SAFE_NO_PAD.encode(hmac::sign(&self.hmac(), value.as_bytes()));
        self.of.insert(name.to_owned(), Mark { digest, generation });
    }

    /// Notes of a value that is not there what was noted of it before.
    pub fn keep(&mut self, name: &str, earlier: &Self) {
        if let Some(mark) = earlier.of.get(name) {
            self.of.insert(name.to_owned(), mark.clone());
        }
    }

    fn hmac(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, &self.key)
    }
}

/// A generation that no secret has had.
///
/// # Errors
/// The entropy source failed.
pub fn generation(entropy: &mut dyn Entropy) -> Result<String, EntropyError> {
    let mut bytes = [0; GENERATION];
    entropy.fill(&mut bytes)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

impl std::fmt::Debug for Marks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Marks").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Seeded;
    use super::*;

    #[test]
    fn a_changed_value_is_told_and_nothing_is_given_away() {
        let mut marks = Marks::new(&mut Seeded(1)).unwrap();
        marks.note("token", "hunter22", Some("g1".into()));
        let text = marks.text();
        let again = Marks::read(text.expose()).unwrap();
        assert_eq!((again.fits("token", "hunter22"), again.fits("token", "hunter23")), (Some(true), Some(false)));
        assert_eq!((again.fits("other", "hunter22"), again.generation("token")), (None, Some("g1")));
        assert_eq!(again.text().expose(), text.expose(), "what did not change is written the same");
        let mut other = Marks::new(&mut Seeded(7)).unwrap();
        other.note("token", "hunter22", Some("g1".into()));
        assert_ne!(other.text().expose(), text.expose(), "the digest alone cannot be compared with a guess");
        assert!(!format!("{marks:?}{}", text.expose()).contains("hunter22"));
    }

    #[test]
    fn what_is_no_file_of_ours_is_none() {
        for text in [
            "",
            "{}",
            "{\"format\":2,\"note\":\"\",\"key\":\"\",\"secrets\":{}}",
            "{\"format\":1,\"note\":\"\",\"key\":\"AA\",\"secrets\":{}}",
        ] {
            assert!(Marks::read(text).is_none(), "{text}");
        }
    }
}
