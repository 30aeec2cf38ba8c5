//! Bodies that a proxy would hold in memory: what looks like a limit of uploads is then one of memory.

use super::Context;
use super::location::Rule;
use crate::diagnostics::{Diagnostic, codes};
use crate::format::system::{self, Abilities};
use crate::stack::cause;
use crate::stack::edge::Location;
use crate::systems::is_path;
use crate::values::{ByteSize, TlsMode};

/// Room for two of these and the server itself is still little for a host that takes such uploads.
const LARGE: ByteSize = ByteSize::bytes(512 << 20);

/// Warns of each limit, at the place that says it, that some path of the site buffers.
pub(super) fn check(
    context: &mut Context,
    can: Abilities,
    site: &system::Site,
    rules: &[Rule],
    locations: &[Location],
) {
    if !can.buffers_bodies {
        return;
    }
    let written = rules.iter().filter_map(|(_, rule)| rule.body.as_ref()).chain([&site.body]);
    for computed in written {
        let Some(limit) = context.scope.compute(computed).filter(|limit| *limit > LARGE) else { continue };
        let buffers =
            |at: &&Location| at.blocked.wished().is_none() && !at.streaming && at.body.wished() == Some(&limit);
        let Some(location) = locations.iter().find(buffers) else { continue };
        let said = cause::of_text(context.profile, context.system, &computed.text.value);
        let kind = context.choices.proxy;
        let room = ByteSize::bytes(limit.get().saturating_mul(2));
        let own = context.profile.system.as_ref().is_some_and(|system| is_path(system.value.as_str()));
        // Of the two that pass bodies on, one gets no certificates by itself.
        let other = if context.choices.tls == TlsMode::Acme { "caddy" } else { "nginx" };
        let other = format!("choose `proxy: {{kind: {other}}}`, which passes bodies on");
        let help = match (own, said) {
            (true, _) => format!("write `streaming: true` for `{}`, or {other}", location.path),
            (false, Some(_)) => format!("write less, or {other}"),
            (false, None) => other,
        };
        let says = format!(
            "`{kind}` reads bodies to their end in memory, and bodies of `{}` may have {limit}: it gets room for two, {room}",
            location.path
        );
        let large = Diagnostic::warning(codes::BUFFERED_BODY, says).at(said.unwrap_or(computed.text.span), "");
        context.scope.diagnostics.push(large.help(help));
    }
}
