//! A bundle as files that people can read and compare: what is random stands as its description.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use stockade::Bundle;
use stockade::inside::certs::{self, CertRequest, Description, Names};
use stockade::inside::label;
use stockade::inside::secrets;
use stockade::inside::{CertificatePart, Piece, Policy};
use stockade::{Artifact, Content};

use super::library;

/// The file that lists path, mode, owner and policy of everything.
pub const MODES: &str = "MODES";
/// The file that describes every secret and certificate.
pub const SECRETS: &str = "SECRETS";
/// The file that lists what the compiler said.
pub const FINDINGS: &str = "FINDINGS";

/// The file of a case that says after which other one it is compared, and how the two differ.
pub const LIKE: &str = "LIKE";

/// Files by path.
pub type Tree = BTreeMap<String, String>;

/// Files of a bundle, and the list of their modes, where `generate` puts them.
pub fn of(bundle: &Bundle) -> Tree {
    let prefix = bundle.host.as_ref().map(|host| format!("hosts/{host}/")).unwrap_or_default();
    let mut tree = Tree::new();
    let mut modes = String::new();
    let mut hidden = String::new();
    for artifact in &bundle.artifacts {
        modes.push_str(&listed(artifact));
        let described = matches!(artifact.content, Content::Secret(_) | Content::Certificate(_));
        if let Some(text) = text(bundle, &artifact.content) {
            if described {
                hidden.push_str(&format!("{}\n{}\n", artifact.path, indented(&text)));
                continue;
            }
            let earlier = tree.insert(prefix.clone() + &stored(artifact.path.as_str()), text);
            assert!(earlier.is_none(), "{} is made twice", artifact.path);
        }
    }
    if !hidden.is_empty() {
        tree.insert(prefix.clone() + SECRETS, hidden);
    }
    tree.insert(prefix + MODES, modes);
    tree
}

/// Everything that a case compiles to, and what the compiler says about it.
pub fn compiled(case: &Path) -> Tree {
    let compiled = library::folder(case);
    let mut tree: Tree = compiled.bundles.iter().flat_map(of).collect();
    let findings = library::findings(&compiled);
    if !findings.is_empty() {
        tree.insert(FINDINGS.into(), findings.join("\n") + "\n");
    }
    tree
}

/// The artifacts of a case, as the compiler hands them on.
pub fn artifacts(case: &Path) -> Vec<Vec<Artifact>> {
    library::folder(case).bundles.into_iter().map(|bundle| bundle.artifacts).collect()
}

/// Files below a folder.
pub fn read(folder: &Path) -> Tree {
    let mut tree = Tree::new();
    collect(folder, "", &mut tree);
    tree
}

/// Files of a case, without what is expected of it.
pub fn given(case: &Path) -> Tree {
    let mut tree = Tree::new();
    for entry in fs::read_dir(case).expect("the case can be listed") {
        let entry = entry.expect("the case can be listed");
        let name = entry.file_name().to_string_lossy().into_owned();
        if name == "expected" || name == LIKE {
            continue;
        }
        if entry.path().is_dir() {
            collect(&entry.path(), &format!("{name}/"), &mut tree);
        } else {
            let bytes = fs::read(entry.path()).unwrap_or_else(|error| panic!("{name}: {error}"));
            tree.insert(name, String::from_utf8_lossy(&bytes).into_owned());
        }
    }
    tree
}

/// Makes a folder hold exactly these files.
pub fn write(folder: &Path, tree: &Tree) {
    if folder.exists() {
        fs::remove_dir_all(folder).expect("the expected tree can be removed");
    }
    for (name, text) in tree {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().expect("a file lies in a folder")).expect("the folder can be made");
        fs::write(path, text).expect("the file can be written");
    }
}

fn collect(folder: &Path, prefix: &str, tree: &mut Tree) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let entry = entry.expect("the folder can be listed");
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type().expect("the entry has a type").is_dir() {
            collect(&entry.path(), &format!("{name}/"), tree);
        } else {
            let bytes = fs::read(entry.path()).unwrap_or_else(|error| panic!("{name}: {error}"));
            tree.insert(name, String::from_utf8_lossy(&bytes).into_owned());
        }
    }
}

/// Git would obey a `.gitignore` below `golden/` and leave out what it names.
fn stored(path: &str) -> String {
    path.replace(".gitignore", "gitignore")
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}\n")).collect()
}

fn listed(artifact: &Artifact) -> String {
    let policy = match artifact.policy {
        Policy::Managed => "managed",
        Policy::Once => "once",
    };
    let access = &artifact.access;
    let owner = access.owner.map_or_else(|| "-".into(), |owner| owner.to_string());
    let kind = if artifact.content == Content::Directory { "/" } else { "" };
    let path = format!("{}{kind}", artifact.path);
    let shared = if access.shared == access.mode { String::new() } else { format!(" or {}", access.shared) };
    format!("{path:<64} {}{shared} {owner} {policy}\n", access.mode)
}

fn text(bundle: &Bundle, content: &Content) -> Option<String> {
    let secret = |name: &str| {
        let request = bundle.secrets.iter().find(|request| request.name == name);
        let request = request.unwrap_or_else(|| panic!("the secret {name} has a file and no request"));
        format!("‹secret {name}: {}›", secrets::describe(&request.kind))
    };
    Some(match content {
        Content::Directory => return None,
        Content::Text(text) => text.clone(),
        Content::Pieces(pieces) => pieces
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => text.clone(),
                Piece::Secret { name, .. } => secret(name.as_str()),
                Piece::Value { parts, .. } => parts
                    .iter()
                    .enumerate()
                    .map(|(at, part)| if at % 2 == 0 { part.clone() } else { secret(part) })
                    .collect(),
                // Each name stands for its generation.
                Piece::Inputs { public, private } => {
                    label(public, private.iter().map(|name| (name.as_str(), name.as_str())))
                }
            })
            .collect(),
        Content::Marks => "‹a key, and a keyed digest of each secret›\n".to_owned(),
        Content::Secret(name) => secret(name.as_str()) + "\n",
        Content::Certificate(part) => certificate(bundle, *part),
    })
}

fn certificate(bundle: &Bundle, part: CertificatePart) -> String {
    let wanted = bundle.certificate.as_ref().expect("a bundle with a certificate's file names the certificate");
    let names: Vec<_> = wanted.names.iter().map(ToString::to_string).collect();
    let first = names.first().cloned().unwrap_or_default();
    let issued = Names::new(names.iter().map(String::as_str), [])
        .and_then(|names| {
            CertRequest::new(&first, names, time::UtcDateTime::UNIX_EPOCH + time::Duration::days(1), wanted.days)
        })
        .and_then(|request| certs::issue(&request, &mut rand::rngs::SysRng))
        .unwrap_or_else(|error| panic!("{names:?}: {error}"));
    let described = |pem: &str| -> String {
        let description: Description = certs::inspect(pem).expect("a certificate just issued can be read");
        description.to_string()
    };
    match part {
        CertificatePart::AuthorityCertificate => described(&issued.ca_cert),
        CertificatePart::ServerCertificate => {
            let (leaf, authority) = (described(&issued.server_cert), described(&issued.ca_cert));
            format!("{leaf}\nfollowed by\n{authority}")
        }
        CertificatePart::AuthorityKey => format!("key of the authority of {first}\n"),
        CertificatePart::ServerKey => format!("key of {first}\n"),
    }
}
