//! Traefik 3.7 with files and without the Docker socket.
//!
//! A middleware lives once per router that names it, so a rate limit for a whole site needs one common router: every site is a
//! tree of routers. The rate class of `/` counts at its root; another class counts at its own path, in addition.

mod site;
mod view;

use super::marked::texts;
use super::names::Names;
use super::tls::{self, Policy};
use super::{CERTIFICATE, KEY, STORAGE, file};
use crate::artifact::Artifact;
use crate::stack::edge::{HEALTH_PORT, HTTP_PORT, HTTPS_PORT};
use crate::stack::{Because, Edge};
use crate::templates::{Engine, Said, TemplateError};
use crate::values::TlsMode;
use serde::Serialize;

pub(super) fn emit(edge: &Edge, engine: &Engine) -> Result<Vec<Artifact>, TemplateError> {
    let tls = TlsFile::new(edge);
    let (folder, mut files) = match edge.standing.joined() {
        Some(_) if tls.files => {
            let text = engine.render("proxy/traefik/dynamic/certificate.yml.j2", &tls)?;
            ("proxy/sites", vec![file("proxy/sites/tls.yml", text)])
        }
        Some(_) => ("proxy/sites", Vec::new()),
        None => (
            "proxy/dynamic",
            vec![
                file("proxy/traefik.yml", engine.render("proxy/traefik/traefik.yml.j2", &Static::new(edge))?),
                file("proxy/dynamic/tls.yml", engine.render("proxy/traefik/dynamic/tls.yml.j2", &tls)?),
            ],
        ),
    };
    let mut names = Names::default();
    for site in &edge.sites {
        let view = view::View::new(edge, site, &mut names);
        let path = format!("{folder}/site-{}.yml", view.id);
        files.push(file(&path, engine.render("proxy/traefik/dynamic/site.yml.j2", &view)?));
    }
    Ok(files)
}

/// Everything `proxy/traefik/traefik.yml.j2` prints: what is read once, at the start.
#[derive(Debug, Serialize)]
pub struct Static {
    /// `127.0.0.1:8082`
    pub health: String,
    /// `:8080`
    pub http: String,
    /// `:8443`
    pub https: String,
    /// `300s`: time for a whole request, body included; Traefik has none for the header alone.
    pub read_timeout: String,
    /// Access log as JSON; without it there is none.
    pub access_log: Option<Because<()>>,
    /// Forwarding headers are overwritten.
    pub forwarded: Option<Because<()>>,
    /// Proxies in front whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<String>,
    /// Whether Traefik gets the certificate itself.
    pub acme: bool,
    /// Address for the ACME authority.
    pub email: Option<Said>,
    /// File for what the authority hands out.
    pub storage: String,
}

impl Static {
    fn new(edge: &Edge) -> Self {
        let acme = edge.tls.mode == TlsMode::Acme;
        Self {
            health: format!("127.0.0.1:{HEALTH_PORT}"),
            http: format!(":{HTTP_PORT}"),
            https: format!(":{HTTPS_PORT}"),
            read_timeout: format!("{}s", edge.longest_upload()),
            access_log: edge.access_log.because(|()| ()),
            forwarded: edge.forwarded.because(|()| ()),
            trusted_proxies: texts(&edge.trusted_proxies),
            acme,
            email: edge.tls.email.as_ref().filter(|_| acme).map(Said::of),
            storage: format!("{STORAGE}/acme.json"),
        }
    }
}

/// Everything `proxy/traefik/dynamic/tls.yml.j2` prints.
#[derive(Debug, Serialize)]
pub struct TlsFile {
    /// Unknown names get no certificate.
    pub hidden: Option<Because<()>>,
    /// Protocol versions and suites.
    pub policy: Option<Because<Policy>>,
    /// Whether the certificate comes from files.
    pub files: bool,
    /// Certificate chain.
    pub certificate: String,
    /// Its key.
    pub key: String,
}

impl TlsFile {
    fn new(edge: &Edge) -> Self {
        Self {
            hidden: edge.hidden.because(|()| ()),
            policy: tls::iana(&edge.tls),
            files: edge.tls.mode != TlsMode::Acme && !edge.sites.is_empty(),
            certificate: edge.standing.secret(CERTIFICATE),
            key: edge.standing.secret(KEY),
        }
    }
}
