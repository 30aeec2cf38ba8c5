//! One virtual host as a tree of routers with their middlewares.

use super::super::marked::{self, Auth, Header, Marked, Name, marked, texts};
use super::super::names::Names;
use super::super::{origin, paths};
use super::view::{Headers, Named, Ranges, Rate, Redirect, Router, Service, View};
use crate::profile::TlsMode;
use crate::stack::{Edge, Enforced, Location, Site};
use crate::values::{Cidr, HeaderName, HeaderValue};

/// A service that is never asked, for routers whose middleware answers.
const NOTHING: &str = "noop@internal";

impl View {
    pub(super) fn new(edge: &Edge, site: &Site, names: &mut Names) -> Self {
        let id = names.give(&[&site.name], '-');
        let mut build = Builder { edge, site, names, view: Self::empty(id.clone(), site) };
        build.redirect();
        let root = build.root();
        build.refusals(&root);
        build.known(&root);
        build.view
    }

    fn empty(id: String, site: &Site) -> Self {
        Self {
            id,
            host: site.host.to_string(),
            routers: Vec::new(),
            redirect: None,
            headers: None,
            api_headers: Vec::new(),
            forwarded: None,
            no_upgrade: None,
            allowed: Vec::new(),
            closed: None,
            nobody: None,
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
        router.middlewares = vec![name.clone()];
        router.service = Some(NOTHING.into());
        self.view.routers.push(router);
        self.view.redirect = Some(Redirect { name, port: self.edge.https_port.to_string() });
    }

    /// The root: what holds for every request, refused ones included.
    fn root(&mut self) -> String {
        let mut middlewares = Vec::new();
        let set = marked::headers(self.site, &self.edge.tls);
        let mut removed = marked::removed(self.site, &[]);
        if let Some(hidden) = marked(&self.edge.hidden, |()| ()) {
            for name in ["Server", "Via"] {
                if !removed.iter().any(|known| known.name.eq_ignore_ascii_case(name)) {
                    removed.push(Name { name: name.into(), why: hidden.why.clone() });
                }
            }
        }
        removed.retain(|gone| !set.iter().any(|kept| kept.name.eq_ignore_ascii_case(&gone.name)));
        if !set.is_empty() || !removed.is_empty() {
            let name = self.name("headers");
            middlewares.push(name.clone());
            self.view.headers = Some(Headers { name, set, removed });
        }
        if let Some(allow) = marked::shared(self.site, |location| &location.allow) {
            middlewares.extend(self.allow(allow));
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

    /// Cross-site writes, before anybody is asked for a password.
    fn refusals(&mut self, root: &str) {
        let Some(same_site) = marked(&self.site.same_site, |()| ()) else { return };
        let name = self.name("nobody");
        let rule = format!(
            "!Method(`GET`) && !Method(`HEAD`) && !Method(`OPTIONS`) && (Header(`Sec-Fetch-Site`, `cross-site`) || \
             (HeaderRegexp(`Origin`, `.`) && !Header(`Origin`, `{}`)))",
            origin(self.edge, self.site)
        );
        let mut router = self.router(root, "cross-site", rule, 3000 + self.site.locations.len());
        let api = self.site.locations.iter().map(|location| &location.api_headers).find(|headers| headers.is_set());
        router.middlewares.extend(api.and_then(|headers| self.api_headers(headers)));
        router.middlewares.push(name.clone());
        router.service = Some(NOTHING.into());
        self.view.routers.push(router);
        self.view.nobody = Some(Named { name, value: (), why: same_site.why });
    }

    /// The paths: blocked ones below the root, so that they cost no password check, all others below `known`.
    fn known(&mut self, root: &str) {
        let limited_alike = marked::shared(self.site, |location| &location.allow).is_some()
            || self.site.locations.iter().all(|location| !location.allow.is_set());
        let auth = self.authentication();
        let mut known = self.router(root, "known", "PathPrefix(`/`)".into(), 1);
        if limited_alike {
            known.middlewares.extend(auth.clone());
        }
        known.middlewares.extend(self.forwarded());
        let parent = known.name.clone();
        self.view.routers.push(known);
        let root_rate = self.site.locations.last().and_then(|rest| rest.rate.get());
        for (at, location) in self.site.locations.iter().enumerate() {
            let priority = 2000 + self.site.locations.len() - at;
            let rule = if location.blocked.is_set() { self.closed_rule(at) } else { rule(location) };
            let what = if paths::is_rest(location) { "rest" } else { location.path.as_str() };
            let parent = if location.blocked.is_set() { root } else { &parent };
            let mut router = self.router(parent, what, rule, priority);
            if location.blocked.is_set() {
                router.middlewares.extend(self.api_headers(&location.api_headers));
                router.middlewares.push(self.closed(&location.blocked));
                router.service = Some(NOTHING.into());
            } else {
                router.middlewares.extend(self.api_headers(&location.api_headers));
                if !limited_alike {
                    router.middlewares.extend(self.allow(&location.allow));
                    router.middlewares.extend(auth.clone());
                }
                if location.rate.get() != root_rate {
                    router.middlewares.extend(self.rate(&location.rate, what));
                }
                router.middlewares.extend(self.body(location));
                router.middlewares.extend(self.no_upgrade(location));
                router.service = Some(self.service(location));
            }
            self.view.routers.push(router);
        }
    }

    /// Blocked routers are asked before `known` and all below it, so they must leave out what is open inside them.
    fn closed_rule(&self, at: usize) -> String {
        let inside = paths::carved_out(self.site, at).map(|at| &self.site.locations[at]);
        let open = inside.filter(|location| !location.blocked.is_set());
        open.fold(rule(&self.site.locations[at]), |closed, open| format!("{closed} && !{}", rule(open)))
    }

    fn authentication(&mut self) -> Option<String> {
        let Marked { value, why } = marked(&self.site.authentication, Auth::new)?;
        let name = self.name("password");
        self.view.authentication = Some(Named { name: name.clone(), value, why });
        Some(name)
    }

    fn forwarded(&mut self) -> Option<String> {
        let Marked { value, why } = marked(&self.edge.forwarded, |()| ())?;
        let name = self.name("forwarded");
        self.view.forwarded = Some(Named { name: name.clone(), value, why });
        Some(name)
    }

    fn closed(&mut self, blocked: &Enforced<()>) -> String {
        if let Some(closed) = &self.view.closed {
            return closed.name.clone();
        }
        let name = self.name("closed");
        self.view.closed = Some(Named { name: name.clone(), value: (), why: blocked.why().to_vec() });
        name
    }

    fn no_upgrade(&mut self, location: &Location) -> Option<String> {
        if location.streaming {
            return None;
        }
        if self.view.no_upgrade.is_none() {
            self.view.no_upgrade = Some(self.name("no-upgrade"));
        }
        self.view.no_upgrade.clone()
    }

    fn allow(&mut self, allow: &Enforced<Vec<Cidr>>) -> Option<String> {
        let networks = texts(allow.get()?);
        if let Some(known) = self.view.allowed.iter().find(|known| known.value.networks == networks) {
            return Some(known.name.clone());
        }
        let name = self.name("from");
        let value = Ranges { networks, excluded: texts(&self.edge.trusted_proxies) };
        self.view.allowed.push(Named { name: name.clone(), value, why: allow.why().to_vec() });
        Some(name)
    }

    fn rate(&mut self, rate: &Enforced<String>, what: &str) -> Option<String> {
        let class = self.edge.rates.get(rate.get()?)?;
        let name = self.name(&format!("rate {what}"));
        let value = Rate {
            average: class.rate.requests,
            period: format!("{}s", class.rate.period.as_seconds()),
            // A bucket of zero would let nothing through.
            burst: class.burst.max(1),
            excluded: texts(&self.edge.trusted_proxies),
        };
        self.view.rates.push(Named { name: name.clone(), value, why: rate.why().to_vec() });
        Some(name)
    }

    /// Traefik limits bodies only by reading them first, and then reads answers first as well: what streams has no limit.
    fn body(&mut self, location: &Location) -> Option<String> {
        let bytes = location.body.get().filter(|_| !location.streaming)?.get();
        if let Some(known) = self.view.bodies.iter().find(|known| known.value == bytes) {
            return Some(known.name.clone());
        }
        let name = self.name(&format!("body {bytes}"));
        self.view.bodies.push(Named { name: name.clone(), value: bytes, why: location.body.why().to_vec() });
        Some(name)
    }

    fn api_headers(&mut self, headers: &Enforced<Vec<(HeaderName, HeaderValue)>>) -> Option<String> {
        let header = |(name, value): &(HeaderName, HeaderValue)| Header {
            name: name.to_string(),
            value: value.to_string(),
            why: headers.why().to_vec(),
        };
        let set: Vec<Header> = headers.get()?.iter().map(header).collect();
        if let Some(known) = self.view.api_headers.iter().find(|known| known.set == set) {
            return Some(known.name.clone());
        }
        let name = self.name("api");
        self.view.api_headers.push(Headers { name: name.clone(), set, removed: Vec::new() });
        Some(name)
    }

    fn service(&mut self, location: &Location) -> String {
        let timeout = format!("{}s", location.timeout.as_seconds());
        if let Some(known) = self.view.services.iter().find(|known| known.timeout == timeout) {
            return known.name.clone();
        }
        let name = self.name(&format!("within {timeout}"));
        self.view.services.push(Service {
            name: name.clone(),
            url: format!("http://{}:{}", self.site.upstream, self.site.port),
            timeout,
            keep_alive: self.site.keep_alive,
        });
        name
    }
}

fn rule(location: &Location) -> String {
    match paths::is_rest(location) {
        true => "PathPrefix(`/`)".to_owned(),
        false => format!("PathRegexp(`(?i){}`)", paths::regex(location)),
    }
}

fn host(site: &Site) -> String {
    format!("Host(`{}`)", site.host)
}
