//! Health checks that ask a port which the service does not declare: mostly a slip, and one that nobody sees until the
//! start has failed.

use super::Context;
use crate::diagnostics::{Diagnostic, codes};
use crate::stack::Stack;
use crate::values::{Port, Protocol};

/// Says which health checks ask a port of the container that is in no `ports`.
pub(super) fn check(context: &mut Context, stack: &Stack) {
    let system = context.system;
    for (name, description) in &system.services {
        let Some(service) = stack.services.get(&name.value) else { continue };
        // Who declares nothing may keep all of it to itself.
        if service.ports.is_empty() {
            continue;
        }
        let (Some(health), Some(written)) = (&service.declared.healthcheck, &description.healthcheck) else { continue };
        for (word, computed) in health.command.iter().zip(&written.command) {
            let declared = |port: Port| {
                let tcp = service.ports.iter().filter(|it| it.protocol == Protocol::Tcp);
                tcp.map(|it| it.container).any(|ports| ports.overlaps(port.into()))
            };
            let Some(port) = own_ports(word).find(|port| !declared(*port)) else { continue };
            context.scope.diagnostics.push(
                Diagnostic::warning(
                    codes::HEALTH_PORT,
                    format!("the health check of `{name}` asks port {port}, which `{name}` does not declare"),
                )
                .at(computed.text.span, "")
                .help(format!(
                    "correct the number, or declare the port: `ports: {{health: {{container: {port}, protocol: tcp, audience: never}}}}`"
                )),
            );
        }
    }
}

/// Ports of the container itself in the URLs of a text.
fn own_ports(text: &str) -> impl Iterator<Item = Port> {
    let after = |scheme: &'static str| text.split(scheme).skip(1);
    let hosts = ["127.0.0.1", "localhost", "[::1]", "0.0.0.0"];
    let port = move |rest: &str| -> Option<Port> {
        let rest = hosts.iter().find_map(|host| rest.strip_prefix(host))?.strip_prefix(':')?;
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        rest.get(..end)?.parse().ok()
    };
    after("http://").chain(after("https://")).filter_map(port)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_containers_own_ports_count() {
        let of = |text: &str| own_ports(text).map(Port::get).collect::<Vec<_>>();
        assert_eq!(of("wget -q http://127.0.0.1:8080/health || curl https://localhost:8443"), [8080, 8443]);
        assert_eq!(of("http://[::1]:3000"), [3000]);
        for text in
            ["http://127.0.0.1/health", "http://db:5432", "127.0.0.1:80", "http://localhost:", "http://127.0.0.11:53"]
        {
            assert!(of(text).is_empty(), "{text}");
        }
    }
}
