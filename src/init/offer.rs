//! What can be set up: as much of a system as questions need.

use crate::format::system::{Ask, ContainerEngine, SettingType, System};
use crate::values::{Cidr, ImageRef, SettingName, TlsMode};
use std::collections::BTreeMap;

/// A system as the wizard sees it.
#[derive(Debug, Clone)]
pub struct Offer {
    /// How the profile names it.
    pub reference: String,
    /// Its name, which the stack has by default.
    pub name: String,
    /// Its name for people.
    pub title: String,
    /// What it is.
    pub summary: String,
    /// Whether it is built in.
    pub built_in: bool,
    /// The text of its file, where that is written beside the profile.
    pub example: Option<&'static str>,
    /// Kinds of host or deployment, the default first.
    pub variants: Vec<OfferedVariant>,
    /// Whether people reach it by a name.
    pub web: bool,
    /// Whether Stockade's proxy stands before it.
    pub proxy: bool,
    /// What it asks for itself.
    pub asks: Vec<Ask>,
    /// Types of its settings.
    pub settings: BTreeMap<SettingName, SettingType>,
    /// Networks it takes on the host, by the settings that say them.
    pub subnets: Vec<(SettingName, Cidr)>,
    /// Images by service.
    pub images: BTreeMap<String, ImageRef>,
}

/// One kind of host or deployment.
#[derive(Debug, Clone)]
pub struct OfferedVariant {
    /// Its name.
    pub name: String,
    /// What it is.
    pub title: String,
    /// What runs its containers.
    pub engine: ContainerEngine,
    /// Its own default for certificates.
    pub certificate: Option<TlsMode>,
    /// Whether it has another firewall than others, or none.
    pub decides_firewall: bool,
}

impl Offer {
    /// An example, whose file will lie beside the profile.
    pub fn of_example(file: &str, text: &'static str, system: &System) -> Self {
        Self { example: Some(text), ..Self::of(&format!("./{file}"), system, false) }
    }

    /// A system under the word or path that profiles name it by.
    pub fn of(reference: &str, system: &System, built_in: bool) -> Self {
        let mut variants: Vec<_> = system.variants.iter().collect();
        variants.sort_by_key(|(_, variant)| !variant.default);
        let network = |(name, setting): (&crate::text::Spanned<SettingName>, &crate::format::system::Setting)| {
            let default = setting.default.value.to_json();
            let network = default.as_str()?.parse().ok();
            Some((name.value.clone(), network.filter(|_| matches!(setting.kind, SettingType::Cidr))?))
        };
        Self {
            reference: reference.to_owned(),
            name: system.name.to_string(),
            title: system.title.to_string(),
            summary: system.summary.to_string(),
            built_in,
            example: None,
            variants: variants
                .into_iter()
                .map(|(name, variant)| OfferedVariant {
                    name: name.value.clone(),
                    title: variant.title.to_string(),
                    engine: variant.engine,
                    certificate: variant.defaults.tls_mode,
                    decides_firewall: variant.defaults.firewall.is_some(),
                })
                .collect(),
            web: system.edge.is_some() || system.own_edge.is_some(),
            proxy: system.edge.is_some(),
            asks: system.ask.clone(),
            settings: system.settings.iter().map(|(name, it)| (name.value.clone(), it.kind.clone())).collect(),
            subnets: system.settings.iter().filter_map(network).collect(),
            images: system
                .services
                .iter()
                .map(|(name, service)| (name.to_string(), service.image.value.clone()))
                .collect(),
        }
    }
}
