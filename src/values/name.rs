//! Names of things: short ASCII words, each with the alphabet its reader allows.

use super::{Invalid, textual};
use std::{fmt, str::FromStr};

macro_rules! name {
    ($(#[$doc:meta])* $type:ident, $what:literal, $max:literal, first: $first:expr, rest: $rest:expr,
     says: $says:literal, pattern: $pattern:literal, example: $example:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $type(String);

        impl $type {
            /// The name as text.
            #[allow(dead_code, reason = "each name has it, and not each is asked")]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $type {
            type Err = Invalid;

            fn from_str(text: &str) -> Result<Self, Invalid> {
                let first: fn(char) -> bool = $first;
                let rest: fn(char) -> bool = $rest;
                let refuse = |reason: String| Err(Invalid::new(reason).help(concat!($says, ", for example `", $example, "`")));
                let mut chars = text.chars();
                match chars.next() {
                    None => return refuse(concat!($what, " is empty").into()),
                    Some(c) if !first(c) => return refuse(format!(concat!($what, " cannot begin with {:?}"), c)),
                    Some(_) => {}
                }
                if let Some(bad) = chars.find(|c| !rest(*c)) {
                    return refuse(format!(concat!($what, " cannot hold {:?}"), bad));
                }
                if text.len() > $max {
                    return refuse(format!(concat!($what, " is {} characters long, at most ", stringify!($max), " are allowed"), text.len()));
                }
                Ok(Self(text.to_owned()))
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::borrow::Borrow<str> for $type {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        textual!($type, stringify!($type), $says, Some($pattern), [$example]);
    };
}

fn lower(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit()
}
fn lower_dash(c: char) -> bool {
    lower(c) || c == '-'
}
fn lower_dash_under(c: char) -> bool {
    lower_dash(c) || c == '_'
}

name!(
    /// A compose project: lower-case letters, digits, `-`, `_` (Compose specification, `name`).
    ProjectName, "a project name", 40, first: lower, rest: lower_dash_under,
    says: "a project name is lower-case letters, digits, `-` and `_`", pattern: "^[a-z0-9][a-z0-9_-]{0,39}$", example: "game-night"
);
name!(
    /// A compose service, which is also its DNS name and container name.
    ServiceName, "a service name", 63, first: lower, rest: lower_dash_under,
    says: "a service name is lower-case letters, digits, `-` and `_`", pattern: "^[a-z0-9][a-z0-9_-]{0,62}$", example: "web"
);
name!(
    /// A network of the stack. Short, because the bridge name `br-PROJECT-NETWORK` has 15 characters at most.
    NetworkName, "a network name", 20, first: lower, rest: lower_dash_under,
    says: "a network name is lower-case letters, digits, `-` and `_`", pattern: "^[a-z0-9][a-z0-9_-]{0,19}$", example: "edge"
);
name!(
    /// A volume of the stack.
    VolumeName, "a volume name", 40, first: lower, rest: lower_dash_under,
    says: "a volume name is lower-case letters, digits, `-` and `_`", pattern: "^[a-z0-9][a-z0-9_-]{0,39}$", example: "data"
);
name!(
    /// A secret, which is also its file name below `secrets/`.
    SecretName, "a secret name", 60, first: |c| c.is_ascii_lowercase(), rest: lower_dash_under,
    says: "a secret name is lower-case letters, digits, `-` and `_`", pattern: "^[a-z][a-z0-9_-]{0,59}$", example: "session_secret"
);
name!(
    /// A setting of a system.
    SettingName, "a setting name", 40, first: |c| c.is_ascii_lowercase(), rest: |c| lower(c) || c == '_',
    says: "a setting name is lower-case letters, digits and `_`", pattern: "^[a-z][a-z0-9_]{0,39}$", example: "max_players"
);
name!(
    /// A word of a setting that becomes part of other names: a secret, and in upper case a variable.
    NamePart, "a name", 30, first: |c| c.is_ascii_lowercase(), rest: |c| lower(c) || c == '_',
    says: "a name is lower-case letters, digits and `_`", pattern: "^[a-z][a-z0-9_]{0,29}$", example: "second_account"
);
name!(
    /// A system, built in or a user's own.
    SystemName, "a system name", 40, first: |c| c.is_ascii_lowercase(), rest: lower_dash,
    says: "a system name is lower-case letters, digits and `-`", pattern: "^[a-z][a-z0-9-]{0,39}$", example: "my-app"
);
name!(
    /// A host among several of one profile, which is also the folder of its bundle.
    HostName, "a host's name", 40, first: lower, rest: lower_dash,
    says: "a host's name is lower-case letters, digits and `-`", pattern: "^[a-z0-9][a-z0-9-]{0,39}$", example: "node-1"
);
name!(
    /// A control of the catalogue, also its file, test and anchor.
    ControlId, "a control id", 40, first: |c| c.is_ascii_lowercase(), rest: lower_dash,
    says: "a control id is lower-case letters, digits and `-`", pattern: "^[a-z][a-z0-9-]{0,39}$", example: "read-only-root"
);
name!(
    /// A numbered line of a vendor's hardening guide.
    RecommendationId, "a recommendation id", 40, first: |c| c.is_ascii_uppercase(), rest: |c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-',
    says: "a recommendation id is upper-case letters, digits and `-`", pattern: "^[A-Z][A-Z0-9-]{0,39}$", example: "APP-12"
);
name!(
    /// An environment variable (POSIX base definitions, chapter 8).
    EnvName, "a variable name", 120, first: |c| c.is_ascii_alphabetic() || c == '_', rest: |c| c.is_ascii_alphanumeric() || c == '_',
    says: "a variable name is letters, digits and `_`", pattern: "^[A-Za-z_][A-Za-z0-9_]{0,119}$", example: "LOG_LEVEL"
);
name!(
    /// A variable as programs really call theirs: nothing but `=` and NUL is forbidden (environ(7)), and settings of JVMs
    /// have dots and hyphens. A shell cannot set such a one, so [`EnvName`] is for what a script exports.
    VariableName, "a variable name", 120, first: |c| c.is_ascii_alphabetic() || c == '_',
    rest: |c| c.is_ascii_alphanumeric() || "_.-".contains(c),
    says: "a variable name is letters, digits, `_`, `.` and `-`", pattern: "^[A-Za-z_][A-Za-z0-9_.-]{0,119}$", example: "LOG_LEVEL"
);
name!(
    /// A Linux capability without its `CAP_` prefix (capabilities(7)).
    Capability, "a capability", 30, first: |c| c.is_ascii_uppercase(), rest: |c| c.is_ascii_uppercase() || c == '_',
    says: "a capability is written in upper case without `CAP_`", pattern: "^[A-Z][A-Z_]{0,29}$", example: "NET_BIND_SERVICE"
);
