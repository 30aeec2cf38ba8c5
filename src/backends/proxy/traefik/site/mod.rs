//! One virtual host as a tree of routers with their middlewares.

mod middlewares;
mod refusals;

use super::super::marked::{self, Header, Name};
use super::super::names::Names;
use super::super::{origin, paths, site_id, tls};
use super::view::{Headers, Named, Redirect, Router, View};
use crate::stack::{Because, Edge, Site};
use crate::values::TlsMode;
use std::cell::OnceCell;

/// A service that is never asked, for routers whose middleware answers.
const NOTHING: &str = "noop@internal";

impl View {
    pub(super) fn new(edge: &Edge, site: &Site, names: &mut Names) -> Self {
        let id = site_id(edge, site, names, '-');
        let mut build =
            Builder { edge, site, names, varied: OnceCell::new(), view: Self::empty(id.clone(), edge, site) };
        build.clients();
        build.redirect();
        let root = build.root();
        build.odd(&root);
        build.encoded(&root);
        build.methods(&root);
        build.refusals(&root);
        build.known(&root);
        build.view
    }

    fn empty(id: String, edge: &Edge, site: &Site) -> Self {
        Self {
            id,
            host: site.host.to_string(),
            hidden: edge.hidden.because(|()| ()),
            policy: tls::iana(&edge.tls),
            clients: None,
            routers: Vec::new(),
            redirect: None,
            headers: None,
            api_headers: Vec::new(),
            forwarded: None,
            no_upgrade: None,
            allowed: Vec::new(),
            odd: None,
            closed: None,
            nobody: None,
            no_method: None,
            stripped: Vec::new(),
            rates: Vec::new(),
            authentication: None,
            bodies: Vec::new(),
            services: Vec::new(),
        }
    }
}

struct Builder<'a> {
    edge: &'a Edge,
    site: &'a Site,
    names: &'a mut Names,
    varied: OnceCell<(Vec<Header>, Vec<Name>)>,
    view: View,
}

impl Builder<'_> {
    fn name(&mut self, what: &str) -> String {
        self.names.give(&[&self.view.id, what], '-')
    }

    fn router(&mut self, parent: &str, what: &str, rule: String, priority: usize) -> Router {
        let parent = Some(parent.to_owned());
        Router {
            name: self.name(what),
            entry_points: Vec::new(),
            parent,
            rule,
            priority: Some(priority),
            middlewares: Vec::new(),
            service: None,
            tls: false,
            acme: false,
        }
    }

    /// Options of TLS of its own, where clients must show a certificate.
    fn clients(&mut self) {
        if let Some(Because { value, why }) = self.site.client_certificates.because(Clone::clone) {
            let name = self.name("clients");
            self.view.clients = Some(Named { name, value, why });
        }
    }

    /// HTTP goes on to HTTPS. An ACME challenge is answered before any router is asked.
    fn redirect(&mut self) {
        if self.edge.http_port.is_none() {
            return;
        }
        let name = self.name("to-https");
        let mut router = self.router("", "redirect", host(self.site), 0);
        router.parent = None;
        router.priority = None;
        router.entry_points = vec!["web"];
        router.middlewares.extend(self.headers_of(marked::plain_headers(self.site), Vec::new()));
        router.middlewares.push(name.clone());
        router.service = Some(NOTHING.into());
        self.view.routers.push(router);
        self.view.redirect = Some(Redirect { name, replacement: format!("{}${{1}}", origin(self.edge, self.site)) });
    }

    /// The root: what holds for every request, refused ones included.
    fn root(&mut self) -> String {
        let mut middlewares = Vec::new();
        let (varied, varied_removed) = self.varied();
        let mut set = marked::headers(self.site);
        set.retain(|header| !varied.contains(header));
        let mut removed = self.removed();
        removed.retain(|gone| !varied_removed.contains(gone));
        removed.retain(|gone| !varied.iter().any(|kept| kept.name.eq_ignore_ascii_case(&gone.name)));
        if !set.is_empty() || !removed.is_empty() {
            let name = self.name("headers");
            middlewares.push(name.clone());
            self.view.headers = Some(Headers { name, set, removed });
        }
        if let Some(rest) = self.site.locations.last().filter(|_| self.alike()) {
            middlewares.extend(self.api_headers(rest));
            middlewares.extend(self.allow(&rest.allow));
        }
        if let Some(rest) = self.site.locations.last() {
            middlewares.extend(self.rate(&rest.rate, "all"));
        }
        let mut router = self.router("", "tls", host(self.site), 0);
        router.parent = None;
        router.priority = None;
        router.entry_points = vec!["websecure"];
        router.middlewares = middlewares;
        router.tls = true;
        router.acme = self.edge.tls.mode == TlsMode::Acme;
        let name = router.name.clone();
        self.view.routers.push(router);
        name
    }

    /// The paths: blocked ones below the root, so that they cost no password check, all others below `known`.
    fn known(&mut self, root: &str) {
        let alike = self.alike();
        let auth = self.authentication();
        let known = self.router(root, "known", "PathPrefix(`/`)".into(), 1);
        let forwarded = self.forwarded();
        let parent = known.name.clone();
        self.view.routers.push(known);
        let root_rate = self.site.locations.last().and_then(|rest| rest.rate.get());
        for (at, location) in self.site.locations.iter().enumerate() {
            let priority = 2000 + self.site.locations.len() - at;
            let rule = if location.blocked.is_set() { self.closed_rule(at) } else { rule(self.site, at) };
            let what = if paths::is_rest(location) { "rest" } else { location.path.as_str() };
            let parent = if location.blocked.is_set() { root } else { &parent };
            let mut router = self.router(parent, what, rule, priority);
            if location.blocked.is_set() {
                router.middlewares.extend(self.refused_headers(location));
                if !alike {
                    router.middlewares.extend(self.allow(&location.allow));
                }
                router.middlewares.push(self.closed(&location.blocked));
                router.service = Some(NOTHING.into());
            } else {
                if !alike {
                    router.middlewares.extend(self.api_headers(location));
                    router.middlewares.extend(self.allow(&location.allow));
                }
                // Before the password, which would else be guessed at the general rate.
                if location.rate.get() != root_rate {
                    router.middlewares.extend(self.rate(&location.rate, what));
                }
                router.middlewares.extend(auth.clone());
                if let Some(Because { value: methods, why }) = marked::methods(location) {
                    let allowed: Vec<String> = methods.iter().map(|method| format!("Method(`{method}`)")).collect();
                    let allowed = format!("({})", allowed.join(" || "));
                    let refused = format!("{} && !{allowed}", router.rule);
                    router.rule = format!("{} && {allowed}", router.rule);
                    let refusal = self.other_methods(&router, refused, what, why);
                    self.view.routers.push(refusal);
                }
                router.middlewares.extend(self.body(location));
                router.middlewares.extend(self.no_upgrade(location));
                router.middlewares.extend(self.strip(location));
                // Last: networks and rates read what it removes.
                router.middlewares.extend(forwarded.clone());
                router.service = Some(self.service(location));
            }
            self.view.routers.push(router);
        }
    }
}

fn rule(site: &Site, at: usize) -> String {
    match paths::is_rest(&site.locations[at]) {
        true => "PathPrefix(`/`)".to_owned(),
        false => format!("PathRegexp(`(?i){}`)", paths::regex_in(site, at, paths::Form::Reserved)),
    }
}

fn host(site: &Site) -> String {
    format!("Host(`{}`)", site.host)
}
