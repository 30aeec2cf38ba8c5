//! Containers, from the system's description and the profile's overrides.

use super::{Context, addresses, host_ports, mounts, said};
use crate::diagnostics::{Diagnostic, codes};
use crate::format::image::FromImage;
use crate::format::profile::ServiceOverride;
use crate::format::system;
use crate::stack::service::SHIM_TARGET;
use crate::stack::service::{
    Declared, Device, DockerAccess, Group, Hardening, Health, KernelSetting, Origin, Service, ServicePort, Shim,
    Variable,
};
use crate::stack::{Enforced, Scope, Stack, cause};
use crate::text::Spanned;
use crate::values::{Domain, HostIp, MemoryLimit, ServiceName, VariableName};
use std::collections::BTreeMap;

/// Adds every service of the system that exists in this run.
pub fn all(context: &mut Context, stack: &mut Stack) {
    let system = context.system;
    for (name, description) in &system.services {
        if !context.scope.holds(&description.when) {
            continue;
        }
        context.claims.add("service", name, name.span);
        let mut service = one(context, name.value.clone(), Origin::System, description, stack);
        service.networks = addresses::of(context, &stack.networks, &name.value);
        service.network_aliases = said::aliases(context, &name.value, description, stack);
        service.isolated = service.networks.is_empty();
        stack.services.insert(name.value.clone(), service);
    }
    let existing: Vec<_> = stack.services.keys().cloned().collect();
    for service in stack.services.values_mut() {
        service.depends_on.retain(|name, _| existing.contains(name));
    }
}

/// Resolves one service; networks and secrets come later.
pub fn one(
    context: &mut Context,
    name: ServiceName,
    origin: Origin,
    description: &system::Service,
    stack: &Stack,
) -> Service {
    let nothing = ServiceOverride::default();
    let profile = context.profile;
    let change = profile.service(&name).unwrap_or(&nothing);
    let scope = &mut context.scope;
    let mut strings = |list: &Option<Vec<system::Computed<String>>>| list.as_ref().map(|items| scope.words(items));
    let (mut entrypoint, mut command) = (strings(&description.entrypoint), strings(&description.command));
    let shim = description.shim.as_ref().map(|shim| self::shim(context, shim));
    if let Some(shim) = &shim {
        let script = vec![shim.shell.to_string(), SHIM_TARGET.to_owned()];
        match shim.replaces {
            system::Replaces::Command => command = Some(script),
            system::Replaces::Entrypoint => (entrypoint, command) = (Some(script), Some(Vec::new())),
        }
    }
    Service {
        title: description.title.clone(),
        container: description.container_name.clone().unwrap_or_else(|| name.clone()),
        hostname: context.names.service(&name).unwrap_or(&name).clone(),
        origin,
        image: change.image.as_ref().unwrap_or(&description.image).clone(),
        platform: description.platform.as_ref().map(ToString::to_string),
        entrypoint,
        command,
        init: description.init,
        declared: declared(context, description, change),
        hardening: wishes(context, description, change),
        mounts: mounts::all(context, description, &name, shim.is_some(), stack),
        tmpfs: mounts::tmpfs(context, description),
        environment: environment(context, description, change),
        secrets: BTreeMap::new(),
        depends_on: description.depends_on.iter().map(|(name, condition)| (name.value.clone(), *condition)).collect(),
        networks: BTreeMap::new(),
        aliases: context.names.aliases(&name),
        network_aliases: BTreeMap::new(),
        dns: dns(context, description),
        extra_hosts: extra_hosts(context, description),
        ports: ports(context, description),
        shim,
        groups: groups(context, description),
        isolated: false,
        docker: docker(context, description),
        from_image: description.from_image.as_ref().and_then(|given| left(given, change)),
        name,
    }
}

/// What a service has from what is known of its image, without what the profile says instead.
fn left(given: &FromImage, change: &ServiceOverride) -> Option<FromImage> {
    let resources = &change.resources;
    let said = |key: &str| match key {
        "limits.memory" => resources.memory.is_some(),
        "limits.cpus" => resources.cpus.is_some(),
        "limits.pids" => resources.pids.is_some(),
        "stop.grace" => change.stop_grace.is_some(),
        "writable_root" => change.read_only.is_some(),
        _ => false,
    };
    let keys: Vec<_> = given.keys.iter().filter(|key| !said(key)).cloned().collect();
    (!keys.is_empty()).then(|| FromImage { family: given.family.clone(), keys })
}

fn extra_hosts(context: &mut Context, description: &system::Service) -> Vec<(Domain, HostIp)> {
    let scope = &mut context.scope;
    let there = description.extra_hosts.iter().filter_map(|host| {
        if !scope.holds(&host.when) {
            return None;
        }
        Some((scope.compute(&host.name)?, scope.compute(&host.address)?))
    });
    there.collect()
}

fn declared(context: &mut Context, description: &system::Service, change: &ServiceOverride) -> Declared {
    let scope = &mut context.scope;
    let mut capabilities: Vec<_> = description
        .capabilities
        .iter()
        .filter(|need| scope.holds(&need.when))
        .map(|need| (need.name.value.clone(), need.reason.clone()))
        .collect();
    for extra in change.capabilities.iter().flat_map(|list| &list.value) {
        if let Ok(reason) = "asked for in the profile".parse() {
            capabilities.push((extra.value.clone(), reason));
        }
    }
    let devices = devices(scope, description);
    let writable_root = match &change.read_only {
        Some(Spanned { value: false, .. }) => "asked for in the profile".parse().ok(),
        _ => description.writable_root.clone(),
    };
    Declared {
        user: description.user.value,
        root_user: description.root_user.clone(),
        capabilities,
        devices,
        writable_root,
        no_healthcheck: description.no_healthcheck.clone(),
        files: change.resources.files.as_ref().map(|files| files.value).or(description.limits.files),
        shared_memory: description.limits.shared_memory,
        hostname: description.hostname.as_ref().and_then(|name| scope.compute(name)),
        tty: description.tty,
        stdin_open: description.stdin_open,
        sysctls: sysctls(scope, description),
        ulimits: said::ulimits(scope, description),
        working_dir: description.working_dir.clone(),
        labels: said::labels(scope, description),
        stop_signal: description.stop.signal.as_ref().map(ToString::to_string),
    }
}

/// What its author and the profile wish controls to enforce. A limit that went wrong is none: the finding stops the run.
fn wishes(context: &mut Context, description: &system::Service, change: &ServiceOverride) -> Hardening {
    let scope = &mut context.scope;
    let (limits, resources) = (&description.limits, &change.resources);
    let memory = resources.memory.as_ref().map(|m| m.value).or_else(|| scope.compute(&limits.memory));
    let cpus = resources.cpus.as_ref().map(|c| c.value).or_else(|| scope.compute(&limits.cpus));
    let pids = resources.pids.as_ref().map(|p| p.value).or_else(|| scope.compute(&limits.pids).map(|p| p.0));
    let healthcheck = description.healthcheck.as_ref().map(|check| {
        let command = scope.words(&check.command);
        let mut health = Health::new(check, command);
        if let Some(interval) = &context.profile.monitoring.health_interval {
            health.interval = interval.value;
        }
        health
    });
    let logging = &context.profile.logging;
    let log_size = logging.max_size.as_ref().map_or(description.logs.max_size, |size| size.value).size();
    let log_files = logging.max_files.as_ref().map_or(description.logs.max_files, |files| files.value);
    let grace = change.stop_grace.as_ref().map_or(description.stop.grace, |grace| grace.value);
    Hardening {
        memory: Enforced::maybe(memory.map(MemoryLimit::size)),
        cpus: Enforced::maybe(cpus),
        pids: Enforced::maybe(pids),
        healthcheck: Enforced::maybe(healthcheck),
        restart: Enforced::wish(description.restart),
        stop_grace: Enforced::wish(grace),
        logs: Enforced::wish((log_size, log_files)),
        ..Hardening::default()
    }
}

fn devices(scope: &mut Scope, description: &system::Service) -> Vec<Device> {
    let needed = description.devices.iter().filter_map(|need| {
        if !scope.holds(&need.when) {
            return None;
        }
        let host = scope.compute(&need.host)?;
        let container = need.container.clone().or_else(|| host.in_container())?;
        Some(Device { host, container, rights: need.rights, reason: need.reason.clone() })
    });
    needed.collect()
}

fn sysctls(scope: &mut Scope, description: &system::Service) -> Vec<KernelSetting> {
    let needed = description.sysctls.iter().filter_map(|(name, need)| {
        if !scope.holds(&need.when) {
            return None;
        }
        let value = scope.compute(&need.value)?;
        Some(KernelSetting { name: name.value.clone(), value, reason: need.reason.clone() })
    });
    needed.collect()
}

fn groups(context: &mut Context, description: &system::Service) -> Vec<Group> {
    let scope = &mut context.scope;
    let needed = description.groups.iter().filter_map(|need| {
        if !scope.holds(&need.when) {
            return None;
        }
        Some(Group { id: scope.compute(&need.id)?, reason: need.reason.clone() })
    });
    needed.collect()
}

fn shim(context: &mut Context, shim: &system::Shim) -> Shim {
    let scope = &mut context.scope;
    Shim {
        shell: shim.shell.clone(),
        replaces: shim.replaces,
        run: scope.words(&shim.run),
        stop_process: shim.stop_process.as_ref().map(|pattern| pattern.value.clone()),
        umask: shim.umask,
        links: shim.links.iter().filter(|link| scope.holds(&link.when)).cloned().collect(),
        beside: shim.beside.iter().map(|words| scope.words(words)).collect(),
    }
}

fn environment(
    context: &mut Context,
    description: &system::Service,
    change: &ServiceOverride,
) -> BTreeMap<VariableName, Variable> {
    let mut variables = BTreeMap::new();
    let names = description.environment.keys().chain(change.environment.keys());
    // A POSIX shell may forget what it cannot name itself (XCU 2.5.3), and dash and that of BusyBox do.
    for name in names.filter(|name| description.shim.is_some() && name.value.as_str().contains(['.', '-'])) {
        context.scope.diagnostics.push_new(
            Diagnostic::error(
                codes::INVALID_SYSTEM,
                format!(
                    "`{}` would not reach the process: the shell of `shim` forgets names with `.` or `-`",
                    name.value
                ),
            )
            .at(name.span, "")
            .help(format!(
                "say it to the program itself, in `shim.run: [env, \"{}=…\", PROGRAM]`, or in a file it reads",
                name.value
            )),
        );
    }
    for (name, value) in &description.environment {
        if let Some(value) = context.scope.string(value) {
            variables.insert(name.value.clone(), Variable { value, why: Vec::new() });
        }
    }
    for (name, value) in &change.environment {
        variables.insert(name.value.clone(), Variable { value: value.value.clone(), why: Vec::new() });
    }
    variables
}

fn ports(context: &mut Context, description: &system::Service) -> Vec<ServicePort> {
    let mut ports = Vec::new();
    for (name, port) in &description.ports {
        if !context.scope.holds(&port.when) {
            continue;
        }
        let Some(container) = context.scope.compute(&port.container) else { continue };
        let host = port.host.as_ref().and_then(|host| context.scope.compute(host)).unwrap_or(container);
        if host.count() != container.count() {
            let at = port.host.as_ref().map_or(name.span, |host| host.text.span);
            context.scope.diagnostics.push(
                Diagnostic::error(
                    codes::INVALID_SYSTEM,
                    format!("`{container}` in the container and `{host}` on the host are not as many ports"),
                )
                .at(at, "")
                .help("give both ranges one length, or leave `host` out"),
            );
            continue;
        }
        let Some(audience) = host_ports::audience(context, name, port.audience, port.from.as_deref()) else { continue };
        let address = port.bind.as_ref().and_then(|address| context.scope.compute(address));
        let number = port.host.as_ref().unwrap_or(&port.container);
        let at = cause::of_text(context.profile, context.system, &number.text.value).unwrap_or(number.text.span);
        let made = ServicePort {
            at,
            name: name.value.clone(),
            container,
            host,
            address,
            protocol: port.protocol,
            audience,
            limit: port.limit.clone(),
            bound: Enforced::default(),
        };
        // `from` may name nobody today and somebody tomorrow.
        if !made.is_published() && port.from.is_none() {
            let host = port.host.as_ref().map(|host| ("host", host.text.span));
            let bind = port.bind.as_ref().map(|bind| ("bind", bind.text.span));
            for (key, at) in host.into_iter().chain(bind) {
                context.scope.diagnostics.push_new(
                    Diagnostic::warning(
                        codes::UNUSED_KEY,
                        format!("`{key}` has no effect: the port `{}` is published to nobody", name.value),
                    )
                    .at(at, "")
                    .help("remove it, or write `audience: public` or `admin`"),
                );
            }
        }
        ports.push(made);
    }
    ports
}

fn dns(context: &mut Context, description: &system::Service) -> Vec<HostIp> {
    let Some(system::When(expression)) = &description.dns else { return Vec::new() };
    // Addresses by themselves, as Compose has them.
    let words: Vec<&str> = expression.value.split([' ', ',']).filter(|word| !word.is_empty()).collect();
    if let Ok(servers) = words.iter().map(|word| word.parse()).collect() {
        return servers;
    }
    let servers = context.scope.items(expression);
    servers.into_iter().filter_map(|(_, server)| context.scope.parse(&server.to_string(), expression)).collect()
}

fn docker(context: &mut Context, description: &system::Service) -> Option<DockerAccess> {
    let api = description.docker_api.as_ref()?;
    let mode = context.scope.compute(&api.mode)?;
    Some(DockerAccess {
        mode,
        socket: api.socket.clone(),
        directory: api.directory.clone(),
        bind_mounts_from: api.bind_mounts_from.iter().filter_map(|path| context.scope.compute(path)).collect(),
        calls: api.calls.iter().map(|call| (call.method.to_string(), call.path.to_string())).collect(),
    })
}
