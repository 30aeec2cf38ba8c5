//! Golden cases as the binary really writes them, one folder each.

use std::cell::OnceCell;
use std::fs;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use serde_json::{Value, json};
use stockade::Bundle;
use stockade::Content;
use stockade::inside::secrets::{BcryptPrefix, Kind, Marks, Request};
use tempfile::TempDir;

use super::{cases, kept, library, session, tools, tree};

/// The file that lists what was generated: hosts, and the files that hold text.
const INDEX: &str = "index.json";

/// A bundle on disk beside what the compiler says about it.
pub struct Generated {
    /// Name of the case.
    pub name: String,
    /// Name of the host.
    pub host: Option<String>,
    texts: Vec<String>,
    place: Rc<Place>,
    bundle: OnceCell<Bundle>,
}

/// Where a bundle lies.
enum Place {
    /// With those of all tests, to be read and left as it is.
    Kept(PathBuf),
    /// For this test alone.
    Own(TempDir),
}

impl Place {
    fn path(&self) -> &Path {
        match self {
            Self::Kept(path) => path,
            Self::Own(folder) => folder.path(),
        }
    }
}

impl Generated {
    /// A case in a folder of its own, once for each host.
    pub fn hosts(name: &str, case: &Path) -> Vec<Self> {
        Self::listed(name, Place::Kept(kept::folder(case, |new| make(new, case)))).into_iter().map(Self::own).collect()
    }

    /// One golden case in a folder of its own, once for each host.
    pub fn named(name: &str) -> Vec<Self> {
        let (name, folder) = cases().into_iter().find(|(known, _)| known == name).expect("there is such a case");
        Self::hosts(&name, &folder)
    }

    /// Every case that is expected to compile; one that does not fails the test. They lie where all tests read them: who
    /// changes a file takes [`Self::own`].
    pub fn all() -> impl Iterator<Item = Self> {
        cases().into_iter().flat_map(|(name, folder)| {
            Self::listed(&name, Place::Kept(kept::folder(&folder, |new| make(new, &folder))))
        })
    }

    /// Golden cases of which a bundle has a text whose path ends so.
    pub fn cases_with(end: &str) -> Vec<(String, PathBuf)> {
        let mut all = cases();
        all.retain(|(name, folder)| {
            let hosts = Self::listed(name, Place::Kept(kept::folder(folder, |new| make(new, folder))));
            hosts.iter().any(|host| host.texts().any(|path| path.ends_with(end)))
        });
        all
    }

    /// The same in a folder of its own.
    pub fn own(self) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let (from, to) = (self.place.path().join("."), folder.path());
        tools::run(Path::new("/"), "cp", &["-a", &from.to_string_lossy(), &to.to_string_lossy()]).accepted(&self.name);
        Self { place: Rc::new(Place::Own(folder)), ..self }
    }

    fn listed(name: &str, place: Place) -> Vec<Self> {
        let text = fs::read_to_string(place.path().join(INDEX)).expect("the list was written");
        let index: Vec<(Option<String>, Vec<String>)> = serde_json::from_str(&text).expect("JSON");
        let place = Rc::new(place);
        let host =
            |(host, texts)| Self { name: name.to_owned(), host, texts, place: place.clone(), bundle: OnceCell::new() };
        index.into_iter().map(host).collect()
    }

    /// What the compiler makes of the case.
    pub fn bundle(&self) -> &Bundle {
        self.bundle.get_or_init(|| {
            let mut bundles = library::folder(self.place.path()).bundles.into_iter();
            bundles.find(|bundle| host_of(bundle) == self.host).expect("the host is still there")
        })
    }

    /// The folder of the bundle.
    pub fn folder(&self) -> PathBuf {
        self.place.path().join(inside(self.host.as_deref()))
    }

    /// Text of a file.
    pub fn read(&self, path: &str) -> String {
        let path = self.folder().join(path);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// Paths of files that hold text, in the bundle's order.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(String::as_str)
    }

    /// What Docker Compose reads in `compose.yaml`.
    pub fn compose(&self) -> Value {
        let arguments = ["-f", "compose.yaml", "config", "--format", "json"];
        let text = tools::run(&self.folder(), "docker-compose", &arguments).accepted(&self.name);
        serde_json::from_str(&text).expect("Docker Compose prints JSON")
    }
}

fn host_of(bundle: &Bundle) -> Option<String> {
    bundle.host.as_ref().map(ToString::to_string)
}

/// Where the bundle of a host lies.
fn inside(host: Option<&str>) -> String {
    host.map_or_else(|| "bundle".to_owned(), |host| format!("bundle/hosts/{host}"))
}

/// Generates a case. Secrets are put there first, because hashing dozens of passwords takes minutes; `runs.rs` lets the
/// binary make them.
fn make(folder: &Path, case: &Path) {
    for (name, text) in tree::given(case) {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().expect("a file lies in a folder")).expect("the folder can be made");
        fs::write(path, text).expect("the file can be written");
    }
    let compiled = library::folder(folder);
    assert!(!compiled.bundles.is_empty(), "{}: {:#?}", case.display(), library::findings(&compiled));
    let mut index = Vec::new();
    for bundle in &compiled.bundles {
        put_secrets(bundle, &folder.join(inside(host_of(bundle).as_deref())));
        let is_text = |content: &Content| matches!(content, Content::Text(_) | Content::Pieces(_));
        let texts = bundle.artifacts.iter().filter(|artifact| is_text(&artifact.content));
        index.push(json!([host_of(bundle), texts.map(|artifact| artifact.path.as_str()).collect::<Vec<_>>()]));
    }
    fs::write(folder.join(INDEX), Value::from(index).to_string()).expect("the list can be written");
    let done = session::command(folder, "generate profile.yaml --out bundle").output().expect("the binary starts");
    assert!(done.status.success(), "{}: {}", case.display(), String::from_utf8_lossy(&done.stderr));
}

fn put_secrets(bundle: &Bundle, folder: &Path) {
    let mut marks = Marks::new(&mut rand::rngs::SysRng).expect("the system has randomness");
    for artifact in &bundle.artifacts {
        let Content::Secret(name) = &artifact.content else { continue };
        let request = bundle.secrets.iter().find(|request| request.name == name.as_str());
        let request = request.unwrap_or_else(|| panic!("{name} has a file and no request"));
        let value = of_another(bundle, request);
        private(&folder.join(artifact.path.as_str()), &value);
        marks.note(name.as_str(), &value, None);
    }
    // As an earlier run would have left them: hashes are taken as they are.
    if bundle.artifacts.iter().any(|artifact| artifact.content == Content::Marks) {
        private(&folder.join("stockade.key"), marks.text().expose());
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

/// What is made of another secret has its value in it.
fn of_another(bundle: &Bundle, request: &Request) -> String {
    match &request.kind {
        Kind::Text { of, before, after } => {
            let source = bundle.secrets.iter().find(|source| source.name == *of).expect("a source");
            format!("{before}{}{after}", premade(source))
        }
        _ => premade(request),
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
