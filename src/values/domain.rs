//! Host names as they stand in certificates, `Host` headers and DNS.

use super::{Invalid, pattern, textual};
use std::{fmt, str::FromStr};

/// A host name in lower case (RFC 1123 labels, at most 253 characters), without wildcard and final dot.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Domain(String);

impl Domain {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether public certificate authorities could issue for it: at least two labels, no special-use ending (RFC 6761,
    /// 6762, 7686, 8375, 9476) and none that ICANN will not delegate, or that routers give out.
    pub fn is_public(&self) -> bool {
        const SPECIAL: [&str; 15] = [
            "localhost",
            "local",
            "internal",
            "lan",
            "home.arpa",
            "test",
            "example",
            "invalid",
            "alt",
            "onion",
            "home",
            "corp",
            "mail",
            "localdomain",
            "fritz.box",
        ];
        self.0.contains('.')
            && !SPECIAL
                .iter()
                .any(|end| self.0.strip_suffix(end).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')))
    }
}

impl FromStr for Domain {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        const HELP: &str = "write the bare host name, for example `play.example.com`";
        let refuse = |reason: String| Err(Invalid::new(reason).help(HELP));
        if text.is_empty() {
            return refuse("a domain is empty".into());
        }
        if let Some((scheme, rest)) = text.split_once("://") {
            let host = rest.split(['/', ':', '?', '#']).next().unwrap_or_default();
            return Err(Invalid::new(format!("a domain has no scheme such as `{}`", scheme.escape_debug()))
                .help(format!("write `{}`", host.escape_debug())));
        }
        if text.parse::<std::net::IpAddr>().is_ok() {
            return refuse("this is an address, not a host name".into());
        }
        if text.starts_with("*.") {
            return Err(Invalid::new("a wildcard is no host name").help("name each host"));
        }
        if text.contains(':') {
            return Err(Invalid::new("a domain has no port").help("leave the port out; `proxy.https_port` sets it"));
        }
        if !text.is_ascii() {
            let quotes = ['\u{201c}', '\u{201d}', '\u{201e}', '\u{2018}', '\u{2019}', '\u{201a}', '\u{ab}', '\u{bb}'];
            if text.contains(quotes) {
                let bare = text.trim_matches(quotes);
                return Err(Invalid::new("typographic quotes are no quotes of YAML, and so part of the name")
                    .help(format!("write `{}`", bare.escape_debug())));
            }
            let bad = text.chars().find(|c| !c.is_ascii()).map(|c| format!("`{c}` (U+{:04X})", u32::from(c)));
            return Err(Invalid::new(format!("a domain is ASCII, and {} is not", bad.unwrap_or_default()))
                .help("write an international name in its `xn--` form, which `idn2 NAME` prints"));
        }
        let name = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
        if name.len() > 253 {
            return refuse(format!("a domain has at most 253 characters, this one has {}", name.len()));
        }
        for label in name.split('.') {
            if label.is_empty() {
                return refuse("a domain cannot have an empty label (two dots, or a dot at the start)".into());
            }
            if label.len() > 63 {
                return refuse(format!("a label has at most 63 characters, `{}…` has {}", &label[..12], label.len()));
            }
            if let Some(bad) = label.chars().find(|c| !c.is_ascii_alphanumeric() && *c != '-') {
                return refuse(format!("a domain cannot hold {bad:?}"));
            }
            if label.starts_with('-') || label.ends_with('-') {
                return refuse(format!("the label `{label}` cannot begin or end with `-`"));
            }
        }
        if name.rsplit('.').next().is_some_and(|top| top.bytes().all(|b| b.is_ascii_digit())) {
            return refuse("the last label of a domain cannot be a number".into());
        }
        Ok(Self(name))
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

textual!(
    Domain,
    "Domain",
    "a host name, without scheme, port and wildcard",
    Some(pattern::domain()),
    ["play.example.com"]
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lower_case_and_final_dot_are_normalised() {
        assert_eq!("Play.Example.COM.".parse::<Domain>().map(|d| d.to_string()), Ok("play.example.com".into()));
    }

    #[test]
    fn nonsense_is_refused_with_a_way_out() {
        for text in [
            "",
            "a..b",
            "-a.b",
            "a_b.c",
            "1.2.3.4",
            "https://a.b/c",
            "*.a.b",
            "a.b:443",
            "a b",
            "münchen.de",
            "a.1",
            "a\n.b",
        ] {
            assert!(text.parse::<Domain>().is_err_and(|e| e.help.is_some()), "{text:?}");
        }
    }

    #[test]
    fn special_use_names_are_not_public() {
        let public = |text: &str| text.parse::<Domain>().is_ok_and(|d| d.is_public());
        assert!(public("play.example.com"));
        assert!(!public("localhost") && !public("nas.local") && !public("nas"));
    }
}
