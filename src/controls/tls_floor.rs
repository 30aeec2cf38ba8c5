//! Refuse old TLS.

use super::{Control, Meta, Reach, Surroundings, sites};
use crate::checks::{Ask, Claim, Expect};
use crate::diagnostics::Severity;
use crate::stack::{Edge, Stack};
use crate::values::{Boundary, Level, TlsPolicy};

pub static META: Meta = Meta {
    id: "tls-floor",
    title: "Refuse old TLS",
    why: "Older protocol versions and ciphers without forward secrecy let recorded traffic be read later.",
    boundary: Boundary::ExternalHost,
    severity: Severity::Error,
    level: Level::Baseline,
    reach: Reach::Stack,
    references: &["Mozilla TLS 5.7", "RFC 9325", "CWE-327"],
};

#[derive(Debug)]
pub struct TlsFloor;

impl Control for TlsFloor {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn edge(&self, edge: &mut Edge, _: &Surroundings) {
        edge.tls.policy.enforce(META.id);
    }

    fn shown(&self, stack: &Stack) -> Vec<Claim> {
        let Some(edge) = &stack.edge else { return Vec::new() };
        let Some((policy, (_, site))) = edge.tls.policy.get().zip(sites::asked(stack).next()) else {
            return Vec::new();
        };
        let claim = |version: &str, spoken: bool| {
            let (port, address) = (edge.https_port.get(), sites::address(edge, stack));
            let ask = Ask::Handshake { port, address, version: version.to_owned() };
            let text = format!("the proxy {} TLS {version}", if spoken { "speaks" } else { "refuses" });
            let expect = Expect::equals(if spoken { "spoken" } else { "refused" });
            Claim::new(sites::subject(edge, site), text, ask, expect).part(version)
        };
        let middle = (*policy == TlsPolicy::Modern).then(|| claim("1.2", false));
        [claim("1.1", false), claim("1.3", true)].into_iter().chain(middle).collect()
    }
}
