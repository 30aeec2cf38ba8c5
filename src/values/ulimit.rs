//! Limits of a process that Docker sets: setrlimit(2), each with a soft and a hard value.

use super::{Invalid, textual};
use std::{fmt, str::FromStr};

/// A limit by its name, as Docker spells those it sets.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UlimitName(String);

/// All but that of open files, which has a key of its own.
const NAMES: [&str; 14] = [
    "core",
    "cpu",
    "data",
    "fsize",
    "locks",
    "memlock",
    "msgqueue",
    "nice",
    "nproc",
    "rss",
    "rtprio",
    "rttime",
    "sigpending",
    "stack",
];

impl UlimitName {
    /// Its name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for UlimitName {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text {
            "nofile" => Err(Invalid::new("`nofile` has a key of its own")
                .help("write `limits: {files: NUMBER}`, which is the soft and the hard limit of open files")),
            _ if NAMES.contains(&text) => Ok(Self(text.to_owned())),
            _ => Err(Invalid::new("this is no limit that Docker sets").help(format!("allowed: {}", NAMES.join(", ")))),
        }
    }
}

impl fmt::Display for UlimitName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

textual!(UlimitName, "UlimitName", "a limit of processes", Some(format!("^({})$", NAMES.join("|"))), ["memlock"]);

/// A value of such a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ulimit(Option<u32>);

impl Ulimit {
    /// The value as Docker has it: -1 is no limit.
    pub fn number(self) -> i64 {
        self.0.map_or(-1, i64::from)
    }

    /// Whether it allows more than another.
    pub fn exceeds(self, other: Self) -> bool {
        match (self.0, other.0) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(this), Some(other)) => this > other,
        }
    }
}

impl FromStr for Ulimit {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text {
            "unlimited" | "-1" => Ok(Self(None)),
            _ => text
                .bytes()
                .all(|b| b.is_ascii_digit())
                .then(|| text.parse().ok())
                .flatten()
                .map(|it| Self(Some(it)))
                .ok_or_else(|| {
                    Invalid::new("this is no value of a limit")
                        .help("write a whole number up to 4294967295, or `unlimited`")
                }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_limit_is_beyond_every_number() {
        let value = |text: &str| text.parse::<Ulimit>().expect("a value");
        assert_eq!((value("unlimited").number(), value("-1").number(), value("0").number()), (-1, -1, 0));
        assert!(value("unlimited").exceeds(value("9")) && value("9").exceeds(value("8")));
        assert!(!value("9").exceeds(value("unlimited")) && !value("-1").exceeds(value("-1")));
        for bad in ["", "-2", "+1", "1k", "infinity", "4294967296"] {
            assert!(bad.parse::<Ulimit>().is_err(), "{bad}");
        }
    }

    #[test]
    fn what_docker_does_not_set_is_refused() {
        for bad in ["as", "nofile", "MEMLOCK", ""] {
            assert!(bad.parse::<UlimitName>().is_err(), "{bad}");
        }
    }
}
