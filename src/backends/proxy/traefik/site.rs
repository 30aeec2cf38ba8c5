//! One virtual host as a tree of routers with their middlewares.

use super::super::marked::{self, Auth, Fate, Header, Name, texts};
use super::super::names::Names;
use super::super::{authority, encoded, forwarding, origin, paths};
use super::view::{Forwarded, Headers, Named, Ranges, Rate, Redirect, Router, Service, View};
use crate::stack::{Because, Edge, Enforced, Location, Site};
use crate::values::{Cidr, Line, TlsMode};
use std::cell::OnceCell;

/// A service that is never asked, for routers whose middleware answers.
const NOTHING: &str = "noop@internal";

impl View {
    pub(super) fn new(edge: &Edge, site: &Site, names: &mut Names) -> Self {
        let id = names.give(&[&site.name], '-');
        let mut build = Builder { edge, site, names, varied: OnceCell::new(), view: Self::empty(id.clone(), site) };
        build.redirect();
        let root = build.root();
        build.odd(&root);
        build.encoded(&root);
        build.methods(&root);
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

    /// Headers that no answer has.
    fn removed(&self) -> Vec<Name> {
        let set = marked::headers(self.site);
        let mut removed = marked::removed(self.site, &[]);
        if let Some(hidden) = self.edge.hidden.because(|()| ()) {
            for name in ["Server", "Via"] {
                if !removed.iter().any(|known| known.name.eq_ignore_ascii_case(name)) {
                    removed.push(Name { name: name.into(), why: hidden.why.clone() });
                }
            }
        }
        removed.retain(|gone| !set.iter().any(|kept| kept.name.eq_ignore_ascii_case(&gone.name)));
        removed
    }

    /// Whether all paths have the same headers and the same networks. Then the root has them; else each path, so that a
    /// refusal of the network or the password carries the headers of its path.
    fn alike(&self) -> bool {
        let of = |at: &Location| (marked::own(self.edge, self.site, at), at.allow.get().cloned());
        let mut answering = self.site.locations.iter().filter(|at| !at.blocked.is_set()).map(of);
        let first = answering.next();
        answering.all(|other| first.as_ref() == Some(&other))
    }

    /// Headers that the site sets and removes and of which some path has another word. What the root does counts for all
    /// paths, so it is done at each path instead.
    fn varied(&self) -> &(Vec<Header>, Vec<Name>) {
        self.varied.get_or_init(|| self.find_varied())
    }

    fn find_varied(&self) -> (Vec<Header>, Vec<Name>) {
        let locations = self.site.locations.iter();
        let own: Vec<marked::Own> = locations.flat_map(|at| marked::own(self.edge, self.site, at)).collect();
        let mut set = marked::headers(self.site);
        set.retain(|header| {
            let same = Fate::Set(header.value.clone());
            own.iter().any(|own| own.name.eq_ignore_ascii_case(&header.name) && own.fate != same)
        });
        let mut removed = self.removed();
        removed
            .retain(|gone| own.iter().any(|own| own.name.eq_ignore_ascii_case(&gone.name) && own.fate != Fate::Hidden));
        (set, removed)
    }

    /// A router that refuses by one middleware, with the headers of the site's rest and of Traefik's own answers.
    fn refusal(&mut self, root: &str, what: &str, rule: String, priority: usize, by: String) {
        let at = self.site.locations.len().checked_sub(1);
        self.refusal_at(root, what, rule, priority, by, at);
    }

    /// [`Self::refusal`] with the headers of one location.
    fn refusal_at(&mut self, root: &str, what: &str, rule: String, priority: usize, by: String, at: Option<usize>) {
        let mut router = self.router(root, what, rule, priority);
        if let Some(at) = at {
            router.middlewares.extend(self.refused_headers(&self.site.locations[at]));
        }
        router.middlewares.push(by);
        router.service = Some(NOTHING.into());
        self.view.routers.push(router);
    }

    /// Headers of a location on an answer that Traefik makes itself.
    fn refused_headers(&mut self, location: &Location) -> Option<String> {
        let (mut set, removed) = self.headers_at(location);
        for header in marked::own_answers(self.site) {
            if !set.iter().any(|known| known.name.eq_ignore_ascii_case(&header.name)) {
                set.push(header);
            }
        }
        self.headers_of(set, removed)
    }

    fn odd_name(&mut self) -> String {
        if self.view.odd.is_none() {
            self.view.odd = Some(self.name("odd"));
        }
        self.view.odd.clone().unwrap_or_default()
    }

    /// What some applications take for a step of the path, once they have cut off its parameters or decoded it.
    fn odd(&mut self, root: &str) {
        let name = self.odd_name();
        let steps = paths::Form::Reserved.hidden_steps();
        let rule = format!("PathRegexp(`(?i)[\\\\\\x00]|{}|{steps}`)", encoded::HIDDEN_STEPS);
        self.refusal(root, "odd path", rule, 5000 + self.site.locations.len(), name);
    }

    /// Encoded characters that do not pass.
    fn encoded(&mut self, root: &str) {
        let name = self.odd_name();
        let priority = 4500 + self.site.locations.len();
        if let Some(common) = encoded::common(self.site) {
            if let Some(words) = common {
                self.refusal(root, "encoded", format!("PathRegexp(`(?i){words}`)"), priority, name);
            }
            return;
        }
        for (at, location) in self.site.locations.iter().enumerate() {
            let Some(words) = encoded::refused(location).filter(|_| !location.blocked.is_set()) else { continue };
            let differs = |inner: &Location| inner.blocked.is_set() || inner.encoded != location.encoded;
            let rule = format!("{} && PathRegexp(`(?i){words}`)", self.rule_without(at, differs));
            let what = format!("encoded {}", location.path);
            self.refusal_at(root, &what, rule, priority - at, name.clone(), Some(at));
        }
    }

    /// Methods that do not exist, and TRACE.
    fn methods(&mut self, root: &str) {
        let name = self.no_method(&[]);
        let rule: Vec<String> = forwarding::METHODS.iter().map(|method| format!("!Method(`{method}`)")).collect();
        self.refusal(root, "methods", rule.join(" && "), 6000 + self.site.locations.len(), name);
    }

    fn no_method(&mut self, why: &[crate::controls::Id]) -> String {
        let name = match &self.view.no_method {
            Some(known) => known.name.clone(),
            None => self.name("no-method"),
        };
        let mut all = self.view.no_method.take().map_or_else(Vec::new, |known| known.why);
        all.extend(why.iter().filter(|id| !all.contains(id)).cloned().collect::<Vec<_>>());
        self.view.no_method = Some(Named { name: name.clone(), value: (), why: all });
        name
    }

    /// Writes that another site causes, before anybody is asked for a password.
    fn refusals(&mut self, root: &str) {
        self.own_origins(root);
        let Some(same_site) = self.site.same_site.because(|()| ()) else { return };
        let name = match &self.view.nobody {
            Some(nobody) => nobody.name.clone(),
            None => self.name("nobody"),
        };
        let rule = format!(
            "!Method(`GET`) && !Method(`HEAD`) && !Method(`OPTIONS`) && (Header(`Sec-Fetch-Site`, `cross-site`) || \
             (HeaderRegexp(`Origin`, `.`) && !Header(`Origin`, `{}`)))",
            origin(self.edge, self.site)
        );
        let api = self.site.locations.iter().position(|location| location.api_headers.is_set());
        let at = api.or(self.site.locations.len().checked_sub(1));
        self.refusal_at(root, "cross-site", rule, 3000 + self.site.locations.len(), name.clone(), at);
        self.view.nobody = Some(Named { name, value: (), why: same_site.why });
    }

    /// Writes without the site's own origin, where paths need it.
    fn own_origins(&mut self, root: &str) {
        for (at, location) in self.site.locations.iter().enumerate() {
            let Some(own) = location.origin.because(|()| ()) else { continue };
            if paths::around(self.site, at).is_some_and(|outer| self.site.locations[outer].origin.is_set()) {
                continue;
            }
            let free = |inner: &Location| inner.origin.is_set() != location.origin.is_set();
            let rule = format!(
                "{} && !Method(`GET`) && !Method(`HEAD`) && !Method(`OPTIONS`) && !Header(`Origin`, `{}`)",
                self.rule_without(at, free),
                origin(self.edge, self.site)
            );
            let priority = 4000 + self.site.locations.len() - at;
            let name = match &self.view.nobody {
                Some(nobody) => nobody.name.clone(),
                None => self.name("nobody"),
            };
            let what = format!("origin {}", location.path);
            self.refusal_at(root, &what, rule, priority, name.clone(), Some(at));
            self.view.nobody = Some(Named { name, value: (), why: own.why });
        }
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

    /// The router beside that of a path for methods that do not pass there; it has what refuses, and nothing else.
    fn other_methods(&mut self, path: &Router, rule: String, what: &str, why: Vec<crate::controls::Id>) -> Router {
        let name = self.no_method(&why);
        let parent = path.parent.clone().unwrap_or_default();
        let mut refusal = self.router(&parent, &format!("{what} other methods"), rule, path.priority.unwrap_or(1));
        refusal.middlewares.clone_from(&path.middlewares);
        refusal.middlewares.push(name);
        refusal.service = Some(NOTHING.into());
        refusal
    }

    fn strip(&mut self, location: &Location) -> Option<String> {
        let regex = format!("(?i)^{}", location.strip.as_ref()?.as_str().trim_end_matches('/').replace('.', "\\."));
        if let Some(known) = self.view.stripped.iter().find(|known| known.value == regex) {
            return Some(known.name.clone());
        }
        let name = self.name("without prefix");
        self.view.stripped.push(Named { name: name.clone(), value: regex, why: Vec::new() });
        Some(name)
    }

    /// Blocked routers are asked before `known` and all below it, so they must leave out what is open inside them.
    fn closed_rule(&self, at: usize) -> String {
        self.rule_without(at, |location| !location.blocked.is_set())
    }

    /// The rule of a path without some of the paths inside it.
    fn rule_without(&self, at: usize, leaves_out: impl Fn(&Location) -> bool) -> String {
        let others = paths::carved_out(self.site, at).filter(|&other| leaves_out(&self.site.locations[other]));
        others.fold(rule(self.site, at), |rest, other| format!("{rest} && !{}", rule(self.site, other)))
    }

    fn authentication(&mut self) -> Option<String> {
        let Because { value, why } = self.site.authentication.because(Auth::new)?;
        let name = self.name("password");
        self.view.authentication = Some(Named { name: name.clone(), value, why });
        Some(name)
    }

    fn forwarded(&mut self) -> Option<String> {
        let Because { why, .. } = self.edge.forwarded.because(|()| ())?;
        let name = self.name("forwarded");
        let balanced = !self.edge.trusted_proxies.is_empty();
        let value = Forwarded { authority: authority(self.edge, self.site), balanced, foreign: forwarding::FOREIGN };
        self.view.forwarded = Some(Named { name: name.clone(), value, why });
        Some(name)
    }

    fn closed(&mut self, blocked: &Enforced<Line>) -> String {
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
            // The bucket holds the request that is always let through as well.
            burst: class.burst.saturating_add(1),
            excluded: texts(&self.edge.trusted_proxies),
        };
        self.view.rates.push(Named { name: name.clone(), value, why: rate.why().to_vec() });
        Some(name)
    }

    /// Traefik limits bodies only by reading them first, and then reads answers first as well (`retry` with its own limit
    /// does, too, and loses upgrades): what streams has no limit.
    fn body(&mut self, location: &Location) -> Option<String> {
        let bytes = location.body.get().filter(|_| !location.streaming)?.get();
        if let Some(known) = self.view.bodies.iter().find(|known| known.value == bytes) {
            return Some(known.name.clone());
        }
        let name = self.name(&format!("body {bytes}"));
        self.view.bodies.push(Named { name: name.clone(), value: bytes, why: location.body.why().to_vec() });
        Some(name)
    }

    /// Headers that one location sets and removes.
    fn headers_at(&self, location: &Location) -> (Vec<Header>, Vec<Name>) {
        let own = marked::own(self.edge, self.site, location);
        let said = |name: &str| own.iter().any(|own| own.name.eq_ignore_ascii_case(name));
        let mut set: Vec<Header> = own.iter().filter_map(marked::Own::header).collect();
        let hidden = own.iter().filter(|own| own.fate == Fate::Hidden);
        let mut removed: Vec<Name> = hidden.map(|own| Name { name: own.name.clone(), why: own.why.clone() }).collect();
        let (varied, varied_removed) = self.varied();
        set.extend(varied.iter().filter(|header| !said(&header.name)).cloned());
        removed.extend(varied_removed.iter().filter(|gone| !said(&gone.name)).cloned());
        (set, removed)
    }

    fn api_headers(&mut self, location: &Location) -> Option<String> {
        let (set, removed) = self.headers_at(location);
        self.headers_of(set, removed)
    }

    fn headers_of(&mut self, set: Vec<Header>, removed: Vec<Name>) -> Option<String> {
        if set.is_empty() && removed.is_empty() {
            return None;
        }
        if let Some(known) = self.view.api_headers.iter().find(|known| known.set == set && known.removed == removed) {
            return Some(known.name.clone());
        }
        let name = self.name("api");
        self.view.api_headers.push(Headers { name: name.clone(), set, removed });
        Some(name)
    }

    /// One for each upstream and timeout.
    fn service(&mut self, location: &Location) -> String {
        let upstream = &location.upstream;
        let timeout = format!("{}s", location.timeout.as_seconds());
        let url = format!("{}://{}", if upstream.tls.is_some() { "https" } else { "http" }, upstream.authority());
        if let Some(known) = self.view.services.iter().find(|known| known.timeout == timeout && known.url == url) {
            return known.name.clone();
        }
        let name = match *upstream == self.site.upstream {
            true => self.name(&format!("within {timeout}")),
            false => self.name(&format!("{} within {timeout}", upstream.authority())),
        };
        self.view.services.push(Service {
            name: name.clone(),
            url,
            tls_name: upstream.tls_name(),
            tls_authority: upstream.tls_authority(),
            own_host: upstream.own_host().is_some(),
            timeout,
            keep_alive: upstream.keep_alive,
        });
        name
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
