//! Who can open what is sealed.

use std::fmt;
use std::str::FromStr;

use super::{Invalid, textual};

/// A public key of age (`age1…`, also of a plugin) or of SSH, as `age --recipient` takes it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Recipient(String);

/// Shortest key of age in characters: that of X25519; those of plugins and of hybrid keys are longer.
const SHORTEST: usize = 59;
/// Longest key in characters: a hybrid one of age has about 2,000.
const LONGEST: usize = 4096;

impl Recipient {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Recipient {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let refuse = |reason: &str| {
            Invalid::new(reason).help("write a public key as `age-keygen -y KEYFILE` prints it, `age1…`")
        };
        if text.starts_with("AGE-SECRET-KEY-") || text.contains("PRIVATE KEY") {
            return Err(Invalid::new("this is a private key, which no profile may hold")
                .help("make another key, remove this one wherever it was saved, and write its public half, `age1…`"));
        }
        if text.len() > LONGEST {
            return Err(refuse("this is longer than any public key"));
        }
        let of_age = text.strip_prefix("age1").is_some_and(|rest| {
            text.len() >= SHORTEST && rest.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
        });
        let mut words = text.split(' ');
        let of_ssh = words.next().is_some_and(|kind| ["ssh-ed25519", "ssh-rsa"].contains(&kind))
            && words.next().is_some_and(|key| {
                key.starts_with("AAAA") && key.chars().all(|c| c.is_ascii_alphanumeric() || "+/=".contains(c))
            })
            && text.chars().all(|c| c.is_ascii_graphic() || c == ' ')
            && !text.contains("  ");
        if of_age || of_ssh { Ok(Self(text.to_owned())) } else { Err(refuse("this is no public key of age or SSH")) }
    }
}

textual!(
    Recipient,
    "Recipient",
    "A public key of age or SSH",
    Some(r"^(age1[0-9a-z]{55,}|ssh-(ed25519|rsa) AAAA[0-9A-Za-z+/=]+( [!-~]+)*)$"),
    ["age1tf3d2kdxu6knam7ekzel04m7hklrm993uxcmhgtkg8g6xrjqkcaqjuha2s"]
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_keys_are_told_from_private_ones() {
        let key = "age1tf3d2kdxu6knam7ekzel04m7hklrm993uxcmhgtkg8g6xrjqkcaqjuha2s";
        for text in [key, "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI me@host", "ssh-rsa AAAAB3NzaC1yc2E="] {
            assert_eq!(text.parse::<Recipient>().map(|it| it.to_string()).unwrap(), text);
        }
        for text in
            ["", "age1short", &format!("{key} x"), &key.to_uppercase(), "-rfile", "ssh-dss AAAA", "ssh-rsa AAAA\n"]
        {
            assert!(text.parse::<Recipient>().is_err(), "{text}");
        }
        let private = "AGE-SECRET-KEY-1QQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQ";
        let refused = private.parse::<Recipient>().unwrap_err();
        assert!(refused.reason.contains("private key") && !refused.reason.contains("QQQ"));
    }
}
