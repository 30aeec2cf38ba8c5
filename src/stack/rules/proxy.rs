//! What a proxy is asked and what it can do.

use super::waivers::covers;
use crate::diagnostics::{Diagnostic, Diagnostics, Wish, codes};
use crate::format::profile::Profile;
use crate::format::system::{Abilities, ContainerEngine, System};
use crate::stack::edge::Standing;
use crate::stack::{Catalogue, Choices, Stack};
use crate::values::{ByteSize, Domain, Environment, ProxyAuth, Rate, TlsMode, WafMode};

/// What the `proxy` section asks of one system.
pub fn check_part(
    found: &mut Diagnostics,
    part: &Profile,
    system: &System,
    choices: &Choices,
    can: Abilities,
    controls: Catalogue,
) {
    if system.own_edge.is_some() {
        certificate(found, part, choices, can);
    }
    let Some(edge) = &system.edge else { return };
    certificate(found, part, choices, can);
    if let Some(mode) = part.proxy.auth.mode.as_ref().filter(|mode| mode.value == ProxyAuth::None)
        && !covers(part, controls, "proxy-authentication", None)
    {
        for (name, site) in &edge.sites {
            if let Some(authentication) = &site.authentication {
                found.push(
                    Diagnostic::error(
                        codes::NEEDS_WAIVER,
                        format!("site `{}` needs authentication at the proxy", name.value),
                    )
                    .at(mode.span, "")
                    .with_note(authentication.reason.to_string())
                    .help("remove this line, or add a waiver of `proxy-authentication` with a reason and an end"),
                );
            }
        }
    }
}

/// What is wrong with the `proxy` section.
pub fn check(
    found: &mut Diagnostics,
    profile: &Profile,
    systems: &[&System],
    choices: &Choices,
    can: Abilities,
    controls: Catalogue,
) {
    user(found, profile);
    clients(found, profile, systems);
    speed(found, profile);
    standing(found, profile);
    let own = systems.iter().find_map(|system| system.own_edge.as_ref().map(|own| own.can));
    if !systems.is_empty() && systems.iter().all(|system| system.edge.is_none()) {
        if let Some(can) = own {
            tls(found, profile, choices, can, controls);
        }
        return;
    }
    let rates = || systems.iter().filter_map(|system| system.edge.as_ref()).flat_map(|edge| edge.rates.keys());
    tls(found, profile, choices, can, controls);
    let kind = choices.proxy;
    let at_kind = profile.near("proxy.kind");
    for (name, rate) in &profile.proxy.rate_limits {
        if !systems.is_empty() && !rates().any(|known| known.value == name.value) {
            found.push(
                Diagnostic::error(
                    codes::UNKNOWN_KEY,
                    format!("there is no rate class `{}` in {}", name.value.escape_debug(), super::names(systems)),
                )
                .at(name.span, "")
                .meant(&name.value, rates().map(|known| known.value.as_str())),
            );
        }
        if !can.rate_limits {
            found.push(
                Diagnostic::error(codes::PROXY_CANNOT, format!("the stock image of `{kind}` cannot limit rates"))
                    .at(rate.span, "this rate could not be enforced")
                    .also(at_kind, "chosen here")
                    .help("choose `proxy.kind: traefik` or `nginx`, or remove `rate_limits`"),
            );
        }
    }
    slow_rates(found, profile, systems, choices, can);
    if !can.rate_limits && profile.proxy.rate_limits.is_empty() && rates().next().is_some() {
        found.push(
            Diagnostic::warning(
                codes::LEFT_OUT,
                format!("the stock image of `{kind}` cannot limit rates, so the system's rate limits are left out"),
            )
            .at(at_kind, "")
            .help("choose `proxy.kind: traefik` or `nginx`; HARDENING.md says what stands in their place"),
        );
    }
    if let Some(waf) = profile.proxy.waf.as_ref().filter(|waf| waf.value != WafMode::Off)
        && !can.waf
    {
        found.push(
            Diagnostic::error(
                codes::PROXY_CANNOT,
                format!("the stock image of `{kind}` has no web application firewall"),
            )
            .at(waf.span, "")
            .help("write `waf: off`; a rule set needs another server image, which Stockade does not configure"),
        );
    }
}

/// Names of sites that want certificates of their clients.
fn clients(found: &mut Diagnostics, profile: &Profile, systems: &[&System]) {
    let wanted = profile.proxy.client_certificates.iter().filter_map(|clients| clients.value.sites.as_ref());
    let known = || systems.iter().filter_map(|system| system.edge.as_ref()).flat_map(|edge| edge.sites.keys());
    for sites in wanted.clone().filter(|sites| sites.value.is_empty()) {
        if !profile.refused.iter().any(|span| profile.holds("proxy.client_certificates.sites", *span)) {
            found.push(
                Diagnostic::error(codes::INVALID_VALUE, "no client would be asked for a certificate")
                    .at(sites.span, "")
                    .help("name a site, or leave `sites` out, which asks at all of them"),
            );
        }
    }
    for name in wanted.flat_map(|sites| &sites.value) {
        if known().next().is_some() && !known().any(|site| site.value == name.value) {
            found.push(
                Diagnostic::error(
                    codes::UNKNOWN_KEY,
                    format!("there is no site `{}` in {}", name.value.escape_debug(), super::names(systems)),
                )
                .at(name.span, "")
                .meant(&name.value, known().map(|site| site.value.as_str())),
            );
        }
    }
}

/// Rates slower than the proxy can count: it would let more through than was asked.
fn slow_rates(found: &mut Diagnostics, profile: &Profile, systems: &[&System], choices: &Choices, can: Abilities) {
    let Some(slowest) = can.slowest_rate else { return };
    let too_slow = |rate: Rate| {
        let product = |rate: Rate, other: Rate| u64::from(rate.requests).saturating_mul(other.period.as_seconds());
        product(rate, slowest) < product(slowest, rate)
    };
    let kind = choices.proxy;
    for rate in profile.proxy.rate_limits.values().filter(|rate| too_slow(rate.value)) {
        found.push(
            Diagnostic::error(codes::PROXY_CANNOT, format!("`{kind}` counts no rate below {slowest}"))
                .at(rate.span, "more would get through")
                .help(format!("write `{slowest}` or a faster rate, or choose `proxy.kind: traefik`")),
        );
    }
    let at_kind = profile.near("proxy.kind");
    for (name, class) in systems.iter().filter_map(|system| system.edge.as_ref()).flat_map(|edge| &edge.rates) {
        let replaced = profile.proxy.rate_limits.keys().any(|key| key.value == name.value);
        if too_slow(class.rate) && !replaced {
            found.push(
                Diagnostic::warning(
                    codes::LEFT_OUT,
                    format!(
                        "`{kind}` counts no rate below {slowest}, so class `{}` gets that instead of {}",
                        name.value, class.rate
                    ),
                )
                .at(at_kind, "")
                .help(format!(
                    "choose `proxy.kind: traefik`, or agree with `proxy: {{rate_limits: {{{}: {slowest}}}}}`",
                    name.value
                )),
            );
        }
    }
}

/// Where silence is borne as long as an upload: said from here on, in seconds.
const LONG_SILENCE: u64 = 300;

/// What the resolved edge shows.
pub fn check_stack(found: &mut Diagnostics, profile: &Profile, stack: &Stack) {
    unserved(found, profile, stack);
    beside(found, profile, stack);
    // The time is that of the stack which has the proxy.
    if stack.edge.as_ref().is_some_and(|edge| edge.standing.joined().is_some()) {
        return;
    }
    let Some(edge) = stack.edge.as_ref().filter(|edge| !edge.can.header_timeout) else { return };
    let longest = edge.longest_upload();
    // A workstation's own loopback meets nobody who keeps silent on purpose.
    let alone = profile.environment.as_ref().is_some_and(|environment| environment.value == Environment::Development);
    if longest <= LONG_SILENCE || alone || profile.proxy.slowest_upload.is_some() {
        return;
    }
    let kind = edge.kind;
    let largest = edge.sites.iter().flat_map(|site| &site.locations);
    let largest =
        largest.filter(|location| edge.upload_seconds(location) == longest && location.blocked.wished().is_none());
    let body = largest.filter_map(|location| location.body.wished().copied()).next().unwrap_or(edge.slowest_upload);
    let time = match longest {
        ..7200 => format!("{} minutes", longest.div_ceil(60)),
        _ => format!("{} hours", longest.div_ceil(3600)),
    };
    found.push(
        Diagnostic::warning(
            codes::LEFT_OUT,
            format!("`{kind}` keeps a connection that says nothing for {time}, the time of an upload of {body}"),
        )
        .at(profile.near("proxy.kind"), "it has no time for the header of a request alone")
        .help(format!(
            "choose `proxy.kind: nginx` or `caddy`, where a header has 10 seconds, or agree with `proxy: {{slowest_upload: \
             {}}}`; a faster speed makes the time shorter",
            edge.slowest_upload
        )),
    );
}

/// Sites that are to ask for certificates and that the stack does not serve. Where there are several hosts another one may.
fn unserved(found: &mut Diagnostics, profile: &Profile, stack: &Stack) {
    let clients = profile.proxy.client_certificates.iter().filter(|_| profile.hosts.is_empty());
    let Some(edge) = &stack.edge else { return };
    for name in clients.filter_map(|clients| clients.value.sites.as_ref()).flat_map(|sites| &sites.value) {
        if !edge.sites.iter().any(|site| site.name == name.value) {
            let says = format!("site `{}` is not served here, so nobody is asked for a certificate there", name.value);
            found.push_new(
                Diagnostic::warning(codes::LEFT_OUT, says).at(name.span, "").help("remove it, or switch the site on"),
            );
        }
    }
}

/// Slower than any line that people still have; and mostly a number whose `k` was forgotten.
const SLOWEST: ByteSize = ByteSize::bytes(1 << 10);

fn speed(found: &mut Diagnostics, profile: &Profile) {
    if let Some(speed) = profile.proxy.slowest_upload.as_ref().filter(|speed| speed.value < SLOWEST) {
        found.push(
            Diagnostic::error(codes::INVALID_VALUE, format!("an upload of {} a second never ends", speed.value))
                .at(speed.span, "bytes a second")
                .help("write `64k`, or a speed of at least `1k`"),
        );
    }
}

/// Whether a stack shares its proxy, joins another's, or neither.
fn standing(found: &mut Diagnostics, profile: &Profile) {
    let proxy = &profile.proxy;
    if let (Some(largest), false) = (&proxy.largest_upload, proxy.is_shared()) {
        found.push(
            Diagnostic::error(
                codes::UNUSED_KEY,
                "`largest_upload` is for stacks that join, and this proxy is not shared",
            )
            .at(largest.span, "has no effect")
            .help("add `shared: true`, or remove the line; the system says how much its own paths take")
            .wish(Wish::Remove),
        );
    }
    let Some(join) = &proxy.join else { return };
    if profile.name.as_ref().is_some_and(|name| name.value == join.value) {
        found.push(
            Diagnostic::error(codes::INVALID_VALUE, format!("`{}` is this stack itself", join.value))
                .at(join.span, "")
                .also(profile.near("name"), "named here")
                .help("write the `name` of the stack whose proxy serves this one, or remove `join`"),
        );
    }
    let unused = [
        ("shared", profile.said("proxy.shared")),
        ("image", profile.said("proxy.image")),
        ("tls.email", profile.said("proxy.tls.email")),
    ];
    for (key, at) in unused.into_iter().filter_map(|(key, at)| Some((key, at?))) {
        found.push(
            Diagnostic::error(codes::UNUSED_KEY, format!("`proxy.{key}` is for a proxy, and this stack brings none"))
                .at(at, "has no effect")
                .also(join.span, "the proxy of this stack serves it")
                .help(format!("remove the line here, and write it in the profile of `{}`", join.value))
                .wish(Wish::Remove),
        );
    }
}

/// Where a stack cannot join or share a proxy: its containers do not live beside those of Docker Compose.
fn beside(found: &mut Diagnostics, profile: &Profile, stack: &Stack) {
    let Some(edge) = stack.edge.as_ref().filter(|edge| edge.standing != Standing::Own) else { return };
    let what = match (stack.engine, &stack.base) {
        (ContainerEngine::Podman, _) => "Podman",
        (_, Some(_)) => "a host with a form for compose files",
        _ => return,
    };
    let key = if edge.standing.joined().is_some() { "join" } else { "shared" };
    found.push(
        Diagnostic::error(codes::PROXY_CANNOT, format!("proxies are not shared on {what}"))
            .at(profile.near(&format!("proxy.{key}")), "")
            .help(format!("remove `{key}`; give the stack another address with `proxy.bind`, or other ports")),
    );
}

fn user(found: &mut Diagnostics, profile: &Profile) {
    if let Some(user) = &profile.proxy.auth.user
        && crate::secrets::HtpasswdUser::try_from(user.value.clone()).is_err()
    {
        found.push(
            Diagnostic::error(codes::INVALID_VALUE, "this is no user name for a password file")
                .at(user.span, "")
                .help("use at most 64 letters, digits, `.`, `_`, `@` and `-`, beginning with a letter or digit"),
        );
    }
}

/// What is wrong with the certificate of one system's name.
fn certificate(found: &mut Diagnostics, profile: &Profile, choices: &Choices, can: Abilities) {
    let tls = &profile.proxy.tls;
    let at_mode = profile.near("proxy.tls.mode");
    let domain = choices.domain.as_ref();
    if choices.tls == TlsMode::Acme
        && let Some(name) = domain.filter(|name| !name.is_public())
    {
        found.push(
            Diagnostic::error(codes::PROXY_CANNOT, format!("no public authority issues for `{name}`"))
                .at(profile.domain.as_ref().map_or(at_mode, |d| d.span), "")
                .help("use a registered name, or `tls.mode: self-signed`"),
        );
    }
    if let (TlsMode::SelfSigned, Environment::Production, None) = (choices.tls, choices.environment, &tls.mode)
        && domain.is_some_and(Domain::is_public)
        && !can.acme
    {
        found.push(
            Diagnostic::warning(codes::LEFT_OUT, format!("`{}` gets no certificates by itself, so a private authority is used", choices.proxy))
                .at(profile.near("proxy.kind"), "")
                .help("bring certificates with `proxy.tls: {mode: files, certificate: …, key: …}`, or agree with `proxy.tls.mode: self-signed`"),
        );
    }
}

fn tls(found: &mut Diagnostics, profile: &Profile, choices: &Choices, can: Abilities, controls: Catalogue) {
    let tls = &profile.proxy.tls;
    let at_mode = profile.near("proxy.tls.mode");
    if choices.tls == TlsMode::Acme {
        if !can.acme {
            found.push(
                Diagnostic::error(codes::PROXY_CANNOT, format!("`{}` gets no certificates by itself", choices.proxy))
                    .at(at_mode, "")
                    .help("choose `proxy.kind: traefik` or `caddy`, or `tls.mode: files` with certificates from another ACME client"),
            );
        }
        if choices.http_port.is_none() {
            found.push(
                Diagnostic::error(codes::PROXY_CANNOT, "the ACME challenge needs port 80, which is not published here")
                    .at(at_mode, "")
                    .help("set `proxy.http_port`, or use `tls.mode: files` or `self-signed`"),
            );
        }
    }
    if choices.tls == TlsMode::Files {
        for (value, key) in [(&tls.certificate, "certificate"), (&tls.key, "key")] {
            // One that is there and wrong was told where it was read.
            if value.is_none() && profile.said(&format!("proxy.tls.{key}")).is_none() {
                found.push(
                    Diagnostic::error(codes::MISSING_KEY, format!("`tls.mode: files` needs `tls.{key}`"))
                        .at(at_mode, "")
                        .help(format!("name the file on the host, such as `{key}: /etc/ssl/stockade/{key}.pem`")),
                );
            }
        }
    } else {
        for value in [&tls.certificate, &tls.key].into_iter().flatten() {
            found.push(
                Diagnostic::error(
                    codes::UNUSED_KEY,
                    format!("a certificate file has no use with `tls.mode: {}`", choices.tls),
                )
                .at(value.span, "")
                .help("write `mode: files`, or remove the line")
                .wish(Wish::Remove),
            );
        }
    }
    if let Some(hsts) = profile.proxy.headers.hsts.as_ref().filter(|hsts| !hsts.value && choices.trusted())
        && choices.environment == Environment::Production
        && !covers(profile, controls, "hsts", None)
    {
        found.push(
            Diagnostic::error(codes::NEEDS_WAIVER, "leaving HSTS out needs a waiver of `hsts`")
                .at(hsts.span, "")
                .help("remove this line, or add `- {control: hsts, reason: WHY, until: YYYY-MM-DD}` to `waivers`"),
        );
    }
    if let Some(hsts) = profile.proxy.headers.hsts.as_ref().filter(|hsts| hsts.value && !choices.trusted()) {
        found.push(
            Diagnostic::error(
                codes::HSTS_UNTRUSTED,
                "HSTS with a certificate that browsers do not trust locks visitors out",
            )
            .at(hsts.span, "")
            .help("use `tls.mode: acme` or `files`, or remove `hsts`"),
        );
    }
}
