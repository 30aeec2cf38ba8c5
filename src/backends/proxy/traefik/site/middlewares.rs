//! Middlewares and services of a site, each once.

use super::super::super::marked::{self, Auth, Fate, Header, Name, texts};
use super::super::super::{authority, forwarding};
use super::super::view::{Forwarded, Headers, Named, Ranges, Rate, Service};
use super::Builder;
use crate::stack::{Because, Enforced, Location};
use crate::values::Cidr;

impl Builder<'_> {
    /// Headers that no answer has.
    pub(super) fn removed(&self) -> Vec<Name> {
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
    pub(super) fn alike(&self) -> bool {
        let of = |at: &Location| (marked::own(self.edge, self.site, at), at.allow.get().cloned());
        let mut answering = self.site.locations.iter().filter(|at| !at.blocked.is_set()).map(of);
        let first = answering.next();
        answering.all(|other| first.as_ref() == Some(&other))
    }

    /// Headers that the site sets and removes and of which some path has another word. What the root does counts for all
    /// paths, so it is done at each path instead.
    pub(super) fn varied(&self) -> &(Vec<Header>, Vec<Name>) {
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

    pub(super) fn strip(&mut self, location: &Location) -> Option<String> {
        let regex = format!("(?i)^{}", location.strip.as_ref()?.as_str().trim_end_matches('/').replace('.', "\\."));
        if let Some(known) = self.view.stripped.iter().find(|known| known.value == regex) {
            return Some(known.name.clone());
        }
        let name = self.name("without prefix");
        self.view.stripped.push(Named { name: name.clone(), value: regex, why: Vec::new() });
        Some(name)
    }

    pub(super) fn authentication(&mut self) -> Option<String> {
        let Because { value, why } = self.site.authentication.because(Auth::new)?;
        let name = self.name("password");
        self.view.authentication = Some(Named { name: name.clone(), value, why });
        Some(name)
    }

    pub(super) fn forwarded(&mut self) -> Option<String> {
        let Because { why, .. } = self.edge.forwarded.because(|()| ())?;
        let name = self.name("forwarded");
        let balanced = !self.edge.trusted_proxies.is_empty();
        let value = Forwarded { authority: authority(self.edge, self.site), balanced, foreign: forwarding::FOREIGN };
        self.view.forwarded = Some(Named { name: name.clone(), value, why });
        Some(name)
    }

    pub(super) fn no_upgrade(&mut self, location: &Location) -> Option<String> {
        if location.streaming {
            return None;
        }
        if self.view.no_upgrade.is_none() {
            self.view.no_upgrade = Some(self.name("no-upgrade"));
        }
        self.view.no_upgrade.clone()
    }

    pub(super) fn allow(&mut self, allow: &Enforced<Vec<Cidr>>) -> Option<String> {
        let networks = texts(allow.get()?);
        if let Some(known) = self.view.allowed.iter().find(|known| known.value.networks == networks) {
            return Some(known.name.clone());
        }
        let name = self.name("from");
        let value = Ranges { networks, excluded: texts(&self.edge.trusted_proxies) };
        self.view.allowed.push(Named { name: name.clone(), value, why: allow.why().to_vec() });
        Some(name)
    }

    pub(super) fn rate(&mut self, rate: &Enforced<String>, what: &str) -> Option<String> {
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
    pub(super) fn body(&mut self, location: &Location) -> Option<String> {
        let bytes = location.body.get().filter(|_| !location.streaming)?.get();
        if let Some(known) = self.view.bodies.iter().find(|known| known.value == bytes) {
            return Some(known.name.clone());
        }
        let name = self.name(&format!("body {bytes}"));
        self.view.bodies.push(Named { name: name.clone(), value: bytes, why: location.body.why().to_vec() });
        Some(name)
    }

    /// Headers that one location sets and removes.
    pub(super) fn headers_at(&self, location: &Location) -> (Vec<Header>, Vec<Name>) {
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

    pub(super) fn api_headers(&mut self, location: &Location) -> Option<String> {
        let (set, removed) = self.headers_at(location);
        self.headers_of(set, removed)
    }

    pub(super) fn headers_of(&mut self, set: Vec<Header>, removed: Vec<Name>) -> Option<String> {
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
    pub(super) fn service(&mut self, location: &Location) -> String {
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
            tls_authority: upstream.tls_authority(&self.edge.standing),
            own_host: upstream.own_host().is_some(),
            timeout,
            keep_alive: upstream.keep_alive,
        });
        name
    }
}
