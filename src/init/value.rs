//! One parser for every answer, wherever it comes from.

use super::{Key, Offer};
use crate::diagnostics::{allowed, nearest_or_allowed};
use crate::format::system::{Given, SettingType};
use crate::text::SourceFile;
use crate::values::{
    AnswerKey, Cidr, Cidrs, Domain, FirewallKind, HostIp, ImageRef, Invalid, Port, ProjectName, ProxyKind, SettingName,
    TlsMode,
};
use crate::yaml::{Sources, read_as};
use serde_json::Value as Json;

/// Where the stack will run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// On this host: what was found here counts.
    Here,
    /// On another.
    Elsewhere,
}

/// A judged answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// How profiles name the system.
    System(String),
    /// One of its variants.
    Variant(String),
    /// Where it runs.
    Host(Place),
    /// Name of the stack.
    Name(ProjectName),
    /// Name under which people reach it.
    Domain(Domain),
    /// Who administers it.
    Admin(Vec<Cidr>),
    /// The proxy.
    Proxy(ProxyKind),
    /// The certificate.
    Certificate(TlsMode),
    /// What loads the firewall rules.
    Firewall(FirewallKind),
    /// Port of the SSH server.
    SshPort(Port),
    /// A setting.
    Setting(Json),
    /// An image.
    Image(ImageRef),
    /// Addresses to publish on.
    Bind(Vec<HostIp>),
    /// Left out, to be said later.
    Later,
}

/// How an answer is written that leaves a question for later.
pub const LATER: &str = "-";

pub(super) const PROXIES: [ProxyKind; 3] = [ProxyKind::Traefik, ProxyKind::Caddy, ProxyKind::Nginx];
pub(super) const CERTIFICATES: [TlsMode; 3] = [TlsMode::Acme, TlsMode::Files, TlsMode::SelfSigned];
pub(super) const FIREWALLS: [FirewallKind; 5] =
    [FirewallKind::Nftables, FirewallKind::Iptables, FirewallKind::Ufw, FirewallKind::Firewalld, FirewallKind::None];

impl Place {
    /// The word of an answer.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Here => "here",
            Self::Elsewhere => "elsewhere",
        }
    }
}

impl Value {
    /// Judges the text of an answer, as it is typed or given on the command line.
    ///
    /// # Errors
    /// Why it is no such value, and what to write instead.
    pub fn parse(key: &Key, text: &str, offers: &[Offer], offer: Option<&Offer>) -> Result<Self, Invalid> {
        let text = text.trim();
        match key {
            Key::System => system(text, offers).map(Self::System),
            Key::Variant => variant(text, offer).map(Self::Variant),
            Key::Host => word(text, &[Place::Here, Place::Elsewhere], Place::as_str).map(Self::Host),
            Key::Name => text.parse().map(Self::Name),
            Key::Domain => text.parse().map(Self::Domain),
            Key::Admin => networks(text).map(Self::Admin),
            Key::Proxy => word(text, &PROXIES, ProxyKind::as_str).map(Self::Proxy),
            Key::Certificate => word(text, &CERTIFICATES, TlsMode::as_str).map(Self::Certificate),
            Key::Firewall => word(text, &FIREWALLS, FirewallKind::as_str).map(Self::Firewall),
            Key::SshPort => text.parse().map(Self::SshPort),
            Key::Own(_) if text == LATER => Ok(Self::Later),
            Key::Own(AnswerKey::Image(_)) => text.parse().map(Self::Image),
            Key::Own(AnswerKey::Bind) => addresses(text).map(Self::Bind),
            Key::Own(AnswerKey::Setting(name)) => setting(name, text, offer).map(Self::Setting),
        }
    }

    /// The answer as [`parse`](Self::parse) reads it.
    pub fn text(&self) -> String {
        match self {
            Self::System(text) | Self::Variant(text) => text.clone(),
            Self::Host(place) => place.as_str().to_owned(),
            Self::Name(name) => name.to_string(),
            Self::Domain(domain) => domain.to_string(),
            Self::Admin(networks) => joined(networks),
            Self::Proxy(kind) => kind.to_string(),
            Self::Certificate(mode) => mode.to_string(),
            Self::Firewall(kind) => kind.to_string(),
            Self::SshPort(port) => port.to_string(),
            Self::Setting(Json::String(text)) => text.clone(),
            Self::Setting(json) => json.to_string(),
            Self::Image(image) => image.to_string(),
            Self::Bind(addresses) => joined(addresses),
            Self::Later => LATER.to_owned(),
        }
    }
}

fn joined(items: &[impl ToString]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

fn word<T: Copy>(text: &str, all: &[T], name: fn(T) -> &'static str) -> Result<T, Invalid> {
    let found = all.iter().find(|known| name(**known).eq_ignore_ascii_case(text));
    found.copied().ok_or_else(|| {
        Invalid::new(format!("`{}` is none of the choices", text.escape_debug()))
            .help(nearest_or_allowed(text, all.iter().map(|known| name(*known)).collect::<Vec<_>>()))
    })
}

fn system(text: &str, offers: &[Offer]) -> Result<String, Invalid> {
    let found = offers.iter().find(|offer| offer.reference == text);
    found.map(|offer| offer.reference.clone()).ok_or_else(|| {
        let names: Vec<&str> = offers.iter().map(|offer| offer.reference.as_str()).collect();
        let help = nearest_or_allowed(text, names);
        let joint = if help.ends_with('?') { "" } else { ";" };
        Invalid::new(format!("there is no system `{}`", text.escape_debug()))
            .help(format!("{help}{joint} a system of your own is named by its path, `./NAME.system.yaml`"))
    })
}

fn variant(text: &str, offer: Option<&Offer>) -> Result<String, Invalid> {
    let Some(offer) = offer else {
        return Err(Invalid::new("a variant is one of a system, and none is chosen").help("say `system` too"));
    };
    let names = || offer.variants.iter().map(|variant| variant.name.as_str());
    match names().find(|name| *name == text) {
        Some(name) => Ok(name.to_owned()),
        None if offer.variants.is_empty() => {
            Err(Invalid::new(format!("`{}` has no variants", offer.reference)).help("leave `variant` out"))
        }
        None => Err(Invalid::new(format!("`{}` has no variant `{}`", offer.reference, text.escape_debug()))
            .help(nearest_or_allowed(text, names().collect::<Vec<_>>()))),
    }
}

fn networks(text: &str) -> Result<Vec<Cidr>, Invalid> {
    let Cidrs(networks) = text.trim_matches(['[', ']']).parse()?;
    if networks.is_empty() {
        return Err(Invalid::new("no network is named")
            .help("write one such as `10.8.0.0/24`, several with commas between them"));
    }
    match networks.iter().find(|network| network.is_everything()) {
        Some(all) => Err(Invalid::new(format!("`{all}` is the whole internet"))
            .help("name the VPN or the office from which the stack is administered")),
        None => Ok(networks),
    }
}

fn addresses(text: &str) -> Result<Vec<HostIp>, Invalid> {
    let items = text.split([',', ' ']).filter(|item| !item.is_empty());
    let addresses: Vec<HostIp> = items.map(str::parse).collect::<Result<_, _>>()?;
    match addresses.is_empty() {
        true => Err(Invalid::new("no address is named").help("write one of the host's, such as `10.8.0.1`")),
        false => Ok(addresses),
    }
}

fn setting(name: &SettingName, text: &str, offer: Option<&Offer>) -> Result<Json, Invalid> {
    let Some(offer) = offer else {
        return Err(Invalid::new("a setting is one of a system, and none is chosen").help("say `system` too"));
    };
    let Some(kind) = offer.settings.get(name) else {
        let names: Vec<&str> = offer.settings.keys().map(SettingName::as_str).collect();
        return Err(Invalid::new(format!("`{}` has no setting `{name}`", offer.reference))
            .help(nearest_or_allowed(name.as_str(), names)));
    };
    let given = match kind {
        SettingType::Boolean
        | SettingType::Integer { .. }
        | SettingType::Number { .. }
        | SettingType::Port
        | SettingType::Group
        | SettingType::Size { .. }
        | SettingType::Duration
        | SettingType::Items { .. }
        | SettingType::Records { .. }
        | SettingType::List { .. }
        | SettingType::Origins => written(kind, text)?,
        _ => Given::Value(text.into()),
    };
    let json = given.to_json();
    crate::stack::judge(kind, given)?;
    Ok(json)
}

/// A value as YAML has it; a list may be written without brackets.
fn written(kind: &SettingType, text: &str) -> Result<Given, Invalid> {
    let several = matches!(kind, SettingType::Items { .. } | SettingType::List { .. } | SettingType::Origins);
    let text = if several && !text.starts_with('[') { format!("[{text}]") } else { text.to_owned() };
    let mut sources = Sources::new();
    let id = sources.add(SourceFile::new("answer", text));
    let decoded = read_as::<Given>(&sources, id);
    let first = decoded.diagnostics.iter().next().map(|finding| finding.message.clone());
    match (decoded.value, first) {
        (Some(given), None) => Ok(given),
        (_, reason) => Err(Invalid::new(reason.unwrap_or_else(|| "this is no value".to_owned()))
            .help("write it as in the profile, such as `[a, b]`")),
    }
}

/// The words of proxies that a system without one cannot take.
pub(super) fn no_proxy(offer: &Offer) -> Invalid {
    Invalid::new(format!("{} is not behind a proxy of Stockade's", offer.title))
        .help(format!("leave it out; `proxy` is one of {} for other systems", allowed(PROXIES.map(ProxyKind::as_str))))
}
