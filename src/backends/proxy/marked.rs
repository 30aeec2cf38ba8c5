//! Headers and other lists that all three servers share, with the ids for the comment behind the line.

use crate::controls::Id;
use crate::stack::{BasicAuth, Because, Edge, Enforced, Location, Site, answers};
use crate::templates::Said;
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

impl From<answers::Header> for Header {
    fn from((name, Because { value, why }): answers::Header) -> Self {
        Self { name, value: Said::of(&value), why }
    }
}

/// The name of a response header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Name {
    /// The name.
    pub name: String,
    /// Ids of controls.
    pub why: Vec<Id>,
}

/// Headers on every answer of a site, Strict-Transport-Security among them.
pub(super) fn headers(site: &Site) -> Vec<Header> {
    answers::of_site(site).into_iter().map(Header::from).collect()
}

/// Headers on the way from HTTP to HTTPS.
pub(super) fn plain_headers(site: &Site) -> Vec<Header> {
    answers::over_http(site).into_iter().map(Header::from).collect()
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
    let own = |(name, Because { value, why }): (String, Because<answers::Fate>)| {
        let fate = match value {
            answers::Fate::Set(value) => Fate::Set(Said::of(&value)),
            answers::Fate::Passes => Fate::Passes,
            answers::Fate::Hidden => Fate::Hidden,
        };
        Own { name, fate, why }
    };
    answers::of_path(edge, site, location).into_iter().map(own).collect()
}

/// Headers that one path sets.
pub(super) fn own_headers(edge: &Edge, site: &Site, location: &Location) -> Vec<Header> {
    own(edge, site, location).iter().filter_map(Own::header).collect()
}

/// Headers on answers of the proxy alone: where the application has the word, nobody has it on these.
pub(super) fn own_answers(site: &Site) -> Vec<Header> {
    answers::of_proxy(site).into_iter().map(Header::from).collect()
}

/// Headers of the application that do not pass: those it must not tell, and its own versions of `headers`.
pub(super) fn removed(site: &Site, headers: &[Header]) -> Vec<Name> {
    let set = headers.iter().map(|header| (header.name.clone(), header.why.clone())).collect();
    answers::removed(site, set).into_iter().map(|(name, why)| Name { name, why }).collect()
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
