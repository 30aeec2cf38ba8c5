//! What an answer decides.

use crate::diagnostics::nearest_or_allowed;
use crate::values::{AnswerKey, Invalid};
use std::{fmt, str::FromStr};

/// What an answer decides; the order is that of the questions' dependence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// What is set up.
    System,
    /// The kind of host or deployment.
    Variant,
    /// Whether it will run on this host.
    Host,
    /// The name of the stack.
    Name,
    /// The host name under which people reach it.
    Domain,
    /// Who administers it.
    Admin,
    /// The reverse proxy.
    Proxy,
    /// Where the certificate comes from.
    Certificate,
    /// What loads the firewall rules.
    Firewall,
    /// The port of the host's SSH server.
    SshPort,
    /// What only this system asks for.
    Own(AnswerKey),
}

/// Those that every system shares, with their words.
pub(super) const WORDS: [(Key, &str); 10] = [
    (Key::System, "system"),
    (Key::Variant, "variant"),
    (Key::Host, "host"),
    (Key::Name, "name"),
    (Key::Domain, "domain"),
    (Key::Admin, "admin"),
    (Key::Proxy, "proxy"),
    (Key::Certificate, "certificate"),
    (Key::Firewall, "firewall"),
    (Key::SshPort, "ssh_port"),
];

impl FromStr for Key {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        if let Some((key, _)) = WORDS.iter().find(|(_, word)| *word == text) {
            return Ok(key.clone());
        }
        if let Ok(own) = text.parse() {
            return Ok(Self::Own(own));
        }
        let words = WORDS.iter().map(|(_, word)| *word).chain(["bind", "settings.NAME", "images.SERVICE"]);
        Err(Invalid::new(format!("no question is called `{}`", text.escape_debug()))
            .help(nearest_or_allowed(text, words.collect::<Vec<_>>())))
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Own(own) => own.fmt(f),
            known => f.write_str(WORDS.iter().find(|(key, _)| key == known).map_or("", |(_, word)| word)),
        }
    }
}
