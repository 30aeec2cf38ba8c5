//! Headers and other lists that all three servers share, with the ids for the comment behind the line.

use crate::controls::Id;
use crate::stack::{BasicAuth, Because, Edge, Enforced, Location, Site};
use crate::templates::Said;
use crate::text::Spanned;
use crate::values::{HeaderName, HeaderValue};
use serde::Serialize;

/// Texts of a list, in order.
pub(super) fn texts<T: ToString>(items: &[T]) -> Vec<String> {
    items.iter().map(T::to_string).collect()
}

/// Basic authentication.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Auth {
    /// Shown by browsers.
    pub realm: Said,
    /// Password file in the container.
    pub file: String,
}

impl Auth {
    pub(super) fn new(basic: &BasicAuth) -> Self {
        Self { realm: Said::of(&basic.realm), file: basic.file.clone() }
    }
}

/// A response header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Header {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Said,
    /// Ids of controls.
    pub why: Vec<Id>,
}

/// The name of a response header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Name {
    /// The name.
    pub name: String,
    /// Ids of controls.
    pub why: Vec<Id>,
}

/// Not over plain HTTP (RFC 6797, 7.2), and not from the application: whether it is right depends on the certificate.
const HSTS: &str = "Strict-Transport-Security";

/// Headers on every answer of a site, Strict-Transport-Security among them.
pub(super) fn headers(site: &Site) -> Vec<Header> {
    let mut all: Vec<Header> = site.headers.get().map_or_else(Vec::new, |list| {
        let header = |(name, value): &(HeaderName, Spanned<HeaderValue>)| Header {
            name: name.to_string(),
            value: Said::of(value),
            why: site.headers.why().to_vec(),
        };
        list.iter().map(header).collect()
    });
    let hsts = site.hsts.because(Said::of);
    all.extend(hsts.map(|Because { value, why }| Header { name: HSTS.into(), value, why }));
    all
}

/// Headers on the way from HTTP to HTTPS.
pub(super) fn plain_headers(site: &Site) -> Vec<Header> {
    let mut all = headers(site);
    all.retain(|header| !header.name.eq_ignore_ascii_case(HSTS));
    all.extend(own_answers(site));
    all
}

/// What becomes of a header at one path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fate {
    /// It has this value.
    Set(Said),
    /// It is the application's own.
    Passes,
    /// No answer has it.
    Hidden,
}

/// A header about which one path has a word of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Own {
    /// Its name.
    pub name: String,
    /// What becomes of it.
    pub fate: Fate,
    /// Ids of controls.
    pub why: Vec<Id>,
}

impl Own {
    /// As a header to set.
    pub(super) fn header(&self) -> Option<Header> {
        match &self.fate {
            Fate::Set(value) => Some(Header { name: self.name.clone(), value: value.clone(), why: self.why.clone() }),
            _ => None,
        }
    }
}

/// What one path says of headers: instead of the site, and in addition to it.
pub(super) fn own(edge: &Edge, site: &Site, location: &Location) -> Vec<Own> {
    let mut all: Vec<Own> = Vec::new();
    let mut say = |own: Own| {
        all.retain(|known| !known.name.eq_ignore_ascii_case(&own.name));
        all.push(own);
    };
    for headers in [&location.api_headers, &location.headers] {
        for (name, value) in headers.get().into_iter().flatten() {
            say(Own { name: name.to_string(), fate: Fate::Set(Said::of(value)), why: headers.why().to_vec() });
        }
    }
    let class = location.rate.get().and_then(|class| edge.rates.get(class)).filter(|class| class.announce);
    if let Some(class) = class {
        let fate = Fate::Set(class.rate.requests.to_string().as_str().into());
        say(Own { name: "X-RateLimit-Limit".into(), fate, why: location.rate.why().to_vec() });
    }
    for name in location.hide.get().into_iter().flatten() {
        say(Own { name: name.to_string(), fate: Fate::Hidden, why: location.hide.why().to_vec() });
    }
    let sets = |name: &HeaderName| {
        let is = |known: &HeaderName| known.as_str().eq_ignore_ascii_case(name.as_str());
        site.headers.get().into_iter().flatten().any(|(known, _)| is(known))
            || site.hide.get().into_iter().flatten().any(is)
            || location.api_headers.get().into_iter().flatten().any(|(known, _)| is(known))
    };
    for name in location.passed.iter().filter(|name| sets(name)) {
        say(Own { name: name.to_string(), fate: Fate::Passes, why: site.headers.why().to_vec() });
    }
    all
}

/// Headers that one path sets.
pub(super) fn own_headers(edge: &Edge, site: &Site, location: &Location) -> Vec<Header> {
    own(edge, site, location).iter().filter_map(Own::header).collect()
}

/// Headers on answers of the proxy alone: where the application has the word, nobody has it on these.
pub(super) fn own_answers(site: &Site) -> Vec<Header> {
    let header = |(name, value): &(HeaderName, Spanned<HeaderValue>)| Header {
        name: name.to_string(),
        value: Said::of(value),
        why: site.own_answers.why().to_vec(),
    };
    site.own_answers.get().into_iter().flatten().map(header).collect()
}

/// The methods that pass as words: HEAD with GET.
pub(super) fn methods(location: &Location) -> Option<Because<Vec<String>>> {
    location.methods.because(|methods| {
        let mut words = texts(methods);
        if words.iter().any(|word| word == "GET") && !words.iter().any(|word| word == "HEAD") {
            words.push("HEAD".into());
        }
        words
    })
}

/// Headers of the application that do not pass: those it must not tell, and its own versions of `headers`.
pub(super) fn removed(site: &Site, headers: &[Header]) -> Vec<Name> {
    let mut all: Vec<Name> =
        headers.iter().map(|header| Name { name: header.name.clone(), why: header.why.clone() }).collect();
    if site.headers.is_set() && !all.iter().any(|known| known.name.eq_ignore_ascii_case(HSTS)) {
        all.push(Name { name: HSTS.into(), why: site.headers.why().to_vec() });
    }
    for name in site.hide.get().into_iter().flatten() {
        match all.iter_mut().find(|known| known.name.eq_ignore_ascii_case(name.as_str())) {
            Some(known) => known.why.extend(site.hide.why()),
            None => all.push(Name { name: name.to_string(), why: site.hide.why().to_vec() }),
        }
    }
    all
}

/// The one value that all locations which answer at all agree on, or `None`.
pub(super) fn shared<'a, T: PartialEq>(
    site: &'a Site,
    field: impl Fn(&'a Location) -> &'a Enforced<T>,
) -> Option<&'a Enforced<T>> {
    let mut answering = site.locations.iter().filter(|location| !location.blocked.is_set()).map(field);
    let first = answering.next()?;
    answering.all(|other| other == first).then_some(first).filter(|value| value.is_set())
}

/// Seconds after which a limited client gets another request through.
pub(super) fn retry_after(rate: crate::values::Rate) -> u64 {
    rate.period.as_seconds().div_ceil(u64::from(rate.requests)).max(1)
}
