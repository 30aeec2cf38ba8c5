//! Ask clients for a certificate at the proxy.

use super::{Control, Meta, Reach, Surroundings};
use crate::diagnostics::Severity;
use crate::stack::Site;
use crate::values::{Boundary, Level};

pub static META: Meta = Meta {
    id: "client-certificates",
    title: "Ask clients for a certificate at the proxy",
    why: "A password can be guessed, shared and phished; who has no key gets as far as the handshake, and no request of theirs reaches the application.",
    boundary: Boundary::ExternalHost,
    severity: Severity::Error,
    level: Level::Baseline,
    reach: Reach::Service,
    references: &["RFC 8446 section 4.3.2", "CWE-306"],
};

#[derive(Debug)]
pub struct ClientCertificates;

impl Control for ClientCertificates {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn site(&self, site: &mut Site, _: &Surroundings) {
        site.client_certificates.enforce(META.id);
    }
}
