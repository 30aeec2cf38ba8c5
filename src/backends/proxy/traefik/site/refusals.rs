//! Routers that refuse, before a request comes to the router of its path.

use super::super::super::{encoded, forwarding, marked, origin, paths};
use super::super::view::{Named, Router};
use super::{Builder, NOTHING, rule};
use crate::stack::{Enforced, Location};
use crate::values::Line;

impl Builder<'_> {
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
    pub(super) fn refused_headers(&mut self, location: &Location) -> Option<String> {
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
    pub(super) fn odd(&mut self, root: &str) {
        let name = self.odd_name();
        let steps = paths::Form::Reserved.hidden_steps();
        let rule = format!("PathRegexp(`(?i)[\\\\\\x00]|{}|{steps}`)", encoded::HIDDEN_STEPS);
        self.refusal(root, "odd path", rule, 5000 + self.site.locations.len(), name);
    }

    /// Encoded characters that do not pass.
    pub(super) fn encoded(&mut self, root: &str) {
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
    pub(super) fn methods(&mut self, root: &str) {
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
    pub(super) fn refusals(&mut self, root: &str) {
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

    /// The router beside that of a path for methods that do not pass there; it has what refuses, and nothing else.
    pub(super) fn other_methods(
        &mut self,
        path: &Router,
        rule: String,
        what: &str,
        why: Vec<crate::controls::Id>,
    ) -> Router {
        let name = self.no_method(&why);
        let parent = path.parent.clone().unwrap_or_default();
        let mut refusal = self.router(&parent, &format!("{what} other methods"), rule, path.priority.unwrap_or(1));
        refusal.middlewares.clone_from(&path.middlewares);
        refusal.middlewares.push(name);
        refusal.service = Some(NOTHING.into());
        refusal
    }

    /// Blocked routers are asked before `known` and all below it, so they must leave out what is open inside them.
    pub(super) fn closed_rule(&self, at: usize) -> String {
        self.rule_without(at, |location| !location.blocked.is_set())
    }

    /// The rule of a path without some of the paths inside it.
    fn rule_without(&self, at: usize, leaves_out: impl Fn(&Location) -> bool) -> String {
        let others = paths::carved_out(self.site, at).filter(|&other| leaves_out(&self.site.locations[other]));
        others.fold(rule(self.site, at), |rest, other| format!("{rest} && !{}", rule(self.site, other)))
    }

    pub(super) fn closed(&mut self, blocked: &Enforced<Line>) -> String {
        if let Some(closed) = &self.view.closed {
            return closed.name.clone();
        }
        let name = self.name("closed");
        self.view.closed = Some(Named { name: name.clone(), value: (), why: blocked.why().to_vec() });
        name
    }
}
