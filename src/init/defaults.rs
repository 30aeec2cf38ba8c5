//! What holds where nobody answers: from what was seen of the host, else the same as in a profile that says nothing.

use super::{Facts, Key, Place, Value, Wizard};
use crate::format::system::{ContainerEngine, Finding};
use crate::stack::DEFAULT_PROXY;
use crate::values::{AnswerKey, Cidr, FirewallKind, HostIp, ProxyKind, TlsMode};

/// A default, and where it comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposed {
    /// The value.
    pub value: Value,
    /// What was seen that speaks for it; nothing where it is always the default.
    pub from: Option<String>,
}

impl Proposed {
    fn plain(value: Value) -> Option<Self> {
        Some(Self { value, from: None })
    }

    fn seen(value: Value, from: impl Into<String>) -> Option<Self> {
        Some(Self { value, from: Some(from.into()) })
    }
}

/// The variant of that name is for hosts of that kind.
const TRUENAS: &str = "truenas";

impl Wizard {
    /// The default of a question; nothing where only a person can know.
    pub fn default(&self, key: &Key) -> Option<Proposed> {
        if let Some(value) = self.current().and_then(|current| current.get(key)) {
            return Proposed::seen(value.clone(), "as it is now");
        }
        if *key == Key::Host {
            return Some(host(&self.facts));
        }
        let facts = self.local();
        match key {
            Key::System => match self.offers.as_slice() {
                [only] => Proposed::plain(Value::System(only.reference.clone())),
                _ => None,
            },
            Key::Variant => self.variant_default(facts),
            Key::Name => Proposed::plain(Value::Name(self.offer()?.name.parse().ok()?)),
            Key::Host | Key::Domain => None,
            Key::Admin => admin(facts?),
            Key::Proxy => Proposed::plain(Value::Proxy(DEFAULT_PROXY)),
            Key::Certificate => self.certificate_default(facts),
            Key::Firewall => self.firewall_default(facts),
            Key::SshPort => {
                let port = facts?.ssh_port.filter(|port| port.get() != 22)?;
                Proposed::seen(Value::SshPort(port), "the port of your session")
            }
            Key::Own(own) => self.own_default(own, facts),
        }
    }

    fn variant_default(&self, facts: Option<&Facts>) -> Option<Proposed> {
        let offer = self.offer()?;
        let called = |name: &str| offer.variants.iter().find(|variant| variant.name == name);
        let value = |name: &str| Value::Variant(name.to_owned());
        if facts.is_some_and(|facts| facts.truenas.is_some())
            && let Some(variant) = called(TRUENAS)
        {
            return Proposed::seen(value(&variant.name), "this host is TrueNAS");
        }
        let first = offer.variants.first()?;
        let podman = facts?.engine.as_ref().is_some_and(|engine| engine.kind == ContainerEngine::Podman);
        let fits = offer.variants.iter().find(|variant| variant.engine == ContainerEngine::Podman);
        match fits.filter(|_| podman) {
            Some(fits) => Proposed::seen(value(&fits.name), "Podman is here, Docker is not"),
            None => Proposed::plain(value(&first.name)),
        }
    }

    fn certificate_default(&self, facts: Option<&Facts>) -> Option<Proposed> {
        let is = |mode| Value::Certificate(mode);
        if let Some(mode) = self.chosen_variant().and_then(|variant| variant.certificate) {
            return Proposed::plain(is(mode));
        }
        let public = matches!(self.value(&Key::Domain), Some(Value::Domain(domain)) if domain.is_public());
        let can = self.value(&Key::Proxy) != Some(Value::Proxy(ProxyKind::Nginx));
        if !public {
            return Proposed::plain(is(TlsMode::SelfSigned));
        }
        match facts.is_some_and(|facts| facts.taken.contains(&80)) {
            true => {
                Proposed::seen(is(TlsMode::SelfSigned), "something listens on port 80, where an authority would ask")
            }
            false if can => Proposed::plain(is(TlsMode::Acme)),
            false => Proposed::plain(is(TlsMode::Files)),
        }
    }

    fn firewall_default(&self, facts: Option<&Facts>) -> Option<Proposed> {
        if self.chosen_variant().is_some_and(|variant| variant.decides_firewall) {
            return None;
        }
        let (kind, how) = facts?.firewall.filter(|(kind, _)| *kind != FirewallKind::Nftables)?;
        Proposed::seen(Value::Firewall(kind), how)
    }

    fn own_default(&self, own: &AnswerKey, facts: Option<&Facts>) -> Option<Proposed> {
        let ask = self.asks().find(|ask| ask.key.value == *own);
        if ask.is_some_and(|ask| ask.found == Some(Finding::TailscaleAddress)) {
            let vpn = facts?.vpns.iter().find(|vpn| vpn.interface.starts_with("tailscale"))?;
            return Proposed::seen(Value::Bind(vec![HostIp(vpn.address)]), format!("the address of {}", vpn.interface));
        }
        match own {
            AnswerKey::Image(service) => {
                let wanted = &self.offer()?.images.get(service.as_str())?.repository;
                let mut found = facts?.images.iter().filter(|image| image.repository == *wanted);
                let image = found.next().filter(|_| found.next().is_none())?;
                Proposed::seen(Value::Image(image.clone()), "the one in this engine; verify it")
            }
            AnswerKey::Setting(name) => {
                let (_, wanted) = self.offer()?.subnets.iter().find(|(known, _)| known == name)?;
                let route = facts?.user_of(*wanted)?;
                let free = free(*wanted, facts?)?;
                Proposed::seen(
                    Value::Setting(free.to_string().into()),
                    format!("{wanted} is in use here ({})", route.interface),
                )
            }
            AnswerKey::Bind => None,
        }
    }
}

fn host(facts: &Facts) -> Proposed {
    let seen = |place, from: String| Proposed { value: Value::Host(place), from: Some(from) };
    match (&facts.truenas, &facts.engine) {
        (Some(version), _) => seen(Place::Here, format!("this is TrueNAS {version}")),
        (None, Some(engine)) => seen(Place::Here, format!("{} is here", engine.said())),
        (None, None) => seen(Place::Elsewhere, "neither Docker nor Podman is here".to_owned()),
    }
}

/// The VPN, and whoever is logged in from outside of it: rules without him would close his session.
fn admin(facts: &Facts) -> Option<Proposed> {
    let mut networks: Vec<Cidr> = Vec::new();
    let mut from = Vec::new();
    if let Some(vpn) = facts.vpns.first() {
        networks.push(vpn.network);
        from.push(format!("the network of {}", vpn.interface));
    }
    if let Some(peer) = facts.peer.as_ref().filter(|_| facts.peer_is_in(&networks) == Some(false)) {
        match peer.network.filter(|network| network.is_private()) {
            Some(network) => {
                networks.push(network);
                from.push(format!("the network you are logged in from ({})", peer.address));
            }
            None => {
                networks.push(peer.address.to_string().parse().ok()?);
                from.push("the address you are logged in from".to_owned());
            }
        }
    }
    (!networks.is_empty()).then(|| Proposed { value: Value::Admin(networks), from: Some(from.join(", and ")) })
}

/// A network as large that nothing here uses, in 10.0.0.0/8 where no engine takes any by itself.
fn free(wanted: Cidr, facts: &Facts) -> Option<Cidr> {
    let length = wanted.net().prefix_len();
    (64..=127).rev().find_map(|second: u8| {
        let candidate: Cidr = format!("10.{second}.30.0/{length}").parse().ok()?;
        facts.user_of(candidate).is_none().then_some(candidate)
    })
}
