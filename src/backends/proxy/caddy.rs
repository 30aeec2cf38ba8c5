//! Caddy 2.11. It counts no requests, so rate limits are never set for it, and it remembers checked passwords by itself.

use super::marked::{self, Auth, Fate, Header, Name, texts};
use super::names::Names;
use super::spelled::{Spelled, spelled};
use super::tls::{self, Policy};
use super::{CERTIFICATE, KEY, STORAGE, authority, encoded, file, forwarding, origin, paths, site_id};
use crate::artifact::Artifact;
use crate::controls::Id;
use crate::stack::edge::{HEALTH_PORT, HTTP_PORT, HTTPS_PORT, SHARED, Standing};
use crate::stack::{self, Because, Edge};
use crate::templates::{Engine, Said, TemplateError};
use crate::values::TlsMode;
use serde::Serialize;

pub(super) fn emit(edge: &Edge, engine: &Engine) -> Result<Vec<Artifact>, TemplateError> {
    let (path, template) = match edge.standing.joined() {
        Some(_) => ("proxy/sites/site.caddy", "proxy/caddy/joined.Caddyfile.j2"),
        None => ("proxy/Caddyfile", "proxy/caddy/Caddyfile.j2"),
    };
    Ok(vec![file(path, engine.render(template, &View::new(edge))?)])
}

/// Everything `proxy/caddy/Caddyfile.j2` prints.
#[derive(Debug, Serialize)]
pub struct View {
    /// Listeners in the container.
    pub http_port: u16,
    /// Listener for TLS.
    pub https_port: u16,
    /// Listener of the health check.
    pub health_port: u16,
    /// Directory for certificates of an ACME authority, or of nothing.
    pub storage: String,
    /// Whether Caddy gets the certificate itself.
    pub acme: bool,
    /// Address for the ACME authority.
    pub email: Option<Said>,
    /// Certificate chain.
    pub certificate: String,
    /// Its key.
    pub key: String,
    /// Where other stacks put their sites, where they may.
    pub shared: Option<&'static str>,
    /// Whether it reads its configuration anew while it runs.
    pub reloads: bool,
    /// Whether requests for HTTP are sent on to HTTPS.
    pub redirects: bool,
    /// Access log as JSON; without it there is none.
    pub access_log: Option<Because<()>>,
    /// Unknown names get nothing, and nobody is told of Caddy.
    pub hidden: Option<Because<()>>,
    /// Forwarding headers are overwritten.
    pub forwarded: Option<Because<()>>,
    /// Protocol versions and suites.
    pub policy: Option<Because<Policy>>,
    /// Proxies in front whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<String>,
    /// Seconds within which a body must have arrived.
    pub longest: u64,
    /// What could hide a step or the end of a path, as a regular expression.
    pub odd: String,
    /// What could hide a step of a path as it was sent, as a regular expression.
    pub hidden_steps: String,
    /// Methods that exist.
    pub methods: &'static [&'static str],
    /// Headers of requests that only a proxy may say.
    pub foreign: &'static [&'static str],
    /// Virtual hosts.
    pub sites: Vec<Site>,
}

/// One virtual host.
#[derive(Debug, Serialize)]
pub struct Site {
    /// A word for snippets and matchers.
    pub id: String,
    /// Host name.
    pub host: String,
    /// `https://HOST[:PORT]` as browsers see it.
    pub origin: String,
    /// `HOST[:PORT]` as browsers see it.
    pub authority: String,
    /// Headers on every answer.
    pub headers: Vec<Header>,
    /// Headers on the way from HTTP to HTTPS.
    pub plain_headers: Vec<Header>,
    /// Headers on the answers of some paths.
    pub api: Vec<Api>,
    /// Headers of the application that do not pass.
    pub removed: Vec<Name>,
    /// Headers on answers that Caddy makes itself.
    pub own_answers: Vec<Header>,
    /// Encoded characters that do not pass.
    pub encoded: Vec<Encoded>,
    /// Who may come in.
    pub outside: Vec<Outside>,
    /// Paths that answer 404.
    pub blocked: Vec<Blocked>,
    /// Paths that take some methods only.
    pub methods: Vec<Methods>,
    /// Paths that need the site's own origin for writes.
    pub own_origin: Vec<Blocked>,
    /// Cross-site writes are refused.
    pub same_site: Option<Because<()>>,
    /// Password file.
    pub authentication: Option<Because<Auth>>,
    /// Who signs the certificates that clients must show.
    pub client_certificates: Option<Because<String>>,
    /// Paths, in the order in which they are tried.
    pub locations: Vec<Location>,
}

/// Paths, less others.
#[derive(Debug, Serialize)]
pub struct Matcher {
    /// Name without `@`.
    pub name: String,
    /// A regular expression for `path_regexp`; `None` is everything.
    pub regex: Option<String>,
    /// Regular expressions of `not path_regexp`.
    pub except: Vec<String>,
}

impl Matcher {
    fn new(name: String, site: &stack::Site, at: Option<usize>, except: Vec<usize>) -> Self {
        // No word of a Caddyfile begins with a bracket.
        let regex = |at: usize| format!("^(?i){}", paths::regex(site, at).trim_start_matches('^'));
        Self {
            name,
            regex: at.filter(|&at| !paths::is_rest(&site.locations[at])).map(regex),
            except: except.into_iter().map(regex).collect(),
        }
    }
}

/// Headers on the answers of some paths.
#[derive(Debug, Serialize)]
pub struct Api {
    /// Where.
    pub at: Matcher,
    /// Which.
    pub headers: Vec<Header>,
}

/// Encoded characters that do not pass.
#[derive(Debug, Serialize)]
pub struct Encoded {
    /// Where.
    pub at: Matcher,
    /// Which, as a regular expression for the path as it was sent.
    pub words: String,
}

/// Paths that only some networks may reach.
#[derive(Debug, Serialize)]
pub struct Outside {
    /// Where.
    pub at: Matcher,
    /// The networks.
    pub networks: Vec<String>,
    /// Ids of controls.
    pub why: Vec<Id>,
}

/// A path that answers 404.
#[derive(Debug, Serialize)]
pub struct Blocked {
    /// Where.
    pub at: Matcher,
    /// Ids of controls.
    pub why: Vec<Id>,
}

/// A path that takes some methods only.
#[derive(Debug, Serialize)]
pub struct Methods {
    /// Where.
    pub at: Matcher,
    /// The methods.
    pub methods: Vec<String>,
    /// Ids of controls.
    pub why: Vec<Id>,
}

/// One path that the application answers.
#[derive(Debug, Serialize)]
pub struct Location {
    /// Where; `None` is the rest.
    pub at: Option<Matcher>,
    /// Largest body in bytes.
    pub body: Option<Because<u64>>,
    /// Headers of the application that this path's own replace.
    pub removed: Vec<Name>,
    /// `NAME:PORT`, with `https://` in front where it speaks TLS.
    pub upstream: String,
    /// Name in the certificate, where it speaks TLS.
    pub tls_name: Option<String>,
    /// File with the one authority that counts, where it is no public one.
    pub tls_authority: Option<String>,
    /// Whether it is asked under its own name instead of the site's.
    pub own_host: bool,
    /// What Caddy says itself instead.
    pub answer: Option<Answer>,
    /// Whether connections to it are kept open.
    pub keep_alive: bool,
    /// A prefix that it does not see.
    pub strip: Option<String>,
    /// Whether answers stream and connections may be upgraded.
    pub streaming: bool,
    /// Seconds until the answer must begin.
    pub timeout: u64,
}

/// What Caddy says itself.
#[derive(Debug, Serialize)]
pub struct Answer {
    /// Status.
    pub status: u16,
    /// Content-Type.
    pub content_type: Said,
    /// Variables and what they hold.
    pub variables: Vec<(String, Said)>,
    /// Lines, each the names of variables.
    pub lines: Vec<Vec<String>>,
    /// Whether a line has braces or backticks, which have variables of their own.
    pub signs: bool,
}

impl Answer {
    fn new(answer: &stack::edge::Answer, name: &str) -> Self {
        let signs = [('{', "open_brace"), ('}', "close_brace"), ('`', "backtick")];
        let Spelled { variables, lines, apart: signs } = spelled(&answer.lines, name, &signs);
        Self { status: answer.status, content_type: Said::of(&answer.content_type), variables, lines, signs }
    }
}

/// A regular expression for a path as it was sent, which a query follows.
fn in_path(words: &str) -> String {
    format!("^(?i)[^?]*{words}")
}

impl View {
    fn new(edge: &Edge) -> Self {
        let acme = edge.tls.mode == TlsMode::Acme;
        let mut names = Names::default();
        Self {
            http_port: HTTP_PORT,
            https_port: HTTPS_PORT,
            health_port: HEALTH_PORT,
            storage: if acme { STORAGE.into() } else { format!("/tmp{STORAGE}") },
            acme,
            email: edge.tls.email.as_ref().filter(|_| acme).map(Said::of),
            certificate: edge.standing.secret(CERTIFICATE),
            key: edge.standing.secret(KEY),
            shared: edge.standing.shared().map(|_| SHARED),
            reloads: edge.standing != Standing::Own,
            redirects: edge.http_port.is_some(),
            access_log: edge.access_log.because(|()| ()),
            hidden: edge.hidden.because(|()| ()),
            forwarded: edge.forwarded.because(|()| ()),
            policy: tls::iana(&edge.tls),
            trusted_proxies: texts(&edge.trusted_proxies),
            longest: edge.longest_upload(),
            odd: format!("{}|{}", r"[\\\x00]", paths::Form::Decoded.hidden_steps()),
            hidden_steps: in_path(encoded::HIDDEN_STEPS),
            methods: forwarding::METHODS,
            foreign: forwarding::FOREIGN,
            sites: edge.sites.iter().map(|site| Site::new(edge, site, &mut names)).collect(),
        }
    }
}

impl Site {
    fn new(edge: &Edge, site: &stack::Site, names: &mut Names) -> Self {
        let id = site_id(edge, site, names, '_');
        let mut matcher = |what: &str, at: usize, except: Vec<usize>| {
            let name = names.give(&[&id, what, site.locations[at].path.as_str()], '_');
            Matcher::new(name, site, Some(at), except)
        };
        let mut headers = marked::headers(site);
        let mut removed = marked::removed(site, &headers);
        let own = |at: usize| marked::own(edge, site, &site.locations[at]);
        // Headers that some path does not set, though others do: what is set once cannot be taken back on errors.
        let mut loose: Vec<String> = Vec::new();
        for own in (0..site.locations.len()).flat_map(own).filter(|own| !matches!(own.fate, Fate::Set(_))) {
            if !loose.iter().any(|known| known.eq_ignore_ascii_case(&own.name)) {
                loose.push(own.name);
            }
        }
        let is_loose = |name: &str| loose.iter().any(|known| known.eq_ignore_ascii_case(name));
        let (site_headers, site_removed) = (headers.clone(), removed.clone());
        headers.retain(|header| !is_loose(&header.name));
        removed.retain(|name| !is_loose(&name.name));
        // What becomes of a loose header at a path: its value, and whether the application's own is removed.
        let fate = |name: &str, at: usize| -> (Option<Header>, Option<Name>) {
            let is = |known: &str| known.eq_ignore_ascii_case(name);
            let gone = |why: &[Id]| Some(Name { name: name.to_owned(), why: why.to_vec() });
            match own(at).into_iter().find(|own| is(&own.name)) {
                Some(own) => match own.fate {
                    Fate::Passes => (None, None),
                    Fate::Hidden => (None, gone(&own.why)),
                    Fate::Set(_) => (own.header(), gone(&own.why)),
                },
                None => (
                    site_headers.iter().find(|header| is(&header.name)).cloned(),
                    site_removed.iter().find(|known| is(&known.name)).cloned(),
                ),
            }
        };
        let mut view = Self {
            host: site.host.to_string(),
            origin: origin(edge, site),
            authority: authority(edge, site),
            removed,
            headers,
            own_answers: marked::own_answers(site),
            encoded: Vec::new(),
            plain_headers: marked::plain_headers(site),
            api: Vec::new(),
            outside: Vec::new(),
            blocked: Vec::new(),
            methods: Vec::new(),
            own_origin: Vec::new(),
            same_site: site.same_site.because(|()| ()),
            authentication: site.authentication.because(Auth::new),
            client_certificates: site.client_certificates.because(Clone::clone),
            locations: Vec::new(),
            id: id.clone(),
        };
        let common = marked::shared(site, |location| &location.allow);
        let common_encoded = encoded::common(site);
        if let (Some(networks), Some(rest)) =
            (common.and_then(|allow| allow.get()), site.locations.len().checked_sub(1))
        {
            let at = Matcher::new(matcher("outside", rest, Vec::new()).name, site, None, Vec::new());
            let why = common.map_or_else(Vec::new, |allow| allow.why().to_vec());
            view.outside.push(Outside { at, networks: texts(networks), why });
        }
        for (at, location) in site.locations.iter().enumerate() {
            let of = |at: usize| &site.locations[at];
            if location.blocked.is_set() {
                let open = paths::carved_out(site, at).filter(|&at| !of(at).blocked.is_set()).collect();
                let why = location.blocked.why().to_vec();
                view.blocked.push(Blocked { at: matcher("blocked", at, open), why });
            }
            if let (None, Some(networks)) = (common, location.allow.get()) {
                let others = paths::carved_out(site, at).collect();
                let why = location.allow.why().to_vec();
                view.outside.push(Outside { at: matcher("outside", at, others), networks: texts(networks), why });
            }
            if let Some(Because { value: methods, why }) =
                marked::methods(location).filter(|_| !location.blocked.is_set())
            {
                let others = paths::carved_out(site, at).collect();
                view.methods.push(Methods { at: matcher("methods", at, others), methods, why });
            }
            let around = paths::around(site, at).map(of);
            let already = around.is_some_and(|outer| outer.origin.is_set());
            if let Some(own) = location.origin.because(|()| ()).filter(|_| !already) {
                let free = paths::carved_out(site, at).filter(|&at| !of(at).origin.is_set()).collect();
                view.own_origin.push(Blocked { at: matcher("origin", at, free), why: own.why });
            }
            let firm = |location: &stack::Location| {
                let mut own = marked::own_headers(edge, site, location);
                own.retain(|header| !is_loose(&header.name));
                own
            };
            let own = firm(location);
            let around_own = around.map(firm);
            if !own.is_empty() && around_own.as_ref() != Some(&own) {
                let others = paths::carved_out(site, at).filter(|&at| firm(of(at)) != own).collect();
                view.api.push(Api { at: matcher("api", at, others), headers: own });
            }
            for name in &loose {
                let Some(header) = fate(name, at).0 else { continue };
                let outer = paths::around(site, at).and_then(|outer| fate(name, outer).0);
                if outer.as_ref() != Some(&header) {
                    let others =
                        paths::carved_out(site, at).filter(|&at| fate(name, at).0.as_ref() != Some(&header)).collect();
                    view.api.push(Api { at: matcher("header", at, others), headers: vec![header] });
                }
            }
            let differs = |other: usize| of(other).blocked.is_set() || of(other).encoded != location.encoded;
            let is_own = location.blocked.is_set() || common_encoded.is_some();
            if let Some(words) = encoded::refused(location).filter(|_| !is_own) {
                let others = paths::carved_out(site, at).filter(|&at| differs(at)).collect();
                view.encoded.push(Encoded { at: matcher("encoded", at, others), words: in_path(&words) });
            }
        }
        if let (Some(Some(words)), Some(rest)) = (&common_encoded, site.locations.len().checked_sub(1)) {
            let at = Matcher::new(matcher("encoded", rest, Vec::new()).name, site, None, Vec::new());
            view.encoded.push(Encoded { at, words: in_path(words) });
        }
        let answering = site.locations.iter().enumerate().filter(|(_, location)| !location.blocked.is_set());
        for (at, location) in answering {
            let own = marked::own_headers(edge, site, location).into_iter();
            let loosely = loose.iter().filter_map(|name| fate(name, at).1);
            let upstream = &location.upstream;
            view.locations.push(Location {
                at: (!paths::is_rest(location)).then(|| matcher("at", at, Vec::new())),
                body: location.body.because(|size| size.get()),
                removed: own
                    .filter(|header| !is_loose(&header.name))
                    .map(|Header { name, why, .. }| Name { name, why })
                    .chain(loosely)
                    .filter(|own| !view.removed.iter().any(|known| known.name.eq_ignore_ascii_case(&own.name)))
                    .collect(),
                upstream: match upstream.tls {
                    Some(_) => format!("https://{}", upstream.authority()),
                    None => upstream.authority(),
                },
                tls_name: upstream.tls_name(),
                tls_authority: upstream.tls_authority(&edge.standing),
                own_host: upstream.own_host().is_some(),
                answer: location
                    .answer
                    .as_ref()
                    .map(|answer| Answer::new(answer, &matcher("answer", at, Vec::new()).name)),
                keep_alive: upstream.keep_alive,
                strip: location.strip.as_ref().map(|prefix| prefix.as_str().trim_end_matches('/').to_owned()),
                streaming: location.streaming,
                timeout: location.timeout.as_seconds(),
            });
        }
        view
    }
}
