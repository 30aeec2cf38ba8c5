//! What the operator may choose.

use super::Given;
use crate::text::Spanned;
use crate::values::Line;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// One setting of a system.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// What it does.
    pub purpose: Line,
    /// Its type: a word such as `boolean`, or one with bounds such as `integer: {min: 1, max: 9}`.
    #[serde(rename = "type")]
    pub kind: SettingType,
    /// Its value when the profile says nothing; `null` where it then does not apply.
    pub default: Spanned<Given>,
}

/// The type of a setting.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum SettingType {
    /// `true` or `false`
    Boolean,
    /// A whole number.
    Integer {
        /// Smallest.
        min: i64,
        /// Largest.
        max: i64,
    },
    /// A number, with decimals or without.
    Number {
        /// Smallest.
        min: f64,
        /// Largest.
        max: f64,
    },
    /// Lower-case letters, digits and `_`: what may become part of the names of secrets and variables.
    Name,
    /// The name of an HTTP header.
    HeaderName,
    /// One line of text.
    Text {
        /// Most characters.
        max_length: u32,
        /// Characters it cannot hold, because the application would misread them.
        #[serde(default)]
        without: String,
    },
    /// One of a list of words.
    Choice {
        /// The words.
        of: Vec<String>,
    },
    /// Bytes with a unit; expressions see the text, and `.bytes` and `.mib` as numbers.
    Size {
        /// Smallest; zero is `0m`.
        min: Option<crate::values::ByteSize>,
        /// Largest.
        max: Option<crate::values::ByteSize>,
    },
    /// A span of time; expressions see the text, and `.seconds` as a number.
    Duration,
    /// A port.
    Port,
    /// A network.
    Cidr,
    /// A host name.
    Domain,
    /// An absolute path on the host.
    Path,
    /// The path of a URL, such as `/apps/wiki`.
    UrlPath,
    /// The last day of something, `2027-03-31`; one that has passed is an error.
    LastDay,
    /// A device of the host, such as `/dev/dri/renderD128`.
    Device,
    /// The number of a group of the host.
    Group,
    /// `https://` origins, each scheme, host and port only (RFC 6454).
    Origins,
    /// An IP address of the host.
    Address,
    /// `HOST:PORT`, the host a name or an address.
    Endpoint,
    /// An e-mail address.
    Email,
    /// A time zone of the IANA database, such as `Europe/Berlin`.
    TimeZone,
    /// Lines of text.
    List {
        /// Most characters of one.
        max_length: u32,
        /// Characters none can hold, because the application would misread them.
        #[serde(default)]
        without: String,
    },
    /// Values of one type, such as `items: {of: cidr}`.
    Items {
        /// Their type.
        of: Box<SettingType>,
    },
    /// Records, each with the same fields; expressions see a list of maps with every field.
    Records {
        /// The fields.
        fields: BTreeMap<Spanned<String>, Field>,
        /// Fields whose values no two records share.
        #[serde(default)]
        unique: Vec<Spanned<String>>,
    },
}

/// One field of a record.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// What it does.
    pub purpose: Line,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: SettingType,
    /// Its value in a record that leaves it out, `null` where it then does not apply; without one, every record must say
    /// it.
    #[serde(default, deserialize_with = "written")]
    pub default: Option<Spanned<Given>>,
}

/// Keeps a written `null` apart from a key that is not there.
fn written<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Spanned<Given>>, D::Error> {
    Spanned::deserialize(deserializer).map(Some)
}
