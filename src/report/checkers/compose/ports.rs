//! What checkers say of published ports.

use super::super::Said;
use super::{BENCH, DCLINT, KICS, Seen};
use crate::yaml::Node;

/// Lowest port that the CIS benchmark does not call privileged (5.8).
const UNPRIVILEGED: u32 = 1025;
/// The same for KICS.
const KICS_UNPRIVILEGED: u32 = 1024;

/// Published ports.
pub(super) fn ports(seen: &Seen, said: &mut Said) {
    let has = |key: &str, name: &str| {
        let named = |c: &Node| c.as_text().is_some_and(|c| c.trim_start_matches("CAP_").eq_ignore_ascii_case(name));
        seen.list(key).any(|(_, c)| named(c))
    };
    let dropped_by_name = has("cap_drop", "NET_BIND_SERVICE");
    let binds = Binding {
        added: has("cap_add", "NET_BIND_SERVICE") || has("cap_add", "ALL"),
        dropped: has("cap_drop", "ALL") || dropped_by_name,
        root: seen.text("user").is_none_or(|user| matches!(user.split(':').next(), Some("0" | "root"))),
    };
    for (at, port) in seen.list("ports") {
        let Some(Published { address, port: published, container, long }) = Published::read(port) else { continue };
        if is_wildcard(address.as_deref()) {
            let reason = "The port is meant for everybody the firewall lets through, so it is bound to every address \
                          of the host; `proxy.bind` narrows it.";
            said.say(
                BENCH,
                "5.14 Ensure that incoming container traffic is bound to a specific host interface",
                &at,
                reason,
            );
        }
        if long || address.as_deref().is_none_or(|address| address.contains(':')) {
            let reason = match &address {
                Some(address) => format!("It is bound to {address}; KICS reads addresses in the short form only."),
                None => "It is published on every address of the host.".to_owned(),
            };
            said.say(KICS, "Container Traffic Not Bound To Host Interface", &at, reason);
        }
        if address.is_none() {
            said.say(DCLINT, "no-unbound-port-interfaces", &at, "It is published on every address of the host.");
        }
        if !long {
            let reason = "Every port stands in double quotes, so that none is read as a number; the rule counts single \
                          ones only.";
            said.say(DCLINT, "require-quotes-in-ports", &at, reason);
        }
        if published.is_some_and(|port| port < UNPRIVILEGED) {
            let asked = match published {
                Some(80 | 443) => "Browsers and certificate authorities ask at 80 and 443.".to_owned(),
                _ => format!("Clients ask at {}.", published.unwrap_or_default()),
            };
            let reason = format!("{asked} The engine binds it on the host; {}", binds.inside(container));
            said.say(BENCH, "5.8 Ensure privileged ports are not mapped within containers", &at, reason);
        }
        if [published, container].into_iter().flatten().any(|port| port < KICS_UNPRIVILEGED) && !dropped_by_name {
            let reason = match (binds.dropped, binds.added) {
                (true, false) => {
                    "All capabilities are dropped, NET_BIND_SERVICE with them; KICS wants that one by name.".to_owned()
                }
                (true, true) => {
                    format!("All capabilities are dropped and NET_BIND_SERVICE given back; {}", binds.inside(container))
                }
                (false, _) => seen.unless_waived("least-capabilities", "The engine's own capabilities are kept."),
            };
            said.say(KICS, "Privileged Ports Mapped In Container", &at, reason);
        }
        let reason = "Meant to be published; the ports table above says for whom. No other port of the stack is.";
        said.say(BENCH, "5.9 Ensure that only needed ports are open on the container", &at, reason);
    }
    if seen.text("network_mode") == Some("host") {
        let reason = seen.unless_waived("no-host-namespaces", "The service needs the host's network.");
        said.say(KICS, "Shared Host Network Namespace", &seen.key("network_mode"), reason);
    }
}

/// Whether a port is published on every address of the host.
pub(super) fn is_everywhere(port: &Node) -> bool {
    Published::read(port).is_some_and(|port| is_wildcard(port.address.as_deref()))
}

fn is_wildcard(address: Option<&str>) -> bool {
    address.is_none_or(|address| matches!(address, "0.0.0.0" | "::" | "[::]"))
}

/// What a service may do about ports below 1024.
struct Binding {
    added: bool,
    dropped: bool,
    root: bool,
}

impl Binding {
    /// How the process comes by its port in the container.
    fn inside(&self, container: Option<u32>) -> String {
        let Some(port) = container else { return "the container's port is the image's.".to_owned() };
        if port >= KICS_UNPRIVILEGED {
            return format!("inside the container the process listens on {port} and needs no capability for it.");
        }
        let by = match self {
            Self { added: true, .. } => "with NET_BIND_SERVICE, which is given to it",
            Self { dropped: false, root: true, .. } => "as root, with the engine's own capabilities",
            _ => {
                "without a capability, because `net.ipv4.ip_unprivileged_port_start` opens it to every user of the container"
            }
        };
        format!("inside the container the process listens on {port}, {by}.")
    }
}

/// A published port in either of its two forms.
struct Published {
    address: Option<String>,
    port: Option<u32>,
    container: Option<u32>,
    long: bool,
}

impl Published {
    fn read(node: &Node) -> Option<Self> {
        let number = |text: &str| text.split(['-', '/']).next().and_then(|text| text.parse().ok());
        let Some(text) = node.as_text() else {
            let text = |key| node.get(key).and_then(Node::as_text);
            return Some(Self {
                address: text("host_ip").map(str::to_owned),
                port: text("published").and_then(number),
                container: text("target").and_then(number),
                long: true,
            });
        };
        let (before, container) = text.rsplit_once(':')?;
        let (address, port) = match before.rsplit_once(':') {
            Some((address, port)) => (Some(address.to_owned()), port),
            None => (None, before),
        };
        Some(Self { address, port: number(port), container: number(container), long: false })
    }
}
