//! Values: text comes in, types that cannot hold nonsense go out.
//!
//! Every type parses with [`FromStr`](std::str::FromStr), prints the canonical form with `Display`, and goes
//! through the same parser when serde reads it, so profile, system file and command line agree.

mod address;
mod amount;
pub mod amounts;
mod answer_key;
mod boundary;
mod choice;
mod device;
mod domain;
mod error;
mod image;
mod inside;
mod label;
mod name;
mod opening;
mod path;
pub mod pattern;
mod process;
mod recipient;
pub mod secretive;
mod text;
mod trusted;
mod ulimit;
mod user;
mod vantage;
pub mod zone;

pub use address::{Cidr, Cidrs, Host, HostIp, Interface, PeerIp, Port, Ports, Protocol};
pub use amount::{ByteSize, Cpus, Duration, LogSize, MemoryLimit, Processes, Rate};
pub use answer_key::AnswerKey;
pub use boundary::Boundary;
pub use choice::{
    Environment, FirewallKind, Level, ProxyAuth, ProxyKind, SecretStore, Target, TlsMode, TlsPolicy, WafMode,
};
pub use device::{DevicePath, DeviceRights};
pub use domain::Domain;
pub use error::{Invalid, no_leading_zero};
pub use image::{Digest, ImageRef};
pub use inside::{InsideName, Sysctl};
pub use label::{Alias, LabelName};
pub use name::{
    Capability, ControlId, EnvName, HostName, NamePart, NetworkName, ProjectName, RecommendationId, SecretName,
    ServiceName, SettingName, SystemName, VariableName, VolumeName,
};
pub use opening::{IpProtocol, Origin};
pub use path::{BundlePath, ContainerPath, HostPath, UrlPath, UrlPattern};
pub use process::{Platform, Signal};
pub use recipient::Recipient;
pub(crate) use text::is_invisible;
pub use text::{Day, HeaderName, HeaderValue, Line, MaybeLine, Method};
pub use trusted::TrustedProxy;
pub use ulimit::{Ulimit, UlimitName};
pub use user::{Gid, Mode, User};
pub use vantage::Vantage;

/// Gives a type that has `FromStr<Err = Invalid>` and `Display` its serde and schema sides.
macro_rules! textual {
    ($type:ty, $schema_name:expr, $description:literal, $pattern:expr, [$($example:literal),*]) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str($crate::values::Words)?.parse().map_err(serde::de::Error::custom)
            }
        }

        impl schemars::JsonSchema for $type {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                $schema_name.into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                let pattern: Option<String> = $pattern.map(|it| it.to_string());
                $crate::values::pattern::schema::<$type>($description, pattern, &[$($example),*])
            }
        }
    };
}
pub(crate) use textual;

/// Reads the text of a value that is parsed.
pub(crate) struct Words;

impl serde::de::Visitor<'_> for Words {
    type Value = String;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }
}
