//! Answers in a file, `--answers FILE`.

use super::{Key, Place, Value};
use crate::format::system::Given;
use crate::text::{Span, Spanned};
use crate::values::{
    AnswerKey, Cidr, Domain, FirewallKind, HostIp, ImageRef, Line, Port, ProjectName, ProxyKind, ServiceName,
    SettingName, TlsMode,
};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Answers to the questions of `stockade init`; what is left out has its default.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(title = "Answers for stockade init")]
pub struct AnswersFile {
    /// A built-in system, or the path of a system file from the folder of the profile.
    pub system: Option<Spanned<Line>>,
    /// One of its variants; default the one that fits the host, else the system's own.
    pub variant: Option<Spanned<String>>,
    /// Whether it will run on this host, `here`, or `elsewhere`; default by what is found here.
    pub host: Option<Spanned<Place>>,
    /// Name of the stack; default the system's.
    pub name: Option<Spanned<ProjectName>>,
    /// Host name under which people reach it.
    pub domain: Option<Spanned<Domain>>,
    /// Networks from which it is administered; default those of a VPN and of the SSH session.
    pub admin: Option<Spanned<Vec<Spanned<Cidr>>>>,
    /// The reverse proxy; default `traefik`.
    pub proxy: Option<Spanned<ProxyKind>>,
    /// Where the certificate comes from; default `acme` where an authority can issue one.
    pub certificate: Option<Spanned<TlsMode>>,
    /// What loads the firewall rules; default the kind that is in force on the host.
    pub firewall: Option<Spanned<FirewallKind>>,
    /// Port of the host's SSH server; default the one of the session.
    pub ssh_port: Option<Spanned<Port>>,
    /// Addresses of the host on which ports are published; default all.
    pub bind: Option<Spanned<Vec<Spanned<HostIp>>>>,
    /// Settings of the system; `stockade systems NAME` lists them.
    pub settings: BTreeMap<Spanned<SettingName>, Spanned<Given>>,
    /// Images of services.
    pub images: BTreeMap<Spanned<ServiceName>, Spanned<ImageRef>>,
}

/// The answers of a file, with their places; settings are judged with their system, so they come as text.
pub fn answers(file: AnswersFile) -> Vec<(Key, Span, Value)> {
    let AnswersFile {
        system,
        variant,
        host,
        name,
        domain,
        admin,
        proxy,
        certificate,
        firewall,
        ssh_port,
        bind,
        settings,
        images,
    } = file;
    let mut all = Vec::new();
    let mut add = |key: Key, span: Span, value: Value| all.push((key, span, value));
    if let Some(it) = system {
        add(Key::System, it.span, Value::System(it.value.as_str().to_owned()));
    }
    if let Some(it) = variant {
        add(Key::Variant, it.span, Value::Variant(it.value));
    }
    if let Some(it) = host {
        add(Key::Host, it.span, Value::Host(it.value));
    }
    if let Some(it) = name {
        add(Key::Name, it.span, Value::Name(it.value));
    }
    if let Some(it) = domain {
        add(Key::Domain, it.span, Value::Domain(it.value));
    }
    if let Some(it) = admin {
        add(Key::Admin, it.span, Value::Admin(it.value.into_iter().map(|one| one.value).collect()));
    }
    if let Some(it) = proxy {
        add(Key::Proxy, it.span, Value::Proxy(it.value));
    }
    if let Some(it) = certificate {
        add(Key::Certificate, it.span, Value::Certificate(it.value));
    }
    if let Some(it) = firewall {
        add(Key::Firewall, it.span, Value::Firewall(it.value));
    }
    if let Some(it) = ssh_port {
        add(Key::SshPort, it.span, Value::SshPort(it.value));
    }
    if let Some(it) = bind {
        let addresses = it.value.into_iter().map(|one| one.value).collect();
        add(Key::Own(AnswerKey::Bind), it.span, Value::Bind(addresses));
    }
    for (name, it) in settings {
        add(Key::Own(AnswerKey::Setting(name.value)), it.span, Value::Setting(it.value.to_json()));
    }
    for (name, it) in images {
        add(Key::Own(AnswerKey::Image(name.value)), it.span, Value::Image(it.value));
    }
    all
}
