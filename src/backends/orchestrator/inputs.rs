//! One digest a service over the generated files that it mounts, as a label. Compose makes a container anew only when its
//! lines in the compose file change; without the label an edit of a mounted file would wait for the next accident, because
//! a file that is renamed into place is not seen through a mount of the one before it.
//!
//! What counts: managed files, alone or below a directory that is mounted whole, the shim, secrets and certificates. What does
//! not: directories of data and files that are written once, because the application changes them itself, and files of the
//! host outside the bundle, which nobody here sees change.

use super::storage;
use crate::artifact::{Artifact, Content, Piece, Policy};
use crate::backends::shims;
use crate::stack::{MountSource, Service, Stack};
use crate::values::{BundlePath, ServiceName};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// The label.
pub const LABEL: &str = "stockade.inputs";

/// What it is for, for whoever asks.
pub const PURPOSE: &str = "a digest over the generated files and secrets that this service mounts: when one of them changes, \
                           this line does, and `docker compose up -d` makes the container anew";

/// Name of the file that the label stands in.
const FILE: &str = "compose.yaml";

/// How the label's line begins, a key of a service, which no value can become.
const LINE: &str = "    labels: {stockade.inputs: ";

/// Files that each service mounts and that the label is over.
pub type Inputs = BTreeMap<ServiceName, Vec<BundlePath>>;

/// Puts the labels into the compose file, now that every file is made.
pub fn seal(stack: &Stack, artifacts: &mut [Artifact]) -> Inputs {
    let Some(at) = artifacts.iter().position(|artifact| artifact.path.as_str() == FILE) else { return Inputs::new() };
    let Content::Text(text) = std::mem::replace(&mut artifacts[at].content, Content::Directory) else {
        return Inputs::new();
    };
    let files: BTreeMap<&str, &Artifact> = artifacts.iter().map(|it| (it.path.as_str(), it)).collect();
    let mut inputs = Inputs::new();
    let mut pieces = Pieces::default();
    for line in text.split_inclusive('\n') {
        // Labels for other readers stand behind it.
        let label = line.strip_prefix(LINE).and_then(|rest| rest.split_at_checked(rest.find([',', '}'])?));
        match label.and_then(|(name, end)| Some((stack.services.get(name.trim_matches('"'))?, end))) {
            None => pieces.text(line),
            Some((service, end)) => {
                let found = Found::of(service, stack, &files);
                pieces.text(LINE);
                pieces.text("\"");
                pieces.input(&found);
                pieces.text(&format!("\"{end}"));
                inputs.insert(service.name.clone(), found.paths);
            }
        }
    }
    artifacts[at].content = pieces.content();
    inputs
}

/// Text and labels in turn.
#[derive(Default)]
struct Pieces {
    done: Vec<Piece>,
    text: String,
}

impl Pieces {
    fn text(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn input(&mut self, found: &Found) {
        let public = digits(found.digest.clone().finalize().as_slice());
        if found.private.is_empty() {
            // Nothing is left to wait for.
            self.text.push_str(&label(&public, std::iter::empty()));
            return;
        }
        self.done.push(Piece::Text(std::mem::take(&mut self.text)));
        self.done.push(Piece::Inputs { public, private: found.private.iter().cloned().collect() });
    }

    fn content(mut self) -> Content {
        if self.done.is_empty() {
            return Content::Text(self.text);
        }
        self.done.push(Piece::Text(self.text));
        Content::Pieces(self.done)
    }
}

/// The label's value: a digest over the public part, and over the name and the generation of everything else.
pub fn label<'a>(public: &str, private: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut digest = Sha256::new();
    part(&mut digest, public.as_bytes());
    for (name, generation) in private {
        part(&mut digest, name.as_bytes());
        part(&mut digest, generation.as_bytes());
    }
    // Half of it: nobody gains anything from two sets of files with one label.
    digits(&digest.finalize()[..8])
}

/// What one service mounts.
struct Found {
    digest: Sha256,
    private: BTreeSet<String>,
    paths: Vec<BundlePath>,
}

impl Found {
    fn of(service: &Service, stack: &Stack, files: &BTreeMap<&str, &Artifact>) -> Self {
        let mut found = Self { digest: Sha256::new(), private: BTreeSet::new(), paths: Vec::new() };
        let mounts = service.mounts.iter().filter_map(|mount| match &mount.source {
            MountSource::Bundle(path) => Some(path.clone()),
            MountSource::Volume(_) | MountSource::Host(_) | MountSource::HostDirectory(..) => None,
        });
        for path in mounts.chain(shims::path(service)).collect::<BTreeSet<_>>() {
            let below = format!("{path}/");
            let inside = files.range(below.as_str()..).take_while(|(path, _)| path.starts_with(&below));
            files.get_key_value(path.as_str()).into_iter().chain(inside).for_each(|(_, artifact)| found.file(artifact));
        }
        for name in service.secrets.keys() {
            // Another file under the same name is no change of the service's own lines.
            match storage::secret_file(name, stack) {
                Err(host) => part(&mut found.digest, host.as_str().as_bytes()),
                Ok(path) => match files.get(path.as_str()) {
                    Some(artifact) => found.file(artifact),
                    None => part(&mut found.digest, path.as_str().as_bytes()),
                },
            }
        }
        found
    }

    fn file(&mut self, artifact: &Artifact) {
        let written_once = artifact.policy == Policy::Once;
        match &artifact.content {
            Content::Directory | Content::Marks => return,
            Content::Text(_) | Content::Pieces(_) if written_once => return,
            Content::Text(text) => {
                part(&mut self.digest, artifact.path.as_str().as_bytes());
                part(&mut self.digest, text.as_bytes());
            }
            Content::Pieces(pieces) => {
                part(&mut self.digest, artifact.path.as_str().as_bytes());
                for piece in pieces {
                    self.piece(piece);
                }
            }
            Content::Secret(name) => drop(self.private.insert(name.to_string())),
            Content::Certificate(_) => drop(self.private.insert(artifact.path.to_string())),
        }
        self.paths.push(artifact.path.clone());
    }

    /// Of secrets the name alone goes into the public part.
    fn piece(&mut self, piece: &Piece) {
        match piece {
            Piece::Text(text) => part(&mut self.digest, text.as_bytes()),
            Piece::Secret { name, .. } => part(&mut self.digest, name.as_str().as_bytes()),
            Piece::Value { parts, .. } => parts.iter().for_each(|it| part(&mut self.digest, it.as_bytes())),
            Piece::Inputs { .. } => {}
        }
        self.private.extend(piece.secrets().into_iter().map(str::to_owned));
    }
}

/// Parts cannot run into one another.
fn part(digest: &mut Sha256, bytes: &[u8]) {
    digest.update((bytes.len() as u64).to_le_bytes());
    digest.update(bytes);
}

fn digits(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}
