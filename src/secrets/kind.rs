//! What a secret is made of, as a system file declares it.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::Bounded;

/// Random bytes behind a hex or base64 text: 16 (128 bits) to 512.
pub type RandomBytes = Bounded<16, 512>;
/// Characters of a password: 12 (70 bits) to 128.
pub type PasswordLength = Bounded<12, 128>;
/// bcrypt's work factor: 10 (OWASP's least) to 15; 12 takes about a quarter of a second.
pub type Cost = Bounded<10, 15>;
/// Least length of a value the operator brings, in characters.
pub type MinLength = Bounded<1, 1024>;

/// How a secret comes to be: random, derived from another one, or supplied by the operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Kind {
    /// Random bytes as lower-case hex.
    Hex {
        /// How many bytes; the text is twice as long.
        bytes: RandomBytes,
    },
    /// Random bytes as base64 with padding (RFC 4648 section 4).
    Base64 {
        /// How many bytes; the text is a third longer.
        bytes: RandomBytes,
    },
    /// Random bytes as base64 for URLs, without padding (RFC 4648 section 5).
    #[serde(rename = "base64url")]
    Base64Url {
        /// How many bytes; the text is a third longer.
        bytes: RandomBytes,
    },
    /// Random letters and digits without the look-alikes `0 O 1 l I`.
    Password {
        /// How many characters.
        length: PasswordLength,
    },
    /// The bcrypt hash of another secret.
    Bcrypt {
        /// Name of the secret to hash; at most 72 bytes long.
        of: String,
        /// Version the application accepts; all three mean the same algorithm here.
        prefix: BcryptPrefix,
        /// Work factor.
        #[serde(default = "standard_cost")]
        cost: Cost,
    },
    /// One `user:hash` line for a proxy's password file, hashed with bcrypt `$2y$` as Apache writes it.
    Htpasswd {
        /// Who logs in.
        user: HtpasswdUser,
        /// Name of the secret to hash; at most 72 bytes long.
        of: String,
        /// Work factor.
        #[serde(default = "standard_cost")]
        cost: Cost,
        /// What stands between user and hash.
        #[serde(default)]
        separator: Separator,
    },
    /// Another secret between two texts: a URL with a password in it, one line of a server's configuration.
    Text {
        /// Name of the secret in the middle.
        of: String,
        /// What stands before it.
        #[serde(default)]
        before: String,
        /// What stands behind it.
        #[serde(default)]
        after: String,
    },
    /// A value only the operator has, such as a provider's key; never generated.
    Supplied {
        /// Least length in characters.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        min_length: Option<MinLength>,
        /// How every such value begins, such as `rediss://`.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        begins: String,
    },
}

fn standard_cost() -> Cost {
    Cost::new(12).expect("12 lies between 10 and 15")
}

impl Kind {
    /// The secret this one is made of.
    #[must_use]
    pub fn source(&self) -> Option<&str> {
        match self {
            Self::Bcrypt { of, .. } | Self::Htpasswd { of, .. } | Self::Text { of, .. } => Some(of),
            Self::Hex { .. }
            | Self::Base64 { .. }
            | Self::Base64Url { .. }
            | Self::Password { .. }
            | Self::Supplied { .. } => None,
        }
    }

    /// The secret this one is made of, to be called otherwise.
    pub fn source_mut(&mut self) -> Option<&mut String> {
        match self {
            Self::Bcrypt { of, .. } | Self::Htpasswd { of, .. } | Self::Text { of, .. } => Some(of),
            Self::Hex { .. }
            | Self::Base64 { .. }
            | Self::Base64Url { .. }
            | Self::Password { .. }
            | Self::Supplied { .. } => None,
        }
    }

    /// Length of a generated text in bytes; `None` for what the operator supplies and what is made of it.
    #[must_use]
    pub fn generated_length(&self) -> Option<usize> {
        match self {
            Self::Hex { bytes } => Some(usize::from(bytes.get()) * 2),
            Self::Base64 { bytes } => Some(usize::from(bytes.get()).div_ceil(3) * 4),
            Self::Base64Url { bytes } => Some((usize::from(bytes.get()) * 4).div_ceil(3)),
            Self::Password { length } => Some(length.get().into()),
            Self::Bcrypt { .. } => Some(60),
            Self::Htpasswd { user, .. } => Some(user.as_str().len() + 61),
            Self::Text { .. } | Self::Supplied { .. } => None,
        }
    }

    /// Whether it is a bcrypt hash of another secret.
    #[must_use]
    pub const fn is_hash(&self) -> bool {
        matches!(self, Self::Bcrypt { .. } | Self::Htpasswd { .. })
    }
}

/// One stable line about a kind, for reports and golden files: `base64, 48 random bytes, 64 characters`.
#[must_use]
pub fn describe(kind: &Kind) -> String {
    let encoded = |name: &str, bytes: &RandomBytes| {
        let length = kind.generated_length().unwrap_or_default();
        format!("{name}, {bytes} random bytes, {length} characters")
    };
    match kind {
        Kind::Hex { bytes } => encoded("hex", bytes),
        Kind::Base64 { bytes } => encoded("base64", bytes),
        Kind::Base64Url { bytes } => encoded("base64url", bytes),
        Kind::Password { length } => format!("password, {length} random letters and digits"),
        Kind::Bcrypt { of, prefix, cost } => {
            format!("bcrypt {} cost {cost} of {of}", prefix.marker())
        }
        Kind::Htpasswd { user, of, cost, separator: _ } => {
            format!("htpasswd line of {}, bcrypt $2y$ cost {cost} of {of}", user.as_str())
        }
        Kind::Text { of, before, after } => format!("`{before}`, {of}, `{after}`"),
        Kind::Supplied { min_length, begins } => {
            let mut line = "supplied by the operator".to_owned();
            if let Some(least) = min_length {
                line.push_str(&format!(", at least {least} characters"));
            }
            if !begins.is_empty() {
                line.push_str(&format!(", beginning with `{begins}`"));
            }
            line
        }
    }
}

/// What stands between user and hash in a password file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Separator {
    /// `user:hash`, as Apache writes it and nginx and Traefik read it.
    #[default]
    Colon,
    /// `user hash`, as a Caddyfile has it.
    Blank,
}

impl Separator {
    /// The character.
    #[must_use]
    pub const fn character(self) -> char {
        match self {
            Self::Colon => ':',
            Self::Blank => ' ',
        }
    }
}

/// The version in front of a bcrypt hash. For values without NUL and up to 72 bytes the three are one algorithm, but
/// many readers accept only one: jBCrypt 0.4 knows `$2a$` alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum BcryptPrefix {
    /// `$2a$`, read by all.
    #[serde(rename = "2a")]
    TwoA,
    /// `$2b$`, OpenBSD's and Node's.
    #[serde(rename = "2b")]
    TwoB,
    /// `$2y$`, Apache's and PHP's.
    #[serde(rename = "2y")]
    TwoY,
}

impl BcryptPrefix {
    /// How a hash of this version begins.
    #[must_use]
    pub const fn marker(self) -> &'static str {
        match self {
            Self::TwoA => "$2a$",
            Self::TwoB => "$2b$",
            Self::TwoY => "$2y$",
        }
    }
}

/// A user of an htpasswd line: 1 to 64 of letters, digits and `. _ @ -`, beginning with a letter or digit, so that it
/// can neither end the line nor begin a comment or another field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HtpasswdUser(String);

impl HtpasswdUser {
    /// What it looks like, as a regular expression.
    pub const PATTERN: &str = "^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$";

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for HtpasswdUser {
    type Error = String;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        let first = name.starts_with(|c: char| c.is_ascii_alphanumeric());
        let rest = name.chars().all(|c| c.is_ascii_alphanumeric() || "._@-".contains(c));
        if first && rest && name.len() <= 64 {
            Ok(Self(name))
        } else {
            Err("a user has 1 to 64 letters, digits or `._@-` and begins with a letter or digit".into())
        }
    }
}

impl From<HtpasswdUser> for String {
    fn from(user: HtpasswdUser) -> Self {
        user.0
    }
}

impl JsonSchema for HtpasswdUser {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "HtpasswdUser".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": Self::PATTERN })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Kind, String> {
        serde_json::from_str::<Kind>(json).map_err(|error| error.to_string())
    }

    #[test]
    fn a_system_file_names_kinds_and_they_describe_themselves() {
        for (json, line) in [
            (r#"{"hex": {"bytes": 32}}"#, "hex, 32 random bytes, 64 characters"),
            (r#"{"base64": {"bytes": 48}}"#, "base64, 48 random bytes, 64 characters"),
            (r#"{"base64url": {"bytes": 32}}"#, "base64url, 32 random bytes, 43 characters"),
            (r#"{"password": {"length": 24}}"#, "password, 24 random letters and digits"),
            (r#"{"bcrypt": {"of": "api_client_secret", "prefix": "2a"}}"#, "bcrypt $2a$ cost 12 of api_client_secret"),
            (
                r#"{"htpasswd": {"user": "admin", "of": "a", "cost": 10}}"#,
                "htpasswd line of admin, bcrypt $2y$ cost 10 of a",
            ),
            (r#"{"text": {"of": "a", "before": "redis://:", "after": "@b"}}"#, "`redis://:`, a, `@b`"),
            (r#"{"supplied": {"begins": "https://"}}"#, "supplied by the operator, beginning with `https://`"),
            (r#"{"supplied": {}}"#, "supplied by the operator"),
            (r#"{"supplied": {"min_length": 20}}"#, "supplied by the operator, at least 20 characters"),
        ] {
            let kind = read(json).unwrap();
            assert_eq!(describe(&kind), line);
            assert_eq!(read(&serde_json::to_string(&kind).unwrap()).unwrap(), kind, "written and read again");
        }
    }

    #[test]
    fn values_out_of_range_and_unknown_keys_are_refused() {
        for (json, part) in [
            (r#"{"hex": {"bytes": 15}}"#, "use 16 to 512"),
            (r#"{"base64": {"bytes": 513}}"#, "use 16 to 512"),
            (r#"{"base64": {"bytes": 70000}}"#, "use 16 to 512"),
            (r#"{"base64": {"bytes": -1}}"#, "-1"),
            (r#"{"password": {"length": 8}}"#, "use 12 to 128"),
            (r#"{"bcrypt": {"of": "a", "prefix": "2a", "cost": 9}}"#, "use 10 to 15"),
            (r#"{"bcrypt": {"of": "a", "prefix": "2x"}}"#, "2x"),
            (r#"{"bcrypt": {"of": "a"}}"#, "prefix"),
            (r#"{"hex": {"bytes": 32, "size": 3}}"#, "size"),
            (r#"{"rot13": {}}"#, "rot13"),
            (r#"{"htpasswd": {"user": "a:b", "of": "a"}}"#, "a user has"),
            (r#"{"htpasswd": {"user": "a\\nb", "of": "a"}}"#, "a user has"),
            (r##"{"htpasswd": {"user": "#a", "of": "a"}}"##, "a user has"),
            (r#"{"htpasswd": {"user": "", "of": "a"}}"#, "a user has"),
        ] {
            let error = read(json).unwrap_err();
            assert!(error.contains(part), "{json}: {error}");
        }
    }

    #[test]
    fn the_schema_carries_the_bounds() {
        let schema = serde_json::to_string(&schemars::schema_for!(Kind)).unwrap();
        for part in [r#""maximum":512"#, r#""minimum":12"#, r#""maximum":15"#, "A-Za-z0-9._@-", r#""2a""#] {
            assert!(schema.contains(part), "{part} in {schema}");
        }
    }
}
