//! In: the reverse proxy of a hardened stack, complete and proxy-neutral. Out: the configuration of the one server that was
//! chosen. Rust resolves patterns, orders and names into one view per template; the templates only print.
//!
//! Everything about the servers that the views rely on was measured on Traefik 3.7, nginx 1.31 and Caddy 2.11.

mod caddy;
mod encoded;
mod forwarding;
mod marked;
mod names;
mod nginx;
mod paths;
mod sharing;
mod spelled;
mod tls;
mod traefik;

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod tests;

use crate::artifact::Artifact;
use crate::controls::Hardened;
use crate::stack::Edge;
use crate::templates::{Engine, TemplateError};
use crate::values::{BundlePath, ProxyKind};
use sha2::{Digest, Sha256};

/// The secret with the certificate chain, in the modes `files` and `self-signed`.
pub const CERTIFICATE: &str = "tls_certificate";
/// That with its key.
pub const KEY: &str = "tls_key";
/// Directory for what an ACME authority hands out.
pub const STORAGE: &str = "/data";

/// Writes the configuration below `proxy/`, where the stack has a proxy. The compose back end mounts it read-only where the server looks for it.
///
/// # Errors
/// A header, realm or address that the server's grammar cannot hold; see [`TemplateError`].
pub fn emit(stack: &Hardened, engine: &Engine) -> Result<Vec<Artifact>, TemplateError> {
    let Some(edge) = &stack.edge else { return Ok(Vec::new()) };
    let mut artifacts = render(edge, engine)?;
    artifacts.extend(sharing::emit(stack, edge, engine, &artifacts)?);
    Ok(artifacts)
}

/// [`emit`] without the proof that controls were enforced, for tests that set single fields.
pub(crate) fn render(edge: &Edge, engine: &Engine) -> Result<Vec<Artifact>, TemplateError> {
    match edge.kind {
        ProxyKind::Nginx => nginx::emit(edge, engine),
        ProxyKind::Caddy => caddy::emit(edge, engine),
        ProxyKind::Traefik => traefik::emit(edge, engine),
    }
}

fn file(path: &str, text: String) -> Artifact {
    let path: BundlePath = path.parse().expect("paths below proxy/ are made of literals and `Names`");
    Artifact::text(path, text)
}

/// `https://HOST`, with the port people see where it is not 443: what browsers send as `Origin` (RFC 6454).
fn origin(edge: &Edge, site: &crate::stack::Site) -> String {
    format!("https://{}", authority(edge, site))
}

/// The word that begins all names of one site. In the proxy of another stack, that of this stack is before it, with a digest:
/// `my-app` and `my_app` make the same word.
fn site_id(edge: &Edge, site: &crate::stack::Site, names: &mut names::Names, separator: char) -> String {
    match edge.standing.joined() {
        Some((_, guest)) => {
            let [a, b, c, ..] = <[u8; 32]>::from(Sha256::digest(guest.as_str()));
            names.give(&["s", guest.as_str(), &format!("{a:02x}{b:02x}{c:02x}"), &site.name], separator)
        }
        None => names.give(&[&site.name], separator),
    }
}

/// `HOST` or `HOST:PORT` as people type it.
fn authority(edge: &Edge, site: &crate::stack::Site) -> String {
    match edge.https_port.get() {
        443 => site.host.to_string(),
        port => format!("{}:{port}", site.host),
    }
}
