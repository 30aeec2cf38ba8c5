//! The reverse proxy's own service.

use super::{Context, edge, service, storage};
use crate::format::system::{Abilities, Condition, Limit};
use crate::secrets::{Cost, HtpasswdUser, Kind, PasswordLength};
use crate::stack::service::{Origin, PortAudience, SecretUse, ServicePort};
use crate::stack::{ContainerEngine, Enforced, Secret, Stack, edge as model};
use crate::systems::Component;
use crate::text::Span;
use crate::values::{Port, Protocol, SecretName, ServiceName, TlsMode};
use minijinja::Value;
use std::collections::BTreeSet;

/// Adds the proxy, where the stack has an edge.
pub fn add(contexts: &mut [Context], component: &Component, stack: &mut Stack) {
    let networks = networks(contexts, stack);
    let Some(context) = contexts.first_mut() else { return };
    let Some(edge) = &stack.edge else { return };
    if edge.standing.joined().is_some() {
        return join(contexts, component, stack);
    }
    let name = edge.service.clone();
    context.scope.extend("proxy", "body_mib", Value::from(edge::largest_body(edge)));
    let profile = context.profile;
    // One that serves only stacks that join has no name of its own.
    let has_names = !edge.sites.is_empty();
    let (http, https, mode) = (edge.http_port, edge.https_port, edge.tls.mode);
    let audience = edge::audience(edge);
    // Proxies in front ask for everybody: what one source may do says nothing about them.
    let meets_clients = edge.trusted_proxies.is_empty();
    let authenticated = edge.sites.iter().any(|site| site.authentication.wished().is_some());
    let knows_clients = edge.knows_clients();
    let locations = edge.sites.iter().flat_map(|site| &site.locations).filter(|at| at.blocked.wished().is_none());
    let upstreams: Vec<ServiceName> = locations.filter_map(|location| location.upstream.service().cloned()).collect();
    let locations = edge.sites.iter().flat_map(|site| &site.locations);
    let authorities: BTreeSet<SecretName> = locations
        .filter_map(|location| match &location.upstream.tls {
            Some(model::Trust::Authority(secret)) => Some(secret.clone()),
            _ => None,
        })
        .collect();
    let mut volumes = component.volumes.clone();
    volumes.retain(|name, _| {
        component.service.mounts.iter().any(|mount| {
            mount.volume.as_ref().is_some_and(|volume| volume.value == name.value) && context.scope.holds(&mount.when)
        })
    });
    storage::volumes(context, &volumes, stack);

    let mut description = component.service.clone();
    if let Some(image) = &context.profile.proxy.image {
        description.image = image.clone();
    }
    let mut proxy = service::one(context, name.clone(), Origin::Component, &description, stack);
    proxy.networks = networks.into_iter().map(|network| (network, None)).collect();
    proxy.depends_on = upstreams.into_iter().map(|upstream| (upstream, Condition::Started.into())).collect();
    // The challenge of the ACME authority comes from anywhere (RFC 8555, 8.3); the port else only redirects.
    let http_audience = if mode == TlsMode::Acme { PortAudience::Public } else { audience.clone() };
    proxy.ports =
        [(http, model::HTTP_PORT, "http", http_audience), (Some(https), model::HTTPS_PORT, "https", audience)]
            .into_iter()
            .filter_map(|(host, container, name, audience)| {
                Some(ServicePort {
                    at: profile.said(&format!("proxy.{name}_port")).unwrap_or(Span::UNKNOWN),
                    name: name.to_owned(),
                    container: container.to_string().parse::<Port>().ok()?.into(),
                    host: host?.into(),
                    address: None,
                    protocol: Protocol::Tcp,
                    limit: (audience == PortAudience::Public && meets_clients).then(|| Limit {
                        new_flows: "50/1s".parse().ok(),
                        packets: None,
                        connections: Some(100),
                    }),
                    audience,
                    bound: Enforced::default(),
                })
            })
            .collect();
    let mut mount = |secret: &str| {
        if let Ok(secret) = secret.parse::<SecretName>() {
            proxy.secrets.insert(secret, SecretUse::default());
        }
    };
    if mode != TlsMode::Acme && has_names {
        mount("tls_certificate");
        mount("tls_key");
    }
    if authenticated {
        mount(model::PROXY_USERS);
    }
    if knows_clients {
        mount(model::CLIENT_AUTHORITY);
    }
    for secret in authorities {
        if let Some(described) = stack.secrets.get_mut(&secret) {
            described.readers.push(name.clone());
        }
        proxy.secrets.insert(secret, SecretUse::default());
    }
    let user = proxy.declared.user;
    stack.services.insert(name.clone(), proxy);
    if authenticated {
        credential(context, component, vec![name.clone()], stack);
    }
    stack.certificate =
        stack.edge.as_ref().filter(|edge| !edge.sites.is_empty()).and_then(|edge| edge::certificate(edge, user));
    if let (Some(files), Some(edge)) = (&mut stack.certificate_files, &stack.edge) {
        files.names = edge::names(edge);
        files.reader = (stack.engine == ContainerEngine::Docker).then_some(user);
    }
}

/// What the proxy of another stack needs of this one, which has none itself.
fn join(contexts: &mut [Context], component: &Component, stack: &mut Stack) {
    let Some(context) = contexts.first_mut() else { return };
    let Some(edge) = &stack.edge else { return };
    let user = component.service.user.value;
    let authenticated = edge.sites.iter().any(|site| site.authentication.wished().is_some());
    stack.certificate = edge::certificate(edge, user);
    if authenticated {
        credential(context, component, Vec::new(), stack);
    }
    // Its own way out and in is nobody's here.
    let fronts = contexts.iter().filter_map(|context| context.system.edge.as_ref()).map(|edge| &edge.front.value);
    for front in fronts {
        if !stack.services.values().any(|service| service.networks.contains_key(front)) {
            stack.networks.remove(front);
        }
    }
    if let (Some(files), Some(edge)) = (&mut stack.certificate_files, &stack.edge) {
        // Whoever runs `proxy/join` hands them to the proxy.
        files.names = edge::names(edge);
    }
}

fn networks(contexts: &[Context], stack: &Stack) -> Vec<crate::values::NetworkName> {
    let mut networks = Vec::new();
    for description in contexts.iter().filter_map(|context| context.system.edge.as_ref()) {
        let served = |name: &str| stack.edge.iter().flat_map(|edge| &edge.sites).any(|site| site.name == name);
        let own = description.sites.iter().filter(|(name, _)| served(&name.value));
        let before = networks.len();
        networks.extend(own.map(|(_, site)| site.upstream.network.value.clone()));
        if networks.len() > before || stack.edge.iter().any(|edge| edge.standing.shared().is_some()) {
            networks.push(description.front.value.clone());
        }
    }
    let locations = stack.edge.iter().flat_map(|edge| &edge.sites).flat_map(|site| &site.locations);
    networks.extend(locations.map(|location| location.upstream.network.clone()));
    networks.retain(|name| stack.networks.contains_key(name));
    networks.sort_unstable();
    networks.dedup();
    networks
}

/// The password people type at the proxy, and the file the proxy checks it against.
fn credential(context: &Context, component: &Component, readers: Vec<ServiceName>, stack: &mut Stack) {
    let user = &context.choices.proxy_user;
    let (Ok(password), Ok(users), Ok(length), Ok(cost), Ok(user)) = (
        crate::stack::PROXY_PASSWORD.parse::<SecretName>(),
        model::PROXY_USERS.parse::<SecretName>(),
        PasswordLength::try_from(24u64),
        Cost::try_from(u64::from(component.can.map_or(12, |can| can.password_cost))),
        HtpasswdUser::try_from(user.clone()),
    ) else {
        return;
    };
    let secret = |name: &SecretName, purpose: &str, kind, readers| {
        Some(Secret {
            name: name.clone(),
            login: matches!(kind, Kind::Password { .. }),
            purpose: purpose.parse().ok()?,
            kind,
            readers,
            access: Enforced::default(),
            reader_users: Vec::new(),
            shared: false,
            brought: false,
            rotation: None,
        })
    };
    let separator = component.can.unwrap_or(Abilities::NONE).password_separator;
    let hash = Kind::Htpasswd { user, of: password.to_string(), cost, separator };
    if let Some(secret) =
        secret(&password, "the password people type at the reverse proxy", Kind::Password { length }, Vec::new())
    {
        stack.secrets.insert(password, secret);
    }
    if let Some(secret) = secret(&users, "what the reverse proxy checks passwords against", hash, readers) {
        stack.secrets.insert(users, secret);
    }
}
