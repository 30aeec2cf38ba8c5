//! nginx 1.27.3 or newer. Passwords are checked on every request (`auth_basic`): a session cookie in front would be faster,
//! but for its time it would stand in for the password, so it is left for later.

mod limits;
mod view;

use super::marked::{self, Auth, Fate, Header, Name, Own, texts};
use super::names::Names;
use super::spelled::{Spelled, spelled};
use super::tls;
use super::{CERTIFICATE, KEY, authority, encoded, file, forwarding, origin, paths, site_id};
use crate::artifact::Artifact;
use crate::stack::edge::{HEALTH_PORT, HTTP_PORT, HTTPS_PORT, SHARED, Target};
use crate::stack::{self, Because, Edge, Enforced};
use crate::templates::{Engine, Said, TemplateError};
use crate::values::{Cidr, Host};
use limits::Limits;
use view::{Answer, ApiHeader, Kind, Location, OwnAnswer, Site, Upstream, View, Zone};

/// Bodies up to this size are read before the application sees them; larger ones pass through as they come, because they
/// would not fit into the container's memory.
const LARGEST_BUFFERED: u64 = 1 << 20;

/// Certificates of public authorities in the image.
const AUTHORITIES: &str = "/etc/ssl/certs/ca-certificates.crt";

/// The variable with what a path's first wildcard matches.
const EACH: &str = "each";

pub(super) fn emit(edge: &Edge, engine: &Engine) -> Result<Vec<Artifact>, TemplateError> {
    let (path, template) = match edge.standing.joined() {
        Some(_) => ("proxy/sites/site.conf", "proxy/nginx/joined.nginx.j2"),
        None => ("proxy/nginx.conf", "proxy/nginx/nginx.conf.j2"),
    };
    Ok(vec![file(path, engine.render(template, &View::new(edge))?)])
}

impl Upstream {
    fn new(edge: &Edge, group: String, upstream: &stack::edge::Upstream) -> Self {
        Self {
            group,
            server: upstream.authority(),
            resolve: !matches!(upstream.target, Target::Host(Host::Address(_))),
            keep_alive: upstream.keep_alive,
            tls_name: upstream.tls_name(),
            tls_authorities: upstream
                .tls
                .as_ref()
                .map(|_| upstream.tls_authority(&edge.standing).unwrap_or_else(|| AUTHORITIES.to_owned())),
            own_host: upstream.own_host(),
        }
    }
}

impl Answer {
    fn new(answer: &stack::edge::Answer, site: &str, names: &mut Names) -> Self {
        let location = names.give(&[site, "answer"], '_');
        let Spelled { variables, lines, apart } = spelled(&answer.lines, &location, &[('$', "dollar_sign")]);
        let content_type = Said::of(&answer.content_type);
        Self { location, status: answer.status, content_type, variables, lines, dollars: apart }
    }
}

impl View {
    fn new(edge: &Edge) -> Self {
        let mut names = Names::default();
        let mut zones = Vec::new();
        let mut upstreams = Vec::new();
        let site = |site| Site::new(edge, site, &mut names, &mut zones, &mut upstreams);
        let sites: Vec<Site> = edge.sites.iter().map(site).collect();
        let shared = edge.standing.shared().is_some();
        let locations = || sites.iter().flat_map(|site| &site.locations);
        let answers = || locations().filter_map(|location| location.answer.as_ref());
        Self {
            http_port: HTTP_PORT,
            https_port: HTTPS_PORT,
            health_port: HEALTH_PORT,
            ipv6: edge.ipv6,
            certificate: edge.standing.secret(CERTIFICATE),
            key: edge.standing.secret(KEY),
            shared: shared.then_some(SHARED),
            redirects: edge.http_port.is_some(),
            access_log: edge.access_log.because(|()| ()),
            hidden: edge.hidden.because(|()| ()),
            forwarded: edge.forwarded.because(|()| ()),
            policy: tls::openssl(&edge.tls),
            trusted_proxies: texts(&edge.trusted_proxies),
            limits_why: zones.first().map_or_else(Vec::new, |zone: &Zone| zone.why.clone()),
            limits: shared || !zones.is_empty(),
            zones,
            answers: shared || answers().next().is_some(),
            dollars: shared || answers().any(|answer| answer.dollars),
            writes: shared || sites.iter().any(|site| site.same_site.is_some() || site.own_origin.is_some()),
            closes: shared || sites.iter().any(|site| !site.upstream.keep_alive),
            announces: shared || edge.rates.values().any(|class| class.announce),
            odd: format!("{}|{}", r"\\", paths::Form::Decoded.hidden_steps()),
            hidden_steps: encoded::HIDDEN_STEPS_AHEAD.to_owned(),
            methods: format!("^({})\\z", forwarding::METHODS.join("|")),
            foreign: forwarding::FOREIGN,
            upstreams,
            sites,
        }
    }
}

impl Site {
    fn new(
        edge: &Edge,
        site: &stack::Site,
        names: &mut Names,
        zones: &mut Vec<Zone>,
        upstreams: &mut Vec<Upstream>,
    ) -> Self {
        let id = site_id(edge, site, names, '_');
        let own = Upstream::new(edge, id.clone(), &site.upstream);
        let mut known = vec![(&site.upstream, own.clone())];
        for location in site.locations.iter().filter(|location| !location.blocked.is_set()) {
            let upstream = &location.upstream;
            if !known.iter().any(|(other, _)| *other == upstream) {
                let group = names.give(&[&id, &upstream.authority()], '_');
                known.push((upstream, Upstream::new(edge, group, upstream)));
            }
        }
        let mut limits =
            Limits { edge, site: &id, each: each(edge, site), names: &mut *names, zones, known: Vec::new() };
        let rest = site.locations.last();
        let rate = rest.and_then(|rest| limits.of(&rest.rate));
        let body = rest.and_then(|rest| bytes(&rest.body));
        let timeout = rest.map_or(60, |rest| rest.timeout.as_seconds());
        let allow = marked::shared(site, |location| &location.allow);
        let common = encoded::common(site);
        let mut locations = Vec::new();
        for (at, location) in site.locations.iter().enumerate() {
            let counts_each = location.rate.get().is_some_and(|class| limits.each.contains(class));
            let regex = if counts_each { paths::regex_naming(site, at, EACH) } else { paths::regex(site, at) };
            let own_rate = limits.of(&location.rate).filter(|own| Some(own) != rate.as_ref());
            let limit = location.body.get().map_or(0, |size| size.get());
            let other = known.iter().find(|(other, _)| *other == &location.upstream);
            let other = other.filter(|(other, _)| *other != &site.upstream || other.tls.is_some());
            locations.push(Location {
                regex: (!paths::is_rest(location)).then_some(regex),
                blocked: location.blocked.because(|_| ()),
                answer: location
                    .answer
                    .as_ref()
                    .filter(|_| !location.blocked.is_set())
                    .map(|answer| Answer::new(answer, &id, limits.names)),
                encoded: match common {
                    None => encoded::refused(location).map(|words| in_path(&words)),
                    Some(_) => None,
                },
                methods: marked::methods(location)
                    .map(|list| Because { value: format!("^({})\\z", list.value.join("|")), why: list.why }),
                own_origin: location.origin.because(|()| ()),
                upstream: other.map(|(_, other)| other.clone()),
                strip: location.strip.as_ref().map(paths::strip_regex),
                retry_after: own_rate.as_ref().map(|own| own.retry_after),
                limits: own_rate.map_or_else(Vec::new, |own| rate.iter().cloned().chain([own]).collect()),
                allow: if allow.is_none() { networks(&location.allow) } else { None },
                body: bytes(&location.body).filter(|own| Some(own) != body.as_ref()),
                unbuffered: limit > LARGEST_BUFFERED,
                streaming: location.streaming,
                timeout: Some(location.timeout.as_seconds()).filter(|own| *own != timeout),
            });
        }
        let hosts_differ = known.iter().any(|(_, other)| other.own_host != own.own_host);
        upstreams.extend(known.into_iter().map(|(_, upstream)| upstream));
        let mut headers = marked::headers(site);
        let mut removed = marked::removed(site, &headers);
        let mut own_answers = own_answers(site, (&id, names), &mut removed);
        let (api_headers, kind, kinds) = api(edge, site, (&id, names), (&mut headers, &mut removed, &mut own_answers));
        let needs_origin = site.locations.iter().any(|location| location.origin.is_set());
        Self {
            host: site.host.to_string(),
            origin: origin(edge, site),
            authority: authority(edge, site),
            upstream: own,
            hosts_differ,
            own_origin: needs_origin.then(|| format!("1 {}", origin(edge, site))),
            headers,
            plain_headers: marked::plain_headers(site),
            api_headers,
            own_answers,
            encoded: common.flatten().map(|words| in_path(&words)),
            kind,
            kinds,
            removed,
            same_site: site.same_site.because(|()| ()),
            allow: allow.and_then(networks),
            authentication: site.authentication.because(Auth::new),
            client_certificates: site.client_certificates.because(Clone::clone),
            rate,
            timeout,
            body,
            locations,
            id,
        }
    }
}

/// A regular expression for the path of a request as it was sent, which its query follows.
fn in_path(words: &str) -> String {
    format!("^[^?]*{words}")
}

/// Headers of nginx' own answers: the application has none to say there.
fn own_answers(site: &stack::Site, (id, names): (&str, &mut Names), removed: &mut Vec<Name>) -> Vec<OwnAnswer> {
    let mut all = Vec::new();
    for Header { name, value, why } in marked::own_answers(site) {
        if !removed.iter().any(|known| known.name.eq_ignore_ascii_case(&name)) {
            removed.push(Name { name: name.clone(), why: why.clone() });
        }
        let variable = names.give(&["own", id, &name], '_');
        all.push(OwnAnswer { variable, upstream: upstream_variable(&name), name, value, everywhere: true, why });
    }
    all
}

/// The variable with a header of the application.
fn upstream_variable(name: &str) -> String {
    format!("upstream_http_{}", name.to_ascii_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "_"))
}

/// Headers by path. A location with an own `add_header` loses all inherited ones, so such a header is printed once, with a
/// value that a map chooses by the kind of answer: number `n` is the `n`th set of headers, zero is none.
fn api(
    edge: &Edge,
    site: &stack::Site,
    (id, names): (&str, &mut Names),
    (headers, removed, own_answers): (&mut Vec<Header>, &mut Vec<Name>, &mut Vec<OwnAnswer>),
) -> (Vec<ApiHeader>, usize, Vec<Kind>) {
    let mut sets: Vec<Vec<Own>> = Vec::new();
    let kind_of: Vec<usize> = site
        .locations
        .iter()
        .map(|location| match marked::own(edge, site, location) {
            set if set.is_empty() => 0,
            set => {
                1 + sets.iter().position(|known| *known == set).unwrap_or_else(|| {
                    sets.push(set);
                    sets.len() - 1
                })
            }
        })
        .collect();
    let mut all: Vec<ApiHeader> = Vec::new();
    for (kind, own) in sets.iter().enumerate().flat_map(|(at, set)| set.iter().map(move |own| (at + 1, own))) {
        let name = &own.name;
        let is = |known: &str| known.eq_ignore_ascii_case(name);
        let at = all.iter().position(|known| is(&known.name)).unwrap_or_else(|| {
            let said = headers.iter().position(|header| is(&header.name)).map(|at| headers.remove(at));
            let mut why = own.why.clone();
            if let Some(said) = &said {
                why.extend(said.why.iter().filter(|id| !own.why.contains(id)));
            }
            let own_answer = own_answers.iter_mut().find(|known| is(&known.name));
            // What is removed everywhere and set nowhere is hidden.
            let hidden = removed.iter().any(|known| is(&known.name)) && own_answer.is_none();
            let otherwise = said.map(|said| said.value).or_else(|| hidden.then(|| "".into()));
            if !removed.iter().any(|known| is(&known.name)) {
                removed.push(Name { name: name.clone(), why: why.clone() });
            }
            let upstream = match own_answer {
                Some(own_answer) => {
                    own_answer.everywhere = false;
                    own_answer.variable.clone()
                }
                None => upstream_variable(name),
            };
            let word = name.to_ascii_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "_");
            let variable = names.give(&["answer", id, &word], '_');
            all.push(ApiHeader { name: name.clone(), variable, upstream, otherwise, values: Vec::new(), why });
            all.len() - 1
        });
        if !all[at].values.iter().any(|(known, _)| *known == kind) {
            let value = match &own.fate {
                Fate::Set(value) => Some(value.clone()),
                Fate::Hidden => Some("".into()),
                Fate::Passes => None,
            };
            all[at].values.push((kind, value));
        }
    }
    // What is the same on every path needs no map.
    all.retain(|header| {
        let same =
            header.otherwise.as_ref().filter(|own| header.values.iter().all(|(_, value)| value.as_ref() == Some(*own)));
        headers.extend(same.filter(|value| !value.as_str().is_empty()).map(|value| Header {
            name: header.name.clone(),
            value: value.clone(),
            why: header.why.clone(),
        }));
        same.is_none()
    });
    let rest = kind_of.last().copied().unwrap_or_default();
    let changes = |at: &usize| kind_of[*at] != paths::around(site, *at).map_or(rest, |outer| kind_of[outer]);
    let kind = |at| Kind { regex: paths::regex(site, at), kind: kind_of[at] };
    let kinds = (0..site.locations.len()).rev().filter(changes).map(kind).collect();
    (all, rest, kinds)
}

/// Classes that count each value of a wildcard apart, where a path has one.
fn each(edge: &Edge, site: &stack::Site) -> Vec<String> {
    let counts = |name: &&String| {
        site.locations.iter().any(|at| at.rate.get() == Some(*name) && at.path.has_wildcard() && !at.blocked.is_set())
    };
    edge.rates.iter().filter(|(_, class)| class.each).map(|(name, _)| name).filter(counts).cloned().collect()
}

fn networks(allow: &Enforced<Vec<Cidr>>) -> Option<Because<Vec<String>>> {
    allow.because(|list| texts(list))
}

fn bytes(body: &Enforced<crate::values::ByteSize>) -> Option<Because<u64>> {
    body.because(|size| size.get())
}
