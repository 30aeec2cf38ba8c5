//! Several systems behind one proxy, and several hosts that agree with each other.

use super::Profile;
use super::bounds;
use crate::text::Spanned;
use crate::values::{Domain, Line, PeerIp, SettingName, SystemName};
use schemars::JsonSchema;
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// One of several systems of a profile. Keys that are needed are optional here, so that a wrong one does not hide what
/// else is wrong in the profile. They share the proxy, the firewall and everything else the profile says.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// A built-in system or the path of a system file beside the profile.
    #[schemars(required)]
    pub system: Option<Spanned<Line>>,
    /// Variant of the system; the system names its default.
    pub variant: Option<Spanned<String>>,
    /// Host name under which people reach it; another one for each system.
    pub domain: Option<Spanned<Domain>>,
    /// The system's own settings.
    #[serde(default)]
    #[schemars(extend("maxProperties" = bounds::SETTINGS))]
    pub settings: BTreeMap<Spanned<SettingName>, Spanned<crate::format::system::Given>>,
}

/// One of several hosts; needed keys are optional as in [`Part`]. Each gets a bundle of its own.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Host {
    /// What the host does; `stockade systems NAME` lists the roles.
    #[schemars(required)]
    pub role: Option<Spanned<String>>,
    /// Address under which the other hosts reach it.
    #[schemars(required)]
    pub address: Option<Spanned<PeerIp>>,
    /// Host name of its own, where it has one; default the profile's `domain`.
    pub domain: Option<Spanned<Domain>>,
    /// With several systems, host names of its own by system; default each system's `domain`.
    #[serde(default)]
    pub domains: BTreeMap<Spanned<SystemName>, Spanned<Domain>>,
}

impl Profile {
    /// The profile as each of its systems sees it: with that system's name, variant, domain and settings.
    pub fn parts(&self) -> Vec<(Option<&Spanned<SystemName>>, Cow<'_, Self>)> {
        if self.systems.is_empty() {
            return vec![(None, Cow::Borrowed(self))];
        }
        self.systems
            .iter()
            .map(|(name, part)| {
                let Part { system, variant, domain, settings } = part.value.clone();
                let file = self.file.of_part(name.as_str());
                let own = Self { file, system, variant, domain, settings, ..self.clone() };
                (Some(name), Cow::Owned(own))
            })
            .collect()
    }
}
