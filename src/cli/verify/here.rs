//! This host, asked.

use super::ahead::{self, Answers, unseen};
use super::child::{self, first_line};
use super::client::Addresses;
use super::engine::{self, Objects};
use super::facts;
use super::guests::Guests;
use super::kernel::Process;
use crate::checks::{Ask, Check, Need, Subject};
use crate::values::Vantage;
use crate::verify::{Answer, Asked, Host};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Error, ErrorKind, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::thread::{self, ScopedJoinHandle};
use zeroize::Zeroizing;

/// Shortest value that is searched for: anything may hold a shorter one by chance.
const SHORTEST: usize = 8;
/// Largest secret that is read.
const LARGEST: u64 = 1 << 20;

/// This host, with what was learnt of it at once.
#[derive(Debug)]
pub struct Here<'a> {
    bundle: PathBuf,
    project: &'a str,
    /// The engine's command line.
    program: &'static str,
    objects: Result<Objects, String>,
    /// Services that the bundle has checks of.
    services: BTreeSet<&'a str>,
    /// Answers of what takes long.
    ahead: Answers<'a>,
    /// What Compose would label each service's container with, or why it does not tell.
    hashes: Result<BTreeMap<String, String>, String>,
    /// The version of Compose, where somebody asked for it.
    compose: OnceLock<String>,
    guests: Guests,
    root: bool,
}

fn joined<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| resume_unwind(panic))
}

impl<'a> Here<'a> {
    /// Asks the engine for what all checks of the bundle are about, and ahead what takes long and is wanted; all else is asked check
    /// by check.
    pub fn of(asked: &'a Asked, wanted: &'a [Check], bundle: PathBuf) -> Self {
        let root = rustix::process::geteuid().is_root();
        let services = asked.checks.iter().filter_map(|check| match &check.subject {
            Subject::Service { service, .. } => Some(service.as_str()),
            _ => None,
        });
        let services: BTreeSet<&str> = services.collect();
        let served = |check: &&Check, objects: &Objects| matches!(&check.subject, Subject::Site { proxy, .. } if Self::is_served(&services, objects, proxy));
        let (objects, ahead, hashes, guests) = thread::scope(|scope| {
            let scripts = scope.spawn(|| ahead::scripts(wanted, &bundle, root));
            let hashes = scope.spawn(|| ahead::hashes(asked, wanted, &bundle));
            let addresses = scope.spawn(Addresses::of_host);
            let objects = Objects::of(asked, wanted, &bundle);
            let guests = match root && wanted.iter().any(|check| check.ask == Ask::Entered) {
                true => Guests::of_host(),
                false => Guests::default(),
            };
            let sites = match &objects {
                Ok(objects) if objects.running().next().is_some() => {
                    let checks: Vec<&Check> = wanted.iter().filter(|check| served(check, objects)).collect();
                    ahead::sites(&checks, &bundle, &joined(addresses))
                }
                _ => Answers::default(),
            };
            (objects, joined(scripts).and(sites), joined(hashes), guests)
        });
        let (project, program) = (asked.project.as_str(), asked.engine.program());
        Self { bundle, project, program, objects, services, ahead, hashes, compose: OnceLock::new(), guests, root }
    }

    fn asked_ahead(&self, check: &Check) -> Answer {
        self.ahead.to(check).unwrap_or_else(|| Answer::Unseen("this version does not know how to ask it".to_owned()))
    }

    fn of_stack(&self, check: &Check, objects: &Objects) -> Answer {
        match &check.ask {
            Ask::Services => Answer::Is(objects.running().collect()),
            Ask::File => self.file(check),
            Ask::Script { .. } => self.asked_ahead(check),
            Ask::Unknown { services, .. } => Answer::Is(facts::unknown(objects, self.project, services)),
            Ask::Commanders => Answer::Is(facts::commanders(objects)),
            Ask::Command => self.command(check),
            _ => Answer::Unseen("this version does not know how to ask it".to_owned()),
        }
    }

    fn of_container(&self, check: &Check, container: &Value, objects: &Objects) -> Answer {
        let process = Process(container["State"]["Pid"].as_i64().unwrap_or_default());
        let number = |found: Result<Option<u64>, Error>| match found {
            Ok(limit) => Answer::Is(json!(limit)),
            Err(error) => unseen(&error),
        };
        match &check.ask {
            Ask::Inspect { pointer } => Answer::Is(container.pointer(pointer).cloned().unwrap_or_default()),
            Ask::Process { field } => {
                process.status(field).map_or_else(|error| unseen(&error), |it| Answer::Is(json!(it)))
            }
            Ask::OpenFiles => number(process.open_files()),
            Ask::Cgroup { limit } => number(process.limit(*limit)),
            Ask::Mounted { target } => match process.mounted(target) {
                Ok(Some(options)) => Answer::Is(json!(options)),
                Ok(None) => Answer::Says(Value::Null, format!("nothing mounted at {target}")),
                Err(error) => unseen(&error),
            },
            Ask::Mounts => Answer::Is(facts::mounts(container, &self.bundle)),
            Ask::Secrets => Answer::Is(facts::secrets(container)),
            Ask::Sockets => Answer::Is(facts::sockets(container)),
            Ask::Ports => Answer::Is(facts::ports(container)),
            Ask::Devices => Answer::Is(facts::devices(container)),
            Ask::Members => Answer::Is(facts::networks(container)),
            Ask::Image { reference } => match objects.image(reference) {
                Some(id) => {
                    let runs = container["Image"].as_str().unwrap_or_default();
                    let plain = |id: &str| id.trim_start_matches("sha256:").to_owned();
                    Answer::Is(json!(if plain(runs) == plain(id) { "same" } else { "another" }))
                }
                None => Answer::Says(Value::Null, format!("no image called {reference}")),
            },
            Ask::Leaks { secrets } => self.leaks(secrets, container),
            Ask::Made => self.made(check.subject.name(), container),
            Ask::Entered if !self.root => Answer::Unseen("it needs root".to_owned()),
            Ask::Entered => self.guests.of(process.0, container).map_or_else(|error| unseen(&error), Answer::Is),
            Ask::Services
            | Ask::Unknown { .. }
            | Ask::Commanders
            | Ask::File
            | Ask::Script { .. }
            | Ask::Command
            | Ask::Request { .. }
            | Ask::Handshake { .. }
            | Ask::Certificate { .. } => self.of_stack(check, objects),
        }
    }

    /// Whether a site can be asked: its proxy runs. That of another stack is none of this project's containers; the site tells.
    fn is_served(services: &BTreeSet<&str>, objects: &Objects, proxy: &str) -> bool {
        objects.running().any(|service| service == proxy) || !services.contains(proxy)
    }

    /// Whether Compose would make the container as it is.
    fn made(&self, service: &str, container: &Value) -> Answer {
        let wanted = match &self.hashes {
            Ok(hashes) => hashes.get(service),
            Err(why) => return Answer::Unseen(why.clone()),
        };
        let label = |name: &str| container["Config"]["Labels"][format!("com.docker.compose.{name}")].as_str();
        let Some(wanted) = wanted else { return Answer::Unseen("Compose does not tell what it would make".to_owned()) };
        if label("config-hash") == Some(wanted) {
            return Answer::Is(json!("this"));
        }
        let here = self.compose.get_or_init(|| {
            ahead::compose(self.program, &["version", "--short"], &self.bundle)
                .map(|text| first_line(&text))
                .unwrap_or_default()
        });
        let plain = |version: &str| version.trim_start_matches('v').to_owned();
        match label("version") {
            // It does not always count alike.
            Some(there) if plain(there) != plain(here) => {
                Answer::Unseen(format!("Compose {there} made it, and this host has {here}"))
            }
            _ => {
                Answer::Says(json!("another"), "a container of another bundle, or of other files beside it".to_owned())
            }
        }
    }

    /// Names of secrets whose value is among what everybody sees who may ask the engine.
    fn leaks(&self, secrets: &[String], container: &Value) -> Answer {
        let texts = facts::open_texts(container);
        let mut found = Vec::new();
        for path in secrets {
            let value = match read(&self.bundle.join(path)) {
                Ok(value) => value,
                // A secret that its operator keeps elsewhere has no file here.
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                Err(error) => return unseen(&error),
            };
            let value = value.trim_ascii();
            let holds = |text: &&str| text.as_bytes().windows(value.len().max(1)).any(|part| part == value);
            if value.len() >= SHORTEST && texts.iter().any(holds) {
                found.push(path.rsplit('/').next().unwrap_or_default().to_owned());
            }
        }
        Answer::Is(json!(found))
    }

    fn file(&self, check: &Check) -> Answer {
        match std::fs::symlink_metadata(self.bundle.join(check.subject.name())) {
            Ok(found) => Answer::Is(json!({
                "owner": format!("{}:{}", found.uid(), found.gid()),
                "mode": format!("{:04o}", found.mode() & 0o7777),
            })),
            Err(error) if error.kind() == ErrorKind::NotFound => Answer::Absent("it is not there".to_owned()),
            Err(error) => unseen(&error),
        }
    }

    /// A line of shell, which the report has as it was generated.
    fn command(&self, check: &Check) -> Answer {
        match check.at {
            Vantage::Host => {}
            Vantage::Admin => return Answer::Elsewhere("it is typed on a machine in an admin network".to_owned()),
            Vantage::Outside => return Answer::Elsewhere("it is typed on a machine outside".to_owned()),
        }
        if !self.root && check.needs.contains(&Need::Root) {
            return Answer::Unseen("it needs root".to_owned());
        }
        // Who is root already needs no program for it.
        let own = if self.root { "sudo() { \"$@\"; }\n" } else { "" };
        match child::run("sh", &["-c", &format!("{own}{}", check.run)], &self.bundle) {
            Ok(ended) => match ended.status {
                Some(status) => {
                    let text = format!("{}\n{}", String::from_utf8_lossy(&ended.out), ended.said);
                    Answer::Says(json!(status), format!("exit status {status}: {}", first_line(&text)))
                }
                None => Answer::Unseen("it did not end".to_owned()),
            },
            Err(error) => unseen(&error),
        }
    }
}

impl Host for Here<'_> {
    fn answer(&self, check: &Check) -> Answer {
        let objects = match &self.objects {
            Ok(objects) => objects,
            Err(why) => return Answer::Unseen(why.clone()),
        };
        if objects.running().next().is_none() {
            return Answer::Absent(format!("nothing of `{}` runs here", self.project));
        }
        match &check.subject {
            Subject::Service { service, container } => match objects.containers.get(service) {
                Some(found) if engine::runs(found) => self.of_container(check, found, objects),
                Some(found) => {
                    let state = found["State"]["Status"].as_str().unwrap_or("not running");
                    Answer::Absent(format!("`{service}` does not run: it is {state}"))
                }
                None if objects.strangers.contains(container) => {
                    Answer::Absent(format!("the container `{container}` was not made from this bundle"))
                }
                None => Answer::Absent(format!("`{service}` has no container")),
            },
            Subject::Network { name } => match (objects.networks.get(name), &check.ask) {
                (Some(network), Ask::Members) => Answer::Is(facts::members(network, objects)),
                (Some(network), Ask::Inspect { pointer }) => {
                    Answer::Is(network.pointer(pointer).cloned().unwrap_or_default())
                }
                (Some(_), _) => self.of_stack(check, objects),
                (None, _) => Answer::Absent(format!("the engine has no network `{name}`")),
            },
            Subject::Site { proxy, .. } => match Self::is_served(&self.services, objects, proxy) {
                true => self.asked_ahead(check),
                false => Answer::Absent(format!("`{proxy}`, which serves it, does not run")),
            },
            Subject::Stack | Subject::File { .. } | Subject::Firewall => self.of_stack(check, objects),
        }
    }
}

fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, Error> {
    let mut value = Zeroizing::new(Vec::with_capacity(4096));
    std::fs::File::open(path)?.take(LARGEST).read_to_end(&mut value)?;
    Ok(value)
}
