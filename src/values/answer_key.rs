//! Keys of answers that only some systems ask for.

use super::{Invalid, ServiceName, SettingName, textual};
use std::{fmt, str::FromStr};

/// What an answer that a system asks for decides.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum AnswerKey {
    /// A setting, `settings.NAME`.
    Setting(SettingName),
    /// The image of a service, `images.NAME`.
    Image(ServiceName),
    /// Addresses of the host to publish ports on, `bind`.
    Bind,
}

impl FromStr for AnswerKey {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text.split_once('.') {
            Some(("settings", name)) => name.parse().map(Self::Setting),
            Some(("images", name)) => name.parse().map(Self::Image),
            None if text == "bind" => Ok(Self::Bind),
            _ => Err(Invalid::new("this names nothing that can be asked for")
                .help("write `settings.NAME`, `images.SERVICE` or `bind`")),
        }
    }
}

impl fmt::Display for AnswerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Setting(name) => write!(f, "settings.{name}"),
            Self::Image(name) => write!(f, "images.{name}"),
            Self::Bind => f.write_str("bind"),
        }
    }
}

textual!(
    AnswerKey,
    "AnswerKey",
    "what an answer decides: a setting, the image of a service, or the addresses to publish on",
    Some(r"^(settings\.[a-z][a-z0-9_]{0,39}|images\.[a-z0-9][a-z0-9_-]{0,62}|bind)$"),
    ["settings.mail_server", "images.web", "bind"]
);
