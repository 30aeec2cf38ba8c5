//! What the operator types after a run, in order.

use crate::controls::Hardened;
use crate::secrets::Kind;
use crate::stack::Access;

/// Commands for the operator, from inside the bundle.
pub fn steps(stack: &Hardened) -> Vec<String> {
    let mut steps = Vec::new();
    if let Some(base) = &stack.base {
        steps.push(format!("copy the bundle to {base} on the host, and go there"));
    }
    let owned =
        stack.secrets.values().any(|secret| secret.access.get().is_some_and(|access: &Access| access.owner.is_some()));
    if owned || !stack.directories.is_empty() {
        steps.push("sudo ./install.sh".to_owned());
    }
    if stack.firewall.is_set() {
        steps.push("sudo ./firewall/apply --install".to_owned());
    }
    match &stack.base {
        None => steps.push("docker compose up -d --wait".to_owned()),
        Some(_) => steps.push("paste compose.yaml into the host's form for custom applications".to_owned()),
    }
    // Values that no container reads are for people.
    for secret in stack
        .secrets
        .values()
        .filter(|secret| secret.readers.is_empty() && matches!(secret.kind, Kind::Password { .. }))
    {
        steps.push(format!("sudo cat secrets/{}   # {}", secret.name, secret.purpose));
    }
    steps
}
