//! Everything below the services: networks, volumes, secrets, and where files of the bundle are on the host.

use crate::format::system::ContainerEngine;
use crate::stack::edge::CLIENT_AUTHORITY;
use crate::stack::{Because, MountSource, Network, Stack};
use crate::values::{BundlePath, ByteSize, HostPath, SecretName};
use serde::Serialize;
use std::collections::BTreeSet;

/// Name under which the proxy mounts its certificate chain.
pub const TLS_CERTIFICATE: &str = "tls_certificate";
/// Name under which the proxy mounts its private key.
pub const TLS_KEY: &str = "tls_key";

/// Where files of the bundle are on the host.
pub(super) struct Places<'a> {
    base: Option<&'a HostPath>,
}

impl<'a> Places<'a> {
    pub(super) fn of(stack: &'a Stack) -> Self {
        Self { base: stack.base.as_ref() }
    }

    /// Absolute in a self-contained file, else relative to the file as Compose resolves it.
    pub(super) fn bundle(&self, path: &BundlePath) -> String {
        match self.base {
            Some(base) => base.join(path).to_string(),
            None => format!("./{path}"),
        }
    }

    /// The source of a mount: a path, or the name of a volume.
    pub(super) fn source(&self, source: &MountSource) -> String {
        match source {
            MountSource::Bundle(path) => self.bundle(path),
            MountSource::Volume(name) => name.to_string(),
            MountSource::Host(path) | MountSource::HostDirectory(path, _) => path.to_string(),
        }
    }
}

/// One network.
#[derive(Serialize)]
pub(super) struct NetworkView<'a> {
    /// Key in the file.
    key: &'a str,
    /// What it connects.
    purpose: &'a str,
    /// Name on the host.
    name: String,
    /// No way out.
    internal: Option<Because<()>>,
    /// Whether it has IPv6.
    ipv6: bool,
    /// Name of its bridge on the host.
    options: BridgeOptions<'a>,
    /// Addresses.
    addresses: Option<Addresses>,
}

/// Options of the engine's driver for bridges.
#[derive(Serialize)]
struct BridgeOptions<'a> {
    /// Name on the host.
    #[serde(rename = "com.docker.network.bridge.name")]
    name: &'a str,
}

/// Addresses of a network, as Compose wants them.
#[derive(Serialize)]
struct Addresses {
    config: Vec<Subnet>,
}

/// One range of addresses.
#[derive(Serialize)]
struct Subnet {
    subnet: String,
}

pub(super) fn networks(stack: &Stack) -> Vec<NetworkView<'_>> {
    stack
        .networks
        .values()
        .map(|network| NetworkView {
            key: network.name.as_str(),
            purpose: network.purpose.as_str(),
            name: stack.network_name(&network.name),
            internal: network.internal.because(|()| ()),
            ipv6: network.ipv6.is_some(),
            options: BridgeOptions { name: &network.bridge },
            addresses: addresses(network),
        })
        .collect()
}

fn addresses(network: &Network) -> Option<Addresses> {
    let texts = [network.subnet.map(|it| it.to_string()), network.ipv6.map(|it| it.to_string())];
    let config: Vec<_> = texts.into_iter().flatten().map(|subnet| Subnet { subnet }).collect();
    (!config.is_empty()).then_some(Addresses { config })
}

/// One volume that the engine keeps.
#[derive(Serialize)]
pub(super) struct VolumeView<'a> {
    /// Key in the file.
    key: &'a str,
    /// What lies there.
    purpose: &'a str,
    /// How it is mounted, of a volume in memory.
    memory: Option<MemoryOptions>,
}

/// Options of the engine's own driver for a volume in memory.
#[derive(Serialize)]
struct MemoryOptions {
    #[serde(rename = "type")]
    kind: &'static str,
    device: &'static str,
    /// Mount options.
    o: String,
}

pub(super) fn volumes(stack: &Stack) -> Vec<VolumeView<'_>> {
    let options = |(user, mode, size): &(crate::values::User, crate::values::Mode, ByteSize)| {
        let size = kernel_size(*size);
        let o = format!("uid={},gid={},mode={mode},size={size},noexec,nosuid,nodev", user.uid, user.gid);
        MemoryOptions { kind: "tmpfs", device: "tmpfs", o }
    };
    stack
        .volumes
        .values()
        .map(|volume| VolumeView {
            key: volume.name.as_str(),
            purpose: volume.purpose.as_str(),
            memory: volume.memory.as_ref().map(options),
        })
        .collect()
}

/// One secret that some container mounts.
#[derive(Serialize)]
pub(super) struct SecretView<'a> {
    /// Key in the file.
    key: &'a str,
    /// Its file on the host.
    file: String,
    /// Whether the engine keeps it itself.
    external: bool,
}

pub(super) fn secrets<'a>(stack: &'a Stack, places: &Places) -> Vec<SecretView<'a>> {
    let mounted: BTreeSet<&SecretName> = stack.services.values().flat_map(|service| service.secrets.keys()).collect();
    let external = stack.engine == ContainerEngine::Podman;
    let file = |name| secret_file(name, stack).map_or_else(ToString::to_string, |path| places.bundle(&path));
    let view = |name: &'a SecretName| SecretView { key: name.as_str(), file: file(name), external };
    mounted.into_iter().map(view).collect()
}

/// Certificates are kept apart from secrets, and may be the operator's own: then outside the bundle.
pub(in crate::backends) fn secret_file<'a>(name: &SecretName, stack: &'a Stack) -> Result<BundlePath, &'a HostPath> {
    let known = |path: &str| path.parse().expect("paths of the bundle's own files are plain");
    match (name.as_str(), &stack.certificate_files) {
        (TLS_CERTIFICATE, Some(own)) => Err(&own.certificate.value),
        (TLS_KEY, Some(own)) => Err(&own.key.value),
        (CLIENT_AUTHORITY, _) => match stack.edge.as_ref().and_then(|edge| edge.client_authority.as_ref()) {
            Some(own) => Err(&own.value),
            None => Ok(known("certs/clients/ca.crt")),
        },
        (TLS_CERTIFICATE, None) => Ok(known("certs/server.crt")),
        (TLS_KEY, None) => Ok(known("certs/server.key")),
        (name, _) => Ok(known(&format!("secrets/{name}"))),
    }
}

/// A size as tmpfs reads it (tmpfs(5)): `k`, `m` and `g`, but no `b`.
pub(super) fn kernel_size(size: ByteSize) -> String {
    if size.get().is_multiple_of(1024) { size.to_string() } else { size.get().to_string() }
}
