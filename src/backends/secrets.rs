//! Files of secrets and certificates: where they are, whose, and never what is in them.

use crate::artifact::{Artifact, CertificatePart, Content, Policy};
use crate::controls::Hardened;
use crate::stack::{Access, Secret};
use crate::values::{BundlePath, Mode, User};

const CLOSED: Access = Access { owner: None, mode: Mode(0o700), shared: Mode(0o700) };
const READABLE: Access = Access { owner: None, mode: Mode(0o444), shared: Mode(0o444) };

/// Name of the file that tells at the next run which secrets somebody has changed.
pub const MARKS: &str = "stockade.key";

/// The directories `secrets` and `certs` with everything in them, and what tells when they change.
pub fn emit(stack: &Hardened) -> Vec<Artifact> {
    let mut artifacts = vec![file("secrets", Content::Directory, CLOSED)];
    artifacts.extend(stack.secrets.values().map(secret));
    if let Some(certificate) = &stack.certificate {
        artifacts.push(file("certs", Content::Directory, CLOSED));
        artifacts.extend(certificates(certificate.reader));
    }
    if artifacts.len() > 1 {
        artifacts.push(Artifact { policy: Policy::Managed, ..file(MARKS, Content::Marks, Access::PRIVATE) });
    }
    artifacts
}

/// Without the control every container's user may read it, for it must still start; the directory stays closed.
fn secret(secret: &Secret) -> Artifact {
    let access = secret.access.get().copied().unwrap_or(READABLE);
    file(&format!("secrets/{}", secret.name), Content::Secret(secret.name.clone()), access)
}

fn certificates(reader: User) -> [Artifact; 4] {
    let key = Access { owner: Some(reader), mode: Mode(0o400), shared: Mode(0o444) };
    let part = |name, part, access| file(name, Content::Certificate(part), access);
    [
        part("certs/ca.crt", CertificatePart::AuthorityCertificate, Access::PUBLIC),
        part("certs/ca.key", CertificatePart::AuthorityKey, Access::PRIVATE),
        part("certs/server.crt", CertificatePart::ServerCertificate, READABLE),
        part("certs/server.key", CertificatePart::ServerKey, key),
    ]
}

/// Whatever lies here already is kept, except by an explicit rotation.
fn file(path: &str, content: Content, access: Access) -> Artifact {
    let policy = if content == Content::Directory { Policy::Managed } else { Policy::Once };
    let path: BundlePath = path.parse().expect("paths of the bundle's own files are plain");
    Artifact { path, content, access, policy }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backends::orchestrator::fixture;

    #[test]
    fn secrets_are_written_once_and_closed() {
        let artifacts = emit(&fixture::hardened());
        let find = |path: &str| artifacts.iter().find(|artifact| artifact.path.as_str() == path);
        for path in ["secrets", "certs"] {
            assert_eq!(find(path).map(|artifact| artifact.access), Some(CLOSED), "{path}");
        }
        let key =
            find("certs/server.key").map(|artifact| (artifact.access.owner, artifact.access.mode, artifact.policy));
        assert_eq!(key, Some((Some(User { uid: 101, gid: 101 }), Mode(0o400), Policy::Once)));
        let secret = find("secrets/session_secret").map(|artifact| (&artifact.content, artifact.policy));
        let name = "session_secret".parse().map(Content::Secret).ok();
        assert_eq!(secret, name.as_ref().map(|content| (content, Policy::Once)));
        // An authority's key is nobody's but the operator's, even where owners cannot be set.
        assert_eq!(find("certs/ca.key").map(|artifact| artifact.access.shared), Some(Mode(0o600)));
    }
}
