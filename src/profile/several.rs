//! Several systems behind one proxy, and several hosts that agree with each other.

use super::Profile;
use crate::source::Spanned;
use crate::values::{Domain, HostIp, Line, SettingName, SystemName};
use schemars::JsonSchema;
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// One of several systems of a profile. They share the proxy, the firewall and everything else the profile says.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// A built-in system or the path of a system file beside the profile.
    pub system: Spanned<Line>,
    /// Variant of the system; the system names its default.
    pub variant: Option<Spanned<String>>,
    /// Host name under which people reach it; another one for each system.
    pub domain: Option<Spanned<Domain>>,
    /// The system's own settings.
    #[serde(default)]
    pub settings: BTreeMap<Spanned<SettingName>, Spanned<crate::systems::format::Given>>,
}

/// One of several hosts; each gets a bundle of its own.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Host {
    /// What the host does; `stockade systems NAME` lists the roles.
    pub role: Spanned<String>,
    /// Address under which the other hosts reach it.
    pub address: Spanned<HostIp>,
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
                let Part { system, variant, domain, settings } = part.clone();
                let own = Self { system: Some(system), variant, domain, settings, ..self.clone() };
                (Some(name), Cow::Owned(own))
            })
            .collect()
    }
}
