//! Names that others look a container up by: labels, and further names on a network.

use super::{Invalid, textual};
use std::{fmt, str::FromStr};

/// The key of a label that programs beside the stack read: updaters, log shippers, dashboards.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LabelName(String);

/// What labels begin with that are not a system's to say: whose they are, and what to do instead.
const TAKEN: [(&str, &str, &str); 6] = [
    ("stockade.", "Stockade's own", "leave it out: every container has it already"),
    ("com.docker.", "Docker's own", "leave it out: Docker and Compose say it themselves"),
    ("io.docker.", "Docker's own", "leave it out: Docker and Compose say it themselves"),
    ("org.dockerproject.", "Docker's own", "leave it out: Docker and Compose say it themselves"),
    (
        "traefik.",
        "a proxy's, and the proxy of this stack reads no labels",
        "describe the site under `edge` at the top level",
    ),
    (
        "caddy",
        "a proxy's, and the proxy of this stack reads no labels",
        "describe the site under `edge` at the top level",
    ),
];

impl LabelName {
    /// Its name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for LabelName {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let lower = text.to_ascii_lowercase();
        // `caddy`, `caddy_0` and `caddy.route`, but not `caddyshack`.
        let is_of = |start: &str| {
            lower
                .strip_prefix(start)
                .is_some_and(|rest| start.ends_with('.') || rest.is_empty() || rest.starts_with(['.', '_']))
        };
        if let Some((_, whose, instead)) = TAKEN.iter().find(|(start, ..)| is_of(start)) {
            return Err(Invalid::new(format!("this label is {whose}")).help(*instead));
        }
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"._/-".contains(&b);
        if text.len() <= 120 && text.bytes().all(plain) && text.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Invalid::new("this is no name of a label")
                .help("write letters, digits, `.`, `_`, `/` and `-`, such as `com.example.update`"))
        }
    }
}

impl fmt::Display for LabelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

textual!(
    LabelName,
    "LabelName",
    "the name of a label",
    Some(
        "^(?!([Ss][Tt][Oo][Cc][Kk][Aa][Dd][Ee]|([Cc][Oo][Mm]|[Ii][Oo])\\.[Dd][Oo][Cc][Kk][Ee][Rr]|[Oo][Rr][Gg]\\.[Dd][Oo][Cc][Kk][Ee][Rr][Pp][Rr][Oo][Jj][Ee][Cc][Tt]|[Tt][Rr][Aa][Ee][Ff][Ii][Kk])\\.|[Cc][Aa][Dd][Dd][Yy]([._]|$))[A-Za-z0-9][A-Za-z0-9._/-]{0,119}$"
    ),
    ["com.example.update"]
);

/// A further name of a container on a network.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Alias(String);

impl Alias {
    /// Its name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Alias {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let edge = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        let inner = |b: u8| edge(&b) || b == b'-' || b == b'_';
        let label = |part: &str| {
            let bytes = part.as_bytes();
            bytes.first().is_some_and(edge) && bytes.last().is_some_and(edge) && part.bytes().all(inner)
        };
        if text.len() <= 120 && text.split('.').all(label) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Invalid::new("this is no name on a network")
                .help("write lower-case letters, digits, `-`, `_` and dots between them, such as `db.internal`"))
        }
    }
}

impl fmt::Display for Alias {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

textual!(
    Alias,
    "Alias",
    "a name on a network",
    Some("^(?=.{1,120}$)[a-z0-9]([a-z0-9_-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9_-]*[a-z0-9])?)*$"),
    ["db.internal"]
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_others_are_theirs() {
        for taken in [
            "stockade.service",
            "com.docker.compose.project",
            "traefik.enable",
            "Traefik.http.x",
            "caddy",
            "caddy_0.tls",
        ] {
            let error = taken.parse::<LabelName>().expect_err(taken);
            assert!(error.reason.starts_with("this label is "), "{taken}: {}", error.reason);
        }
        for good in ["com.example.update", "wud.watch", "caddyshack", "app.kubernetes.io/name", "homepage.group"] {
            assert!(good.parse::<LabelName>().is_ok(), "{good}");
        }
        for bad in ["", ".a", "a b", "a=b", "$a"] {
            assert!(bad.parse::<LabelName>().is_err(), "{bad}");
        }
    }

    #[test]
    fn an_alias_is_what_resolvers_take() {
        for good in ["db", "my_db", "db.internal", "a-1"] {
            assert!(good.parse::<Alias>().is_ok(), "{good}");
        }
        for bad in ["", "-a", "a.", "A", "a..b", "a b", "*.a"] {
            assert!(bad.parse::<Alias>().is_err(), "{bad}");
        }
    }
}
