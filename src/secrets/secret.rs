//! The one type that holds a secret's value.

use std::fmt;

use zeroize::{Zeroize, Zeroizing};

use super::Flaw;

/// A secret's text. It has no `Display`, `Clone` or `Serialize`, its `Debug` shows `[redacted]`, and its memory is
/// overwritten when it is dropped.
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes the text over; the caller must not keep a copy.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// Takes a file's bytes over; bytes that are not UTF-8 are wiped and refused.
    ///
    /// # Errors
    /// [`Flaw::NotText`].
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, Flaw> {
        String::from_utf8(bytes).map(Self::new).map_err(|error| {
            error.into_bytes().zeroize();
            Flaw::NotText
        })
    }

    /// The value itself. Only for writing the secret's own file, or a file that has to contain it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_never_shows_the_value() {
        #[derive(Debug)]
        struct Holder {
            #[expect(dead_code, reason = "read through Debug")]
            inner: Option<Secret>,
        }
        let holder = Holder { inner: Some(Secret::new("hunter2".into())) };
        for shown in [format!("{holder:?}"), format!("{holder:#?}"), format!("{:?}", Secret::new("hunter2".into()))] {
            assert!(!shown.contains("hunter2") && shown.contains("[redacted]"), "{shown}");
        }
    }

    #[test]
    fn bytes_that_are_not_text_are_refused() {
        assert_eq!(Secret::from_bytes(vec![0xff, 0xfe]).unwrap_err(), Flaw::NotText);
        assert_eq!(Secret::from_bytes(b"ok".to_vec()).unwrap().expose(), "ok");
    }
}
