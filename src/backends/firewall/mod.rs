//! In: the firewall model of the stack (`stack::firewall`).
//! Out: one view per kind of firewall, and the list of files a bundle carries for it.

pub mod iptables;
pub mod nftables;
pub mod tool;

use crate::artifact::Artifact;
use crate::controls::Hardened;
use crate::stack::firewall::FirewallKind;
use crate::templates::{Engine, TemplateError};
use crate::values::BundlePath;
use serde::Serialize;

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

const fn rules(path: &'static str, template: &'static str) -> File {
    File { path, template, executable: false }
}

const fn script(path: &'static str, template: &'static str) -> File {
    File { path, template, executable: true }
}

const TABLE: File = rules("firewall/stockade.nft", "firewall/nftables/stockade.nft.j2");
const TABLE_LOADER: File = script("firewall/load", "firewall/nftables/loader.sh.j2");
const TABLE_UNIT: File = rules("firewall/stockade-firewall.service", "firewall/nftables/stockade-firewall.service.j2");

const NFTABLES: &[File] = &[
    TABLE,
    TABLE_LOADER,
    rules("firewall/common.sh", "firewall/nftables/common.sh.j2"),
    script("firewall/apply", "firewall/nftables/apply.sh.j2"),
    script("firewall/verify", "firewall/nftables/verify.sh.j2"),
    script("firewall/rollback", "firewall/nftables/rollback.sh.j2"),
    TABLE_UNIT,
];

const UFW: &[File] = &[
    TABLE,
    TABLE_LOADER,
    rules("firewall/common.sh", "firewall/ufw/common.sh.j2"),
    script("firewall/apply", "firewall/ufw/apply.sh.j2"),
    script("firewall/verify", "firewall/ufw/verify.sh.j2"),
    script("firewall/rollback", "firewall/ufw/rollback.sh.j2"),
    TABLE_UNIT,
];

const FIREWALLD: &[File] = &[
    TABLE,
    TABLE_LOADER,
    rules("firewall/common.sh", "firewall/firewalld/common.sh.j2"),
    script("firewall/apply", "firewall/firewalld/apply.sh.j2"),
    script("firewall/verify", "firewall/firewalld/verify.sh.j2"),
    script("firewall/rollback", "firewall/firewalld/rollback.sh.j2"),
    TABLE_UNIT,
];

const IPTABLES: &[File] = &[
    rules("firewall/stockade.rules", "firewall/iptables/stockade.rules.j2"),
    script("firewall/load", "firewall/iptables/loader.sh.j2"),
    rules("firewall/common.sh", "firewall/iptables/common.sh.j2"),
    script("firewall/apply", "firewall/iptables/apply.sh.j2"),
    script("firewall/verify", "firewall/iptables/verify.sh.j2"),
    script("firewall/rollback", "firewall/iptables/rollback.sh.j2"),
    rules("firewall/stockade-firewall.service", "firewall/iptables/stockade-firewall.service.j2"),
];

/// The files of a kind.
pub fn files(kind: FirewallKind) -> &'static [File] {
    match kind {
        FirewallKind::Nftables => NFTABLES,
        FirewallKind::Iptables => IPTABLES,
        FirewallKind::Ufw => UFW,
        FirewallKind::Firewalld => FIREWALLD,
    }
}

/// The firewall's artifacts; none where no rules are generated.
///
/// # Errors
/// As [`Engine::render`].
pub fn emit(stack: &Hardened, engine: &Engine) -> Result<Vec<Artifact>, TemplateError> {
    let Some(firewall) = stack.firewall.get() else { return Ok(Vec::new()) };
    let files = files(firewall.kind);
    match firewall.kind {
        FirewallKind::Iptables => print(files, engine, &iptables::view(firewall)),
        FirewallKind::Nftables | FirewallKind::Ufw | FirewallKind::Firewalld => {
            print(files, engine, &nftables::view(firewall))
        }
    }
}

/// All files of one kind, from one view.
fn print(files: &[File], engine: &Engine, view: &impl Serialize) -> Result<Vec<Artifact>, TemplateError> {
    let mut artifacts = Vec::new();
    for file in files {
        let Ok(path) = file.path.parse::<BundlePath>() else { continue };
        let text = engine.render(file.template, view)?;
        artifacts.push(if file.executable { Artifact::script(path, text) } else { Artifact::text(path, text) });
    }
    Ok(artifacts)
}
