//! What the profile leaves open, decided once: the profile, else the variant, else the environment's default.

use super::Scope;
use crate::diagnostics::{Diagnostic, codes};
use crate::format::profile::Profile;
use crate::format::system::{Abilities, System, VariantDefaults};
use crate::text::{Span, Spanned};
use crate::values::{
    Cidr, Domain, Environment, FirewallKind, HostIp, Level, Line, Port, ProxyKind, TlsMode, TlsPolicy,
};
use minijinja::Value;
use std::net::{IpAddr, Ipv4Addr};

/// The decisions.
#[derive(Debug, Clone)]
pub struct Choices {
    /// Where it runs.
    pub environment: Environment,
    /// How much hardening.
    pub level: Level,
    /// Variant of the system.
    pub variant: Option<String>,
    /// The reverse proxy.
    pub proxy: ProxyKind,
    /// Whether other stacks may join it.
    pub shared: bool,
    /// Where the certificate comes from.
    pub tls: TlsMode,
    /// Port for HTTP on the host.
    pub http_port: Option<Port>,
    /// Port for HTTPS on the host.
    pub https_port: Port,
    /// Addresses ports are published on.
    pub bind: Vec<HostIp>,
    /// TLS versions and suites at the proxy.
    pub tls_policy: TlsPolicy,
    /// What loads firewall rules.
    pub firewall: FirewallKind,
    /// Networks of admin surfaces.
    pub admin: Vec<Cidr>,
    /// Host name under which people reach the stack.
    pub domain: Option<Domain>,
    /// Name of the compose project; empty where the profile has none.
    pub name: String,
    /// Port of the SSH server.
    pub ssh_port: Port,
    /// Networks of proxies in front, whose word about clients counts.
    pub trusted_proxies: Vec<Cidr>,
    /// Who signs in at the proxy.
    pub proxy_user: String,
    /// Whom the ACME authority may write to.
    pub email: Option<Spanned<Line>>,
    /// Whether the profile says that Strict-Transport-Security is sent.
    hsts: Option<bool>,
    /// The application's own backups.
    pub backup: Backups,
}

/// The application's own backups.
#[derive(Debug, Clone, Copy)]
pub struct Backups {
    /// Whether there are any.
    pub enabled: bool,
    /// Time between two, in minutes.
    pub minutes: u64,
    /// How many are kept.
    pub keep: u32,
}

/// The proxy of a profile without a word on it: the one of the three that both gets certificates and limits rates.
pub const PROXY: ProxyKind = ProxyKind::Traefik;

/// The proxy of a profile.
pub fn proxy(profile: &Profile) -> ProxyKind {
    profile.proxy.kind.as_ref().map_or(PROXY, |kind| kind.value)
}

impl Choices {
    /// Decides; without a system, as far as the profile alone can.
    pub fn new(profile: &Profile, system: Option<&System>, can: Abilities, scope: &mut Scope) -> Self {
        let environment = profile.environment.as_ref().map_or(Environment::Production, |e| e.value);
        let production = environment == Environment::Production;
        let variant = system.and_then(|system| variant(profile, system, scope));
        let defaults = system
            .zip(variant.as_ref())
            .and_then(|(system, name)| system.variants.iter().find(|(key, _)| key.value == *name))
            .map(|(_, variant)| variant.defaults.clone())
            .unwrap_or_default();
        let VariantDefaults { http_port, https_port, tls_mode, tls_policy, firewall } = defaults;
        let domain = profile.domain.as_ref().map(|d| d.value.clone());
        let public = domain.as_ref().is_some_and(Domain::is_public);
        let loopback = HostIp(IpAddr::V4(Ipv4Addr::LOCALHOST));
        let everywhere = HostIp(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        let fixed = |number: &str| number.parse::<Port>().expect("it is a port");
        let proxy = &profile.proxy;
        let level = profile.level.as_ref().map_or(Level::Hardened, |l| l.value);
        Self {
            environment,
            level,
            variant,
            proxy: self::proxy(profile),
            shared: proxy.is_shared(),
            tls: proxy.tls.mode.as_ref().map_or_else(
                || match tls_mode {
                    _ if !production => TlsMode::SelfSigned,
                    Some(mode) => mode,
                    None if proxy.tls.certificate.is_some() => TlsMode::Files,
                    None if can.acme && public => TlsMode::Acme,
                    None => TlsMode::SelfSigned,
                },
                |mode| mode.value,
            ),
            tls_policy: proxy.tls.policy.as_ref().map_or_else(
                || match tls_policy {
                    Some(policy) if level != Level::Strict => policy,
                    None if level != Level::Strict => TlsPolicy::Intermediate,
                    _ => TlsPolicy::Modern,
                },
                |policy| policy.value,
            ),
            http_port: match (&proxy.http_port, http_port) {
                (Some(port), _) => Some(port.value),
                (None, Some(default)) => default,
                (None, None) => Some(fixed("80")),
            },
            https_port: proxy.https_port.as_ref().map(|p| p.value).or(https_port).unwrap_or_else(|| fixed("443")),
            bind: match &proxy.bind {
                Some(list) => list.value.iter().map(|ip| ip.value).collect(),
                None if production => vec![everywhere],
                None => vec![loopback],
            },
            firewall: profile.firewall.kind.as_ref().map(|k| k.value).unwrap_or_else(|| {
                if production { firewall.unwrap_or(FirewallKind::Nftables) } else { FirewallKind::None }
            }),
            admin: profile.admin.as_ref().map_or_else(
                || if production { Vec::new() } else { loopback_networks() },
                |list| list.value.iter().map(|cidr| cidr.value).collect(),
            ),
            domain,
            name: profile.name.as_ref().map_or_else(String::new, |name| name.as_str().to_owned()),
            ssh_port: profile.firewall.ssh.port.as_ref().map_or_else(|| fixed("22"), |port| port.value),
            trusted_proxies: proxy.trusted(),
            proxy_user: proxy.auth.user.as_ref().map_or_else(|| "admin".to_owned(), |user| user.value.clone()),
            email: proxy.tls.email.clone(),
            hsts: proxy.headers.hsts.as_ref().map(|hsts| hsts.value),
            backup: Backups {
                enabled: profile.backup.enabled.as_ref().is_none_or(|enabled| enabled.value),
                minutes: profile.backup.every.as_ref().map_or(30, |every| every.as_seconds().div_ceil(60)),
                keep: profile.backup.keep.as_ref().map_or(48, |keep| keep.value),
            },
        }
    }

    /// Whether ports are published on an IPv6 address that others can reach.
    pub fn publishes_ipv6(&self) -> bool {
        self.bind.iter().any(|address| address.0.is_ipv6() && !address.0.is_loopback())
    }

    /// Gives the decisions to a system's expressions.
    pub fn tell(&self, system: &System, can: Abilities, scope: &mut Scope) {
        let text = |s: &str| Value::from(s);
        scope.set("name", text(&self.name));
        scope.set("domain", text(self.domain.as_ref().map_or("localhost", Domain::as_str)));
        scope.set("environment", text(self.environment.as_str()));
        scope.set("level", text(self.level.as_str()));
        scope.set("variant", text(self.variant.as_deref().unwrap_or("")));
        scope.set("admin", self.admin.iter().map(|cidr| cidr.to_string()).collect::<Vec<_>>().into());
        let can = map([
            ("acme", can.acme.into()),
            ("rate_limits", can.rate_limits.into()),
            ("waf", can.waf.into()),
            ("answers", can.answers.into()),
        ]);
        let trusted: Vec<_> = self.trusted_proxies.iter().map(ToString::to_string).collect();
        scope.set(
            "proxy",
            map([
                ("kind", text(if system.own_edge.is_some() { "own" } else { self.proxy.as_str() })),
                ("can", can),
                ("shared", self.shared.into()),
                ("alone", (self.shared && system.edge.as_ref().is_some_and(|edge| edge.sites.is_empty())).into()),
                ("http_port", self.http_port.map_or(Value::from(()), |p| p.get().into())),
                ("https_port", self.https_port.get().into()),
                ("trusted_proxies", trusted.into()),
                ("bind", self.bind.iter().map(ToString::to_string).collect::<Vec<_>>().into()),
                ("user", text(&self.proxy_user)),
            ]),
        );
        scope.set(
            "tls",
            map([
                ("mode", text(self.tls.as_str())),
                ("policy", text(self.tls_policy.as_str())),
                ("trusted", self.trusted().into()),
                ("email", self.email.as_ref().map_or_else(|| Value::from(()), |email| text(email.as_str()))),
                ("hsts", self.wants_hsts().into()),
            ]),
        );
        let ssh = self.ssh_port.get();
        scope.set("firewall", map([("kind", text(self.firewall.as_str())), ("ssh_port", ssh.into())]));
        let Backups { enabled, minutes, keep } = self.backup;
        scope.set("backup", map([("enabled", enabled.into()), ("minutes", minutes.into()), ("keep", keep.into())]));
        scope.set("url", text(&self.url()));
    }

    /// Whether browsers trust the certificate without further steps.
    pub fn trusted(&self) -> bool {
        self.tls != TlsMode::SelfSigned
    }

    /// Whether Strict-Transport-Security is wanted.
    pub fn wants_hsts(&self) -> bool {
        self.hsts.unwrap_or(self.environment == Environment::Production && self.trusted())
    }

    fn url(&self) -> String {
        let host = self.domain.as_ref().map_or("localhost", Domain::as_str);
        match self.https_port.get() {
            443 => format!("https://{host}"),
            port => format!("https://{host}:{port}"),
        }
    }
}

fn map<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::from_pairs(entries)
}

fn loopback_networks() -> Vec<Cidr> {
    // Docker's bridges are how a workstation's own browser reaches a container.
    ["127.0.0.0/8", "::1", "172.16.0.0/12", "192.168.0.0/16", "10.0.0.0/8"]
        .iter()
        .filter_map(|c| c.parse().ok())
        .collect()
}

fn variant(profile: &Profile, system: &System, scope: &mut Scope) -> Option<String> {
    let named = profile.variant.as_ref();
    let names = || system.variants.keys().map(|name| name.value.as_str());
    match named {
        Some(name) if names().any(|known| known == name.value) => Some(name.value.clone()),
        Some(name) => {
            let finding = Diagnostic::error(
                codes::UNKNOWN_VALUE,
                format!("`{}` has no variant `{}`", system.name.value, name.value.escape_debug()),
            )
            .at(name.span, "");
            scope.diagnostics.push(match system.variants.is_empty() {
                true => finding.help("leave `variant` out"),
                false => finding.meant(&name.value, names()),
            });
            default_variant(system, scope)
        }
        None => default_variant(system, scope),
    }
}

fn default_variant(system: &System, scope: &mut Scope) -> Option<String> {
    let defaults: Vec<_> =
        system.variants.iter().filter(|(_, v)| v.default).map(|(name, _)| name.value.clone()).collect();
    if !system.variants.is_empty() && defaults.len() != 1 {
        let at = system.variants.keys().next().map_or(Span::UNKNOWN, |name| name.span);
        scope.diagnostics.push(
            Diagnostic::error(codes::INVALID_SYSTEM, "exactly one variant is the default")
                .at(at, "")
                .help("write `default: true` at one of them"),
        );
    }
    defaults.into_iter().next()
}
