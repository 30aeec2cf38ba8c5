//! Services described as if their image were built for it, when it is known that it is not.

use crate::diagnostics::{Diagnostic, Diagnostics, codes};
use crate::stack::{Origin, Service, Stack};
use crate::systems::images::{self, Known};
use crate::values::ContainerPath;

/// Says which services would stop at their start, and what their images want declared.
pub fn check(found: &mut Diagnostics, stack: &Stack) {
    for service in stack.services.values().filter(|service| service.origin == Origin::System) {
        let Some(known) = images::known(&service.image.value) else { continue };
        let missing = missing(service, known);
        if missing.is_empty() {
            continue;
        }
        let says = format!(
            "`{}` of `{}` needs more than is declared, and would stop at its start",
            service.image, service.name
        );
        found.push(
            Diagnostic::warning(codes::IMAGE_NEEDS, says)
                .at(service.image.span, "")
                .with_note(known.starts.to_string())
                .help(format!(
                    "declare {}; or take an image that runs as any user, which needs none of it",
                    missing.join(", ")
                )),
        );
    }
}

/// What its image needs and its description does not have, as it is written.
fn missing(service: &Service, known: &Known) -> Vec<String> {
    let declared = &service.declared;
    let mut missing = Vec::new();
    if declared.user.uid != 0 {
        let reason = known.root.as_ref().map_or("it drops its rights at the start", |reason| reason.as_str());
        missing.push(format!("`user: \"0:0\"` with `root_user: {reason}`"));
    }
    let has = |name: &str| declared.capabilities.iter().any(|(kept, _)| kept.as_str() == name);
    let lacks: Vec<String> = (known.capabilities.iter().map(|it| it.as_str()).filter(|name| !has(name)))
        .map(|name| format!("{{name: {name}, reason: it drops its rights}}"))
        .collect();
    if !lacks.is_empty() {
        missing.push(format!("`capabilities: [{}]`", lacks.join(", ")));
    }
    let executable = |path: &ContainerPath| service.tmpfs.iter().any(|it| it.target == *path && it.exec.is_some());
    if let Some(path) = known.executable.as_ref().filter(|path| !executable(path) && declared.writable_root.is_none()) {
        missing
            .push(format!("`tmpfs: [{{target: {path}, size: 16m, mode: \"0755\", exec: it runs its scripts there}}]`"));
    }
    if let Some(path) = known.writes.as_ref().filter(|_| declared.writable_root.is_none()) {
        missing.push(format!("`writable_root: it writes {path} at the start`"));
    }
    missing
}
