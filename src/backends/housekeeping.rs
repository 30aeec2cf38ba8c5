//! What keeps a bundle in order: the project's name, what no repository may hold, and owners and modes on its host.

use super::demands::{self, Demands};
use crate::artifact::{Artifact, Content};
use crate::controls::{Hardened, Id};
use crate::stack::{MountSource, Stack};
use crate::templates::{Engine, Said, TemplateError};
use crate::values::BundlePath;
use serde::Serialize;
use std::collections::BTreeSet;

/// What `housekeeping/project.env.j2` prints.
#[derive(Serialize)]
struct Project<'a> {
    /// Name of the compose project.
    name: &'a str,
}

/// What `housekeeping/bundle.gitignore.j2` prints.
#[derive(Serialize)]
struct Ignored {
    /// Directories that the application fills.
    directories: BTreeSet<Said>,
    /// Files of the application that hold secrets.
    files: BTreeSet<Said>,
}

/// What `housekeeping/install.sh.j2` prints.
#[derive(Serialize)]
struct Install<'a> {
    /// Where the bundle is, where that is fixed.
    base: Option<&'a str>,
    /// Directories, parents first.
    directories: Vec<Entry<'a>>,
    /// Files with an owner or a mode of their own.
    files: Vec<Entry<'a>>,
    /// Generated files and directories without an owner of their own that containers read.
    readable: BTreeSet<&'a str>,
    /// What is asked of the host.
    #[serde(flatten)]
    demands: Demands<'a>,
}

/// Owner and mode of one path.
#[derive(Serialize)]
struct Entry<'a> {
    /// Path in the bundle.
    path: String,
    /// `UID:GID`, or `-` for whoever owns the bundle.
    owner: String,
    /// Permission bits in octal.
    mode: String,
    /// Controls behind it.
    why: &'a [Id],
}

/// `.env`, `.gitignore` and `install.sh`, which list the files of the application and of secrets.
///
/// # Errors
/// [`TemplateError::Refused`] for the path of a file with secrets that `.gitignore` could take for a pattern.
pub fn emit(
    stack: &Hardened,
    engine: &Engine,
    own: &[Artifact],
    secrets: &[Artifact],
) -> Result<Vec<Artifact>, TemplateError> {
    let mut artifacts = Vec::new();
    // A self-contained compose file is given away alone.
    if stack.base.is_none() {
        let view = Project { name: stack.name.as_str() };
        artifacts.push(Artifact::text(path(".env"), engine.render("housekeeping/project.env.j2", &view)?));
    }
    let text = engine.render("housekeeping/bundle.gitignore.j2", &ignored(stack, own))?;
    artifacts.push(Artifact::text(path(".gitignore"), text));
    let view = install(stack, own, secrets);
    artifacts.push(Artifact::script(path("install.sh"), engine.render("housekeeping/install.sh.j2", &view)?));
    Ok(artifacts)
}

fn path(text: &str) -> BundlePath {
    text.parse().expect("paths of the bundle's own files are plain")
}

fn ignored(stack: &Stack, own: &[Artifact]) -> Ignored {
    let said =
        |path: &BundlePath| stack.files.iter().find(|file| file.path.value == *path).map(|file| Said::of(&file.path));
    Ignored {
        // What the application does not own is a mount point among generated files.
        directories: (stack.directories.iter().filter(|it| it.owner.is_some()))
            .filter_map(|it| Some(Said::new(it.path.as_str().split('/').next()?, it.path.span)))
            .collect(),
        files: own
            .iter()
            .filter(|artifact| artifact.content.holds_secret())
            .filter_map(|artifact| said(&artifact.path))
            .collect(),
    }
}

fn install<'a>(stack: &'a Hardened, files: &[Artifact], secrets: &[Artifact]) -> Install<'a> {
    let own = stack.file_permissions.why();
    let mut install = Install {
        base: stack.base.as_ref().map(crate::values::HostPath::as_str),
        directories: vec![],
        files: vec![],
        readable: BTreeSet::new(),
        demands: demands::of(stack),
    };
    // What only `stockade` reads need not be on the host.
    for artifact in secrets.iter().filter(|artifact| artifact.content != Content::Marks) {
        let why = match &artifact.content {
            Content::Secret(name) => stack.secrets.get(name).map_or(&[][..], |secret| secret.access.why()),
            _ => &[],
        };
        install.add(artifact, why);
    }
    for artifact in files {
        install.add(artifact, own);
    }
    let named: BTreeSet<String> = install.directories.iter().chain(&install.files).map(|it| it.path.clone()).collect();
    let mounts = stack.services.values().flat_map(|service| &service.mounts).filter(|mount| mount.read_only);
    let generated = mounts.filter_map(|mount| match &mount.source {
        MountSource::Bundle(path) => Some(path.as_str()),
        MountSource::Volume(_) | MountSource::Host(_) | MountSource::HostDirectory(..) => None,
    });
    install.readable = generated.filter(|path| !named.contains(*path)).collect();
    install
}

impl<'a> Install<'a> {
    fn add(&mut self, artifact: &Artifact, why: &'a [Id]) {
        let entry = Entry {
            path: artifact.path.to_string(),
            owner: artifact.access.owner.map_or_else(|| "-".to_owned(), |owner| owner.to_string()),
            mode: artifact.access.mode.to_string(),
            why,
        };
        let list = if artifact.content == Content::Directory { &mut self.directories } else { &mut self.files };
        list.push(entry);
    }
}

#[cfg(test)]
#[path = "housekeeping_tests.rs"]
mod tests;
