//! In: a template's file name and one value it prints. Out: that value as text of the file's grammar, or a [`Unprintable`].
//! One file per grammar; nothing here knows templates, so that a value has one way into each kind of file.

mod block;
mod caddy;
mod chars;
mod compose;
mod dotenv;
mod flow;
mod gitignore;
mod haproxy;
mod html;
mod iptables;
mod json;
mod markdown;
mod nft;
mod nginx;
mod plain;
mod prose;
mod shell;
mod systemd;
mod toml;
mod traefik;
mod value;
mod yaml;

#[cfg(test)]
mod tests;

use crate::text::Span;
use std::fmt;

pub use block::yaml_block;
pub use markdown::{code_block, code_span};
pub use prose::{Run, runs};
pub use value::print;

/// The language of a generated file, and so the rule that every value printed into it must pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Grammar {
    /// Caddyfile.
    Caddy,
    /// YAML that Docker Compose interpolates.
    Compose,
    /// `.env` as Compose reads it.
    Dotenv,
    /// `.gitignore`: path tokens only.
    Gitignore,
    /// HAProxy configuration.
    Haproxy,
    /// HTML text and quoted attributes.
    Html,
    /// Rules for iptables-restore and ip6tables-restore: plain tokens only.
    Iptables,
    /// JSON.
    Json,
    /// Markdown text.
    Markdown,
    /// nftables rules.
    Nft,
    /// nginx configuration.
    Nginx,
    /// POSIX shell and bash.
    Shell,
    /// systemd units: plain tokens only.
    Systemd,
    /// TOML.
    Toml,
    /// YAML that Traefik's file provider runs through Go templates first.
    Traefik,
    /// YAML.
    Yaml,
}

impl Grammar {
    /// Every grammar, in alphabetic order.
    pub const ALL: [Self; 16] = [
        Self::Caddy,
        Self::Compose,
        Self::Dotenv,
        Self::Gitignore,
        Self::Haproxy,
        Self::Html,
        Self::Iptables,
        Self::Json,
        Self::Markdown,
        Self::Nft,
        Self::Nginx,
        Self::Shell,
        Self::Systemd,
        Self::Toml,
        Self::Traefik,
        Self::Yaml,
    ];

    /// The grammar a file name stands for; a final `.j2` is ignored. `None` when the name says nothing: such a file is
    /// never rendered, because an unknown grammar has no safe way to print a value.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        let path = name.strip_suffix(".j2").unwrap_or(name);
        let file = path.rsplit('/').next().unwrap_or(path);
        let extension = file.rsplit('.').next().unwrap_or(file);
        Some(match extension {
            "yaml" | "yml" if file == "compose.yaml" || file.ends_with(".compose.yaml") => Self::Compose,
            "yaml" | "yml" if format!("/{path}").contains("/proxy/traefik/") => Self::Traefik,
            "yaml" | "yml" => Self::Yaml,
            "json" => Self::Json,
            "toml" => Self::Toml,
            "nginx" => Self::Nginx,
            "conf" if path.split('/').any(|part| part.starts_with("nginx")) => Self::Nginx,
            "Caddyfile" | "caddyfile" => Self::Caddy,
            "sh" => Self::Shell,
            "rules" => Self::Iptables,
            "nft" => Self::Nft,
            "env" => Self::Dotenv,
            "md" => Self::Markdown,
            "html" => Self::Html,
            "service" | "timer" | "socket" | "path" | "mount" | "target" => Self::Systemd,
            "cfg" => Self::Haproxy,
            "gitignore" => Self::Gitignore,
            _ => return None,
        })
    }

    /// The grammar's name in messages and in the template engine.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Caddy => "caddyfile",
            Self::Compose => "compose",
            Self::Dotenv => "dotenv",
            Self::Gitignore => "gitignore",
            Self::Haproxy => "haproxy",
            Self::Html => "html",
            Self::Iptables => "iptables",
            Self::Json => "json",
            Self::Markdown => "markdown",
            Self::Nft => "nftables",
            Self::Nginx => "nginx",
            Self::Shell => "shell",
            Self::Systemd => "systemd",
            Self::Toml => "toml",
            Self::Traefik => "traefik",
            Self::Yaml => "yaml",
        }
    }

    /// The grammar with that [`id`](Self::id).
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|grammar| grammar.id() == id)
    }

    /// Whether `#` may start a comment behind a value.
    #[must_use]
    pub fn has_trailing_comments(self) -> bool {
        match self {
            Self::Caddy | Self::Compose | Self::Haproxy | Self::Nft | Self::Nginx => true,
            Self::Shell | Self::Toml | Self::Traefik | Self::Yaml => true,
            Self::Dotenv | Self::Gitignore | Self::Html | Self::Iptables | Self::Json => false,
            Self::Markdown | Self::Systemd => false,
        }
    }

    /// Appends `text` as one string of this grammar.
    ///
    /// # Errors
    /// A [`Unprintable`] when the grammar cannot hold the text without giving it another meaning; `out` is then as before.
    pub fn string(self, text: &str, out: &mut String) -> Result<Form, Unprintable> {
        let before = out.len();
        let written = if text.contains('\0') {
            Err("no generated file can hold a NUL character")
        } else {
            match self {
                Self::Caddy => caddy::string(text, out),
                Self::Compose => compose::string(text, out),
                Self::Dotenv => dotenv::string(text, out),
                Self::Gitignore => gitignore::string(text, out),
                Self::Haproxy => haproxy::string(text, out),
                Self::Html => html::string(text, out),
                Self::Iptables => iptables::string(text, out),
                Self::Json => json::string(text, out),
                Self::Markdown => markdown::string(text, out),
                Self::Nft => nft::string(text, out),
                Self::Nginx => nginx::string(text, out),
                Self::Shell => shell::string(text, out),
                Self::Systemd => systemd::string(text, out),
                Self::Toml => toml::string(text, out),
                Self::Traefik => traefik::string(text, out),
                Self::Yaml => yaml::string(text, out),
            }
        };
        written.map_err(|reason| {
            out.truncate(before);
            Unprintable::new(self, text, reason)
        })
    }

    /// Appends running text, words between backticks as code.
    ///
    /// # Errors
    /// As [`string`](Self::string); only Markdown has such text as a whole.
    pub fn prose(self, text: &str, out: &mut String) -> Result<(), Unprintable> {
        match (self, text.contains('\0')) {
            (Self::Markdown, false) => {
                markdown::prose(text, out);
                Ok(())
            }
            _ => self.string(text, out).map(|_| ()),
        }
    }

    /// Appends `text` as a quoted string even if it is a plain word, which nftables could take for a keyword and people
    /// expect in quotes in some places of YAML; in every other grammar the same as [`string`](Self::string), where a bare
    /// word and a quoted one mean the same.
    ///
    /// # Errors
    /// As [`string`](Self::string).
    pub fn quoted(self, text: &str, out: &mut String) -> Result<Form, Unprintable> {
        let before = out.len();
        let quoted = match self {
            _ if text.contains('\0') => return self.string(text, out),
            Self::Compose => compose::quoted(text, out),
            Self::Nft => nft::quoted(text, out),
            Self::Traefik => traefik::quoted(text, out),
            Self::Yaml => yaml::quoted(text, out),
            _ => return self.string(text, out),
        };
        quoted.map_err(|reason| {
            out.truncate(before);
            Unprintable::new(self, text, reason)
        })
    }

    /// Appends `text` as a word of a comment that has a line of its own, bare where no reader of the file could take
    /// anything in it for the comment's end, for a mark or for a template, else as a [`string`](Self::string).
    ///
    /// # Errors
    /// As [`string`](Self::string).
    pub fn remark(self, text: &str, out: &mut String) -> Result<Form, Unprintable> {
        let harmless = |c| (matches!(c, ' '..='~') && !"#\\{}$".contains(c)) || c.is_alphanumeric();
        if text.is_empty() || text.trim() != text || !text.chars().all(harmless) {
            return self.string(text, out);
        }
        out.push_str(text);
        Ok(Form::Quoted)
    }
}

impl fmt::Display for Grammar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// How a value was printed, which decides where it may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A token that means the same anywhere: a number, `true`, a word of harmless characters.
    Bare,
    /// A quoted string, plain scalar, flow collection or HTML text: safe only as a whole token, never inside other quotes.
    Quoted,
    /// Running text, harmless wherever it stands.
    Text,
}

/// Why a grammar's file cannot hold a string, in words for the user.
type Reason = &'static str;

/// A value that a grammar cannot hold without giving it another meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unprintable {
    /// The grammar of the file that was to be written.
    pub grammar: Grammar,
    /// The value, cut short, with everything unprintable escaped: safe for a terminal.
    pub value: String,
    /// Why, in lower case without a full stop.
    pub reason: Reason,
    /// Where it is said, where the one who printed it knew.
    pub at: Span,
}

impl Unprintable {
    /// Characters of a value that a message shows.
    const SHOWN: usize = 48;

    fn new(grammar: Grammar, value: &str, reason: Reason) -> Self {
        Self { grammar, value: Self::shown(value), reason, at: Span::UNKNOWN }
    }

    /// The same of a value that is said in this place.
    #[must_use]
    pub fn said(self, at: Span) -> Self {
        Self { at, ..self }
    }

    /// A value as messages show it: cut short, with everything unprintable escaped.
    #[must_use]
    pub fn shown(value: &str) -> String {
        let mut shown = String::new();
        for c in value.chars().take(Self::SHOWN) {
            chars::push_visible(c, &mut shown);
        }
        if value.chars().nth(Self::SHOWN).is_some() {
            shown.push('…');
        }
        shown
    }
}

impl fmt::Display for Unprintable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` cannot be written to a {} file: {}", self.value, self.grammar, self.reason)
    }
}

impl std::error::Error for Unprintable {}
