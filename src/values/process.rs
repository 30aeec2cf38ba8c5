//! What the engine is told about a process: how to stop it, and what it was built for.

use super::{Invalid, textual};
use std::{fmt, str::FromStr};

/// A signal by its name, `SIGINT` (signal(7)).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signal(String);

impl FromStr for Signal {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let name = text.strip_prefix("SIG").unwrap_or_default();
        let plain = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b"+-".contains(&b);
        if (2..=8).contains(&name.len()) && name.bytes().all(plain) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Invalid::new("this is no signal").help("write its name in upper case such as `SIGINT`"))
        }
    }
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

textual!(Signal, "Signal", "the name of a signal", Some("^SIG[A-Z0-9+-]{2,8}$"), ["SIGINT"]);

/// A platform of images, `linux/amd64` (OCI image index, `platform`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Platform(String);

impl FromStr for Platform {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let plain = |part: &str| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        };
        let parts: Vec<_> = text.split('/').collect();
        if (2..=3).contains(&parts.len()) && text.len() <= 60 && parts.iter().all(|part| plain(part)) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Invalid::new("this is no platform").help("write system and processor such as `linux/amd64`"))
        }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

textual!(Platform, "Platform", "system and processor", Some("^[a-z0-9_]+(/[a-z0-9_]+){1,2}$"), ["linux/amd64"]);
