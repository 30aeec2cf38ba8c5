//! In: the firewall model of the stack (`stack::firewall`).
//! Out: one view per kind of firewall, and the list of files a bundle carries for it.

pub mod nftables;

use crate::artifact::Artifact;
use crate::backends::templates::{Engine, TemplateError};
use crate::controls::Hardened;
use crate::stack::firewall::FirewallKind;
use crate::values::BundlePath;

/// A file of the bundle's `firewall/` directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct File {
    /// Path in the bundle.
    pub path: &'static str,
    /// Name of the template that prints it.
    pub template: &'static str,
    /// Whether the file is a script to run.
    pub executable: bool,
}

const NFTABLES: &[File] = &[
    File { path: "firewall/stockade.nft", template: "firewall/nftables/stockade.nft.j2", executable: false },
    File { path: "firewall/apply", template: "firewall/nftables/apply.sh.j2", executable: true },
    File { path: "firewall/verify", template: "firewall/nftables/verify.sh.j2", executable: true },
    File { path: "firewall/rollback", template: "firewall/nftables/rollback.sh.j2", executable: true },
    File {
        path: "firewall/stockade-firewall.service",
        template: "firewall/nftables/stockade-firewall.service.j2",
        executable: false,
    },
];

/// The files of a kind, or `None` for a kind that has no back end yet.
pub fn files(kind: FirewallKind) -> Option<&'static [File]> {
    match kind {
        FirewallKind::Nftables => Some(NFTABLES),
        FirewallKind::None => Some(&[]),
        FirewallKind::Iptables | FirewallKind::Ufw | FirewallKind::Firewalld => None,
    }
}

/// The firewall's artifacts; none where no rules are generated.
///
/// # Errors
/// As [`Engine::render`].
pub fn emit(stack: &Hardened, engine: &Engine) -> Result<Vec<Artifact>, TemplateError> {
    let Some(firewall) = stack.firewall.get() else { return Ok(Vec::new()) };
    let view = nftables::view(firewall);
    let mut artifacts = Vec::new();
    for file in files(firewall.kind).unwrap_or_default() {
        let Ok(path) = file.path.parse::<BundlePath>() else { continue };
        let text = engine.render(file.template, &view)?;
        artifacts.push(if file.executable { Artifact::script(path, text) } else { Artifact::text(path, text) });
    }
    Ok(artifacts)
}
