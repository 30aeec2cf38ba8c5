//! Let only readers read secrets.

use super::non_root_user;
use super::{Control, Meta, Reach, Surroundings, live};
use crate::checks::{Ask, Claim, Expect, Subject};
use crate::diagnostics::Severity;
use crate::stack::{Access, Secret, Stack};
use crate::values::{Boundary, Level, Mode};

pub static META: Meta = Meta {
    id: "secret-file-modes",
    title: "Let only readers read secrets",
    why: "Compose ignores the owner and mode it is told for a secret, so the file on the host decides who can read it, and whether the service can at all.",
    boundary: Boundary::HostContainer,
    severity: Severity::Error,
    level: Level::Baseline,
    reach: Reach::Service,
    references: &["OWASP Docker #12", "CWE-732"],
};

#[derive(Debug)]
pub struct SecretFileModes;

impl Control for SecretFileModes {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn enforce(&self, stack: &mut Stack, _: &Surroundings) {
        let mut decided = Vec::new();
        for (name, secret) in &stack.secrets {
            if secret.readers.iter().all(|reader| META.is_on(stack, Some(reader))) {
                decided.push((name.clone(), access(stack, secret)));
            }
        }
        for (name, access) in decided {
            if let Some(secret) = stack.secrets.get_mut(&name) {
                secret.access.set(META.id, access);
            }
        }
    }

    fn shown(&self, stack: &Stack) -> Vec<Claim> {
        let one = |secret: &Secret| {
            let Access { owner, mode, shared } = *secret.access.get()?;
            let mut allowed = vec![live::attributes(owner, mode)];
            if shared != mode {
                allowed.push(live::attributes(None, shared));
            }
            let subject = Subject::File { path: format!("secrets/{}", secret.name) };
            let text = format!("`secrets/{}` is readable for whom it is meant", secret.name);
            Some(Claim::new(subject, text, Ask::File, Expect::Matches(allowed)))
        };
        let folder = || {
            let subject = Subject::File { path: "secrets".to_owned() };
            let private = vec![live::attributes(None, Mode(0o700))];
            Claim::new(subject, "nobody else may enter `secrets`", Ask::File, Expect::Matches(private))
        };
        let any = stack.secrets.values().any(|secret| secret.access.is_set());
        let brought = |secret: &&Secret| secret.brought;
        stack.secrets.values().filter(|secret| !brought(secret)).filter_map(one).chain(any.then(folder)).collect()
    }
}

/// Owner and mode from the readers. The owner can only be set where root generates; elsewhere the shared mode counts,
/// behind the 0700 of the directory. Even root in a container reads no file of others once its capabilities are gone.
fn access(stack: &Stack, secret: &Secret) -> Access {
    const OWNER_READS: Mode = Mode(0o400);
    const ALL_READ: Mode = Mode(0o444);
    let known = secret.readers.iter().all(|reader| non_root_user::META.is_on(stack, Some(reader)));
    let mut users = secret.reader_users.clone();
    users.sort_unstable();
    users.dedup();
    match users.as_slice() {
        [] if secret.readers.is_empty() => Access { owner: None, mode: OWNER_READS, shared: OWNER_READS },
        [user] if known => Access { owner: Some(*user), mode: OWNER_READS, shared: ALL_READ },
        // Where the image chooses its user, nobody here knows the number.
        _ => Access { owner: None, mode: ALL_READ, shared: ALL_READ },
    }
}
