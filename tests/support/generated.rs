//! Golden cases as the binary really writes them, one folder each.

use std::fs;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use serde_json::Value;
use stockade::Bundle;
use stockade::Content;
use stockade::inside::secrets::{BcryptPrefix, Kind, Marks, Request};

use super::session::Session;
use super::{cases, library, tools};

/// A bundle on disk beside what the compiler says about it.
pub struct Generated {
    /// Name of the case.
    pub name: String,
    /// What the compiler makes of the case.
    pub bundle: Bundle,
    session: Rc<Session>,
}

impl Generated {
    /// Generates a case, once for each host. Secrets are put there first, because hashing dozens of passwords takes
    /// minutes; `runs.rs` lets the binary make them.
    pub fn hosts(name: &str, case: &Path) -> Vec<Self> {
        let compiled = library::folder(case);
        assert!(!compiled.bundles.is_empty(), "{name} has no bundle: {:#?}", library::findings(&compiled));
        let session = Rc::new(Session::with_case(case));
        let host = |bundle| Self { name: name.to_owned(), bundle, session: session.clone() };
        let hosts: Vec<Self> = compiled.bundles.into_iter().map(host).collect();
        hosts.iter().for_each(Self::put_secrets);
        session.run("generate profile.yaml --out bundle").exits(0);
        hosts
    }

    /// One case, once for each host.
    pub fn named(name: &str) -> Vec<Self> {
        let (name, folder) = cases().into_iter().find(|(known, _)| known == name).expect("there is such a case");
        Self::hosts(&name, &folder)
    }

    /// Every case that is expected to compile; one that does not fails the test.
    pub fn all() -> impl Iterator<Item = Self> {
        cases().into_iter().flat_map(|(name, folder)| Self::hosts(&name, &folder))
    }

    /// The folder of the bundle.
    pub fn folder(&self) -> PathBuf {
        self.session.path(&self.place())
    }

    /// Text of a file.
    pub fn read(&self, path: &str) -> String {
        self.session.read(&format!("{}/{path}", self.place()))
    }

    fn place(&self) -> String {
        match &self.bundle.host {
            Some(host) => format!("bundle/hosts/{host}"),
            None => "bundle".to_owned(),
        }
    }

    /// Paths of files that hold text, in the bundle's order.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.bundle
            .artifacts
            .iter()
            .filter(|artifact| matches!(artifact.content, Content::Text(_) | Content::Pieces(_)))
            .map(|artifact| artifact.path.as_str())
    }

    /// What Docker Compose reads in `compose.yaml`.
    pub fn compose(&self) -> Value {
        let arguments = ["-f", "compose.yaml", "config", "--format", "json"];
        let text = tools::run(&self.folder(), "docker-compose", &arguments).accepted(&self.name);
        serde_json::from_str(&text).expect("Docker Compose prints JSON")
    }

    fn put_secrets(&self) {
        let mut marks = Marks::new(&mut rand::rngs::SysRng).expect("the system has randomness");
        for artifact in &self.bundle.artifacts {
            let Content::Secret(name) = &artifact.content else { continue };
            let request = self.bundle.secrets.iter().find(|request| request.name == name.as_str());
            let request = request.unwrap_or_else(|| panic!("{name} has a file and no request"));
            let path = self.folder().join(artifact.path.as_str());
            let value = self.premade(request);
            private(&path, &value);
            marks.note(name.as_str(), &value, None);
        }
        // As an earlier run would have left them: hashes are taken as they are.
        if self.bundle.artifacts.iter().any(|artifact| artifact.content == Content::Marks) {
            private(&self.folder().join("stockade.key"), marks.text().expose());
        }
    }
}

/// Writes a file that only its owner can read, in folders that only their owner can enter.
fn private(path: &Path, text: &str) {
    let folder = path.parent().expect("a file lies in a folder");
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).expect("the folder can be made");
    let mut options = fs::OpenOptions::new();
    let file = options.write(true).create_new(true).mode(0o600).open(path);
    std::io::Write::write_all(&mut file.expect("the secret is new"), text.as_bytes()).expect("the secret is written");
}

impl Generated {
    /// What is made of another secret has its value in it.
    fn premade(&self, request: &Request) -> String {
        match &request.kind {
            Kind::Text { of, before, after } => {
                let source = self.bundle.secrets.iter().find(|source| source.name == *of).expect("a source");
                format!("{before}{}{after}", premade(source))
            }
            _ => premade(request),
        }
    }
}

/// A certificate of nobody, without a line break at its end as the tool asks of secrets.
const AUTHORITY: &str = include_str!("../fixtures/authority.pem");

/// A value of the right form, the same for the same name and unlike that of any other.
fn premade(request: &Request) -> String {
    let letters = |length: usize| -> String {
        let seed = request.name.replace('_', "");
        let word = seed.chars().cycle().zip((b'b'..=b'z').cycle()).map(|(a, b)| if b % 2 == 0 { a } else { b.into() });
        word.take(length).collect()
    };
    let digits = |length: usize| -> String {
        letters(length).bytes().map(|byte| char::from_digit(u32::from(byte) % 16, 16).expect("below 16")).collect()
    };
    // 22 characters of salt and 31 of hash; `u` is one of the few that may end either (no bits are left over).
    let hash = |prefix: &str, cost: u16| format!("{prefix}{cost:02}${}u{}u", letters(21), letters(30));
    match &request.kind {
        Kind::Bcrypt { prefix, cost, .. } => hash(prefix.marker(), cost.get()),
        Kind::Htpasswd { user, cost, separator, .. } => {
            let hash = hash(BcryptPrefix::TwoY.marker(), cost.get());
            let between = separator.character();
            format!("{}{between}{hash}\n", user.as_str())
        }
        Kind::Hex { bytes } => digits(usize::from(bytes.get()) * 2),
        // Proxies read these at their start; the end, which no reader of PEM looks at, tells them apart.
        Kind::Supplied { begins, .. } if begins == "-----BEGIN CERTIFICATE-----" => {
            format!("{AUTHORITY}\n{}", letters(40))
        }
        Kind::Supplied { min_length, begins } => {
            begins.clone() + &letters(min_length.map_or(40, |least| usize::from(least.get()).max(40)))
        }
        kind => letters(kind.generated_length().unwrap_or(40)),
    }
}
