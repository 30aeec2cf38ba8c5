//! This host, asked.

use super::child::{self, first_line};
use super::client::{self, Addresses, At};
use super::engine::{self, Objects};
use super::facts;
use super::kernel::Process;
use crate::checks::{Ask, Check, Need, Subject};
use crate::values::Vantage;
use crate::verify::{Answer, Asked, Host};
use crate::writer;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::{Error, ErrorKind, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
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
    objects: Result<Objects, String>,
    addresses: Addresses,
    /// Services that the bundle has checks of.
    services: BTreeSet<&'a str>,
    root: bool,
}

impl<'a> Here<'a> {
    /// Asks the engine for what all checks of the bundle are about; all else is asked check by check.
    pub fn of(asked: &'a Asked, bundle: PathBuf) -> Self {
        let (objects, addresses) = rayon::join(|| Objects::of(asked, &bundle), Addresses::of_host);
        let services = asked.checks.iter().filter_map(|check| match &check.subject {
            Subject::Service { service, .. } => Some(service.as_str()),
            _ => None,
        });
        let services = services.collect();
        Self {
            bundle,
            project: &asked.project,
            objects,
            addresses,
            services,
            root: rustix::process::geteuid().is_root(),
        }
    }

    fn of_stack(&self, check: &Check, objects: &Objects) -> Answer {
        match &check.ask {
            Ask::Services => Answer::Is(objects.running().collect()),
            Ask::File => self.file(check),
            Ask::Script { words } => self.script(words),
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
            Ask::Services
            | Ask::File
            | Ask::Script { .. }
            | Ask::Command
            | Ask::Request { .. }
            | Ask::Handshake { .. }
            | Ask::Certificate { .. } => self.of_stack(check, objects),
        }
    }

    fn of_site(&self, check: &Check, host: &str) -> Answer {
        let at = |port, address| At { host, port, address };
        match &check.ask {
            Ask::Request { client, port, address, method, path } => {
                client::request(at(*port, *address), client, method, path, &self.addresses)
            }
            Ask::Handshake { port, address, version } => {
                client::handshake(at(*port, *address), version, &self.bundle, &self.addresses)
            }
            Ask::Certificate { port, address, authority } => {
                client::certificate(at(*port, *address), authority.as_deref(), &self.bundle, &self.addresses)
            }
            _ => Answer::Unseen("this version does not know how to ask it".to_owned()),
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

    /// A script is run as it was generated or not at all: this may be the superuser.
    fn script(&self, words: &[String]) -> Answer {
        let Some((program, arguments)) = words.split_first() else {
            return Answer::Unseen("nothing to run".to_owned());
        };
        if !self.root {
            return Answer::Unseen("it needs root".to_owned());
        }
        // It reads what lies beside it.
        let beside = program.trim_start_matches("./").rsplit_once('/').map_or("", |(folder, _)| folder);
        match writer::is_as_written(&self.bundle, beside) {
            Ok(true) => {}
            Ok(false) => return Answer::Unseen(format!("something in `{beside}` was changed by hand, and is not run")),
            Err(error) => return unseen(&error),
        }
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        match child::run(program, &arguments, &self.bundle) {
            Ok(ended) => match ended.status {
                Some(status @ (0 | 1)) => Answer::Says(json!(status), first_line(&ended.said)),
                _ => Answer::Unseen(first_line(&ended.said)),
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
            // The proxy of another stack is none of this project's containers; whether it runs, the site tells.
            Subject::Site { host, proxy } => {
                match objects.running().any(|service| service == proxy) || !self.services.contains(proxy.as_str()) {
                    true => self.of_site(check, host),
                    false => Answer::Absent(format!("`{proxy}`, which serves it, does not run")),
                }
            }
            Subject::Stack | Subject::File { .. } | Subject::Firewall => self.of_stack(check, objects),
        }
    }
}

fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, Error> {
    let mut value = Zeroizing::new(Vec::with_capacity(4096));
    std::fs::File::open(path)?.take(LARGEST).read_to_end(&mut value)?;
    Ok(value)
}

fn unseen(error: &Error) -> Answer {
    match error.kind() {
        ErrorKind::PermissionDenied => Answer::Unseen("it needs root".to_owned()),
        ErrorKind::NotFound => Answer::Unseen("it is not shown on this host".to_owned()),
        _ => Answer::Unseen(error.to_string()),
    }
}
