//! Response headers, once every control has spoken: who has the last word about each, on which answers. Back ends print it.

use super::edge::SetHeaders;
use super::{Because, Edge, Enforced, Id, Location, Site};
use crate::text::{Span, Spanned};
use crate::values::HeaderName;

/// Not over plain HTTP (RFC 6797, 7.2), and not from the application: whether it is right depends on the certificate.
const HSTS: &str = "Strict-Transport-Security";

/// A header by name, with its value and the controls behind it.
pub type Header = (String, Because<Spanned<String>>);

/// What becomes of a header at one path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It has this value.
    Set(Spanned<String>),
    /// It is the application's own.
    Passes,
    /// No answer has it.
    Hidden,
}

fn all_of(headers: &Enforced<SetHeaders>) -> impl Iterator<Item = Header> {
    headers.get().into_iter().flatten().map(|(name, value)| {
        (
            name.to_string(),
            Because { value: Spanned::new(value.value.to_string(), value.span), why: headers.why().to_vec() },
        )
    })
}

/// Headers on every answer of a site, Strict-Transport-Security among them.
pub fn of_site(site: &Site) -> Vec<Header> {
    let hsts = site.hsts.because(|value| Spanned::new(value.value.to_string(), value.span));
    all_of(&site.headers).chain(hsts.map(|hsts| (HSTS.to_owned(), hsts))).collect()
}

/// Headers on the way from HTTP to HTTPS.
pub fn over_http(site: &Site) -> Vec<Header> {
    let mut all = of_site(site);
    all.retain(|(name, _)| !name.eq_ignore_ascii_case(HSTS));
    all.extend(of_proxy(site));
    all
}

/// Headers on answers of the proxy alone: where the application has the word, nobody has it on these.
pub fn of_proxy(site: &Site) -> Vec<Header> {
    all_of(&site.own_answers).collect()
}

/// What one path says of headers, by name: instead of the site, and in addition to it. What is hidden there is hidden whoever
/// sets it, and what the path lets pass is the application's again.
pub fn of_path(edge: &Edge, site: &Site, location: &Location) -> Vec<(String, Because<Fate>)> {
    let mut all: Vec<(String, Because<Fate>)> = Vec::new();
    let mut say = |name: String, value: Fate, why: &[Id]| {
        all.retain(|(known, _)| !known.eq_ignore_ascii_case(&name));
        all.push((name, Because { value, why: why.to_vec() }));
    };
    for (name, Because { value, why }) in all_of(&location.api_headers).chain(all_of(&location.headers)) {
        say(name, Fate::Set(value), &why);
    }
    let class = location.rate.get().and_then(|class| edge.rates.get(class)).filter(|class| class.announce);
    if let Some(class) = class {
        let requests = Spanned::new(class.rate.requests.to_string(), Span::UNKNOWN);
        say("X-RateLimit-Limit".into(), Fate::Set(requests), location.rate.why());
    }
    for name in location.hide.get().into_iter().flatten() {
        say(name.to_string(), Fate::Hidden, location.hide.why());
    }
    let sets = |name: &HeaderName| {
        let is = |known: &HeaderName| known.as_str().eq_ignore_ascii_case(name.as_str());
        site.headers.get().into_iter().flatten().any(|(known, _)| is(known))
            || site.hide.get().into_iter().flatten().any(is)
            || location.api_headers.get().into_iter().flatten().any(|(known, _)| is(known))
    };
    for name in location.passed.iter().filter(|name| sets(name)) {
        say(name.to_string(), Fate::Passes, site.headers.why());
    }
    all
}

/// Headers of the application that do not pass: those it must not tell, and its own versions of those that are `set`; with the
/// controls behind each.
pub fn removed(site: &Site, set: Vec<(String, Vec<Id>)>) -> Vec<(String, Vec<Id>)> {
    let mut all = set;
    if site.headers.is_set() && !all.iter().any(|(known, _)| known.eq_ignore_ascii_case(HSTS)) {
        all.push((HSTS.into(), site.headers.why().to_vec()));
    }
    for name in site.hide.get().into_iter().flatten() {
        match all.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(name.as_str())) {
            Some((_, why)) => why.extend(site.hide.why()),
            None => all.push((name.to_string(), site.hide.why().to_vec())),
        }
    }
    all
}
