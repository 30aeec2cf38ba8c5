//! Which bundles a command is about.

use crate::artifact::{Artifact, CertificatePart, Content};
use crate::cli::exit::{Exit, Failure};
use crate::cli::find;
use crate::cli::generate::out;
use crate::cli::input;
use crate::cli::messages::{Format, Messages};
use crate::cli::places::base;
use crate::cli::terminal::Terminal;
use crate::compile::{Bundle, Described, compile};
use crate::diagnostics::{Diagnostics, codes, nearest_or_allowed};
use crate::secrets::Request;
use crate::values::HostName;
use crate::writer::certificates;
use crate::yaml::Sources;
use serde_json::json;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Where the secrets are.
#[derive(Debug, Clone, clap::Args)]
pub struct Where {
    /// The profile [default: stockade.yaml]
    #[arg(long, short, value_name = "PROFILE", add = crate::cli::complete::profiles())]
    profile: Option<PathBuf>,
    /// Folder of the bundle [default: `bundle` beside the profile]
    #[arg(long, short, value_name = "DIR")]
    out: Option<PathBuf>,
    /// The one host, where the profile lists several
    #[arg(long, value_name = "HOST")]
    host: Option<HostName>,
}

impl Where {
    /// The same for another profile, where one is named.
    pub fn of(&self, profile: Option<&Path>) -> Self {
        Self { profile: profile.map(Path::to_owned).or_else(|| self.profile.clone()), ..self.clone() }
    }
}

/// A profile and its bundles.
pub struct Opened {
    /// The profile.
    pub profile: PathBuf,
    /// The folder that was named.
    pub out: Option<PathBuf>,
    /// What further commands of the same kind are called with.
    pub typed: String,
    /// The bundles, one for each host that is meant.
    pub places: Vec<Place>,
}

/// One bundle.
pub struct Place {
    /// Where it lies, or will.
    pub folder: PathBuf,
    /// What it is to be.
    pub bundle: Bundle,
}

/// Compiles the profile.
///
/// # Errors
/// Inside: the findings have been said. Outside: there is no such profile or host.
pub fn open(place: &Where, format: Format, terminal: &Terminal) -> Result<Result<Opened, Exit>, Failure> {
    let named: Vec<PathBuf> = place.profile.iter().cloned().collect();
    let mut profiles = find::profiles(&named)?.profiles;
    if profiles.len() > 1 {
        let names: Vec<String> = profiles.iter().map(|path| path.display().to_string()).collect();
        return Err(Failure::input(
            codes::IO,
            format!("`{}` holds {} profiles", named[0].display(), profiles.len()),
            format!("name one of them: {}", names.join(", ")),
        ));
    }
    let profile = profiles.remove(0);
    let refused = |diagnostics: &Diagnostics, sources: &Sources, exit: Exit| {
        let mut messages = Messages::new(format, terminal);
        messages.add(diagnostics, sources);
        messages.finish(json!({})).map(|()| Err(exit))
    };
    let compiled = match input::read(&profile, input::today()?) {
        Ok(input) => compile(input),
        Err(found) => return refused(&found.diagnostics, &found.sources, found.exit),
    };
    if compiled.diagnostics.has_errors() {
        return refused(&compiled.diagnostics, &compiled.sources, Exit::Input);
    }
    let root = base(&profile, place.out.as_deref());
    let hosts: Vec<String> =
        compiled.bundles.iter().filter_map(|bundle| bundle.host.as_ref()).map(ToString::to_string).collect();
    let meant = |bundle: &Bundle| place.host.is_none() || place.host == bundle.host;
    let places: Vec<Place> = compiled
        .bundles
        .into_iter()
        .filter(meant)
        .map(|bundle| Place { folder: out(&root, &bundle), bundle })
        .collect();
    if let Some(host) = place.host.as_ref().filter(|_| places.is_empty()) {
        let help = match hosts.is_empty() {
            true => "the profile lists no hosts: leave `--host` out".to_owned(),
            false => nearest_or_allowed(host.as_str(), hosts.iter().map(String::as_str)),
        };
        return Err(Failure::input(codes::UNKNOWN_VALUE, format!("there is no host `{host}`"), help));
    }
    Ok(Ok(Opened { typed: typed(place), profile, out: place.out.clone(), places }))
}

/// The options as they were typed.
fn typed(place: &Where) -> String {
    let word = |path: &Path| crate::cli::init::word(&path.display().to_string());
    let options = [("--profile", place.profile.as_deref()), ("--out", place.out.as_deref())];
    let mut typed: String =
        options.iter().filter_map(|(name, path)| Some(format!(" {name} {}", word((*path)?)))).collect();
    if let Some(host) = &place.host {
        typed.push_str(&format!(" --host {host}"));
    }
    typed
}

impl Opened {
    /// Fails unless some bundle has a secret of each name.
    ///
    /// # Errors
    /// An unknown name, with the nearest one.
    pub fn know(&self, names: &[String]) -> Result<(), Failure> {
        let known: BTreeSet<&str> =
            self.places.iter().flat_map(|place| &place.bundle.secrets).map(|request| request.name.as_str()).collect();
        let Some(name) = names.iter().find(|name| !known.contains(name.as_str())) else { return Ok(()) };
        let help = match known.is_empty() {
            true => "this stack has no secrets".to_owned(),
            false => format!(
                "{}; `stockade secrets list` shows all",
                nearest_or_allowed(name, known.iter().copied()).trim_end_matches('?')
            ),
        };
        Err(Failure::input(codes::UNKNOWN_VALUE, format!("there is no secret `{}`", name.escape_debug()), help))
    }

    /// The request of a name, from the first bundle that has it.
    pub fn request(&self, name: &str) -> Option<&Request> {
        self.places.iter().find_map(|place| place.request(name))
    }

    /// What is known of a name, from the first bundle that has it.
    pub fn described(&self, name: &str) -> Option<&Described> {
        self.places.iter().find_map(|place| place.bundle.described.get(name))
    }
}

impl Place {
    /// The request of a name.
    pub fn request(&self, name: &str) -> Option<&Request> {
        self.bundle.secrets.iter().find(|request| request.name == name)
    }

    /// The file of a name.
    pub fn file(&self, name: &str) -> Option<&Artifact> {
        let is = |artifact: &&Artifact| matches!(&artifact.content, Content::Secret(secret) if secret.as_str() == name);
        self.bundle.artifacts.iter().find(is)
    }

    /// Where a part of the certificate lies in the bundle.
    pub fn file_of(&self, part: CertificatePart) -> Option<String> {
        certificates::artifact(&self.bundle, part).map(|file| file.path.to_string())
    }

    /// Whether a run has generated this bundle before.
    pub fn is_generated(&self) -> bool {
        self.folder.join(crate::writer::LOCK).exists()
    }
}
